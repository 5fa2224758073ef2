//! Those who use the server: people, their sessions, and the tokens of programs.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    Author, Error, FieldError, ProjectId, Role, SessionId, Timestamp, TokenId, UserId, WorkflowId, access::Access,
    activity::AuthorIdentity, error::Result, limits,
};

/// A person who may sign in, as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub access: Access,
    /// They may not sign in, and their sessions and tokens do nothing.
    pub disabled: bool,
    /// `false` for someone who has not chosen one yet, or signs in with the identity provider.
    pub has_password: bool,
    /// They sign in with the OpenID Connect provider.
    pub has_provider: bool,
    pub created_at: Timestamp,
    pub created_by: String,
    /// When one of their sessions was used last, to the minute.
    pub seen_at: Option<Timestamp>,
}

impl User {
    /// Them, as the log of activity keeps whoever does something.
    pub fn author(&self, address: Option<IpAddr>) -> Author {
        Author { name: self.name.clone(), identity: AuthorIdentity::User(self.id), address }
    }
}

/// What an administrator writes to make or change a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserDraft {
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    pub name: String,
    #[serde(default)]
    pub access: Access,
    #[serde(default)]
    pub disabled: bool,
}

impl UserDraft {
    /// With its name trimmed.
    ///
    /// # Errors
    /// `Invalid` at `name`.
    pub fn checked(self) -> Result<Self> {
        let name = checked_name(&self.name)?;
        Ok(Self { name, ..self })
    }
}

/// The name of a person or token, without blanks around it.
///
/// # Errors
/// `Invalid` at `name`.
pub fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let chars = name.chars().count();
    if chars == 0 || chars > limits::NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let message = format!("must have 1 to {} characters", limits::NAME_CHARS_MAX);
        return Err(Error::invalid("name", message));
    }
    Ok(name.to_owned())
}

/// # Errors
/// `Invalid` at `password`.
pub fn check_password(password: &str) -> Result<()> {
    let chars = password.chars().count();
    let problem = if chars < limits::PASSWORD_CHARS_MIN {
        format!("must have at least {} characters", limits::PASSWORD_CHARS_MIN)
    } else if chars > limits::PASSWORD_CHARS_MAX {
        format!("must have at most {} characters", limits::PASSWORD_CHARS_MAX)
    } else {
        return Ok(());
    };
    Err(Error::Invalid { fields: vec![FieldError::new("password", problem)] })
}

/// A person with the link with which they choose their password. The link is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    pub user: User,
    /// Path and secret: `/welcome/…`
    pub link: String,
    pub ends_at: Timestamp,
}

/// A browser in which someone is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    /// The one that asks.
    pub current: bool,
    pub created_at: Timestamp,
    pub used_at: Timestamp,
    pub ends_at: Timestamp,
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
}

/// What a program shows in place of signing in, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub role: Role,
    /// Null = all projects.
    pub project_id: Option<ProjectId>,
    /// Whose it is; null = the server's own, made on its command line.
    pub owner: Option<String>,
    pub created_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    /// To the minute.
    pub used_at: Option<Timestamp>,
}

/// What someone writes to make a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenDraft {
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    pub name: String,
    pub role: Role,
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// `None` = never ends.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::token_days))]
    pub days: Option<u32>,
}

impl TokenDraft {
    /// With its name trimmed.
    ///
    /// # Errors
    /// `Invalid` at `name` and `days`.
    pub fn checked(self) -> Result<Self> {
        let name = checked_name(&self.name)?;
        if self.days.is_some_and(|days| !(1..=limits::TOKEN_DAYS_MAX).contains(&days)) {
            return Err(Error::invalid("days", format!("must be 1 to {}", limits::TOKEN_DAYS_MAX)));
        }
        Ok(Self { name, ..self })
    }

    /// What the token may do, if its owner may.
    pub fn access(&self) -> Access {
        match self.project_id {
            Some(project) => Access::in_project(project, self.role),
            None => Access::everywhere(self.role),
        }
    }
}

/// A token that was just made. Its secret is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// The secret: `Authorization: Bearer …`
    pub token: String,
    pub details: Token,
}

/// The address that starts a workflow, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriggerUrl {
    pub workflow_id: WorkflowId,
    pub created_at: Timestamp,
    pub created_by: String,
    pub used_at: Option<Timestamp>,
}

/// One that was just made. Its secret is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTriggerUrl {
    /// Path and secret: `/trigger/…`
    pub path: String,
    pub details: TriggerUrl,
}

/// Whoever asks, as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    pub name: String,
    pub access: Access,
    /// A person who is signed in, in contrast to a token or a server without sign-in.
    pub signed_in: bool,
}
