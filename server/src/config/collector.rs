//! Where traces go: the setting `otlp_endpoint`.

/// `none`, or where a collector is.
pub(super) fn endpoint(text: &str) -> Result<Option<String>, String> {
    let address = text.trim_end_matches('/');
    match reqwest::Url::parse(address) {
        _ if text == "none" => Ok(None),
        // What a collector asks for goes by OTEL_EXPORTER_OTLP_HEADERS: settings are printed.
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Err("leave out user and password; say them in OTEL_EXPORTER_OTLP_HEADERS".to_owned())
        }
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => Ok(Some(address.to_owned())),
        _ => Err("say none, or the address of an OpenTelemetry collector such as http://127.0.0.1:4318".to_owned()),
    }
}
