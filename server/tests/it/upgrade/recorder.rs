//! Writes the events of a story as the servers of that time did: with each change of a row, in their words.
//!
//! They are triggers of the connection alone. What a version did not know yet is not in its events.

/// The triggers of a server of this level.
pub(super) fn triggers(level: i64) -> String {
    let mut triggers = vec![
        on("INSERT ON projects WHEN NEW.deleted_at IS NULL", "NEW.created_at", &project()),
        on("INSERT ON workflows", "NEW.created_at", &workflow()),
        on("UPDATE OF state, next_run_at ON workflows", "coalesce(NEW.last_due_at, NEW.created_at)", &workflow()),
        on("INSERT ON executions", "NEW.queued_at", &execution(level)),
        on("UPDATE OF status, steps ON executions", EXECUTION_AT, &execution(level)),
    ];
    if level >= 2 {
        triggers.extend([
            on("UPDATE OF cancelled_at ON executions WHEN NEW.status = OLD.status", EXECUTION_AT, &execution(level)),
            on("INSERT ON deliveries", "NEW.created_at", &delivery(level)),
            on("UPDATE OF status ON deliveries", "coalesce(NEW.finished_at, NEW.created_at)", &delivery(level)),
            on("UPDATE ON maintenance", "NEW.switched_at", &maintenance()),
        ]);
    }
    let named = triggers.iter().enumerate();
    named.map(|(number, trigger)| format!("CREATE TEMP TRIGGER recorder_{number} {trigger}\n")).collect()
}

const EXECUTION_AT: &str = "coalesce(NEW.finished_at, NEW.started_at, NEW.queued_at)";

fn on(change: &str, at: &str, event: &str) -> String {
    format!("AFTER {change} BEGIN INSERT INTO events (at, change) VALUES ({at}, {event}); END;")
}

/// A column of ids as text.
fn uuid(column: &str) -> String {
    let part = |from: u8, count: u8| format!("substr(hex({column}), {from}, {count})");
    let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ");
    format!("iif({column} IS NULL, NULL, lower({parts}))")
}

/// A column of times as text.
fn time(column: &str) -> String {
    format!(
        "iif({column} IS NULL, NULL, strftime('%Y-%m-%dT%H:%M:%S', {column} / 1000000, 'unixepoch') \
         || printf('.%06dZ', {column} % 1000000))"
    )
}

fn flag(column: &str) -> String {
    format!("json(CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)")
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("'{name}', {value}")).collect();
    format!("json_object({})", fields.join(", "))
}

fn plain(columns: &[&'static str]) -> Vec<(&'static str, String)> {
    columns.iter().map(|column| (*column, format!("NEW.\"{column}\""))).collect()
}

fn event(kind: &str, value: String) -> String {
    object(&[("kind", format!("'{kind}'")), (kind, value)])
}

fn project() -> String {
    object(&[("kind", "'project'".to_owned()), ("project_id", uuid("NEW.id")), ("version", "NEW.version".to_owned())])
}

fn workflow() -> String {
    let mut fields = plain(&[
        "name",
        "time_zone",
        "schedule_words",
        "state",
        "state_reason",
        "retries",
        "suspend_after",
        "missed",
        "timeout_s",
        "version",
    ]);
    fields.extend(["steps", "schedule", "retry_delays_s", "notifications"].map(|c| (c, format!("json(NEW.{c})"))));
    fields.extend(["next_run_at", "created_at"].map(|column| (column, time(&format!("NEW.{column}")))));
    fields.extend(["id", "project_id"].map(|column| (column, uuid(&format!("NEW.{column}")))));
    fields.push(("project_name", "(SELECT name FROM projects WHERE id = NEW.project_id)".to_owned()));
    event("workflow", object(&fields))
}

fn execution(level: i64) -> String {
    let mut fields = plain(&[
        "status",
        "trigger",
        "original_trigger",
        "requested_by",
        "attempt",
        "attempts",
        "folded",
        "configuration_version",
        "records",
        "error",
        "cancelled_by",
    ]);
    let times = ["queued_at", "started_at", "finished_at", "due_at"];
    fields.extend(times.map(|column| (column, time(&format!("NEW.{column}")))));
    fields.extend(["id", "workflow_id", "project_id", "retry_of"].map(|c| (c, uuid(&format!("NEW.{c}")))));
    fields.extend(["late", "destination_unchanged"].map(|column| (column, flag(&format!("NEW.{column}")))));
    fields.extend(["queue_position", "queue_reason"].map(|nothing| (nothing, "NULL".to_owned())));
    fields.push(("ready_at", time("NEW.not_before")));
    fields.push(("steps", "json(NEW.steps)".to_owned()));
    fields.push(("workflow_name", "(SELECT name FROM workflows WHERE id = NEW.workflow_id)".to_owned()));
    if level >= 2 {
        fields.push(("recovery_of", uuid("NEW.recovery_of")));
        fields.push(("cancelled_at", time("NEW.cancelled_at")));
    }
    if level >= 5 {
        fields.push(("from", "NEW.from_step".to_owned()));
    }
    event("execution", object(&fields))
}

fn delivery(level: i64) -> String {
    let mut fields = plain(&["occasion", "recipient", "status", "attempts", "error"]);
    fields.extend(["created_at", "next_attempt_at", "finished_at"].map(|c| (c, time(&format!("NEW.{c}")))));
    fields.extend(["id", "execution_id"].map(|column| (column, uuid(&format!("NEW.{column}")))));
    if level >= 11 {
        fields.extend(["workflow_id", "resend_of"].map(|column| (column, uuid(&format!("NEW.{column}")))));
        fields.push(("workflow_name", "json_extract(NEW.notification, '$.workflow_name')".to_owned()));
        fields.push(("requested_by", "NEW.requested_by".to_owned()));
    }
    event("delivery", object(&fields))
}

fn maintenance() -> String {
    let fields = [("on", flag("NEW.is_on")), ("by", "NEW.switched_by".to_owned()), ("since", time("NEW.switched_at"))];
    event("maintenance", object(&fields))
}
