//! From what a person calls a thing to its id.

use std::str::FromStr;

use model::{ProjectId, WorkflowId};
use rapidfuzz::distance::jaro_winkler;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    client::Client,
    failure::Failure,
    list::{List, query},
};

/// Names that an error proposes.
const PROPOSED_MAX: usize = 3;
/// Similarity (0–1) from which a name may have been meant.
const NEAR: f64 = 0.75;

/// A workflow by its id, or by its exact name.
pub(super) async fn workflow(client: &Client, text: &str) -> Result<WorkflowId, Failure> {
    by_id_or_name(client, "workflow", text).await
}

/// A project by its id, or by its exact name.
pub(super) async fn project(client: &Client, text: &str) -> Result<ProjectId, Failure> {
    by_id_or_name(client, "project", text).await
}

/// As [`workflow`], where none need be named.
pub(super) async fn workflow_if_any(client: &Client, text: Option<&str>) -> Result<Option<String>, Failure> {
    match text {
        Some(text) => Ok(Some(workflow(client, text).await?.to_string())),
        None => Ok(None),
    }
}

/// As [`project`], where none need be named.
pub(super) async fn project_if_any(client: &Client, text: Option<&str>) -> Result<Option<String>, Failure> {
    match text {
        Some(text) => Ok(Some(project(client, text).await?.to_string())),
        None => Ok(None),
    }
}

/// The project of exactly this name.
pub(super) async fn project_named(client: &Client, name: &str) -> Result<Option<ProjectId>, Failure> {
    exact(client, "project", name).await
}

#[derive(Deserialize)]
struct Named<I> {
    id: I,
    name: String,
}

async fn by_id_or_name<I: FromStr + DeserializeOwned>(
    client: &Client,
    what: &'static str,
    text: &str,
) -> Result<I, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    match exact(client, what, text).await? {
        Some(id) => Ok(id),
        None => {
            let all: Vec<Named<I>> = List::all(client, &format!("/{what}s"), &Vec::new()).await?;
            let names: Vec<&str> = all.iter().map(|named| named.name.as_str()).collect();
            Err(Failure::Input(unknown(what, text, &names)))
        }
    }
}

async fn exact<I: DeserializeOwned>(client: &Client, what: &str, name: &str) -> Result<Option<I>, Failure> {
    let holding_it = query([("q", Some(name.to_owned()))]);
    let found: Vec<Named<I>> = List::all(client, &format!("/{what}s"), &holding_it).await?;
    Ok(found.into_iter().find(|named| named.name == name.trim()).map(|named| named.id))
}

/// Why a name leads nowhere, and what may have been meant.
fn unknown(what: &str, text: &str, names: &[&str]) -> String {
    let proposed: Vec<String> = near(text, names).into_iter().map(|name| format!("“{name}”")).collect();
    let text = format!("There is no {what} “{text}”.");
    match proposed.split_last() {
        None => format!("{text} See them all with  millrace {what} list"),
        Some((one, [])) => format!("{text} Did you mean {one}?"),
        Some((last, others)) => format!("{text} Did you mean {} or {last}?", others.join(", ")),
    }
}

/// The names that may have been meant, the likeliest first.
fn near<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
    let wanted = text.trim().to_lowercase();
    let similarity = |name: &str| {
        let name = name.to_lowercase();
        match !wanted.is_empty() && name.contains(&wanted) {
            true => 1.0,
            false => jaro_winkler::normalized_similarity(wanted.chars(), name.chars()),
        }
    };
    let mut near: Vec<(f64, &str)> = names.iter().map(|name| (similarity(name), *name)).collect();
    near.retain(|(similarity, _)| *similarity >= NEAR);
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(PROPOSED_MAX).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_answered_with_those_near_to_it() {
        let names = ["Nightly", "Nightly export", "Customers", "Suppliers, weekly"];
        let check = |text: &str, expected: &str| assert_eq!(unknown("workflow", text, &names), expected);
        check("Nigthly", "There is no workflow “Nigthly”. Did you mean “Nightly” or “Nightly export”?");
        check("customers", "There is no workflow “customers”. Did you mean “Customers”?");
        check("weekly", "There is no workflow “weekly”. Did you mean “Suppliers, weekly”?");
        check("xyz", "There is no workflow “xyz”. See them all with  millrace workflow list");
    }
}
