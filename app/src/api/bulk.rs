//! One action on the workflows that were ticked on the list, and what came of it in words.

use leptos::prelude::*;
use model::{
    Error, WorkflowId,
    bulk::{BulkAction, BulkOutcome, BulkRequest},
};

use crate::{
    api::{
        ApiError,
        request::{answer, backend},
    },
    components::{
        notice::{refuse_with, say},
        started,
    },
    format::bulk::{Told, told},
};

/// Executions of one action whose ends are told in this browser; more would be noise.
const FOLLOWED_MAX: usize = 5;

/// `workflows` is missing when no box was ticked. `key` is one click, as with Run Now.
#[server(prefix = "/_fn", endpoint = "act_on_workflows")]
pub async fn act_on_workflows(
    action: BulkAction,
    workflows: Option<Vec<WorkflowId>>,
    key: Option<String>,
) -> Result<(), ApiError> {
    let workflows = workflows.unwrap_or_default();
    if workflows.is_empty() {
        let message = "Tick the workflows first, then choose what to do with them.".to_owned();
        return answer(Err(Error::Conflict { message }));
    }
    let request = BulkRequest { action, workflows };
    let outcomes = answer(backend().act_on_workflows(request, key).await)?;
    outcomes.iter().filter_map(|outcome| outcome.execution).take(FOLLOWED_MAX).for_each(started::remember);
    let Told { text, any_refused } = told(action, &named(outcomes).await);
    match any_refused {
        true => refuse_with(text),
        false => say(text, None),
    }
    Ok(())
}

/// Each outcome with the name of its workflow, as far as a notice has room for names.
async fn named(outcomes: Vec<BulkOutcome>) -> Vec<(Option<String>, BulkOutcome)> {
    const LOOKED_UP_MAX: usize = 40;

    let backend = backend();
    let mut named = Vec::with_capacity(outcomes.len());
    for (place, outcome) in outcomes.into_iter().enumerate() {
        let name = match place < LOOKED_UP_MAX {
            true => backend.workflow(outcome.workflow).await.ok().map(|card| card.data.workflow.name),
            false => None,
        };
        named.push((name, outcome));
    }
    // Those with a name first, refusals before all: what was refused is what a person has to know.
    named.sort_by_key(|(name, outcome)| (outcome.error.is_none(), name.is_none()));
    named
}
