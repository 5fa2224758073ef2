//! `/workflows`: every workflow as a card.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Page, Snapshot,
    execution::Status,
    workflow::{WorkflowCard, WorkflowFilter, WorkflowState},
};

use crate::{
    api::request::backend,
    components::{bulk::BulkBar, icon::Icon, loaded::Loaded, watch::Watch, workflow_card::Card},
    format,
    interest::Interest,
};

#[component]
pub fn WorkflowsPage() -> impl IntoView {
    let filter = use_query_map().with_untracked(filter_of);
    let asked = filter.clone();
    view! {
        <Title text="Workflows"/>
        <Loaded data=async move { backend().workflows(asked).await } let:snapshot>
            <Cards snapshot filter/>
        </Loaded>
    }
    .into_any()
}

fn filter_of(query: &ParamsMap) -> WorkflowFilter {
    let text = |name: &str| query.get(name).filter(|text| !text.trim().is_empty());
    WorkflowFilter {
        q: text("q"),
        state: text("state").as_deref().and_then(WorkflowState::parse),
        project: text("project").and_then(|id| id.parse().ok()),
        cursor: text("cursor"),
        limit: None,
    }
}

/// The address of the list with another state, keeping the search; without a cursor, since it belongs to a filter.
fn address(filter: &WorkflowFilter, state: Option<WorkflowState>, cursor: Option<&str>) -> String {
    let mut query = ParamsMap::new();
    let pairs = [
        ("q", filter.q.as_deref().map(str::to_owned)),
        ("state", state.map(|state| state.as_str().to_owned())),
        ("project", filter.project.map(|id| id.to_string())),
        ("cursor", cursor.map(str::to_owned)),
    ];
    for (name, value) in pairs {
        if let Some(value) = value {
            query.insert(name, value);
        }
    }
    format!("/workflows{}", query.to_query_string())
}

#[component]
fn Cards(snapshot: Snapshot<Page<WorkflowCard>>, filter: WorkflowFilter) -> impl IntoView {
    let Snapshot { number, data: page } = snapshot;
    let is_filtered = filter.q.is_some() || filter.state.is_some() || filter.project.is_some();
    let is_empty = page.items.is_empty();
    let is_whole = page.next_cursor.is_none() && filter == WorkflowFilter::default();
    let summary = (is_whole && !is_empty).then(|| summary(&page.items));
    let next = page.next_cursor.map(|cursor| address(&filter, filter.state, Some(&cursor)));
    let first = filter.cursor.is_some().then(|| address(&filter, filter.state, None));
    // On an empty list the one button is that of the next step, below.
    let has_more_than_a_beginning = is_filtered || !is_empty;
    view! {
        <Watch after=number topics=vec![Interest::Workflows]/>
        <header class="page-head">
            <div>
                <h1>"Workflows"</h1>
                <p>{summary}</p>
            </div>
            {has_more_than_a_beginning.then(|| view! {
                <div class="actions">
                    <a class="button main" href="/workflows/new">{Icon::Plus.view()} "New workflow"</a>
                </div>
            })}
        </header>
        {has_more_than_a_beginning.then(|| view! { <FilterBar filter/> })}
        <section class="cards" aria-label="Workflows">
            {page.items.into_iter().map(|card| view! { <Card card/> }).collect_view()}
        </section>
        {is_empty.then(|| view! { <Nothing is_filtered/> })}
        {(!is_empty).then(|| view! { <BulkBar/> })}
        <nav class="row" aria-label="More workflows">
            {first.map(|href| view! { <a class="button" href=href>"First page"</a> })}
            {next.map(|href| view! { <a class="button" href=href>"Next page"</a> })}
        </nav>
    }
    .into_any()
}

/// `12 workflows · 1 running · 1 queued · 1 needs attention`
fn summary(cards: &[WorkflowCard]) -> String {
    let count = |test: fn(&WorkflowCard) -> bool| cards.iter().filter(|card| test(card)).count() as u64;
    let mut parts = vec![format::counted(cards.len() as u64, "workflow")];
    let running = count(|card| card.active.iter().any(|execution| execution.status.is_active()));
    let queued = count(|card| card.active.iter().any(|execution| execution.status == Status::Queued));
    let attention = count(|card| {
        card.workflow.state == WorkflowState::Suspended
            || card.last.as_ref().is_some_and(|last| last.status == Status::Failed)
    });
    for (count, word) in [(running, "running"), (queued, "queued")] {
        if count > 0 {
            parts.push(format!("{} {word}", format::number(count)));
        }
    }
    match attention {
        0 => {}
        1 => parts.push("1 needs attention".to_owned()),
        more => parts.push(format!("{} need attention", format::number(more))),
    }
    parts.join(" · ")
}

#[component]
fn FilterBar(filter: WorkflowFilter) -> impl IntoView {
    let chip = |state: Option<WorkflowState>, label: &'static str| {
        let here = (filter.state == state).then_some("true");
        view! { <a class="chip" href=address(&filter, state, None) data-in-place aria-current=here>{label}</a> }
    };
    let chips = [
        chip(None, "All"),
        chip(Some(WorkflowState::Active), WorkflowState::Active.label()),
        chip(Some(WorkflowState::Paused), WorkflowState::Paused.label()),
        chip(Some(WorkflowState::Suspended), WorkflowState::Suspended.label()),
    ];
    let state = filter.state.map(|state| view! { <input type="hidden" name="state" value=state.as_str()/> });
    view! {
        <div class="row">
            <form method="get" action="/workflows" class="search" role="search" data-in-place>
                {Icon::Search.view()}
                <input
                    type="search"
                    name="q"
                    value=filter.q.clone().unwrap_or_default()
                    placeholder="Search by name or project"
                    aria-label="Search by name or project"
                />
                {state}
            </form>
            <nav class="chips" aria-label="State">{chips}</nav>
        </div>
    }
    .into_any()
}

#[component]
fn Nothing(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        return view! {
            <section class="empty">
                {Icon::Search.view()}
                <h2>"No workflow fits"</h2>
                <p>"None has this state and these words in its name or its project’s name."</p>
                <a class="button" href="/workflows">"Show all workflows"</a>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="empty">
            {Icon::Workflow.view()}
            <h2>"Run a project by itself"</h2>
            <p>
                "A workflow takes a project through its steps, from import to export: on a schedule, or whenever you press
                Run Now. Upload a file as a project first, then come back here."
            </p>
            <div class="actions">
                <a class="button main" href="/projects/new">"Create a project"</a>
                <a class="button" href="/workflows/new">"New workflow"</a>
            </div>
        </section>
    }
    .into_any()
}
