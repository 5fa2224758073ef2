//! `/workflows`: every workflow as a card.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};
use model::{
    Page, Snapshot,
    event::Change,
    execution::Status,
    workflow::{WorkflowCard, WorkflowFilter, WorkflowState},
};

use crate::{
    api,
    components::{icon::Icon, loaded::Loaded, workflow_card::Card},
    format,
    live::{LiveCard, Message, use_live},
};

#[component]
pub fn WorkflowsPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(filter_of));
    let cards = Resource::new(move || filter.get(), api::workflows::workflows);
    let reload = Callback::new(move |()| cards.refetch());
    view! {
        <Title text="Workflows"/>
        <Loaded data=move || async move { cards.await } let:snapshot>
            <Cards snapshot filter=filter.get_untracked() reload/>
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
fn Cards(snapshot: Snapshot<Page<WorkflowCard>>, filter: WorkflowFilter, reload: Callback<()>) -> impl IntoView {
    let Snapshot { number, data: page } = snapshot;
    let is_whole = page.next_cursor.is_none() && filter == WorkflowFilter::default();
    let is_filtered = filter.q.is_some() || filter.state.is_some() || filter.project.is_some();
    let cards = RwSignal::new(page.items.into_iter().map(LiveCard::new).collect::<Vec<_>>());
    listen(number, cards, reload);
    let next = page.next_cursor.map(|cursor| address(&filter, filter.state, Some(&cursor)));
    let first = filter.cursor.is_some().then(|| address(&filter, filter.state, None));
    let is_empty = Memo::new(move |_| cards.read().is_empty());
    let filter = StoredValue::new(filter);
    view! {
        <header class="page-head">
            <div>
                <h1>"Workflows"</h1>
                <p>{move || (is_whole && !is_empty.get()).then(|| summary(&cards.read()))}</p>
            </div>
            // On an empty list the one button is that of the next step, below.
            <Show when=move || is_filtered || !is_empty.get()>
                <div class="actions">
                    <a class="button main" href="/workflows/new">{Icon::Plus.view()} "New workflow"</a>
                </div>
            </Show>
        </header>
        <Show when=move || is_filtered || !is_empty.get()>
            <FilterBar filter=filter.get_value()/>
        </Show>
        <section class="cards" aria-label="Workflows">
            <For each=move || cards.get() key=|card| card.id let:card>
                <Card live=card/>
            </For>
        </section>
        <Show when=move || is_empty.get()>
            <Nothing is_filtered/>
        </Show>
        <nav class="row" aria-label="More workflows">
            {first.map(|href| view! { <a class="button" href=href>"First page"</a> })}
            {next.map(|href| view! { <a class="button" href=href>"Next page"</a> })}
        </nav>
    }
    .into_any()
}

fn listen(number: i64, cards: RwSignal<Vec<LiveCard>>, reload: Callback<()>) {
    use_live().listen(number, move |message| match message {
        Message::Reload => reload.run(()),
        Message::Change(Change::WorkflowDeleted { workflow_id }) => {
            cards.update(|cards| cards.retain(|card| card.id != *workflow_id));
        }
        // A new one: whether and where it belongs in this list, the server knows.
        Message::Change(Change::Workflow { workflow })
            if cards.with_untracked(|cards| cards.iter().all(|card| card.id != workflow.id)) =>
        {
            reload.run(());
        }
        Message::Change(_) | Message::Sample(_) => {
            for card in cards.get_untracked() {
                card.hear(message);
            }
        }
    });
}

/// `12 workflows · 1 running · 1 queued · 1 needs attention`
fn summary(cards: &[LiveCard]) -> String {
    let count = |test: fn(&WorkflowCard) -> bool| cards.iter().filter(|live| live.card.with(test)).count() as u64;
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
        view! { <a class="chip" href=address(&filter, state, None) aria-current=here>{label}</a> }
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
            <Form method="GET" action="/workflows" attr:class="search" attr:role="search">
                {Icon::Search.view()}
                <input
                    type="search"
                    name="q"
                    value=filter.q.clone().unwrap_or_default()
                    prop:value=filter.q.clone().unwrap_or_default()
                    placeholder="Search by name or project"
                    aria-label="Search by name or project"
                />
                {state}
            </Form>
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
