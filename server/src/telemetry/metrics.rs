//! Numbers for whoever watches the server: what only this process knows, and what is asked of the backend when someone
//! looks. `docs/operating.md` lists them; a test reads them as strictly as Prometheus does.

use std::{
    collections::BTreeMap,
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

use super::exposition::{
    Kind::{Counter, Gauge, Histogram},
    Page,
};
use crate::store::Standing;

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
    /// Executions that may run at once.
    pub slots: u32,
    pub event_number: i64,
    /// How long ago the schedule that is due first should have fired.
    pub scheduler_lag: Duration,
    pub standing: Standing,
    /// The pool that all executions share.
    pub memory_used_bytes: usize,
    pub memory_limit_bytes: usize,
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
    pub fn render(&self, gauges: &Gauges) -> String {
        let mut page = Page::default();
        page.family("millrace_build_info", Gauge, "1, with the version that runs.");
        page.labelled("millrace_build_info", ("version", &env!("CARGO_PKG_VERSION")), 1);
        executions(&mut page, gauges);
        self.ended_executions(&mut page);
        self.durations(&mut page);
        self.notifications(&mut page, &gauges.standing);
        self.feeds(&mut page, gauges);
        database(&mut page, &gauges.standing);
        memory(&mut page, gauges);
        page.into_text()
    }

    fn ended_executions(&self, page: &mut Page) {
        const NAME: &str = "millrace_executions_ended_total";
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        page.family(NAME, Counter, "Executions that ended since the server started.");
        for status in Status::ALL.into_iter().filter(|status| status.is_final()) {
            let count = ended.outcomes.get(status.as_str()).copied().unwrap_or_default();
            page.labelled(NAME, ("status", &status.as_str()), count);
        }
    }

    fn durations(&self, page: &mut Page) {
        const BUCKET: &str = "millrace_execution_duration_seconds_bucket";
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        page.family("millrace_execution_duration_seconds", Histogram, "From start to end of an execution.");
        let mut cumulative = 0;
        for (bound, count) in DURATION_BOUNDS_S.iter().zip(ended.durations) {
            cumulative += count;
            page.labelled(BUCKET, ("le", bound), cumulative);
        }
        let count: u64 = ended.durations.iter().sum();
        page.labelled(BUCKET, ("le", &"+Inf"), count);
        page.sample("millrace_execution_duration_seconds_sum", ended.seconds_total);
        page.sample("millrace_execution_duration_seconds_count", count);
    }

    fn notifications(&self, page: &mut Page, standing: &Standing) {
        const ENDED: &str = "millrace_deliveries_ended_total";
        let Standing { deliveries_waiting, deliveries_sending, .. } = *standing;
        page.single("millrace_outbox_waiting", Gauge, "Notifications that wait to be sent.", deliveries_waiting);
        page.single("millrace_outbox_sending", Gauge, "Notifications that are being sent.", deliveries_sending);
        let deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        page.family(ENDED, Counter, "Notifications that were delivered or given up since the server started.");
        for status in DeliveryStatus::ALL.into_iter().filter(|status| status.is_final()) {
            let count = deliveries.get(status.as_str()).copied().unwrap_or_default();
            page.labelled(ENDED, ("status", &status.as_str()), count);
        }
    }

    fn feeds(&self, page: &mut Page, gauges: &Gauges) {
        page.single("millrace_events_total", Counter, "Events that were ever written.", gauges.event_number);
        let open = self.browsers.load(Ordering::Relaxed);
        page.single("millrace_websocket_clients", Gauge, "Open live feeds.", open);
        page.single(
            "millrace_websocket_resyncs_total",
            Counter,
            "Live feeds that fell too far behind and were told to reload.",
            self.browsers_behind.load(Ordering::Relaxed),
        );
    }
}

fn executions(page: &mut Page, gauges: &Gauges) {
    page.single("millrace_executions_queued", Gauge, "Executions that wait to start.", gauges.queued);
    page.single("millrace_executions_running", Gauge, "Executions that hold a slot.", gauges.running);
    page.single("millrace_execution_slots", Gauge, "Executions that may run at once.", gauges.slots);
    page.single(
        "millrace_scheduler_lag_seconds",
        Gauge,
        "How long ago the schedule that is due first should have fired; 0 when none is due.",
        gauges.scheduler_lag.as_secs_f64(),
    );
}

fn database(page: &mut Page, standing: &Standing) {
    let Standing { readers_open, readers_busy, commands_waiting, .. } = *standing;
    page.single("millrace_store_readers_open", Gauge, "Connections for reading the database.", readers_open);
    page.single("millrace_store_readers_busy", Gauge, "Those of them that read.", readers_busy);
    page.single("millrace_store_commands_waiting", Gauge, "Changes that wait for the writer.", commands_waiting);
}

fn memory(page: &mut Page, gauges: &Gauges) {
    page.single(
        "millrace_engine_memory_used_bytes",
        Gauge,
        "Memory that executions hold of the pool that they share.",
        gauges.memory_used_bytes,
    );
    page.single(
        "millrace_engine_memory_limit_bytes",
        Gauge,
        "Size of that pool; what needs more spills to disk.",
        gauges.memory_limit_bytes,
    );
    if let Some(bytes) = resident_bytes() {
        page.single("process_resident_memory_bytes", Gauge, "Resident memory of the process.", bytes);
    }
}

/// Linux tells it; elsewhere the line is left out.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}
