//! People with every role, everywhere and in one project, each with a token of their own.

use model::{Access, ProjectId, Role};
use serde_json::json;

use crate::support::Client;

pub(super) struct Asker {
    pub(super) name: String,
    pub(super) access: Access,
    pub(super) session: Client,
    pub(super) token: Client,
}

pub(super) async fn all(root: &Client, anybody: &Client, own: ProjectId, other: ProjectId) -> Vec<Asker> {
    let mut accesses = vec![
        ("nobody".to_owned(), Access::default()),
        ("administrator of another project".to_owned(), Access::in_project(other, Role::Administrator)),
    ];
    accesses.extend(Role::ALL.map(|role| (format!("{role} of the project"), Access::in_project(own, role))));
    accesses.extend(Role::ALL.map(|role| (format!("{role} everywhere"), Access::everywhere(role))));
    let mut askers = Vec::with_capacity(accesses.len());
    for (name, access) in accesses {
        askers.push(asker(root, anybody, name, access).await);
    }
    askers
}

async fn asker(root: &Client, anybody: &Client, name: String, access: Access) -> Asker {
    // Someone without a role makes no token; theirs is from when they had one.
    let at_first = if access == Access::default() { Access::everywhere(Role::Viewer) } else { access.clone() };
    let person = root.person(anybody, &name, json!(at_first)).await;
    let draft = json!({"name": "deploy", "role": at_first.highest(), "project_id": at_first.projects.keys().next()});
    let (_, token) = person.client.token(anybody, draft).await;
    root.change_person(&person, json!(access), false).await.expect(200);
    Asker { name, access, session: person.client, token }
}
