//! The attempts of one run: the first and its retries, in their order.

use leptos::prelude::*;
use model::{ExecutionId, execution::Execution};

use crate::{
    components::{
        state::State,
        time::{Saying, Time},
    },
    format,
};

#[component]
pub fn Attempts(attempts: Vec<Execution>, here: ExecutionId) -> impl IntoView {
    let row = |execution: Execution| {
        let name = match execution.attempt {
            1 => "First attempt".to_owned(),
            attempt => format!("Retry {} of {}", attempt - 1, execution.attempts.saturating_sub(1)),
        };
        let name = if execution.id == here {
            view! { <b aria-current="true">{name}</b> }.into_any()
        } else {
            view! { <a href=format!("/executions/{}", execution.id)>{name}</a> }.into_any()
        };
        view! {
            <li class="row" data-key=execution.id.to_string()>
                {name}
                <State mark=execution.status/>
                <span class="soft">
                    <Time at=execution.queued_at saying=Saying::Moment/>
                    {format::execution::ran_for(&execution).map(|text| format!(" · {text}"))}
                </span>
                {execution.error.filter(|_| execution.id != here).map(|error| view! { <span class="soft failed">{error}</span> })}
            </li>
        }
    };
    view! {
        <section class="sheet" aria-labelledby="attempts">
            <h2 id="attempts" class="sheet-head">"Attempts of this run"</h2>
            <ol class="glance" role="list">{attempts.into_iter().map(row).collect_view()}</ol>
        </section>
    }
    .into_any()
}
