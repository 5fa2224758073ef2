use expect_test::{Expect, expect};
use model::{ExecutionId, WorkflowId};
use serde_json::{Value, json};

use super::*;

const ID: &str = "01890000-0000-7000-8000-000000000000";

fn execution(changes: Value) -> Execution {
    let mut whole = json!({
        "id": ID, "workflow_id": ID, "workflow_name": "Nightly", "project_id": ID, "status": "running",
        "trigger": "api", "original_trigger": "api", "requested_by": "ann", "attempt": 1, "attempts": 1,
        "retry_of": null, "queued_at": "2026-11-22T14:00:00Z", "started_at": null, "finished_at": null, "due_at": null,
        "late": false, "folded": 0, "configuration_version": null, "records": null, "error": null,
        "queue_position": null, "steps": []
    });
    whole.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    serde_json::from_value(whole).expect("an execution")
}

fn step(step: &str, status: &str, seconds: (Option<u32>, Option<u32>)) -> Value {
    let at = |second: Option<u32>| second.map(|second| format!("2026-11-22T14:00:{second:02}Z"));
    json!({"step": step, "status": status, "started_at": at(seconds.0), "finished_at": at(seconds.1),
        "rows_in": null, "rows_out": seconds.1.map(|_| 5_000), "error": null})
}

/// Each line that follows from these states, one after the other.
fn check(states: &[Execution], expected: Expect) {
    let mut words = Words::default();
    let lines: Vec<String> = states.iter().flat_map(|state| words.news(state)).map(|moment| moment.text).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_run_is_told_from_the_queue_to_its_end() {
    let queued = |position: u32| {
        let reason = json!({"type": "no_free_slot", "busy": 2, "slots": 2});
        execution(json!({"status": "queued", "queue_position": position, "queue_reason": reason}))
    };
    let importing = execution(json!({"steps": [
        step("import", "running", (Some(1), None)), step("match", "pending", (None, None))]}));
    let matching = execution(json!({"steps": [
        step("import", "success", (Some(1), Some(3))), step("match", "running", (Some(3), None))]}));
    let ended = execution(json!({"status": "success", "started_at": "2026-11-22T14:00:01Z",
        "finished_at": "2026-11-22T14:00:42Z", "records": 5000, "steps": [
        step("import", "success", (Some(1), Some(3))), step("match", "success", (Some(3), Some(42)))]}));
    let expected = expect![[r#"
        “Nightly”, API, ann (01890000-0000-7000-8000-000000000000)
        Queued, 2nd in line, for a free slot (2 of 2 busy)
        Queued, 1st in line, for a free slot (2 of 2 busy)
        14:00:01.000  import   started
        14:00:03.000  import   success after 2.0 s, 5,000 rows
        14:00:03.000  match    started
        14:00:42.000  match    success after 39 s, 5,000 rows
        “Nightly” succeeded in 41 s, 5,000 records."#]];
    // What is heard twice, or late, is told once.
    let states = [queued(2), queued(2), queued(1), importing.clone(), matching.clone(), importing, matching, ended];
    check(&states, expected);
}

#[test]
fn the_log_of_a_step_waits_for_the_step_to_start_or_the_run_to_end() {
    let log_of_match = Place::Step(Step::Match, Part::Log);
    let steps = json!([step("import", "running", (Some(1), None)), step("match", "pending", (None, None))]);
    let mut words = Words::default();
    words.news(&execution(json!({"steps": steps})));
    assert!(words.has_come_to(Place::Step(Step::Import, Part::Log)) && !words.has_come_to(log_of_match));
    words.news(&execution(json!({"status": "failed", "steps": [step("match", "skipped", (None, None))]})));
    assert!(words.has_come_to(log_of_match));
}

#[test]
fn a_run_that_is_over_is_told_at_once() {
    let failed = execution(json!({"status": "failed", "started_at": "2026-11-22T14:00:01Z",
        "finished_at": "2026-11-22T14:00:02Z", "error": "no column “surname”", "attempt": 1, "attempts": 2, "steps": [
        step("import", "success", (Some(1), Some(1))), step("match", "failed", (Some(1), Some(2))),
        step("merge", "skipped", (None, None))]}));
    check(
        &[failed],
        expect![[r#"
            “Nightly”, API, ann (01890000-0000-7000-8000-000000000000)
            14:00:01.000  import   started
            14:00:01.000  import   success after 0 ms, 5,000 rows
            14:00:01.000  match    started
            14:00:02.000  match    failed after 1.0 s, 5,000 rows
            “Nightly” failed at Match: no column “surname”"#]],
    );
}

#[test]
fn who_cancels_is_told() {
    let cancelling = execution(json!({"status": "cancelling", "cancelled_by": "bob",
        "cancelled_at": "2026-11-22T14:00:05Z"}));
    let cancelled = execution(json!({"status": "cancelled", "cancelled_by": "bob",
        "finished_at": "2026-11-22T14:00:06Z"}));
    check(
        &[execution(json!({})), cancelling, cancelled],
        expect![[r#"
            “Nightly”, API, ann (01890000-0000-7000-8000-000000000000)
            14:00:05.000           bob cancels it: it stops at the next checkpoint
            “Nightly”: cancelled."#]],
    );
}

#[test]
fn progress_is_one_line() {
    let execution: ExecutionId = ID.parse().expect("an id");
    let workflow = WorkflowId::from_uuid(*execution.as_uuid());
    let sample = |stage: Option<&str>| Progress {
        execution,
        workflow,
        step: Step::Match,
        fraction: Some(0.62),
        rows: None,
        rows_per_s: None,
        stage: stage.map(str::to_owned),
    };
    assert_eq!(progress(&sample(Some("scoring 1.8 of 2.9 M pairs"))), "match    62 % · scoring 1.8 of 2.9 M pairs");
    assert_eq!(progress(&sample(None)), "match    62 %");
}

#[test]
fn lines_of_the_log_say_when_they_are_warnings() {
    let line = |level: LogLevel| LogLine {
        at: Timestamp::from_micros(1_700_000_000_204_000),
        level,
        step: Some(Step::Import),
        message: "2 rows\nwere rejected".to_owned(),
    };
    expect![[r#"
        22:13:20.204  import   2 rows
            were rejected"#]]
    .assert_eq(&Moment::of_line(&line(LogLevel::Info)).text);
    assert!(Moment::of_line(&line(LogLevel::Warning)).text.contains("import   warning: 2 rows"));
}
