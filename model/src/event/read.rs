//! Reading what the server sends, kind by kind.
//!
//! The derived reading of tagged and flattened types first copies a message into a generic value and then reads that:
//! twice the work in every open page, and a second copy of every type's reading code in the browser's file.

use std::borrow::Cow;

use serde::{Deserialize, de::Error};

use super::{Change, Event, Progress, Sample, ServerMessage};
use crate::{
    ExecutionId, ProjectId, Timestamp, WorkflowId,
    delivery::Delivery,
    execution::{Execution, LogLine, QueuePlace},
    maintenance::Maintenance,
    workflow::Workflow,
};

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// What every fact has beside its kind.
#[derive(Deserialize)]
struct Fact {
    number: i64,
    at: Timestamp,
}

#[derive(Deserialize)]
struct ExecutionChange {
    execution: Box<Execution>,
}

#[derive(Deserialize)]
struct WorkflowChange {
    workflow: Box<Workflow>,
}

#[derive(Deserialize)]
struct WorkflowGone {
    workflow_id: WorkflowId,
    #[serde(default)]
    project_id: Option<ProjectId>,
}

#[derive(Deserialize)]
struct ProjectChange {
    project_id: ProjectId,
    version: i64,
}

#[derive(Deserialize)]
struct ProjectGone {
    project_id: ProjectId,
}

#[derive(Deserialize)]
struct DeliveryChange {
    delivery: Box<Delivery>,
}

#[derive(Deserialize)]
struct MaintenanceChange {
    maintenance: Maintenance,
}

#[derive(Deserialize)]
struct Queue {
    places: Vec<QueuePlace>,
    more: bool,
}

#[derive(Deserialize)]
struct Log {
    execution: ExecutionId,
    first: u64,
    lines: Vec<LogLine>,
}

#[derive(Deserialize)]
struct Live {
    number: i64,
}

impl ServerMessage {
    /// Reads one message of the feed. A kind that is not known comes from a newer server and is an error.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let kind = serde_json::from_str::<Kind<'_>>(text)?.kind;
        let change = match &*kind {
            "execution" => {
                let ExecutionChange { execution } = serde_json::from_str(text)?;
                Change::Execution { execution }
            }
            "workflow" => {
                let WorkflowChange { workflow } = serde_json::from_str(text)?;
                Change::Workflow { workflow }
            }
            "workflow_deleted" => {
                let WorkflowGone { workflow_id, project_id } = serde_json::from_str(text)?;
                Change::WorkflowDeleted { workflow_id, project_id }
            }
            "project" => {
                let ProjectChange { project_id, version } = serde_json::from_str(text)?;
                Change::Project { project_id, version }
            }
            "project_deleted" => {
                let ProjectGone { project_id } = serde_json::from_str(text)?;
                Change::ProjectDeleted { project_id }
            }
            "delivery" => {
                let DeliveryChange { delivery } = serde_json::from_str(text)?;
                Change::Delivery { delivery }
            }
            "maintenance" => {
                let MaintenanceChange { maintenance } = serde_json::from_str(text)?;
                Change::Maintenance { maintenance }
            }
            kind => return sample(kind, text).map(ServerMessage::Sample),
        };
        let Fact { number, at } = serde_json::from_str(text)?;
        Ok(ServerMessage::Event(Event { number, at, change }))
    }
}

fn sample(kind: &str, text: &str) -> Result<Sample, serde_json::Error> {
    match kind {
        "progress" => serde_json::from_str::<Progress>(text).map(Sample::Progress),
        "queue" => serde_json::from_str(text).map(|Queue { places, more }| Sample::Queue { places, more }),
        "log" => {
            serde_json::from_str(text).map(|Log { execution, first, lines }| Sample::Log { execution, first, lines })
        }
        "live" => serde_json::from_str(text).map(|Live { number }| Sample::Live { number }),
        "resync" => Ok(Sample::Resync),
        unknown => Err(serde_json::Error::custom(format!("“{unknown}” is no kind of message"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Step,
        delivery::{DeliveryStatus, Occasion},
    };

    const ID: &str = "01890000-0000-7000-8000-000000000000";

    /// Whatever the server writes is read as the derived code reads it.
    fn check(message: &ServerMessage) {
        let text = serde_json::to_string(message).expect("serialises");
        assert_eq!(&ServerMessage::from_json(&text).expect("reads"), message, "{text}");
        assert_eq!(&serde_json::from_str::<ServerMessage>(&text).expect("reads"), message, "{text}");
    }

    #[test]
    fn every_kind_is_read_as_it_was_written() {
        let fact = |change| ServerMessage::Event(Event { number: 3, at: Timestamp::from_micros(5), change });
        let execution: ExecutionId = ID.parse().expect("an id");
        let workflow_id: WorkflowId = ID.parse().expect("an id");
        let project_id: ProjectId = ID.parse().expect("an id");
        check(&fact(Change::WorkflowDeleted { workflow_id, project_id: Some(project_id) }));
        check(&fact(Change::Project { project_id, version: 2 }));
        check(&fact(Change::ProjectDeleted { project_id }));
        check(&fact(Change::Maintenance { maintenance: Maintenance::default() }));
        let delivery = Box::new(Delivery {
            id: ID.parse().expect("an id"),
            workflow_id,
            workflow_name: "Nightly".to_owned(),
            execution_id: Some(execution),
            occasion: Occasion::Failure,
            recipient: "ann@example.com".to_owned(),
            status: DeliveryStatus::Waiting,
            attempts: 1,
            created_at: Timestamp::from_micros(5),
            next_attempt_at: Some(Timestamp::from_micros(6)),
            finished_at: None,
            error: Some("no connection".to_owned()),
            resend_of: None,
            requested_by: None,
            resent: None,
        });
        check(&fact(Change::Delivery { delivery }));
        check(&ServerMessage::Sample(Sample::Queue { places: Vec::new(), more: true }));
        check(&ServerMessage::Sample(Sample::Log { execution, first: 7, lines: Vec::new() }));
        check(&ServerMessage::Sample(Sample::Live { number: 9 }));
        check(&ServerMessage::Sample(Sample::Resync));
        check(&ServerMessage::Sample(Sample::Progress(Progress {
            execution,
            workflow: workflow_id,
            step: Step::Match,
            fraction: Some(0.5),
            rows: None,
            rows_per_s: None,
            stage: Some("scoring".to_owned()),
        })));
    }

    #[test]
    fn an_execution_is_read_with_its_number() {
        let execution = serde_json::json!({
            "id": ID, "workflow_id": ID, "workflow_name": "Nightly", "project_id": ID, "status": "running",
            "trigger": "manual", "original_trigger": "manual", "requested_by": null, "attempt": 1, "attempts": 1,
            "retry_of": null, "queued_at": "2026-11-22T14:00:00.000000Z", "started_at": null, "finished_at": null,
            "due_at": null, "late": false, "folded": 0, "configuration_version": null, "records": null, "error": null,
            "queue_position": null, "steps": []
        });
        let execution: Execution = serde_json::from_value(execution).expect("an execution");
        let change = Change::Execution { execution: Box::new(execution) };
        check(&ServerMessage::Event(Event { number: 3, at: Timestamp::from_micros(5), change }));
    }
}
