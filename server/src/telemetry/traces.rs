//! Traces for a collector: OTLP over HTTP, as protobuf.
//!
//! **Architecture invariant:** a collector that is down, slow or wrong costs nothing but its own spans. They wait in a
//! bounded queue, go out on a thread of their own, and are dropped when the queue is full.
//!
//! Beside the setting `otlp_endpoint`, the standard variables count that the SDK reads by itself:
//! `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and the like.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use axum::http::HeaderMap;
use opentelemetry::{KeyValue, propagation::TextMapPropagator as _, trace::TracerProvider as _};
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

/// One request to the collector.
const SEND_MAX: Duration = Duration::from_secs(10);
/// What is left when the server stops gets this long.
const LAST_SPANS_MAX: Duration = Duration::from_secs(5);

/// Whether spans are exported: what only a collector reads is left out of the log's lines otherwise.
static EXPORTED: AtomicBool = AtomicBool::new(false);

/// Why no traces are exported.
#[derive(Debug, thiserror::Error)]
pub(super) enum TracesError {
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
    #[error(transparent)]
    Client(#[from] reqwest::Error),
}

/// The export of spans, while the server runs.
pub(super) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// `endpoint`: where the collector is, without the path of a signal: `http://127.0.0.1:4318`.
    pub(super) fn start(endpoint: &str) -> Result<Self, TracesError> {
        let client = Client {
            http: reqwest::Client::builder().timeout(SEND_MAX).build()?,
            runtime: Handle::current(),
            is_down: AtomicBool::new(false),
        };
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .build()?;
        let resource = Resource::builder()
            .with_service_name("millrace")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
        EXPORTED.store(true, Ordering::Relaxed);
        Ok(Self { provider })
    }

    /// Hands the server's own spans to the exporter; those of libraries are theirs.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.provider.tracer("millrace");
        let ours = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target().starts_with("server");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_threads(false).with_location(false);
        layer.with_filter(filter_fn(ours))
    }

    pub(super) async fn stop(self) {
        EXPORTED.store(false, Ordering::Relaxed);
        // It waits for the exporter's thread, which waits for this runtime.
        let stopped = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST_SPANS_MAX)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("the last traces were not exported");
        }
    }
}

pub(crate) fn are_exported() -> bool {
    EXPORTED.load(Ordering::Relaxed)
}

/// Puts a request's span into the trace that its sender began, if it names one (W3C `traceparent`).
pub(crate) fn continue_trace(span: &Span, headers: &HeaderMap) {
    let context = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // It fails without an exporter, and then there is nothing to continue.
    let _ = span.set_parent(context);
}

/// Sends by the client that webhooks go by, in the server's runtime: the exporter's thread has none.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
    /// Said once, not with every batch.
    is_down: AtomicBool,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move { send(&http, request).await }).await;
        let sent = sent.map_err(HttpError::from).and_then(|sent| sent);
        let problem = match &sent {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(response.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        match (problem, self.is_down.load(Ordering::Relaxed)) {
            (Some(problem), false) => {
                self.is_down.store(true, Ordering::Relaxed);
                tracing::warn!(problem, "the collector does not take traces; they are dropped until it does");
            }
            (None, true) => {
                self.is_down.store(false, Ordering::Relaxed);
                tracing::info!("the collector takes traces again");
            }
            (Some(_), true) | (None, false) => {}
        }
        sent
    }
}

async fn send(http: &reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let response = http.execute(request.map(reqwest::Body::from).try_into()?).await?;
    let mut answer = Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.extend(response.headers().clone());
    }
    Ok(answer.body(response.bytes().await?)?)
}
