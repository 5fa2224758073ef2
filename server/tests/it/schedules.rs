use serde_json::json;

use crate::support::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn the_next_runs_are_times_and_the_rest_is_text() {
    let server = TestServer::start().await;
    let question = json!({
        "schedule": {"type": "cron", "expression": "0 2 * * 1-5"},
        "time_zone": "Europe/Brussels",
        "after": "2026-01-02T12:00:00Z",
        "count": 3,
    });
    let preview = server.post("/api/v1/schedules/preview", question).await.expect(200).json();
    // Friday noon: Monday to Wednesday follow, at two o'clock of Brussels.
    let monday_to_wednesday =
        ["2026-01-05T01:00:00.000000Z", "2026-01-06T01:00:00.000000Z", "2026-01-07T01:00:00.000000Z"];
    assert_eq!(preview["next"], json!(monday_to_wednesday));
    assert!(preview["words"].is_string(), "{preview}");
    assert!(preview.as_object().unwrap().iter().all(|(name, value)| name == "next" || value.is_string()), "{preview}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_schedule_is_answered_with_its_field() {
    let server = TestServer::start().await;
    for (schedule, field) in [
        (json!({"type": "cron", "expression": "0 25 * * *"}), "schedule.expression"),
        (json!({"type": "cron", "expression": "0 0 31 2 *"}), "schedule.expression"),
        (json!({"type": "simple", "every": 0, "unit": "hours"}), "schedule.every"),
    ] {
        let problem = server.post("/api/v1/schedules/preview", json!({"schedule": schedule})).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}
