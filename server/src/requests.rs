//! Every request has an id: in the answer, in each line that is logged on its behalf, and in the trace of it.
//!
//! A proxy or program that has an id already sends it along in `X-Request-Id`, and it is kept. What is logged of a
//! request is its method and its route, never its address: an address may be a secret.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request},
    http::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use model::limits;
use opentelemetry::trace::Status;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{
    clock::{Clock, SystemClock},
    telemetry::traces,
};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    /// Of the request that this task answers.
    static CURRENT: RequestId;
}

/// Letters, digits and `-._`, not too long: fit for a header and a line of a log.
#[derive(Clone, Debug)]
struct RequestId(Arc<str>);

/// The outermost middleware.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(|| RequestId(SystemClock.new_uuid().to_string().into()));
    request.extensions_mut().insert(id.clone());
    let mut response = CURRENT.scope(id.clone(), next.run(request)).await;
    let id = HeaderValue::try_from(&*id.0).expect("an id holds nothing but letters, digits and three signs");
    response.headers_mut().insert(HEADER, id);
    response
}

/// What a failure is logged and shown under: the id of the request that met it, else a new one.
pub fn failure_id(clock: &dyn Clock) -> String {
    CURRENT.try_with(|id| id.0.to_string()).unwrap_or_else(|_| clock.new_uuid().to_string())
}

/// The span of a request, around everything that is done for it.
pub fn span<B>(request: &http::Request<B>) -> Span {
    let request_id = request.extensions().get::<RequestId>().map_or("", |id| &id.0);
    let route = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str);
    let method = request.method();
    if !traces::are_exported() {
        return tracing::error_span!("request", request_id, %method, route);
    }
    let otel_name = format!("{method} {route}");
    let span = tracing::error_span!("request", request_id, %method, route, otel.name = otel_name, otel.kind = "server");
    traces::continue_trace(&span, request.headers());
    span.set_attribute("http.request.method", method.to_string());
    span.set_attribute("http.route", route.to_owned());
    span
}

/// What came of it.
pub fn answered<B>(response: &http::Response<B>, latency: Duration, span: &Span) {
    let status = response.status();
    tracing::debug!(status = status.as_u16(), latency_ms = latency.as_secs_f64() * 1000.0, "answered");
    if traces::are_exported() {
        span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            span.set_status(Status::error(status.to_string()));
        }
    }
}

/// The id that the request came with, if it is one: nobody writes into the log what they like.
fn given(headers: &HeaderMap) -> Option<RequestId> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let fits = (1..=limits::REQUEST_ID_CHARS_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    fits.then(|| RequestId(id.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sent: &'static str, kept: bool) {
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_static(sent))]);
        assert_eq!(given(&headers).is_some_and(|id| &*id.0 == sent), kept, "{sent:?}");
    }

    #[test]
    fn an_id_that_was_sent_is_kept_if_it_is_one() {
        check("0192f0a1-7b3c-7def-8123-456789abcdef", true);
        check("", false);
        check("a b", false);
        check("<script>", false);
        check(concat!("0123456789012345678901234567890123456789012345678901234567890123", "45678901"), false);
        assert!(given(&HeaderMap::new()).is_none());
    }

    #[tokio::test]
    async fn a_failure_goes_by_the_id_of_its_request() {
        let id = RequestId("req-1".into());
        assert_eq!(CURRENT.scope(id, async { failure_id(&SystemClock) }).await, "req-1");
        assert_eq!(failure_id(&SystemClock).len(), 36);
    }
}
