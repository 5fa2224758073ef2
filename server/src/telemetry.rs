//! What the server tells its operator: log lines on standard error, numbers for Prometheus, traces for a collector.
//!
//! What a line or a span belongs to — a request, an execution — is said by the spans of `requests` and `executor`. Both
//! are spans of the level `ERROR`, because a span that the log's filter leaves out takes its ids with it.

mod exposition;
mod metrics;
pub(crate) mod traces;

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub use metrics::{Gauges, Metrics};

use crate::config::{Config, LogFormat};
use traces::Traces;

/// What is to be ended in good order when the server stops.
pub struct Telemetry {
    traces: Option<Traces>,
}

/// Starts the log, and the export of traces if there is a collector. A filter that cannot be read is reported and
/// replaced by `info`: a typing mistake in it must not keep the server from starting, and nor must a collector.
///
/// To be called in the runtime of the server.
pub fn start(config: &Config) -> Telemetry {
    let (filter, problem) = match EnvFilter::try_new(&config.log) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    // It would log the passwords that it sends.
    let filter = filter.add_directive("suppaftp=off".parse().expect("a directive"));
    let log = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let log = match config.log_format {
        LogFormat::Text => log.with_target(false).boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    let (traces, no_traces) = match config.otlp_endpoint.as_deref().map(Traces::start).transpose() {
        Ok(traces) => (traces, None),
        Err(error) => (None, Some(error)),
    };
    let spans = traces.as_ref().map(Traces::layer);
    // An error only says that a test in this process has started it already.
    let _ = tracing_subscriber::registry().with(spans).with(log.with_filter(filter)).try_init();
    if let Some(error) = problem {
        tracing::warn!("the setting log = “{}” cannot be read ({error}); logging at info", config.log);
    }
    if let Some(error) = no_traces {
        tracing::warn!(%error, "traces are not exported");
    }
    Telemetry { traces }
}

impl Telemetry {
    /// Sends what is still to be sent, if the collector takes it soon.
    pub async fn stop(self) {
        if let Some(traces) = self.traces {
            traces.stop().await;
        }
    }
}
