//! What the server tells its operator: log lines on standard error, and numbers for Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::IsTerminal as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use model::{
    delivery::DeliveryStatus,
    execution::{Execution, Status},
};
use tracing_subscriber::{EnvFilter, fmt};

use crate::{
    config::{Config, LogFormat},
    store::Standing,
};

/// Starts the log. A filter that cannot be read is reported and replaced by `info`: a typing mistake in it must not
/// keep the server from starting.
pub fn start(config: &Config) {
    let (filter, problem) = match EnvFilter::try_new(&config.log) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let colours = std::io::stderr().is_terminal();
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    // An error only says that a test in this process has started it already.
    let _ = match config.log_format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    if let Some(error) = problem {
        tracing::warn!("the setting log = “{}” cannot be read ({error}); logging at info", config.log);
    }
}

/// Upper bounds of the duration histogram, seconds: from a Run Now on a small list to a night's work.
const DURATION_BOUNDS_S: [f64; 9] = [0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0, 28_800.0];

/// Numbers that only this process knows, since it started. The rest is asked of the backend when someone looks.
#[derive(Debug, Default)]
pub struct Metrics {
    pub browsers: AtomicU64,
    /// Browsers that were told to reload because they read too slowly.
    pub browsers_behind: AtomicU64,
    ended: Mutex<Ended>,
    deliveries: Mutex<BTreeMap<&'static str, u64>>,
}

#[derive(Debug, Default)]
struct Ended {
    outcomes: BTreeMap<&'static str, u64>,
    /// Not cumulative; the last one counts what is longer than every bound.
    durations: [u64; DURATION_BOUNDS_S.len() + 1],
    seconds_total: f64,
}

/// What the backend knows at the moment of asking.
#[derive(Clone, Copy, Debug)]
pub struct Gauges {
    pub queued: u64,
    pub running: u32,
    pub event_number: i64,
    /// How long ago the schedule that is due first should have fired.
    pub scheduler_lag: Duration,
    pub standing: Standing,
}

impl Metrics {
    /// Called once for every execution that reached a final state.
    pub fn ended(&self, execution: &Execution) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        *ended.outcomes.entry(execution.status.as_str()).or_default() += 1;
        if let Some((start, end)) = execution.started_at.zip(execution.finished_at) {
            let seconds = Duration::as_secs_f64(&end.since(start));
            let bin = DURATION_BOUNDS_S.iter().position(|bound| seconds <= *bound).unwrap_or(DURATION_BOUNDS_S.len());
            ended.durations[bin] += 1;
            ended.seconds_total += seconds;
        }
    }

    /// Called once for every delivery of a notification that came to its end.
    pub fn delivery_ended(&self, status: DeliveryStatus) {
        *self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).entry(status.as_str()).or_default() += 1;
    }

    /// Prometheus text format 0.0.4.
    pub fn render(&self, gauges: Gauges) -> String {
        let mut text = String::new();
        let mut single = |name: &str, kind: &str, help: &str, value: f64| {
            writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}")
                .expect("a string takes all text");
        };
        single("millrace_executions_queued", "gauge", "Executions that wait to start.", gauges.queued as f64);
        single("millrace_executions_running", "gauge", "Executions that hold a slot.", gauges.running as f64);
        single("millrace_event_number", "counter", "Number of the newest event.", gauges.event_number as f64);
        single("millrace_websocket_clients", "gauge", "Open live feeds.", self.browsers.load(Ordering::Relaxed) as f64);
        single(
            "millrace_websocket_resyncs_total",
            "counter",
            "Live feeds that fell too far behind and were told to reload.",
            self.browsers_behind.load(Ordering::Relaxed) as f64,
        );
        single(
            "millrace_scheduler_lag_seconds",
            "gauge",
            "How long ago the schedule that is due first should have fired; 0 when none is due.",
            gauges.scheduler_lag.as_secs_f64(),
        );
        let Standing { deliveries_waiting, deliveries_sending, readers_busy, .. } = gauges.standing;
        single("millrace_outbox_waiting", "gauge", "Notifications that wait to be sent.", deliveries_waiting as f64);
        single("millrace_outbox_sending", "gauge", "Notifications that are being sent.", deliveries_sending as f64);
        single("millrace_store_readers_busy", "gauge", "Connections that read the database.", readers_busy as f64);
        if let Some(bytes) = resident_bytes() {
            single("process_resident_memory_bytes", "gauge", "Resident memory of the process.", bytes as f64);
        }
        self.render_deliveries(&mut text);
        self.render_ended(&mut text);
        text
    }

    fn render_deliveries(&self, text: &mut String) {
        const NAME: &str = "millrace_deliveries_ended_total";
        let deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        let head = "Notifications that were delivered or given up since the server started.";
        writeln!(text, "# HELP {NAME} {head}\n# TYPE {NAME} counter").expect("a string takes all text");
        for status in DeliveryStatus::ALL.into_iter().filter(|status| status.is_final()) {
            let count = deliveries.get(status.as_str()).copied().unwrap_or_default();
            writeln!(text, "{NAME}{{status=\"{}\"}} {count}", status.as_str()).expect("a string takes all text");
        }
    }

    fn render_ended(&self, text: &mut String) {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line("# HELP millrace_executions_ended_total Executions that ended since the server started.".to_owned());
        line("# TYPE millrace_executions_ended_total counter".to_owned());
        for status in Status::ALL.into_iter().filter(|status| status.is_final()) {
            let count = ended.outcomes.get(status.as_str()).copied().unwrap_or_default();
            line(format!("millrace_executions_ended_total{{status=\"{}\"}} {count}", status.as_str()));
        }
        line("# HELP millrace_execution_duration_seconds From start to end of an execution.".to_owned());
        line("# TYPE millrace_execution_duration_seconds histogram".to_owned());
        let mut cumulative = 0;
        for (bound, count) in DURATION_BOUNDS_S.iter().zip(ended.durations) {
            cumulative += count;
            line(format!("millrace_execution_duration_seconds_bucket{{le=\"{bound}\"}} {cumulative}"));
        }
        let count: u64 = ended.durations.iter().sum();
        line(format!("millrace_execution_duration_seconds_bucket{{le=\"+Inf\"}} {count}"));
        line(format!("millrace_execution_duration_seconds_sum {}", ended.seconds_total));
        line(format!("millrace_execution_duration_seconds_count {count}"));
    }
}

/// Linux tells it in pages; elsewhere the line is left out.
fn resident_bytes() -> Option<u64> {
    const PAGE_BYTES: u64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_ascii_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * PAGE_BYTES)
}
