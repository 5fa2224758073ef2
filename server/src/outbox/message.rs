//! A notification as text for people.

use std::time::Duration;

use app::format::{duration, number, time::utc};
use model::delivery::{Notification, Occasion};

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
    }
}

/// What there is to know, a line each: name and value.
fn facts(notification: &Notification) -> Vec<(&'static str, String)> {
    let Notification { workflow_name, project_name, at, started_at, duration_ms, records, failed_step, reason, .. } =
        notification;
    let facts = [
        ("Workflow", Some(workflow_name.clone())),
        ("Project", Some(project_name.clone())),
        ("Started", started_at.map(utc)),
        ("When", Some(utc(*at))),
        ("Duration", duration_ms.map(|ms| duration(Duration::from_millis(ms)))),
        ("Records", records.map(number)),
        ("Failed step", failed_step.map(|step| step.to_string())),
        ("Reason", reason.clone()),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Where the execution is explained. `pages` is the address of the server.
pub(super) fn link(notification: &Notification, pages: &str) -> String {
    format!("{}/executions/{}", pages.trim_end_matches('/'), notification.execution_id)
}

pub(super) fn text(notification: &Notification, pages: &str) -> String {
    let lines: String = facts(notification).iter().map(|(name, value)| format!("{name:<12} {value}\n")).collect();
    format!("{}.\n\n{lines}\n{}\n", subject(notification), link(notification, pages))
}

/// The same for those who read HTML. It loads nothing: mail programs block what does.
pub(super) fn html(notification: &Notification, pages: &str) -> String {
    let color = match notification.occasion {
        Occasion::Success | Occasion::Recovered => "#1a7f4b",
        Occasion::Failure | Occasion::Suspended | Occasion::DidNotStart => "#b3261e",
        Occasion::TookLong => "#8a5a00",
    };
    let rows: String = facts(notification)
        .iter()
        .map(|(name, value)| {
            let value = escaped(value);
            format!(
                "<tr><th style=\"text-align:left;vertical-align:top;font-weight:normal;color:#5b6672;\
                 padding:4px 16px 4px 0\">{name}</th><td style=\"padding:4px 0\">{value}</td></tr>"
            )
        })
        .collect();
    let (heading, link) = (escaped(&subject(notification)), escaped(&link(notification, pages)));
    format!(
        "<!DOCTYPE html><html lang=\"en\"><body style=\"font:15px/1.5 system-ui,sans-serif;color:#1b2530\">\
         <h1 style=\"font-size:18px;color:{color}\">{heading}</h1>\
         <table style=\"border-collapse:collapse\">{rows}</table>\
         <p><a href=\"{link}\" style=\"color:#00639b\">Open the execution</a></p></body></html>"
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
    use model::{ExecutionId, Step, Timestamp, WorkflowId};
    use uuid::Uuid;

    use super::*;

    fn failure() -> Notification {
        Notification {
            occasion: Occasion::Failure,
            workflow_id: WorkflowId::from_uuid(Uuid::nil()),
            workflow_name: "Nightly".to_owned(),
            project_name: "Customers".to_owned(),
            execution_id: ExecutionId::from_uuid(Uuid::nil()),
            at: Timestamp::from_micros(1_767_607_200_000_000),
            started_at: None,
            duration_ms: Some(7_500_000),
            records: Some(71_204),
            failed_step: Some(Step::Match),
            reason: Some("there is no column <b>".to_owned()),
        }
    }

    #[test]
    fn a_mail_tells_what_there_is_to_know() {
        let expected = "“Nightly” failed in Match.\n\nWorkflow     Nightly\nProject      Customers\n\
                        When         5 Jan 2026 10:00 UTC\nDuration     2 h 5 m\nRecords      71,204\n\
                        Failed step  Match\nReason       there is no column <b>\n\n\
                        https://millrace.example.com/executions/00000000-0000-0000-0000-000000000000\n";
        assert_eq!(text(&failure(), "https://millrace.example.com/"), expected);
        let html = html(&failure(), "https://millrace.example.com");
        assert!(html.contains("there is no column &lt;b&gt;"), "{html}");
        assert!(html.contains("href=\"https://millrace.example.com/executions/0000"), "{html}");
    }

    #[test]
    fn a_subject_tells_what_happened_to_which_workflow() {
        let notification = failure();
        assert_eq!(subject(&notification), "“Nightly” failed in Match");
        let long = Notification { occasion: Occasion::TookLong, ..notification };
        assert_eq!(subject(&long), "“Nightly” took 2 h 5 m");
    }
}
