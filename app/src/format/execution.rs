//! Executions in words.

use std::time::Duration;

use model::{
    Step, StepRange, Timestamp,
    event::Progress,
    execution::{Execution, QueueReason, Status, StepStatus, Trigger},
    workflow::Outcome,
};

use super::{counted, duration, ordinal, rounded, time::whole};

/// Why it exists: `Manual, admin`, `Scheduled, late`, `Retry 1 of 2 · Scheduled`, `Manual, admin · from Match`.
pub fn trigger(execution: &Execution) -> String {
    let why = why(execution);
    match execution.from {
        Some(from) => format!("{why} · from {from}"),
        None => why,
    }
}

fn why(execution: &Execution) -> String {
    let with_name = |word: &str| match &execution.requested_by {
        Some(name) => format!("{word}, {name}"),
        None => word.to_owned(),
    };
    let own = match execution.trigger {
        Trigger::Scheduled => {
            let mut words = if execution.late { "Scheduled, late".to_owned() } else { "Scheduled".to_owned() };
            if execution.folded > 0 {
                words += &format!(", for {}", counted(u64::from(execution.folded) + 1, "occurrence"));
            }
            return words;
        }
        Trigger::Manual | Trigger::Api => return with_name(execution.trigger.label()),
        Trigger::Retry => {
            format!("Retry {} of {}", execution.attempt.saturating_sub(1), execution.attempts.saturating_sub(1))
        }
        Trigger::Recovery => "Recovery".to_owned(),
    };
    format!("{own} · {}", with_name(execution.original_trigger.label()))
}

/// The place in the queue without the reason: `2nd in line`.
pub fn place(execution: &Execution) -> Option<String> {
    execution.queue_position.map(|position| format!("{} in line", ordinal(position)))
}

/// What Run Now came to: `Started “Nightly”.`, or where it waits.
pub fn accepted(execution: &Execution) -> String {
    match (execution.status, place(execution)) {
        (Status::Queued, Some(place)) => format!("Queued “{}”, {place}.", execution.workflow_name),
        _ => format!("Started “{}”.", execution.workflow_name),
    }
}

/// How it ended, for one who started it and looks at something else.
pub fn ended(execution: &Execution) -> String {
    let name = &execution.workflow_name;
    let took = ran_for(execution).map(|took| format!(" in {took}")).unwrap_or_default();
    let records = execution.records.map(|records| format!(", {}", counted(records, "record"))).unwrap_or_default();
    let error = shortened(execution.error.as_deref().unwrap_or_default());
    match (execution.status, execution.current_step()) {
        (Status::Success, _) => format!("“{name}” succeeded{took}{records}."),
        (Status::Failed, Some(run)) => format!("“{name}” failed at {}: {error}", run.step),
        (Status::Failed, None) => format!("“{name}” failed: {error}"),
        (status, _) => format!("“{name}”: {}.", status.label().to_lowercase()),
    }
}

/// As much of an error as is read in passing.
fn shortened(error: &str) -> String {
    const CHARS_MAX: usize = 120;
    match error.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", error[..end].trim_end()),
        None => error.to_owned(),
    }
}

/// What Cancel came to.
pub fn cancelled(execution: &Execution) -> &'static str {
    match execution.status {
        Status::Cancelled => "Cancelled.",
        _ => "Cancelling: it stops at the next checkpoint.",
    }
}

/// Why it waits, for the reasons that name no time.
pub fn reason(reason: &QueueReason) -> Option<String> {
    match reason {
        QueueReason::BehindProject { workflow_name, .. } => {
            Some(format!("behind “{workflow_name}”, which works on the same project"))
        }
        QueueReason::NoFreeSlot { busy, slots } => Some(format!("for a free slot ({busy} of {slots} busy)")),
        QueueReason::Next => Some("about to start".to_owned()),
        QueueReason::Maintenance { by, .. } => Some(format!("until {by} ends maintenance mode")),
        QueueReason::DiskFull { free_bytes, needed_bytes } => {
            let mib = |bytes: &u64| bytes >> 20;
            Some(format!("for room on the disk ({} MiB free, {} MiB needed)", mib(free_bytes), mib(needed_bytes)))
        }
        QueueReason::BehindWorkflow { .. } | QueueReason::WaitingUntil { .. } => None,
    }
}

/// How long it ran, once it ended.
pub fn ran_for(execution: &Execution) -> Option<String> {
    execution.started_at.zip(execution.finished_at).map(|(start, end)| duration(end.since(start)))
}

/// The step that runs now.
pub fn running_step(execution: &Execution) -> Option<Step> {
    execution.steps.iter().find(|run| run.status == StepStatus::Running).map(|run| run.step)
}

/// The six steps as short bars.
pub struct Meter {
    /// `Step 2 of 6: Profile`
    pub label: String,
    /// How each of the six steps stands, in their order: `outside` of this execution, `done`, `now`, `failed`, or nothing.
    pub classes: [&'static str; 6],
}

impl Meter {
    pub fn of(execution: &Execution) -> Self {
        let total = execution.steps.len();
        let label = match execution.steps.iter().position(|run| run.status == StepStatus::Running) {
            Some(place) => format!("Step {} of {total}: {}", place + 1, execution.steps[place].step),
            None => format!("{total} steps"),
        };
        let classes =
            Step::ALL.map(|step| match execution.steps.iter().find(|run| run.step == step).map(|run| run.status) {
                None => "outside",
                Some(StepStatus::Skipped) if execution.from.is_some_and(|from| step < from) => "outside",
                Some(StepStatus::Success) => "done",
                Some(StepStatus::Running) => "now",
                Some(StepStatus::Failed) => "failed",
                Some(StepStatus::Pending | StepStatus::Cancelled | StepStatus::Skipped) => "",
            });
        Self { label, classes }
    }
}

impl Default for Meter {
    /// Nothing runs.
    fn default() -> Self {
        Self { label: String::new(), classes: [""; 6] }
    }
}

/// How a bar of the meter is filled before anything is known of the step's progress.
pub fn bar_style(class: &str) -> String {
    /// A running step whose fraction is not known yet is begun, and looks it.
    const BEGUN: f64 = 0.08;
    match class {
        "done" => done_style(1.0),
        "now" => done_style(BEGUN),
        _ => done_style(0.0),
    }
}

/// How far the bar of a running step is filled, 0–1.
pub fn done_style(fraction: f64) -> String {
    format!("--done:{:.0}%", fraction.clamp(0.0, 1.0) * 100.0)
}

/// `scoring 1.8 of 2.9 M pairs · 1.1 M/s · about 1 s left`: what is known of a running step. `started` and `now` give
/// the time left; without them it is not guessed.
pub fn progress(progress: &Progress, started: Option<Timestamp>, now: Option<Timestamp>) -> String {
    let mut parts = Vec::new();
    match (&progress.stage, progress.rows) {
        (Some(stage), _) => parts.push(stage.clone()),
        (None, Some(rows)) => parts.push(counted(rows, "row")),
        (None, None) => {}
    }
    if let Some(rate) = progress.rows_per_s.filter(|rate| *rate >= 1.0) {
        parts.push(format!("{}/s", rounded(rate)));
    }
    let elapsed = started.zip(now).map(|(started, now)| now.since(started));
    // Early on the rest is a guess over a guess.
    if let (Some(fraction @ 0.05..1.0), Some(elapsed)) = (progress.fraction, elapsed) {
        let left = elapsed.mul_f64((1.0 - fraction) / fraction);
        let is_soon = left < Duration::from_secs(1);
        parts.push(if is_soon { "almost done".to_owned() } else { format!("about {} left", whole(left)) });
    } else if let (Some(fraction), true) = (progress.fraction, parts.is_empty()) {
        parts.push(super::percent(fraction));
    }
    parts.join(" · ")
}

/// `Import → Export`, or the one step.
pub fn steps(range: StepRange) -> String {
    if range.from() == range.through() {
        return range.from().label().to_owned();
    }
    format!("{} → {}", range.from(), range.through())
}

/// `Last 20 executions: 18 succeeded, 1 failed, 1 cancelled`: the strip for those who do not see it.
pub fn strip(outcomes: &[Outcome]) -> String {
    if outcomes.is_empty() {
        return "No execution has ended yet".to_owned();
    }
    let count = |status: Status| outcomes.iter().filter(|outcome| outcome.status == status).count();
    let counts = [
        (count(Status::Success), "succeeded"),
        (count(Status::Failed), "failed"),
        (count(Status::Cancelled), "cancelled"),
        (count(Status::Interrupted), "interrupted"),
    ];
    let parts: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    format!("Last {}: {}", counted(outcomes.len() as u64, "execution"), parts.join(", "))
}

/// What cancelling does now, for the question before it.
pub fn cancel_warning(execution: &Execution) -> &'static str {
    let exporting = execution.current_step().is_some_and(|run| run.step == Step::Export);
    match execution.status {
        Status::Queued => "It leaves the queue and is recorded as Cancelled.",
        _ if exporting => {
            "The export is being written. Files are replaced only when complete, so the destination should stay as it \
             was; verify it after the cancellation. Completed steps keep their results; afterwards, start a fresh run \
             from the beginning."
        }
        _ => {
            "It stops at the current step within a second and is recorded as Cancelled. Completed steps keep their \
             results; afterwards, start a fresh run from the beginning."
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{ExecutionId, WorkflowId};

    use super::*;

    fn execution(json: serde_json::Value) -> Execution {
        let id = "01890000-0000-7000-8000-000000000000";
        let mut whole = serde_json::json!({
            "id": id, "workflow_id": id, "workflow_name": "Nightly", "project_id": id, "status": "running",
            "trigger": "manual", "original_trigger": "manual", "requested_by": null, "attempt": 1, "attempts": 1,
            "retry_of": null, "queued_at": "2026-11-22T14:00:00Z", "started_at": null, "finished_at": null,
            "due_at": null, "late": false, "folded": 0, "configuration_version": null, "records": null, "error": null,
            "queue_position": null, "steps": []
        });
        whole.as_object_mut().expect("an object").extend(json.as_object().expect("an object").clone());
        serde_json::from_value(whole).expect("an execution")
    }

    #[test]
    fn a_trigger_says_who_or_which_attempt() {
        let check = |json, text: &str| assert_eq!(trigger(&execution(json)), text);
        check(serde_json::json!({"requested_by": "admin"}), "Manual, admin");
        check(serde_json::json!({"trigger": "scheduled", "late": true}), "Scheduled, late");
        check(serde_json::json!({"trigger": "scheduled", "folded": 2}), "Scheduled, for 3 occurrences");
        check(
            serde_json::json!({"trigger": "retry", "original_trigger": "scheduled", "attempt": 2, "attempts": 3}),
            "Retry 1 of 2 · Scheduled",
        );
        check(serde_json::json!({"requested_by": "admin", "from": "match"}), "Manual, admin · from Match");
        check(serde_json::json!({"trigger": "recovery", "requested_by": "admin"}), "Recovery · Manual, admin");
    }

    #[test]
    fn cancelling_an_export_warns_of_the_destination() {
        let at = |step: &str| {
            let run = serde_json::json!({
                "step": step, "status": "running", "started_at": null, "finished_at": null, "rows_in": null,
                "rows_out": null, "error": null
            });
            execution(serde_json::json!({"steps": [run]}))
        };
        assert!(cancel_warning(&at("export")).contains("verify it after the cancellation"));
        assert!(!cancel_warning(&at("match")).contains("verify"));
    }

    #[test]
    fn an_end_is_told_in_one_line() {
        let times = serde_json::json!({
            "status": "success", "started_at": "2026-11-22T14:00:00Z", "finished_at": "2026-11-22T14:00:41Z", "records": 5000
        });
        assert_eq!(ended(&execution(times)), "“Nightly” succeeded in 41 s, 5,000 records.");
        let long = serde_json::json!({"status": "failed", "error": "é".repeat(500)});
        assert_eq!(ended(&execution(long)).chars().count(), "“Nightly” failed: ".chars().count() + 121);
    }

    #[test]
    fn progress_says_what_is_known() {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let id: ExecutionId = "01890000-0000-7000-8000-000000000000".parse().expect("an id");
        let sample = Progress {
            execution: id,
            workflow: WorkflowId::from_uuid(*id.as_uuid()),
            step: Step::Match,
            fraction: Some(0.5),
            rows: Some(1_800_000),
            rows_per_s: Some(1_100_000.0),
            stage: Some("scoring 1.8 of 2.9 M pairs".to_owned()),
        };
        let now = at.plus(std::time::Duration::from_secs(4));
        assert_eq!(progress(&sample, Some(at), Some(now)), "scoring 1.8 of 2.9 M pairs · 1.1 M/s · about 4 s left");
        let bare = Progress { fraction: None, rows_per_s: None, stage: None, ..sample };
        assert_eq!(progress(&bare, Some(at), Some(now)), "1,800,000 rows");
    }
}
