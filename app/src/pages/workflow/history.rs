//! The Execution History tab.

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Page, WorkflowId,
    execution::{Execution, ExecutionFilter, Status},
};

use crate::{
    api::request::backend,
    components::{csv_link::CsvLink, execution_table::ExecutionTable, loaded::Loaded, paging::NewestOlder},
};

#[component]
pub fn History(workflow: WorkflowId) -> impl IntoView {
    let filter = use_query_map().with_untracked(|query| filter_of(workflow, query));
    let asked = filter.clone();
    view! {
        <div class="row">
            <StatusChips chosen=filter.status/>
            <div class="push">
                <CsvLink filter=filter.clone()/>
            </div>
        </div>
        <Loaded data=async move { backend().executions(asked).await } let:snapshot>
            <Rows page=snapshot.data filter/>
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
fn StatusChips(#[prop(optional_no_strip)] chosen: Option<Status>) -> impl IntoView {
    let chip = |status: Option<Status>| {
        let href = status.map_or("?".to_owned(), |status| format!("?status={}", status.as_str()));
        let here = (chosen == status).then_some("true");
        view! { <a class="chip" href=href data-in-place aria-current=here>{status.map_or("All", Status::label)}</a> }
    };
    let statuses = [None, Some(Status::Success), Some(Status::Failed), Some(Status::Cancelled)];
    view! { <nav class="chips" aria-label="Status">{statuses.map(chip)}</nav> }
}

#[component]
fn Rows(page: Page<Execution>, filter: ExecutionFilter) -> impl IntoView {
    let older = page.next_cursor.map(|cursor| {
        let status = filter.status.map(|status| format!("status={}&", status.as_str())).unwrap_or_default();
        format!("?{status}cursor={cursor}")
    });
    let newest = filter.cursor.is_some().then(|| "?".to_owned());
    let table = if !page.items.is_empty() {
        view! { <ExecutionTable rows=page.items/> }.into_any()
    } else if filter.status.is_some() {
        view! { <p class="soft">"No execution fits."</p> }.into_any()
    } else {
        view! { <p class="soft">"It has not run yet. Press Run Now to see its first execution here."</p> }.into_any()
    };
    view! {
        {table}
        <NewestOlder label="More executions" newest older/>
    }
    .into_any()
}
