//! `/executions`: the history of all workflows. What is filtered is in the address.

use std::time::Duration;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Page, Snapshot, Timestamp,
    execution::{Execution, ExecutionFilter, Status, Trigger},
};

use crate::{
    api::request::backend,
    components::{execution_table::ExecutionTable, icon::Icon, loaded::Loaded, watch::Watch},
    interest::Interest,
};

/// The parts of the address that the filter is made of.
const FIELDS: [&str; 7] = ["workflow", "project", "status", "trigger", "from", "to", "q"];

#[component]
pub fn ExecutionsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let filter = filter_of(&query);
    let asked = filter.clone();
    view! {
        <Title text="Executions"/>
        <header class="page-head">
            <div>
                <h1>"Executions"</h1>
                <p>"Every attempt to run a workflow, newest first."</p>
            </div>
        </header>
        <FilterForm query=query.clone()/>
        <Loaded data=async move { backend().executions(asked).await } let:snapshot>
            <Rows snapshot query filter/>
        </Loaded>
    }
    .into_any()
}

fn filter_of(query: &ParamsMap) -> ExecutionFilter {
    let text = |name: &str| query.get(name).filter(|text| !text.trim().is_empty());
    ExecutionFilter {
        workflow: text("workflow").and_then(|id| id.parse().ok()),
        project: text("project").and_then(|id| id.parse().ok()),
        status: text("status").as_deref().and_then(Status::parse),
        trigger: text("trigger").as_deref().and_then(Trigger::parse),
        from: text("from").and_then(|day| midnight(&day)),
        // The day itself is included.
        to: text("to").and_then(|day| midnight(&day)).map(|start| start.plus(Duration::from_secs(86_400))),
        q: text("q"),
        cursor: text("cursor"),
        limit: None,
    }
}

/// The start of a day as a date field writes it, in UTC.
fn midnight(day: &str) -> Option<Timestamp> {
    format!("{day}T00:00:00Z").parse().ok()
}

/// The address of this list, at `cursor` or at its newest page.
fn address(query: &ParamsMap, cursor: Option<String>) -> String {
    let mut kept = ParamsMap::new();
    for name in FIELDS {
        if let Some(value) = query.get(name).filter(|value| !value.is_empty()) {
            kept.insert(name, value);
        }
    }
    if let Some(cursor) = cursor {
        kept.insert("cursor", cursor);
    }
    format!("/executions{}", kept.to_query_string())
}

#[component]
fn FilterForm(query: ParamsMap) -> impl IntoView {
    let value = move |name: &str| query.get(name).unwrap_or_default();
    let option = |chosen: &str, value: &'static str, label: &'static str| {
        view! { <option value=value selected=chosen == value>{label}</option> }
    };
    let (status, trigger) = (value("status"), value("trigger"));
    let statuses = Status::ALL.map(|it| option(&status, it.as_str(), it.label())).collect_view();
    let triggers = Trigger::ALL.map(|it| option(&trigger, it.as_str(), it.label())).collect_view();
    let workflow = value("workflow");
    let workflow = (!workflow.is_empty()).then(|| view! { <input type="hidden" name="workflow" value=workflow/> });
    view! {
        <form method="get" action="/executions" class="filters" role="search" data-in-place>
            {workflow}
            <div class="field">
                <label for="status">"Status"</label>
                <select id="status" name="status">
                    <option value="">"All"</option>
                    {statuses}
                </select>
            </div>
            <div class="field">
                <label for="trigger">"Trigger"</label>
                <select id="trigger" name="trigger">
                    <option value="">"All"</option>
                    {triggers}
                </select>
            </div>
            <div class="field">
                <label for="from">"From (UTC)"</label>
                <input id="from" type="date" name="from" value=value("from")/>
            </div>
            <div class="field">
                <label for="to">"To (UTC)"</label>
                <input id="to" type="date" name="to" value=value("to")/>
            </div>
            <div class="field wide">
                <label for="q">"Words in the error"</label>
                <input id="q" type="search" name="q" value=value("q")/>
            </div>
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Rows(snapshot: Snapshot<Page<Execution>>, query: ParamsMap, filter: ExecutionFilter) -> impl IntoView {
    let Snapshot { number, data: page } = snapshot;
    let older = page.next_cursor.map(|cursor| address(&query, Some(cursor)));
    let newest = filter.cursor.is_some().then(|| address(&query, None));
    let table = if page.items.is_empty() {
        view! { <Nothing is_filtered={filter != ExecutionFilter::default()}/> }.into_any()
    } else {
        view! { <ExecutionTable rows=page.items of_all=true/> }.into_any()
    };
    view! {
        <Watch after=number topics=vec![Interest::Executions]/>
        {table}
        <nav class="row" aria-label="More executions">
            {newest.map(|href| view! { <a class="button" href=href data-in-place>"Newest"</a> })}
            {older.map(|href| view! { <a class="button" href=href data-in-place>"Older"</a> })}
        </nav>
    }
    .into_any()
}

#[component]
fn Nothing(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        return view! {
            <section class="empty">
                {Icon::Search.view()}
                <h2>"No execution fits"</h2>
                <p>"None has this status, trigger, day and text together."</p>
                <a class="button" href="/executions">"Show all executions"</a>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="empty">
            {Icon::Execution.view()}
            <h2>"Nothing has run yet"</h2>
            <p>"Each run of a workflow leaves a row here, with its steps, files and log. Run one to see it live."</p>
            <a class="button main" href="/workflows">"Go to the workflows"</a>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_filter() {
        let query: ParamsMap =
            [("status", "failed"), ("from", "2026-11-20"), ("to", "2026-11-20"), ("q", ""), ("open", "x")]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
        let filter = filter_of(&query);
        assert_eq!(filter.status, Some(Status::Failed));
        assert_eq!(filter.q, None);
        let hours = filter.to.zip(filter.from).map(|(to, from)| to.since(from).as_secs() / 3600);
        assert_eq!(hours, Some(24), "both days are included");
        assert!(!address(&query, None).contains("open"), "an open row belongs to the page, not to the filter");
    }
}
