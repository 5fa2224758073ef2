//! A notification as text for people.

use std::time::Duration;

use app::format::{counted, duration, number, time::utc};
use model::{
    Step,
    delivery::{Digest, DigestFailure, Notification, Occasion},
};

/// One line: what happened to which workflow.
pub(super) fn subject(notification: &Notification) -> String {
    let name = &notification.workflow_name;
    match notification.occasion {
        Occasion::Success => format!("“{name}” succeeded"),
        Occasion::Failure => match notification.failed_step {
            Some(step) => format!("“{name}” failed in {step}"),
            None => format!("“{name}” failed"),
        },
        Occasion::Recovered => format!("“{name}” succeeded again"),
        Occasion::TookLong => match notification.duration_ms {
            Some(took_ms) => format!("“{name}” took {}", duration(Duration::from_millis(took_ms))),
            None => format!("“{name}” took long"),
        },
        Occasion::Suspended => format!("“{name}” was suspended"),
        Occasion::DidNotStart => format!("“{name}” could not start in time"),
        Occasion::Digest => format!("“{name}”: {}", notification.digest.as_ref().map_or_else(String::new, in_short)),
        Occasion::Test => format!("“{name}”: this is a test"),
    }
}

fn in_short(digest: &Digest) -> String {
    let runs = digest.succeeded + digest.failed + digest.cancelled;
    match (digest.failed, digest.succeeded) {
        (0, _) if runs == 0 => "nothing ran".to_owned(),
        (0, 0) => format!("{} cancelled", counted(digest.cancelled, "run")),
        (0, succeeded) => format!("{} succeeded", counted(succeeded, "run")),
        (failed, _) => format!("{} of {} failed", number(failed), counted(runs, "run")),
    }
}

/// A name, and what there is to know under it.
type Fact = (&'static str, String);

/// What there is to know, a line each.
fn facts(notification: &Notification) -> Vec<Fact> {
    let Notification { workflow_name, project_name, at, due_at, started_at, duration_ms, .. } = notification;
    let Notification { records, failed_step, reason, .. } = notification;
    let when = notification.digest.is_none().then(|| utc(*at));
    let facts = [
        ("Workflow", Some(workflow_name.clone())),
        ("Project", Some(project_name.clone())),
        ("Due", due_at.map(utc)),
        ("Started", started_at.map(utc)),
        ("When", when),
        ("Duration", duration_ms.map(|ms| duration(Duration::from_millis(ms)))),
        ("Records", records.map(number)),
        ("Failed step", failed_step.map(|step| step.to_string())),
        ("Reason", reason.clone()),
    ];
    let facts = facts.into_iter().filter_map(|(name, value)| Some((name, value?)));
    facts.chain(notification.digest.as_ref().map(day).into_iter().flatten()).collect()
}

/// The day of a digest.
fn day(digest: &Digest) -> Vec<Fact> {
    vec![
        ("From", utc(digest.since)),
        ("To", utc(digest.until)),
        ("Succeeded", number(digest.succeeded)),
        ("Failed", number(digest.failed)),
        ("Cancelled", number(digest.cancelled)),
        ("Records", number(digest.records)),
    ]
}

/// A sentence more, where the subject and the facts leave a question open.
fn remark(notification: &Notification) -> Option<&'static str> {
    match notification.occasion {
        Occasion::Test => Some("Somebody wanted to see whether notifications of this workflow arrive. They do."),
        Occasion::Success
        | Occasion::Failure
        | Occasion::Recovered
        | Occasion::TookLong
        | Occasion::Suspended
        | Occasion::DidNotStart
        | Occasion::Digest => None,
    }
}

/// The failures that a digest names: what happened, and where that is explained.
fn failures(notification: &Notification, pages: &str) -> Vec<(String, String)> {
    let Some(digest) = &notification.digest else { return Vec::new() };
    let line = |failure: &DigestFailure| {
        let step = failure.failed_step.map(|step: Step| format!(" in {step}")).unwrap_or_default();
        let reason = failure.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let page = format!("{}/executions/{}", pages.trim_end_matches('/'), failure.execution_id);
        (format!("{}: failed{step}{reason}", utc(failure.at)), page)
    };
    digest.failures.iter().map(line).collect()
}

/// Where it is explained: the execution, or else the workflow. `pages` is the address of the server.
pub(super) fn link(notification: &Notification, pages: &str) -> String {
    let pages = pages.trim_end_matches('/');
    match notification.execution_id {
        Some(execution) => format!("{pages}/executions/{execution}"),
        None => format!("{pages}/workflows/{}", notification.workflow_id),
    }
}

pub(super) fn text(notification: &Notification, pages: &str) -> String {
    let remark = remark(notification).map(|remark| format!("{remark}\n\n")).unwrap_or_default();
    let lines: String = facts(notification).iter().map(|(name, value)| format!("{name:<12} {value}\n")).collect();
    let failures = failures(notification, pages);
    let failures: String = failures.iter().map(|(what, page)| format!("\n{what}\n  {page}\n")).collect();
    format!("{}.\n\n{remark}{lines}{failures}\n{}\n", subject(notification), link(notification, pages))
}

/// The same for those who read HTML. It loads nothing: mail programs block what does.
pub(super) fn html(notification: &Notification, pages: &str) -> String {
    let color = match notification.occasion {
        Occasion::Success | Occasion::Recovered => "#1a7f4b",
        Occasion::Failure | Occasion::Suspended | Occasion::DidNotStart => "#b3261e",
        Occasion::TookLong => "#8a5a00",
        Occasion::Digest if notification.digest.as_ref().is_some_and(|digest| digest.failed > 0) => "#b3261e",
        Occasion::Digest | Occasion::Test => "#1b2530",
    };
    let remark = remark(notification).map(|remark| format!("<p>{remark}</p>")).unwrap_or_default();
    let rows: String = facts(notification).iter().map(row).collect();
    let item = |(what, page): &(String, String)| {
        format!("<li><a href=\"{}\" style=\"color:#00639b\">{}</a></li>", escaped(page), escaped(what))
    };
    let failures: String = failures(notification, pages).iter().map(item).collect();
    let failures = if failures.is_empty() { failures } else { format!("<ul>{failures}</ul>") };
    let open = if notification.execution_id.is_some() { "Open the execution" } else { "Open the workflow" };
    let (heading, link) = (escaped(&subject(notification)), escaped(&link(notification, pages)));
    format!(
        "<!DOCTYPE html><html lang=\"en\"><body style=\"font:15px/1.5 system-ui,sans-serif;color:#1b2530\">\
         <h1 style=\"font-size:18px;color:{color}\">{heading}</h1>{remark}\
         <table style=\"border-collapse:collapse\">{rows}</table>{failures}\
         <p><a href=\"{link}\" style=\"color:#00639b\">{open}</a></p></body></html>"
    )
}

fn row((name, value): &Fact) -> String {
    let value = escaped(value);
    format!(
        "<tr><th style=\"text-align:left;vertical-align:top;font-weight:normal;color:#5b6672;padding:4px 16px 4px 0\">\
         {name}</th><td style=\"padding:4px 0\">{value}</td></tr>"
    )
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::tests::letter_to;

    #[test]
    fn html_shows_what_was_said_and_runs_none_of_it() {
        let reason = Some("there is no column <img src=x onerror=\"alert(1)\">".to_owned());
        let html = html(
            &Notification { reason, ..letter_to("ann@example.com").notification },
            "https://millrace.example.com/",
        );
        assert!(html.contains("there is no column &lt;img src=x onerror=&quot;alert(1)&quot;&gt;"), "{html}");
        assert!(html.contains("href=\"https://millrace.example.com/executions/0000"), "{html}");
    }
}
