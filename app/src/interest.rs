//! What a page shows, in the words that server and browser share: an event that concerns it makes the page outdated.

use std::{fmt, str::FromStr};

use model::{
    ExecutionId, ProjectId, WorkflowId,
    event::Change,
    execution::{Execution, Status, Trigger},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Any workflow, with what it runs.
    Workflows,
    /// Any execution.
    Executions,
    /// Any project.
    Projects,
    /// Any notification that is delivered, or not.
    Deliveries,
    /// One workflow and its executions.
    Workflow(WorkflowId),
    /// One execution and its log.
    Execution(ExecutionId),
    /// One project, its workflows and their executions.
    Project(ProjectId),
}

impl Interest {
    /// Whether a page with this interest looks different after the change.
    pub fn concerns(self, change: &Change) -> bool {
        match (self, change) {
            (Interest::Workflows, Change::Execution { .. } | Change::Workflow { .. } | Change::WorkflowDeleted { .. })
            | (Interest::Executions, Change::Execution { .. })
            | (Interest::Projects, Change::Project { .. } | Change::ProjectDeleted { .. } | Change::Workflow { .. })
            // Which project it belonged to is not known any more.
            | (Interest::Projects | Interest::Project(_), Change::WorkflowDeleted { .. })
            // It says on every page that nothing starts.
            | (_, Change::Maintenance { .. }) => true,
            // The bell rings on every page.
            (_, Change::Execution { execution }) if is_news(execution) => true,
            // A run that ended left results.
            (Interest::Projects, Change::Execution { execution }) => execution.status.is_final(),
            (Interest::Workflow(id), Change::Execution { execution }) => execution.workflow_id == id,
            (Interest::Workflow(id), Change::Workflow { workflow }) => workflow.id == id,
            (Interest::Workflow(id), Change::WorkflowDeleted { workflow_id, .. }) => *workflow_id == id,
            (Interest::Execution(id), Change::Execution { execution }) => execution.id == id,
            (Interest::Execution(id), Change::Delivery { delivery }) => delivery.execution_id == Some(id),
            (Interest::Deliveries, Change::Delivery { delivery }) => delivery.status.is_dead() || delivery.resend_of.is_some(),
            (Interest::Project(id), Change::Execution { execution }) => execution.project_id == id,
            (Interest::Project(id), Change::Workflow { workflow }) => workflow.project_id == id,
            (Interest::Project(id), Change::Project { project_id, .. } | Change::ProjectDeleted { project_id }) => {
                *project_id == id
            }
            _ => false,
        }
    }
}

/// What the bell tells of, and what whoever started it waits for.
fn is_news(execution: &Execution) -> bool {
    let failed_for_good = execution.status == Status::Failed && execution.attempt == execution.attempts;
    let was_asked_for = execution.status.is_final() && execution.original_trigger == Trigger::Manual;
    failed_for_good || was_asked_for
}

impl fmt::Display for Interest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Interest::Workflows => formatter.write_str("workflows"),
            Interest::Executions => formatter.write_str("executions"),
            Interest::Projects => formatter.write_str("projects"),
            Interest::Deliveries => formatter.write_str("deliveries"),
            Interest::Workflow(id) => write!(formatter, "workflow:{id}"),
            Interest::Execution(id) => write!(formatter, "execution:{id}"),
            Interest::Project(id) => write!(formatter, "project:{id}"),
        }
    }
}

impl FromStr for Interest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            None if text == "workflows" => Ok(Interest::Workflows),
            None if text == "executions" => Ok(Interest::Executions),
            None if text == "projects" => Ok(Interest::Projects),
            None if text == "deliveries" => Ok(Interest::Deliveries),
            Some(("workflow", id)) => id.parse().map(Interest::Workflow).map_err(drop),
            Some(("execution", id)) => id.parse().map(Interest::Execution).map_err(drop),
            Some(("project", id)) => id.parse().map(Interest::Project).map_err(drop),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890000-0000-7000-8000-000000000000";
    const OTHER: &str = "01890000-0000-7000-8000-000000000001";

    #[test]
    fn an_interest_is_read_as_it_is_written() {
        let words = ["workflows", "executions", "projects", "deliveries"].map(str::to_owned);
        let kinds = ["workflow", "execution", "project"].map(|kind| format!("{kind}:{ID}"));
        for text in words.into_iter().chain(kinds) {
            assert_eq!(text.parse::<Interest>().map(|interest| interest.to_string()), Ok(text));
        }
        assert_eq!("workflow:7".parse::<Interest>(), Err(()));
    }

    #[test]
    fn what_the_bell_tells_concerns_every_page() {
        let ended = |trigger: &str, status: &str, attempt: u32| {
            let execution = serde_json::json!({
                "id": ID, "workflow_id": ID, "workflow_name": "Nightly", "project_id": ID, "status": status,
                "trigger": trigger, "original_trigger": trigger, "requested_by": null, "attempt": attempt, "attempts": 2,
                "retry_of": null, "queued_at": "2026-11-22T14:00:00Z", "started_at": null, "finished_at": null,
                "due_at": null, "late": false, "folded": 0, "configuration_version": null, "records": null,
                "error": null, "queue_position": null, "steps": []
            });
            Change::Execution { execution: serde_json::from_value(execution).expect("an execution") }
        };
        let concerned = |change: &Change| Interest::Workflow(OTHER.parse().expect("an id")).concerns(change);
        assert!(concerned(&ended("scheduled", "failed", 2)));
        assert!(!concerned(&ended("scheduled", "failed", 1)), "a retry follows");
        assert!(concerned(&ended("manual", "success", 1)));
        assert!(!concerned(&ended("manual", "running", 1)));
        assert!(!concerned(&ended("scheduled", "success", 1)));
    }

    #[test]
    fn a_deleted_workflow_concerns_its_page_and_the_lists() {
        let change = Change::WorkflowDeleted { workflow_id: ID.parse().expect("an id"), project_id: None };
        let concerned = |text: &str| text.parse::<Interest>().expect("an interest").concerns(&change);
        assert!(["workflows", "projects"].map(concerned).iter().all(|concerned| *concerned));
        assert!(concerned(&format!("workflow:{ID}")));
        assert!(!concerned(&format!("workflow:{OTHER}")));
        assert!(!concerned("executions"));
    }
}
