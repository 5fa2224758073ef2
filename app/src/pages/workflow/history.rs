//! The Execution History tab.

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Page, Snapshot, WorkflowId,
    execution::{Execution, ExecutionFilter, Status},
};

use crate::{
    api,
    components::{execution_table::ExecutionTable, loaded::Loaded},
    live::{LiveExecutions, use_live},
};

#[component]
pub fn History(workflow: WorkflowId) -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|query| filter_of(workflow, query)));
    let page = Resource::new(move || filter.get(), api::executions::executions);
    let reload = Callback::new(move |()| page.refetch());
    view! {
        <StatusChips filter/>
        <Loaded data=move || async move { page.await } let:snapshot>
            <Rows snapshot filter=filter.get_untracked() reload/>
        </Loaded>
    }
    .into_any()
}

fn filter_of(workflow: WorkflowId, query: &ParamsMap) -> ExecutionFilter {
    ExecutionFilter {
        workflow: Some(workflow),
        status: query.get("status").as_deref().and_then(Status::parse),
        cursor: query.get("cursor"),
        ..ExecutionFilter::default()
    }
}

#[component]
fn StatusChips(filter: Memo<ExecutionFilter>) -> impl IntoView {
    let chip = |status: Option<Status>, label: &'static str| {
        let href = status.map_or("?".to_owned(), |status| format!("?status={}", status.as_str()));
        let here = move || (filter.read().status == status).then_some("true");
        view! { <a class="chip" href=href data-noscroll="true" aria-current=here>{label}</a> }
    };
    view! {
        <nav class="chips" aria-label="Status">
            {chip(None, "All")} {chip(Some(Status::Success), "Success")} {chip(Some(Status::Failed), "Failed")}
            {chip(Some(Status::Cancelled), "Cancelled")}
        </nav>
    }
    .into_any()
}

#[component]
fn Rows(snapshot: Snapshot<Page<Execution>>, filter: ExecutionFilter, reload: Callback<()>) -> impl IntoView {
    let Snapshot { number, data: page } = snapshot;
    let older = page.next_cursor.map(|cursor| {
        let status = filter.status.map(|status| format!("status={}&", status.as_str())).unwrap_or_default();
        format!("?{status}cursor={cursor}")
    });
    let newest = filter.cursor.is_some().then(|| "?".to_owned());
    let is_filtered = filter.status.is_some();
    let executions = LiveExecutions::new(page.items, filter);
    use_live().listen(number, move |message| executions.hear(message, reload));
    let is_empty = Memo::new(move |_| executions.rows().read().is_empty());
    view! {
        <Show
            when=move || !is_empty.get()
            fallback=move || view! {
                <p class="soft">
                    {if is_filtered { "No execution fits." } else { "It has not run yet. Press Run Now to see its first execution here." }}
                </p>
            }
        >
            <ExecutionTable rows=executions.rows()/>
        </Show>
        <nav class="row" aria-label="More executions">
            {newest.map(|href| view! { <a class="button" href=href>"Newest"</a> })}
            {older.map(|href| view! { <a class="button" href=href>"Older"</a> })}
        </nav>
    }
    .into_any()
}
