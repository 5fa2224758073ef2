//! The backend as one person or program sees it: the role that each request needs is looked at here, once for both doors,
//! and nowhere else. What may not be seen is answered as if it were not there.

mod port;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use model::{
    Actor, Error, ExecutionId, Page, ProjectId, Role, UserId, WorkflowId,
    project::Project,
    workflow::{Workflow, WorkflowFilter},
};

use super::LocalBackend;

/// A backend that is bound to whoever asks.
#[derive(Clone)]
pub struct Asked {
    pub(crate) server: Arc<LocalBackend>,
    pub(crate) actor: Actor,
}

impl Asked {
    pub fn new(server: Arc<LocalBackend>, actor: Actor) -> Self {
        Self { server, actor }
    }

    /// Any role anywhere.
    pub(crate) fn require_any(&self) -> Result<(), Error> {
        match self.actor.access.highest() {
            Some(_) => Ok(()),
            None => Err(Error::Forbidden { message: "An administrator has to give you a role first.".to_owned() }),
        }
    }

    pub(crate) fn require(&self, role: Role) -> Result<(), Error> {
        self.actor.access.require(role)
    }

    pub(crate) fn require_in_project(&self, project: ProjectId, role: Role) -> Result<(), Error> {
        self.actor.access.require_in(project, role, "project")
    }

    pub(crate) async fn require_for_workflow(&self, id: WorkflowId, role: Role) -> Result<(), Error> {
        if self.actor.access.everywhere >= Some(role) {
            return Ok(());
        }
        let project = self.server.project_of_workflow(id).await?;
        self.actor.access.require_in(project, role, "workflow")
    }

    pub(crate) async fn require_for_execution(&self, id: ExecutionId, role: Role) -> Result<(), Error> {
        if self.actor.access.everywhere >= Some(role) {
            return Ok(());
        }
        let project = self.server.project_of_execution(id).await?;
        self.actor.access.require_in(project, role, "execution")
    }

    /// Someone who is signed in, and not a program.
    fn require_person(&self) -> Result<UserId, Error> {
        let refusal = || Error::Forbidden { message: "Only someone who is signed in may do this.".to_owned() };
        self.actor.user().ok_or_else(refusal)
    }

    /// Whose tokens one sees and deletes: one's own, or, as an administrator, all (`None`).
    fn whose_tokens(&self) -> Result<Option<UserId>, Error> {
        match self.require(Role::Administrator) {
            Ok(()) => Ok(None),
            Err(_) => self.require_person().map(Some),
        }
    }

    /// A page of workflows without what only their cards show, for programs.
    ///
    /// # Errors
    /// As the page of cards.
    pub async fn workflow_page(&self, filter: &WorkflowFilter) -> Result<Page<Workflow>, Error> {
        self.require_any()?;
        let page = self.server.workflow_page(filter, &self.actor.access.scope()).await?;
        let items = page.items.into_iter().map(|workflow| self.shown(workflow)).collect();
        Ok(Page { items, ..page })
    }

    /// One workflow without what only its card shows, for programs.
    ///
    /// # Errors
    /// As the card.
    pub async fn stored_workflow(&self, id: WorkflowId) -> Result<Workflow, Error> {
        self.require_for_workflow(id, Role::Viewer).await?;
        Ok(self.shown(self.server.stored_workflow(id).await?))
    }

    /// Takes over a finished upload; see [`LocalBackend::add_file`].
    ///
    /// # Errors
    /// As there, and `Forbidden`.
    pub async fn add_file(
        &self,
        project: ProjectId,
        name: &str,
        temporary: &Path,
        bytes: u64,
    ) -> Result<Project, Error> {
        self.require_in_project(project, Role::Editor)?;
        self.server.add_file(&self.actor, project, name, temporary, bytes).await
    }

    /// The file of an output, for download; see [`LocalBackend::output_path`].
    ///
    /// # Errors
    /// As there, and `Forbidden`.
    pub async fn output_path(&self, id: ExecutionId, name: &str) -> Result<PathBuf, Error> {
        self.require_for_execution(id, Role::Viewer).await?;
        self.server.output_path(id, name).await
    }

    /// A workflow with what only its editors may know, or without.
    fn shown(&self, workflow: Workflow) -> Workflow {
        let may_edit = self.actor.access.role_in(workflow.project_id) >= Some(Role::Editor);
        if may_edit { workflow } else { workflow.without_secrets() }
    }
}

#[cfg(test)]
mod tests;
