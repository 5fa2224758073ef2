//! What the log of activity tells of a person: name, roles, and whether they are let in. Nothing that is secret.

use model::{Access, Role, people::User};
use serde_json::{Value, json};

use crate::store::{StoreResult, row::Bytes, statements::statements, writer::Tx};

statements! {
    PROJECT_NAME = "SELECT name FROM projects WHERE id = ?";
}

/// What the log of activity tells of a person.
pub(super) async fn of(tx: &mut Tx, user: &User) -> StoreResult<Value> {
    let mut document = access(tx, &user.access).await?;
    document["name"] = user.name.clone().into();
    document["disabled"] = user.disabled.into();
    Ok(document)
}

/// What someone may do, with the names of the projects.
pub(super) async fn access(tx: &mut Tx, of: &Access) -> StoreResult<Value> {
    let mut projects = Vec::with_capacity(of.projects.len());
    for (project, role) in &of.projects {
        let name: Option<String> =
            sqlx::query_scalar(PROJECT_NAME).bind(project.bytes()).fetch_optional(&mut tx.connection).await?;
        projects.push(format!("{}: {role}", name.unwrap_or_else(|| project.to_string())));
    }
    projects.sort();
    Ok(json!({ "role": of.everywhere.map(Role::as_str), "projects": projects }))
}
