//! What changed, in words: the fields that people know from the forms by their names there, all others by their path in the
//! document.

use std::time::Duration;

use model::{StepRange, activity::Activity, project::ProjectName};
use serde_json::Value;

use super::{counted, duration, execution, recipient};

/// The name of a field; `None` = it has none but its path.
pub fn field(path: &str) -> Option<&'static str> {
    Some(match path {
        "name" => "Name",
        "project_id" => "Project",
        "steps" => "Steps",
        "schedule" => "Schedule",
        "time_zone" => "Time zone",
        "missed" => "Missed while the server was down",
        "retries" => "Retries",
        "retry_delays_s" => "Waits before retries",
        "suspend_after" => "Suspend after",
        "timeout_s" => "Timeout",
        "notifications.emails" => "Told by e-mail",
        "notifications.webhooks" => "Told by webhook",
        "notifications.on_failure" => "Told of failure",
        "notifications.on_success" => "Told of success",
        "notifications.on_recovery" => "Told of the first success after a failure",
        "notifications.longer_than_s" => "Told after more than",
        "notifications.digest_hour" => "Told in a digest at",
        "role" => "Role",
        "projects" => "Roles in projects",
        "disabled" => "Disabled",
        "days" => "Days until it ends",
        _ => return None,
    })
}

/// The value of a field before or after. `projects` are those that the reader may see.
pub fn value(path: &str, value: &Value, projects: &[ProjectName]) -> String {
    match (path, value) {
        ("project_id", Value::String(id)) => {
            let named = projects.iter().find(|project| project.id.to_string() == *id);
            named.map_or_else(|| "another project".to_owned(), |project| project.name.clone())
        }
        ("timeout_s" | "suspend_after", Value::Number(number)) if number.as_u64() == Some(0) => "never".to_owned(),
        ("suspend_after", Value::Number(number)) => counted(number.as_u64().unwrap_or_default(), "failed run"),
        ("notifications.digest_hour", Value::Number(hour)) => format!("{hour}:00"),
        ("missed", Value::String(word)) if word == "catch_up" => "one late run".to_owned(),
        ("missed", Value::String(_)) => "skipped".to_owned(),
        ("steps", steps) => match serde_json::from_value::<StepRange>(steps.clone()) {
            Ok(steps) => execution::steps(steps),
            Err(_) => plain(steps),
        },
        ("notifications.webhooks" | "notifications.emails", Value::Array(items)) if !items.is_empty() => {
            let words = items.iter().map(|item| item.as_str().map_or_else(|| plain(item), recipient_with_note));
            words.collect::<Vec<_>>().join(", ")
        }
        (path, Value::Array(items)) if path.ends_with("_s") && !items.is_empty() => {
            items.iter().map(seconds).collect::<Vec<_>>().join(", ")
        }
        (path, number @ Value::Number(_)) if path.ends_with("_s") => seconds(number),
        (_, value) => plain(value),
    }
}

/// `https://hooks.example.com/… (another address)` keeps what is said of it.
fn recipient_with_note(text: &str) -> String {
    match text.split_once(' ') {
        Some((address, note)) => format!("{} {note}", recipient(address)),
        None => recipient(text),
    }
}

fn seconds(value: &Value) -> String {
    value.as_u64().map_or_else(|| plain(value), |seconds| duration(Duration::from_secs(seconds)))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        // 80.0 is 80.
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(part).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", part(value))).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A value inside of another.
fn part(value: &Value) -> String {
    match value {
        Value::Object(_) | Value::Array(_) => format!("({})", plain(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => plain(value),
    }
}

/// Whether a path is that of one item of a list: it was added or removed, and there is no other side to show.
pub fn is_item(path: &str) -> bool {
    path.ends_with(']')
}

/// Who did it.
pub fn who(entry: &Activity) -> String {
    match (&entry.by, entry.address) {
        (Some(name), _) => name.clone(),
        (None, Some(_)) => "someone".to_owned(),
        (None, None) => "the system".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_as_in_the_forms() {
        let check = |path: &str, given: Value, words: &str| assert_eq!(value(path, &given, &[]), words, "{path}");
        check("steps", json!(["import", "profile"]), "Import → Profile");
        check("retry_delays_s", json!([60, 300]), "1 m, 5 m");
        check("timeout_s", json!(0), "never");
        check("timeout_s", json!(5_400), "1 h 30 m");
        check("suspend_after", json!(3), "3 failed runs");
        check("missed", json!("skip"), "skipped");
        check(
            "notifications.emails",
            json!(["ann@example.com", "bob@example.com"]),
            "ann@example.com, bob@example.com",
        );
        check(
            "notifications.webhooks",
            json!(["https://hooks.example.com/… (another address)"]),
            "a webhook at hooks.example.com (another address)",
        );
        check("notifications.on_failure", json!(true), "yes");
        check("match.definitions[0].threshold", json!(80.0), "80");
        check("match.definitions[0].criteria[1].weight", json!(0.25), "0.25");
        check("projects", json!([]), "none");
        check("project_id", json!("01890000-0000-7000-8000-000000000000"), "another project");
        let target = json!({"format": {"delimiter": ",", "type": "csv"}, "name": "golden.csv", "levels": [0.9, 0.8]});
        check("export.targets[0]", target, "format: (delimiter: ,, type: csv), levels: (0.9, 0.8), name: golden.csv");
    }
}
