//! Where a queued execution stands, in a sentence.

use leptos::prelude::*;
use model::execution::{Execution, QueueReason};

use crate::{
    components::time::{Saying, Time},
    format,
};

/// `2nd in line, behind the run started Today 14:02`.
#[component]
pub fn QueuePlace(execution: Execution) -> impl IntoView {
    let place = format::execution::place(&execution).unwrap_or_else(|| "Waiting".to_owned());
    let why = execution.queue_reason.map(|reason| match reason {
        QueueReason::BehindWorkflow { started_at: Some(at), .. } => {
            view! { ", behind the run started " <Time at saying=Saying::Moment/> }.into_any()
        }
        QueueReason::BehindWorkflow { started_at: None, .. } => ", behind this workflow’s run".into_any(),
        QueueReason::WaitingUntil { at } => view! { ", a retry that starts " <Time at/> }.into_any(),
        QueueReason::BehindProject { .. }
        | QueueReason::NoFreeSlot { .. }
        | QueueReason::Maintenance { .. }
        | QueueReason::DiskFull { .. }
        | QueueReason::Next => format::execution::reason(&reason).map(|words| format!(", {words}")).into_any(),
    });
    view! { <span data-queued=execution.id.to_string()>{place} {why}</span> }
}
