//! Who may do what: roles, where they hold, and what follows for lists.
//!
//! The rules of each request are in `server::backend::asked`; nothing else decides.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::{Error, ProjectId, error::Result};

/// What someone may do. Each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read.
    Viewer,
    /// Run, cancel, pause, resume.
    Operator,
    /// Change projects and workflows.
    Editor,
    /// People, tokens, and what concerns the whole server.
    Administrator,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Operator, Role::Editor, Role::Administrator];

    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Editor => "editor",
            Role::Administrator => "administrator",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// With its article, for sentences.
    pub const fn with_article(self) -> &'static str {
        match self {
            Role::Viewer => "a viewer",
            Role::Operator => "an operator",
            Role::Editor => "an editor",
            Role::Administrator => "an administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The roles that someone has: one everywhere, and more in some projects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Access {
    pub everywhere: Option<Role>,
    #[serde(default)]
    pub projects: BTreeMap<ProjectId, Role>,
}

impl Access {
    pub fn everywhere(role: Role) -> Self {
        Self { everywhere: Some(role), projects: BTreeMap::new() }
    }

    pub fn in_project(project: ProjectId, role: Role) -> Self {
        Self { everywhere: None, projects: BTreeMap::from([(project, role)]) }
    }

    /// The role in a project: the higher of the one everywhere and the one there.
    pub fn role_in(&self, project: ProjectId) -> Option<Role> {
        self.everywhere.max(self.projects.get(&project).copied())
    }

    /// The highest role anywhere.
    pub fn highest(&self) -> Option<Role> {
        self.everywhere.max(self.projects.values().copied().max())
    }

    /// What both allow: a token never does more than its owner may.
    pub fn and(&self, other: &Access) -> Access {
        let projects = self.projects.keys().chain(other.projects.keys());
        let both = |project: ProjectId| self.role_in(project).min(other.role_in(project));
        let projects = projects.filter_map(|project| Some((*project, both(*project)?))).collect();
        Access { everywhere: self.everywhere.min(other.everywhere), projects }
    }

    /// # Errors
    /// `Forbidden`, naming the role that is needed.
    pub fn require(&self, role: Role) -> Result<()> {
        if self.everywhere >= Some(role) { Ok(()) } else { Err(refusal(role, "")) }
    }

    /// For what is done in a project that is not chosen yet.
    ///
    /// # Errors
    /// `Forbidden`, naming the role that is needed.
    pub fn require_anywhere(&self, role: Role) -> Result<()> {
        if self.highest() >= Some(role) { Ok(()) } else { Err(refusal(role, "")) }
    }

    /// # Errors
    /// `NotFound` for `what` to whoever may not even see the project: that it exists is nobody's business. `Forbidden` to
    /// whoever may see it.
    pub fn require_in(&self, project: ProjectId, role: Role, what: &str) -> Result<()> {
        match self.role_in(project) {
            None => Err(Error::not_found(what)),
            Some(has) if has >= role => Ok(()),
            Some(_) => Err(refusal(role, " of this project")),
        }
    }

    /// What lists show.
    pub fn scope(&self) -> Scope {
        match self.everywhere {
            Some(_) => Scope::All,
            None => Scope::Projects(self.projects.keys().copied().collect()),
        }
    }
}

fn refusal(role: Role, of: &str) -> Error {
    Error::Forbidden { message: format!("Only {}{of} may do this.", role.with_article()) }
}

/// The projects that someone sees, and with them their workflows and executions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    Projects(BTreeSet<ProjectId>),
}

impl Scope {
    pub fn includes(&self, project: ProjectId) -> bool {
        match self {
            Scope::All => true,
            Scope::Projects(projects) => projects.contains(&project),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn project(number: u128) -> ProjectId {
        ProjectId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn the_higher_role_counts() {
        let mut access = Access::everywhere(Role::Viewer);
        access.projects.insert(project(1), Role::Editor);
        assert_eq!(access.role_in(project(1)), Some(Role::Editor));
        assert_eq!(access.role_in(project(2)), Some(Role::Viewer));
        assert!(access.require_in(project(1), Role::Editor, "workflow").is_ok());
        assert!(matches!(access.require_in(project(2), Role::Operator, "workflow"), Err(Error::Forbidden { .. })));
        assert!(access.require(Role::Operator).is_err());
        assert!(access.require_anywhere(Role::Editor).is_ok() && access.require_anywhere(Role::Administrator).is_err());
    }

    #[test]
    fn what_may_not_be_seen_does_not_exist() {
        let access = Access::in_project(project(1), Role::Administrator);
        assert_eq!(access.require_in(project(2), Role::Viewer, "workflow"), Err(Error::not_found("workflow")));
        assert!(access.scope().includes(project(1)) && !access.scope().includes(project(2)));
        assert_eq!(Access::default().scope(), Scope::Projects(BTreeSet::new()));
    }

    #[test]
    fn a_token_does_no_more_than_its_owner() {
        let token = Access::everywhere(Role::Administrator);
        let owner = Access::in_project(project(1), Role::Operator);
        assert_eq!(token.and(&owner), owner);
        let token = Access::in_project(project(2), Role::Editor);
        assert_eq!(token.and(&owner), Access::default());
        let owner = Access::everywhere(Role::Viewer);
        assert_eq!(token.and(&owner), Access::in_project(project(2), Role::Viewer));
    }
}
