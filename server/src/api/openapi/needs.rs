//! What one needs for a request, as the document says it. The rule itself is in `backend::asked`; a test asks with every
//! role and compares.

use model::Role;
use serde::{Deserialize, Serialize};

/// Where an operation says it in the document.
pub(super) const EXTENSION: &str = "x-role";

/// What one needs to be let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Open to everybody.
    Nothing,
    /// The address itself holds the secret.
    Address,
    /// A session or a token, whatever it may do.
    Known,
    /// Any role anywhere; the answer holds what that role shows.
    AnyRole,
    /// Someone who is signed in, or an administrator.
    Person,
    /// This role in all projects.
    Everywhere(Role),
    /// This role in the project that it is about, or everywhere.
    InProject(Role),
}

pub(in crate::api) const VIEWER: Needs = Needs::InProject(Role::Viewer);
pub(in crate::api) const OPERATOR: Needs = Needs::InProject(Role::Operator);
pub(in crate::api) const EDITOR: Needs = Needs::InProject(Role::Editor);
pub(in crate::api) const ADMINISTRATOR: Needs = Needs::Everywhere(Role::Administrator);

impl Needs {
    /// A sentence.
    pub fn words(self) -> String {
        match self {
            Needs::Nothing => "Open to everybody.".to_owned(),
            Needs::Address => "Needs no token: the address itself holds the secret.".to_owned(),
            Needs::Known => "Needs a session or a token.".to_owned(),
            Needs::AnyRole => "Needs any role; the answer holds what that role shows.".to_owned(),
            Needs::Person => "Needs a person who is signed in, or an administrator.".to_owned(),
            Needs::Everywhere(role) => format!("Needs the role {role} in all projects."),
            Needs::InProject(role) => format!("Needs the role {role} in the project."),
        }
    }

    /// The role, where one is needed.
    pub const fn role(self) -> Option<Role> {
        match self {
            Needs::Nothing | Needs::Address | Needs::Known | Needs::AnyRole | Needs::Person => None,
            Needs::Everywhere(role) | Needs::InProject(role) => Some(role),
        }
    }

    /// Whether a session or a token has to be shown.
    pub const fn is_closed(self) -> bool {
        !matches!(self, Needs::Nothing | Needs::Address)
    }
}
