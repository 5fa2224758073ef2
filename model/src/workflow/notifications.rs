//! Who is told of a workflow's runs, and on which occasions.

use serde::{Deserialize, Serialize};

use crate::{FieldError, limits};

/// Who is told what. Stored with the workflow and given back by the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notifications {
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::emails))]
    pub emails: Vec<String>,
    /// Addresses that are called, `https://…`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::webhooks))]
    pub webhooks: Vec<String>,
    #[serde(default)]
    pub on_success: bool,
    /// Also when the workflow is suspended, or an occurrence could not start in time.
    #[serde(default)]
    pub on_failure: bool,
    /// The first success after a failed run.
    #[serde(default)]
    pub on_recovery: bool,
    /// A run that took longer than this; `None` = however long.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::longer_than_s))]
    pub longer_than_s: Option<u64>,
    /// The hour of the day, 0–23 in the workflow's zone, at which a digest of the day before is sent; `None` = never.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::digest_hour))]
    pub digest_hour: Option<u8>,
}

impl Notifications {
    /// Everyone who is told: e-mail addresses, then webhooks.
    pub fn recipients(&self) -> impl Iterator<Item = &String> {
        self.emails.iter().chain(&self.webhooks)
    }

    /// Every recipient, number and hour that cannot be, at its path in the workflow.
    pub fn problems(&self) -> Vec<FieldError> {
        let mut problems = Vec::new();
        check_each("notifications.emails", &self.emails, is_email, "an e-mail address", &mut problems);
        let example = "an address such as https://hooks.example.com/millrace";
        check_each("notifications.webhooks", &self.webhooks, is_webhook, example, &mut problems);
        if self.longer_than_s == Some(0) {
            problems.push(FieldError::new("notifications.longer_than_s", "must be at least 1 second"));
        }
        if self.digest_hour.is_some_and(|hour| hour > 23) {
            problems.push(FieldError::new("notifications.digest_hour", "must be an hour from 0 to 23"));
        }
        problems
    }
}

fn check_each(
    field: &str,
    recipients: &[String],
    is_right: impl Fn(&str) -> bool,
    wanted: &str,
    problems: &mut Vec<FieldError>,
) {
    for (place, recipient) in recipients.iter().enumerate() {
        if !is_right(recipient) {
            problems.push(FieldError::new(format!("{field}[{place}]"), format!("“{recipient}” is not {wanted}")));
        }
    }
    if recipients.len() > limits::RECIPIENTS_MAX {
        problems.push(FieldError::new(field, format!("at most {} are told", limits::RECIPIENTS_MAX)));
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && is_one_word(text))
}

fn is_webhook(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && is_one_word(rest))
}

fn is_one_word(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_recipient_is_named_at_its_place() {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let wrong = Notifications {
            emails: list(&["ann@example.com", "bob", "eve@example.com\r\nBcc: all@example.com"]),
            webhooks: list(&["https://hooks.example.com/x", "ftp://example.com", "https:///x"]),
            longer_than_s: Some(0),
            digest_hour: Some(24),
            ..Notifications::default()
        };
        let fields: Vec<String> = wrong.problems().into_iter().map(|problem| problem.field).collect();
        let expected = [
            "notifications.emails[1]",
            "notifications.emails[2]",
            "notifications.webhooks[1]",
            "notifications.webhooks[2]",
            "notifications.longer_than_s",
            "notifications.digest_hour",
        ];
        assert_eq!(fields, expected);
        let many =
            Notifications { emails: vec!["a@b".to_owned(); limits::RECIPIENTS_MAX + 1], ..Notifications::default() };
        assert_eq!(many.problems()[0].message, "at most 50 are told");
    }
}
