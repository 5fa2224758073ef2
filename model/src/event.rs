//! What the live feed says: numbered facts, and unnumbered progress.
//!
//! A fact carries the thing as it stands after the change, so a page applies it by replacing what it has: applying an
//! event twice, or skipping to a later one, ends in the same place.

mod read;

use serde::{Deserialize, Serialize};

use crate::{
    ExecutionId, ProjectId, Step, Timestamp, WorkflowId,
    delivery::Delivery,
    execution::{Execution, LogLine, QueuePlace},
    maintenance::Maintenance,
    workflow::Workflow,
};

/// A change that was committed. Numbers have no gaps within what one browser watches everything of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub number: i64,
    pub at: Timestamp,
    #[serde(flatten)]
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// An execution was queued, started, moved to another step, or ended.
    Execution {
        execution: Box<Execution>,
    },
    /// A workflow was created, edited, paused, resumed or suspended, or its next run moved.
    Workflow {
        workflow: Box<Workflow>,
    },
    WorkflowDeleted {
        workflow_id: WorkflowId,
        /// Null in events of versions before sign-in.
        #[serde(default)]
        project_id: Option<ProjectId>,
    },
    /// A project's configuration, files or results changed.
    Project {
        project_id: ProjectId,
        version: i64,
    },
    ProjectDeleted {
        project_id: ProjectId,
    },
    /// A notification of an execution was queued, tried, or came to its end.
    Delivery {
        delivery: Box<Delivery>,
    },
    /// Maintenance mode was switched.
    Maintenance {
        maintenance: Maintenance,
    },
}

/// How far a running step is. Sampled, at most five a second for an execution besides each new stage; never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    pub execution: ExecutionId,
    pub workflow: WorkflowId,
    pub step: Step,
    /// 0.0–1.0 where it is known.
    pub fraction: Option<f64>,
    pub rows: Option<u64>,
    pub rows_per_s: Option<f64>,
    /// "scoring 1.8 of 2.9 M pairs"
    pub stage: Option<String>,
}

/// Everything that the server sends over the websocket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum ServerMessage {
    Event(Event),
    Sample(Sample),
}

/// Messages without a number: the newest one of its kind replaces the ones before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LiveSample))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sample {
    Progress(Progress),
    /// Where the first of the queue stand now, and whether more wait behind them. How many is not said: they may be of
    /// projects that the page must not show.
    Queue {
        places: Vec<QueuePlace>,
        more: bool,
    },
    /// New log lines of a watched execution; `first` is the index of the first of them.
    Log {
        execution: ExecutionId,
        first: u64,
        lines: Vec<LogLine>,
    },
    /// The feed is caught up to `number`: what follows is new. Sent once after the first message, then as a heartbeat.
    Live {
        number: i64,
    },
    /// The number asked for is older than the log: load the page's data again.
    Resync,
}

/// The first message of a browser: what to watch and the last number it has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watch {
    /// `workflows` (everything but log lines) or `execution:ID` (that execution with its log).
    pub watch: Vec<Topic>,
    #[serde(default)]
    pub after: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Topic {
    Workflows,
    Execution(ExecutionId),
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        match topic {
            Topic::Workflows => "workflows".to_owned(),
            Topic::Execution(id) => format!("execution:{id}"),
        }
    }
}

impl TryFrom<String> for Topic {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "workflows" {
            return Ok(Topic::Workflows);
        }
        text.strip_prefix("execution:")
            .and_then(|id| id.parse().ok())
            .map(Topic::Execution)
            .ok_or_else(|| format!("“{text}” cannot be watched; say workflows or execution:ID"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart_by_kind() {
        let resync = serde_json::to_string(&ServerMessage::Sample(Sample::Resync)).expect("serialises");
        assert_eq!(resync, r#"{"kind":"resync"}"#);
        let read: ServerMessage = serde_json::from_str(r#"{"kind":"live","number":7}"#).expect("reads");
        assert_eq!(read, ServerMessage::Sample(Sample::Live { number: 7 }));
    }

    #[test]
    fn an_event_has_its_number_beside_its_kind() {
        let event = Event {
            number: 3,
            at: Timestamp::from_micros(0),
            change: Change::Project { project_id: ProjectId::from_uuid(uuid::Uuid::nil()), version: 2 },
        };
        let json = serde_json::to_string(&event).expect("serialises");
        assert!(json.starts_with(r#"{"number":3,"at":"1970-01-01T00:00:00.000000Z","kind":"project""#), "{json}");
        assert_eq!(serde_json::from_str::<ServerMessage>(&json).expect("reads"), ServerMessage::Event(event));
    }
}
