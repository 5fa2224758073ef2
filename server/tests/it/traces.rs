//! Logs and traces: what belongs to a request or an execution says so.

use std::{collections::HashMap, path::Path};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{Span, span::SpanKind, status::StatusCode as SpanStatus},
};
use prost::Message as _;
use reqwest::Method;
use tokio::{net::TcpListener, sync::mpsc};

use crate::support::{Process, customers};

/// A collector that notes what it gets.
struct Collector {
    address: String,
    requests: mpsc::UnboundedReceiver<ExportTraceServiceRequest>,
}

async fn receive(State(sender): State<mpsc::UnboundedSender<ExportTraceServiceRequest>>, body: Bytes) -> StatusCode {
    let request = ExportTraceServiceRequest::decode(body).expect("OTLP as protobuf");
    sender.send(request).expect("the test waits for it");
    StatusCode::OK
}

impl Collector {
    async fn start() -> Self {
        let (sender, requests) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().route("/v1/traces", post(receive)).with_state(sender);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, requests }
    }

    /// All that came. To be asked after the process has ended.
    fn spans(&mut self) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Ok(request) = self.requests.try_recv() {
            for resource in request.resource_spans {
                let attributes = resource.resource.expect("a resource").attributes;
                assert!(attributes.iter().any(|a| a.key == "service.name" && text(&a.value) == "millrace"));
                spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        spans
    }
}

fn text(value: &Option<opentelemetry_proto::tonic::common::v1::AnyValue>) -> String {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{other:?}"),
    }
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    span.attributes.iter().find(|attribute| attribute.key == key).map(|attribute| text(&attribute.value))
}

async fn started(data: &Path, more: &[&str]) -> Process {
    Process::start_logged(data, more).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_requests_and_executions_with_their_steps() {
    let directory = tempfile::tempdir().unwrap();
    let mut collector = Collector::start().await;
    let process = started(&directory.path().join("data"), &["--otlp-endpoint", &collector.address]).await;
    let client = process.client.clone();
    let project = client.project_of("Customers", customers(400)).await;
    let workflow = client.workflow("Nightly", project).await;
    let execution = client.succeeds(workflow).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let continued = client.request(Method::GET, &format!("/api/v1/executions/{}", execution.id));
    let continued = continued.header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"));
    client.send(continued.header("x-request-id", "req-9")).await.expect(200);
    let log = process.stop_and_read_log().await;
    let spans = collector.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();

    let runs = named("execution");
    let [run] = runs[..] else { panic!("{runs:?}") };
    assert_eq!(attribute(run, "execution_id"), Some(execution.id.to_string()));
    assert_eq!(attribute(run, "workflow"), Some("Nightly".to_owned()));
    assert!(run.parent_span_id.is_empty(), "{run:?}");
    assert_eq!(run.status.as_ref().map(|status| status.code), Some(SpanStatus::Ok as i32));
    let mut last = run.start_time_unix_nano;
    for step in ["import", "profile", "cleanse", "match", "merge", "export"] {
        let steps = named(step);
        let [span] = steps[..] else { panic!("{step}: {steps:?}") };
        assert_eq!((&span.parent_span_id, &span.trace_id), (&run.span_id, &run.trace_id), "{step}");
        assert!(last <= span.start_time_unix_nano && span.end_time_unix_nano <= run.end_time_unix_nano, "{step}");
        assert!(attribute(span, "rows_out").is_some(), "{span:?}");
        last = span.end_time_unix_nano;
    }

    let requests = named("GET /api/v1/executions/{id}");
    let request = requests.iter().find(|span| attribute(span, "request_id").as_deref() == Some("req-9")).unwrap();
    assert_eq!(request.kind, SpanKind::Server as i32);
    assert_eq!(attribute(request, "http.response.status_code").as_deref(), Some("200"));
    let hex: String = request.trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((hex.as_str(), request.parent_span_id.len()), (trace, 8));
    assert!(!log.contains("collector"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_costs_nothing_but_its_traces() {
    let directory = tempfile::tempdir().unwrap();
    // Nobody listens there any more.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let endpoint = format!("http://{address}");
    let process = started(&directory.path().join("data"), &["--otlp-endpoint", &endpoint]).await;
    let client = process.client.clone();
    let project = client.project_of("Customers", customers(400)).await;
    let workflow = client.workflow("Nightly", project).await;
    client.succeeds(workflow).await;
    let log = process.stop_and_read_log().await;
    assert_eq!(log.matches("the collector does not take traces").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_of_the_log_says_for_which_request_or_execution_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let args = ["--log", "server=debug", "--log-format", "json"];
    let process = started(&directory.path().join("data"), &args).await;
    let client = process.client.clone();
    let project = client.project_of("Customers", customers(400)).await;
    let workflow = client.workflow("Nightly", project).await;
    let execution = client.succeeds(workflow).await;
    let asked = client.request(Method::GET, "/api/v1/workflows").header("x-request-id", "req-5");
    client.send(asked).await.expect(200);
    let log = process.stop_and_read_log().await;
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let said = |message: &str, span: &str, field: &str| -> HashMap<String, serde_json::Value> {
        let lines = lines.iter().filter(|line| line["fields"]["message"] == message && line["span"]["name"] == span);
        lines.map(|line| (line["span"][field].as_str().expect("an id").to_owned(), line.clone())).collect()
    };
    let answered = said("answered", "request", "request_id");
    let line = &answered["req-5"];
    assert_eq!((&line["fields"]["status"], &line["span"]["method"]), (&200.into(), &"GET".into()));
    assert_eq!(line["span"]["route"], "/api/v1/workflows");
    let succeeded = said("succeeded", "execution", "execution_id");
    assert_eq!(succeeded.keys().collect::<Vec<_>>(), [&execution.id.to_string()]);
}
