//! What whoever looks at the page may do. Buttons that would be refused are not shown; that they would be is decided by the
//! backend alone.

use leptos::prelude::use_context;
use model::{ProjectId, Role};

use crate::backend::SharedBackend;

/// In one project, and on what belongs to it.
pub fn may(role: Role, project: ProjectId) -> bool {
    use_context::<SharedBackend>().is_some_and(|backend| backend.actor().access.role_in(project) >= Some(role))
}

/// In all projects, and on what concerns the whole server.
pub fn may_everywhere(role: Role) -> bool {
    use_context::<SharedBackend>().is_some_and(|backend| backend.actor().access.everywhere >= Some(role))
}

/// In at least one project.
pub fn may_somewhere(role: Role) -> bool {
    use_context::<SharedBackend>().is_some_and(|backend| backend.actor().access.highest() >= Some(role))
}
