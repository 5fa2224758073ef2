//! A notification as text for people.

use std::time::Duration;

use app::format::duration;
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

#[cfg(test)]
mod tests {
    use model::{ExecutionId, Step, Timestamp, WorkflowId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_subject_tells_what_happened_to_which_workflow() {
        let notification = Notification {
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
            reason: Some("no usable column".to_owned()),
        };
        assert_eq!(subject(&notification), "“Nightly” failed in Match");
        let long = Notification { occasion: Occasion::TookLong, ..notification };
        assert_eq!(subject(&long), "“Nightly” took 2 h 5 m");
    }
}
