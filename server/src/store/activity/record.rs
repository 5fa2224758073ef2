//! Adding to the log of activity. What the commands of a commit record is written with it, in one statement.

use std::net::IpAddr;

use model::{
    ExecutionId, ProjectId, Timestamp, TokenId, UserId, WorkflowId,
    activity::{ActivityKind, Author, FieldChange, Subject, SubjectKind},
    delivery::Delivery,
    execution::Execution,
    workflow::Workflow,
};
use serde::Serialize;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::changes::Changes;
use crate::store::{
    StoreResult,
    row::{Bytes, Columns, to_json},
    statements::statements,
    writer::Tx,
};

statements! {
    // All entries at once, as JSON: a list of rows.
    INSERT = "INSERT INTO activity (at, actor, identity, identity_id, address, subject, subject_id, subject_name,
            project_id, workflow_id, what)
        SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, unhex(value ->> 6),
            value ->> 7, unhex(value ->> 8), unhex(value ->> 9), value ->> 10
        FROM json_each(?) ORDER BY key";
    // The + keeps to the index of the workflow: the order of the numbers is not that of the times when the clock was set back.
    NEWEST = "SELECT what FROM activity WHERE workflow_id = ? AND subject = 'workflow' ORDER BY +number DESC LIMIT 1";
}

/// An entry that is not written yet.
#[derive(Clone, Debug)]
pub(in crate::store) struct Entry {
    author: Option<Author>,
    address: Option<IpAddr>,
    subject: Subject,
    project: Option<ProjectId>,
    workflow: Option<WorkflowId>,
    what: ActivityKind,
    changes: Changes,
}

impl Entry {
    fn new(kind: SubjectKind, id: Option<Uuid>, name: Option<&str>, what: ActivityKind) -> Self {
        Self {
            author: None,
            address: None,
            subject: Subject { kind, id, name: name.map(str::to_owned) },
            project: None,
            workflow: None,
            what,
            changes: Changes::default(),
        }
    }

    pub(in crate::store) fn workflow(workflow: &Workflow, what: ActivityKind) -> Self {
        Self::of_workflow(SubjectKind::Workflow, workflow, what)
    }

    pub(in crate::store) fn trigger_url(workflow: &Workflow, what: ActivityKind) -> Self {
        Self::of_workflow(SubjectKind::TriggerUrl, workflow, what)
    }

    fn of_workflow(kind: SubjectKind, workflow: &Workflow, what: ActivityKind) -> Self {
        let entry = Self::new(kind, Some(*workflow.id.as_uuid()), Some(&workflow.name), what);
        Self { project: Some(workflow.project_id), workflow: Some(workflow.id), ..entry }
    }

    /// What happened to a workflow that is on another project now, for the one that it was on.
    pub(in crate::store) fn moved_away(workflow: &Workflow) -> Self {
        let entry = Self::workflow(workflow, ActivityKind::MovedAway);
        Self { workflow: None, ..entry }
    }

    /// What happened to the workflow of an execution.
    pub(in crate::store) fn workflow_of(execution: &Execution, what: ActivityKind) -> Self {
        let id = execution.workflow_id;
        let entry = Self::new(SubjectKind::Workflow, Some(*id.as_uuid()), Some(&execution.workflow_name), what);
        Self { project: Some(execution.project_id), workflow: Some(id), ..entry }
    }

    pub(in crate::store) fn execution(execution: &Execution, what: ActivityKind) -> Self {
        let id: ExecutionId = execution.id;
        let entry = Self::new(SubjectKind::Execution, Some(*id.as_uuid()), Some(&execution.workflow_name), what);
        Self { project: Some(execution.project_id), workflow: Some(execution.workflow_id), ..entry }
    }

    /// What was done with a notification: of an execution, or a workflow's digest.
    pub(in crate::store) fn delivery(delivery: &Delivery, project: ProjectId, what: ActivityKind) -> Self {
        let workflow = delivery.workflow_id;
        let (kind, id) = match delivery.execution_id {
            Some(execution) => (SubjectKind::Execution, *execution.as_uuid()),
            None => (SubjectKind::Workflow, *workflow.as_uuid()),
        };
        let entry = Self::new(kind, Some(id), Some(&delivery.workflow_name), what);
        Self { project: Some(project), workflow: Some(workflow), ..entry }
    }

    pub(in crate::store) fn project(id: ProjectId, name: &str, what: ActivityKind) -> Self {
        let entry = Self::new(SubjectKind::Project, Some(*id.as_uuid()), Some(name), what);
        Self { project: Some(id), ..entry }
    }

    pub(in crate::store) fn user(id: UserId, name: &str, what: ActivityKind) -> Self {
        Self::new(SubjectKind::User, Some(*id.as_uuid()), Some(name), what)
    }

    pub(in crate::store) fn sign_in(user: Option<(UserId, &str)>, what: ActivityKind) -> Self {
        let (id, name) = user.unzip();
        Self::new(SubjectKind::SignIn, id.map(|id| *id.as_uuid()), name, what)
    }

    pub(in crate::store) fn token(id: TokenId, name: &str, what: ActivityKind) -> Self {
        Self::new(SubjectKind::Token, Some(*id.as_uuid()), Some(name), what)
    }

    pub(in crate::store) fn maintenance(what: ActivityKind) -> Self {
        Self::new(SubjectKind::Maintenance, None, None, what)
    }

    pub(in crate::store) fn server(what: ActivityKind) -> Self {
        Self::new(SubjectKind::Server, None, None, what)
    }

    /// Without, the system did it.
    pub(in crate::store) fn by(self, author: Author) -> Self {
        Self { address: author.address, author: Some(author), ..self }
    }

    /// By someone of whom only that is known.
    pub(in crate::store) fn from(self, address: IpAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    pub(in crate::store) fn changing(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    /// As it is written.
    pub(in crate::store) fn at(self, at: Timestamp) -> Recorded {
        let what = What {
            kind: &self.what,
            changes: &self.changes.listed,
            more_changes: Some(self.changes.more).filter(|more| *more > 0),
        };
        let author = self.author.as_ref();
        Recorded(
            at.as_micros(),
            author.map(|author| author.name.clone()),
            author.map(|author| author.identity.as_str()),
            author.and_then(|author| author.identity.id()).map(hex),
            self.address.map(|address| address.to_canonical().to_string()),
            self.subject.kind.as_str(),
            self.subject.id.as_ref().map(hex),
            self.subject.name,
            self.project.map(|id| hex(id.as_uuid())),
            self.workflow.map(|id| hex(id.as_uuid())),
            to_json(&what),
        )
    }
}

fn hex(id: &Uuid) -> String {
    id.simple().to_string()
}

#[derive(Serialize)]
struct What<'a> {
    #[serde(flatten)]
    kind: &'a ActivityKind,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    changes: &'a [FieldChange],
    #[serde(skip_serializing_if = "Option::is_none")]
    more_changes: Option<u32>,
}

/// A row as [`insert`] writes it, ids in hexadecimal.
#[derive(Clone, Debug, Serialize)]
pub(in crate::store) struct Recorded(
    i64,
    Option<String>,
    Option<&'static str>,
    Option<String>,
    Option<String>,
    &'static str,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
);

/// Writes entries in their order.
pub(in crate::store) async fn insert(connection: &mut SqliteConnection, entries: &[Recorded]) -> StoreResult<()> {
    if !entries.is_empty() {
        sqlx::query(INSERT).bind(to_json(&entries)).execute(connection).await?;
    }
    Ok(())
}

/// The newest entry of a workflow, so that what does not change is not told again and again.
pub(in crate::store) async fn newest_of(tx: &mut Tx, workflow: WorkflowId) -> StoreResult<Option<ActivityKind>> {
    let row = sqlx::query(NEWEST).bind(workflow.bytes()).fetch_optional(&mut tx.connection).await?;
    row.map(|row| row.json("what")).transpose()
}
