//! What an edit changed, field by field, from the document before and after. Secrets are left out here, before anything is
//! written: of a webhook only where it leads is told.

use model::{
    activity::FieldChange, config::ProjectConfig, delivery::without_secret, limits, schedule::Schedule,
    workflow::Workflow,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The fields that changed, as many as an entry lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Changes {
    pub(super) listed: Vec<FieldChange>,
    /// Further ones.
    pub(super) more: u32,
    bytes: usize,
}

impl Changes {
    pub(in crate::store) fn workflow(before: &Workflow, after: &Workflow) -> Self {
        let mut changes = Self::default();
        let fields = workflow(before, None).into_iter().zip(workflow(after, Some(before)));
        fields.for_each(|((name, before), (_, after))| changes.compare(name, &before, &after));
        changes
    }

    /// A project's configuration, each change at its path.
    pub(in crate::store) fn project(before: (&str, &ProjectConfig), after: (&str, &ProjectConfig)) -> Self {
        let document = |(name, config): (&str, &ProjectConfig)| {
            let mut document = Map::from_iter([("name".to_owned(), json!(name))]);
            match value_of(config) {
                Value::Object(sections) => document.extend(sections),
                other => {
                    document.insert("config".to_owned(), other);
                }
            }
            Value::Object(document)
        };
        Self::between(&document(before), &document(after))
    }

    /// What something new began with.
    pub(in crate::store) fn created(with: Value) -> Self {
        let Value::Object(mut fields) = with else { return Self::default() };
        fields.retain(|_, value| *value != Value::Null && *value != json!([]));
        Self::between(&json!({}), &Value::Object(fields))
    }

    pub(in crate::store) fn between(before: &Value, after: &Value) -> Self {
        let mut changes = Self::default();
        changes.compare("", before, after);
        changes
    }

    fn compare(&mut self, path: &str, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Object(before), Value::Object(after)) => {
                let gone = before.keys().filter(|key| !after.contains_key(*key));
                for key in after.keys().chain(gone) {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    let value = |of: &Map<String, Value>| of.get(key).cloned().unwrap_or_default();
                    self.compare(&path, &value(before), &value(after));
                }
            }
            // A list of words or numbers is read as a whole.
            (Value::Array(before), Value::Array(after)) if before.iter().chain(after).any(Value::is_object) => {
                self.compare_lists(path, before, after);
            }
            _ => self.add(path, before, after),
        }
    }

    /// What is the same at the beginning and at the end stayed; what is between them changed, in its order.
    fn compare_lists(&mut self, path: &str, before: &[Value], after: &[Value]) {
        let same = |pairs: &mut dyn Iterator<Item = (&Value, &Value)>| pairs.take_while(|(a, b)| a == b).count();
        let start = same(&mut before.iter().zip(after));
        let shorter = before.len().min(after.len());
        let end = same(&mut before.iter().rev().zip(after.iter().rev())).min(shorter - start);
        let (before, after) = (&before[start..before.len() - end], &after[start..after.len() - end]);
        for place in 0..before.len().max(after.len()) {
            let value = |of: &[Value]| of.get(place).cloned().unwrap_or_default();
            self.compare(&format!("{path}[{}]", start + place), &value(before), &value(after));
        }
    }

    fn add(&mut self, path: &str, before: &Value, after: &Value) {
        let change = FieldChange { field: path.to_owned(), before: shortened(before), after: shortened(after) };
        let bytes = path.len() + change.before.to_string().len() + change.after.to_string().len();
        if self.listed.len() >= limits::CHANGES_LISTED_MAX || self.bytes + bytes > limits::CHANGES_MAX_BYTES {
            self.more = self.more.saturating_add(1);
            return;
        }
        self.bytes += bytes;
        self.listed.push(change);
    }
}

/// A value as the log keeps it: of what is long, the beginning of its text.
fn shortened(value: &Value) -> Value {
    let text = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => return value.clone(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    match text.char_indices().nth(limits::CHANGED_VALUE_CHARS_MAX) {
        Some((end, _)) => Value::String(format!("{}…", &text[..end])),
        None => value.clone(),
    }
}

fn value_of<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("documents have only keys that are text")
}

/// The fields that people set, in the order of the form. `earlier` is what it is compared with.
fn workflow(workflow: &Workflow, earlier: Option<&Workflow>) -> [(&'static str, Value); 17] {
    let told = &workflow.notifications;
    let known = earlier.map_or(&[][..], |earlier| &earlier.notifications.webhooks);
    [
        ("name", json!(workflow.name)),
        ("project_id", json!(workflow.project_id)),
        ("steps", value_of(&workflow.steps)),
        ("schedule", json!(schedule(workflow))),
        ("time_zone", json!(workflow.time_zone)),
        ("missed", value_of(&workflow.missed)),
        ("retries", json!(workflow.retries)),
        ("retry_delays_s", json!(workflow.retry_delays_s)),
        ("suspend_after", json!(workflow.suspend_after)),
        ("timeout_s", json!(workflow.timeout_s)),
        ("notifications.emails", json!(told.emails)),
        ("notifications.webhooks", json!(webhooks(&told.webhooks, known))),
        ("notifications.on_failure", json!(told.on_failure)),
        ("notifications.on_success", json!(told.on_success)),
        ("notifications.on_recovery", json!(told.on_recovery)),
        ("notifications.longer_than_s", json!(told.longer_than_s)),
        ("notifications.digest_hour", json!(told.digest_hour)),
    ]
}

/// In words, and what they were made from.
fn schedule(workflow: &Workflow) -> String {
    match &workflow.schedule {
        Schedule::Cron { expression } => format!("{} ({expression})", workflow.schedule_words),
        Schedule::Simple { .. } | Schedule::OnDemand => workflow.schedule_words.clone(),
    }
}

/// Where each leads. One that leads to the same host and is another all the same says so.
fn webhooks(addresses: &[String], earlier: &[String]) -> Vec<String> {
    let shown = |address: &String| {
        let host = without_secret(address);
        let is_other = !earlier.contains(address) && earlier.iter().any(|known| without_secret(known) == host);
        if is_other { format!("{host} (another address)") } else { host }
    };
    addresses.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(before: Value, after: Value, expected: Expect) {
        let changes = Changes::between(&before, &after);
        let mut lines: String =
            changes.listed.iter().map(|it| format!("{}: {} -> {}\n", it.field, it.before, it.after)).collect();
        if changes.more > 0 {
            lines += &format!("and {} more\n", changes.more);
        }
        expected.assert_eq(&lines);
    }

    #[test]
    fn a_change_is_told_at_its_path() {
        check(
            json!({"match": {"definitions": [{"name": "a", "threshold": 80.0}], "grouping": "transitive"}}),
            json!({"match": {"definitions": [{"name": "a", "threshold": 85.0}], "grouping": "transitive"}}),
            expect![[r#"
                match.definitions[0].threshold: 80.0 -> 85.0
            "#]],
        );
        check(
            json!({"a": 1, "b": [1, 2]}),
            json!({"a": 1, "b": [1, 3]}),
            expect![[r#"
            b: [1,2] -> [1,3]
        "#]],
        );
        check(
            json!({"a": null, "b": "x"}),
            json!({"a": {"c": true}}),
            expect![[r#"
            a: null -> {"c":true}
            b: "x" -> null
        "#]],
        );
    }

    #[test]
    fn what_is_put_in_between_does_not_change_what_follows() {
        let items = |names: &[&str]| Value::Array(names.iter().map(|name| json!({ "name": name })).collect());
        check(
            items(&["a", "b"]),
            items(&["a", "x", "b"]),
            expect![[r#"
            [1]: null -> {"name":"x"}
        "#]],
        );
        check(
            items(&["a", "b", "c"]),
            items(&["b", "d"]),
            expect![[r#"
            [0].name: "a" -> "b"
            [1].name: "b" -> "d"
            [2]: {"name":"c"} -> null
        "#]],
        );
        check(
            items(&["a", "a"]),
            items(&["a"]),
            expect![[r#"
            [1]: {"name":"a"} -> null
        "#]],
        );
    }

    #[test]
    fn an_entry_is_bounded() {
        let wide = |value: &str| (0..60).map(|field| (format!("f{field:02}"), json!(value))).collect::<Map<_, _>>();
        let changes = Changes::between(&wide("a").into(), &wide("b").into());
        assert_eq!((changes.listed.len(), changes.more), (limits::CHANGES_LISTED_MAX, 10));
        let long = "ä".repeat(10_000);
        let changes = Changes::between(&wide("a").into(), &wide(&long).into());
        assert!(changes.bytes <= limits::CHANGES_MAX_BYTES);
        assert_eq!(changes.listed.len() + changes.more as usize, 60);
        let after = changes.listed[0].after.as_str().unwrap();
        assert_eq!(after.chars().count(), limits::CHANGED_VALUE_CHARS_MAX + 1);
    }

    #[test]
    fn of_a_webhook_only_the_host_is_told() {
        let hooks = |paths: &[&str]| paths.iter().map(|path| format!("https://h.example/{path}")).collect::<Vec<_>>();
        let (before, after) = (hooks(&["secret-1", "kept"]), hooks(&["secret-2", "kept"]));
        assert_eq!(webhooks(&before, &[]), ["https://h.example/…", "https://h.example/…"]);
        assert_eq!(webhooks(&after, &before), ["https://h.example/… (another address)", "https://h.example/…"]);
    }
}
