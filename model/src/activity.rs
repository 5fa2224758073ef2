//! The log of activity: who did what, when and from where, with what it was before and is after; and what the schedules
//! did without leaving an execution behind.
//!
//! An entry is never changed. What is secret is never in one: passwords not at all, of a webhook only where it leads.

pub mod kind;

use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use uuid::Uuid;

pub use kind::{ActivityKind, Missed};

use crate::{ProjectId, Timestamp, TokenId, UserId, WorkflowId};

/// One entry, newest first wherever a list of them is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// Entries are numbered in the order in which they were written, also when the clock was set back in between.
    pub number: i64,
    pub at: Timestamp,
    /// Who did it. Null when the system did, and for a sign-in that was refused: who that was is not known.
    pub by: Option<String>,
    /// How they were known: names change, this does not.
    #[serde(default)]
    pub identity: Option<AuthorIdentity>,
    /// Where the request came from.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<IpAddr>,
    pub subject: Subject,
    /// The project that it concerns, as it was then.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// The workflow that it concerns.
    #[serde(default)]
    pub workflow_id: Option<WorkflowId>,
    #[serde(flatten)]
    pub what: ActivityKind,
    /// What an edit changed, field by field; what something new began with.
    #[serde(default)]
    pub changes: Vec<FieldChange>,
    /// Fields that changed and are more than an entry lists.
    #[serde(default)]
    pub more_changes: u32,
}

/// One field before and after. `null` is a field that was not there, or is no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// The path in the JSON document, such as `match.definitions[0].threshold`.
    pub field: String,
    pub before: Value,
    pub after: Value,
}

/// Who did something, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub name: String,
    pub identity: AuthorIdentity,
    pub address: Option<IpAddr>,
}

/// How an author was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum AuthorIdentity {
    /// Whoever reached a server without sign-in.
    Local,
    User(UserId),
    Token(TokenId),
    /// The address of one workflow.
    TriggerUrl,
    /// The OpenID Connect provider, with what it said at a sign-in.
    Provider,
    /// The server itself, when it filled an empty directory with the demo.
    Demo,
    /// Whoever may write the server's data directory.
    CommandLine,
}

impl AuthorIdentity {
    pub const fn as_str(self) -> &'static str {
        match self {
            AuthorIdentity::Local => "local",
            AuthorIdentity::User(_) => "user",
            AuthorIdentity::Token(_) => "token",
            AuthorIdentity::TriggerUrl => "trigger_url",
            AuthorIdentity::Provider => "provider",
            AuthorIdentity::Demo => "demo",
            AuthorIdentity::CommandLine => "command_line",
        }
    }

    /// Whose, if it has an id.
    pub const fn id(&self) -> Option<&Uuid> {
        match self {
            AuthorIdentity::User(id) => Some(id.as_uuid()),
            AuthorIdentity::Token(id) => Some(id.as_uuid()),
            AuthorIdentity::Local
            | AuthorIdentity::TriggerUrl
            | AuthorIdentity::Provider
            | AuthorIdentity::Demo
            | AuthorIdentity::CommandLine => None,
        }
    }

    /// From its word and its id.
    pub fn parse(word: &str, id: Option<Uuid>) -> Option<Self> {
        match (word, id) {
            ("local", None) => Some(AuthorIdentity::Local),
            ("user", Some(id)) => Some(AuthorIdentity::User(UserId::from_uuid(id))),
            ("token", Some(id)) => Some(AuthorIdentity::Token(TokenId::from_uuid(id))),
            ("trigger_url", None) => Some(AuthorIdentity::TriggerUrl),
            ("provider", None) => Some(AuthorIdentity::Provider),
            ("demo", None) => Some(AuthorIdentity::Demo),
            ("command_line", None) => Some(AuthorIdentity::CommandLine),
            _ => None,
        }
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subject {
    pub kind: SubjectKind,
    /// Null where there is only one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub id: Option<Uuid>,
    /// Its name then; of an execution and a trigger address that of the workflow.
    pub name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    Workflow,
    Project,
    /// What someone did with an execution: asked for it, cancelled it.
    Execution,
    TriggerUrl,
    User,
    Token,
    /// Coming in and going out. Its id and name are those of the person, if there is one of that name.
    SignIn,
    /// The switch of maintenance mode.
    Maintenance,
    Server,
}

impl SubjectKind {
    pub const ALL: [SubjectKind; 9] = [
        SubjectKind::Workflow,
        SubjectKind::Project,
        SubjectKind::Execution,
        SubjectKind::TriggerUrl,
        SubjectKind::User,
        SubjectKind::Token,
        SubjectKind::SignIn,
        SubjectKind::Maintenance,
        SubjectKind::Server,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            SubjectKind::Workflow => "workflow",
            SubjectKind::Project => "project",
            SubjectKind::Execution => "execution",
            SubjectKind::TriggerUrl => "trigger_url",
            SubjectKind::User => "user",
            SubjectKind::Token => "token",
            SubjectKind::SignIn => "sign_in",
            SubjectKind::Maintenance => "maintenance",
            SubjectKind::Server => "server",
        }
    }

    /// The word on the page.
    pub const fn label(self) -> &'static str {
        match self {
            SubjectKind::Workflow => "Workflow",
            SubjectKind::Project => "Project",
            SubjectKind::Execution => "Execution",
            SubjectKind::TriggerUrl => "Trigger address",
            SubjectKind::User => "Person",
            SubjectKind::Token => "Token",
            SubjectKind::SignIn => "Sign-in",
            SubjectKind::Maintenance => "Maintenance mode",
            SubjectKind::Server => "Server",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Which entries a list shows. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ActivityFilter {
    /// Of this workflow, its trigger address and its executions.
    #[serde(default)]
    pub workflow: Option<WorkflowId>,
    /// Of this project, its workflows and their executions.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Done to any of these, with commas between them.
    #[serde(default, deserialize_with = "subjects")]
    #[cfg_attr(feature = "openapi", param(style = Form, explode = false))]
    pub subject: Vec<SubjectKind>,
    /// What was done.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::activity_kind))]
    pub kind: Option<String>,
    /// Done by whoever had this name then.
    #[serde(default)]
    pub actor: Option<String>,
    /// At or after.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Before.
    #[serde(default)]
    pub to: Option<Timestamp>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::page_limit))]
    pub limit: Option<usize>,
}

/// `workflow,project`
fn subjects<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SubjectKind>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parse = |word: &str| {
        SubjectKind::parse(word).ok_or_else(|| {
            let known = SubjectKind::ALL.map(SubjectKind::as_str).join(", ");
            de::Error::custom(format!("“{word}” is none of {known}"))
        })
    };
    text.split(',').map(|word| parse(word.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_and_subjects_are_read_as_they_are_written() {
        let id = Uuid::from_u128(7);
        let known = [
            AuthorIdentity::Local,
            AuthorIdentity::User(UserId::from_uuid(id)),
            AuthorIdentity::Token(TokenId::from_uuid(id)),
            AuthorIdentity::TriggerUrl,
            AuthorIdentity::Provider,
            AuthorIdentity::Demo,
            AuthorIdentity::CommandLine,
        ];
        for identity in known {
            assert_eq!(AuthorIdentity::parse(identity.as_str(), identity.id().copied()), Some(identity));
        }
        assert_eq!(AuthorIdentity::parse("user", None), None);
        for kind in SubjectKind::ALL {
            assert_eq!(SubjectKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
        }
    }

    #[test]
    fn an_entry_is_flat_json() {
        let entry = Activity {
            number: 7,
            at: Timestamp::from_micros(0),
            by: Some("ann".to_owned()),
            identity: Some(AuthorIdentity::User(UserId::from_uuid(Uuid::nil()))),
            address: Some(IpAddr::from([192, 0, 2, 1])),
            subject: Subject { kind: SubjectKind::Workflow, id: Some(Uuid::nil()), name: Some("Nightly".to_owned()) },
            project_id: None,
            workflow_id: None,
            what: ActivityKind::Edited { version: Some(2) },
            changes: vec![FieldChange { field: "retries".to_owned(), before: 0.into(), after: 2.into() }],
            more_changes: 0,
        };
        let json = serde_json::to_value(&entry).expect("serialises");
        assert_eq!((&json["kind"], &json["version"], &json["by"]), (&"edited".into(), &2.into(), &"ann".into()));
        assert_eq!(json["identity"]["kind"], "user");
        assert_eq!(json["changes"][0]["after"], 2);
        assert_eq!(serde_json::from_value::<Activity>(json).expect("reads"), entry);
    }
}
