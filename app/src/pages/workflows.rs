//! `/workflows`: every workflow as a card.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Error, Page, Role, Snapshot,
    execution::Status,
    workflow::{WorkflowCard, WorkflowCount, WorkflowFilter, WorkflowSort, WorkflowState},
};

use crate::{
    api::request::backend,
    components::{
        allowed::{may_everywhere, may_somewhere},
        bulk::{BulkBar, TickAll},
        filters::text,
        icon::Icon,
        loaded::Loaded,
        paging::Paging,
        search::SearchField,
        watch::Watch,
        workflow_card::Card,
    },
    format,
    interest::Interest,
};

#[component]
pub fn WorkflowsPage() -> impl IntoView {
    let filter = use_query_map().with_untracked(filter_of);
    let asked = filter.clone();
    view! {
        <Title text="Workflows"/>
        <Loaded data=load(asked) let:listed>
            <Cards listed filter/>
        </Loaded>
    }
    .into_any()
}

/// A page of cards, and how many there are of each kind.
struct Listed {
    snapshot: Snapshot<Page<WorkflowCard>>,
    counts: Vec<WorkflowCount>,
}

async fn load(filter: WorkflowFilter) -> Result<Listed, Error> {
    let backend = backend();
    let counts = backend.workflow_counts(filter.clone()).await?;
    Ok(Listed { snapshot: backend.workflows(filter).await?, counts })
}

fn filter_of(query: &ParamsMap) -> WorkflowFilter {
    WorkflowFilter {
        q: text(query, "q"),
        state: text(query, "state").as_deref().and_then(WorkflowState::parse),
        outcome: text(query, "outcome").as_deref().and_then(Status::parse),
        sort: text(query, "sort").as_deref().and_then(WorkflowSort::parse).unwrap_or_default(),
        project: text(query, "project").and_then(|id| id.parse().ok()),
        cursor: text(query, "cursor"),
        limit: text(query, "limit").and_then(|limit| limit.parse().ok()),
    }
}

/// The address of the list with this filter. Its cursor belongs to this filter and no other.
fn address(filter: &WorkflowFilter) -> String {
    let mut query = ParamsMap::new();
    let sort = Some(filter.sort).filter(|sort| *sort != WorkflowSort::default());
    let pairs = [
        ("q", filter.q.clone()),
        ("state", filter.state.map(|state| state.as_str().to_owned())),
        ("outcome", filter.outcome.map(|outcome| outcome.as_str().to_owned())),
        ("sort", sort.map(|sort| sort.as_str().to_owned())),
        ("project", filter.project.map(|id| id.to_string())),
        ("limit", filter.limit.map(|limit| limit.to_string())),
        ("cursor", filter.cursor.clone()),
    ];
    for (name, value) in pairs {
        if let Some(value) = value {
            query.insert(name, value);
        }
    }
    format!("/workflows{}", query.to_query_string())
}

#[component]
fn Cards(listed: Listed, filter: WorkflowFilter) -> impl IntoView {
    let Listed { snapshot: Snapshot { number, data: page }, counts } = listed;
    let first_page = WorkflowFilter { cursor: None, ..filter.clone() };
    let is_filtered = WorkflowFilter { sort: WorkflowSort::default(), limit: None, ..first_page.clone() }
        != WorkflowFilter::default();
    let is_empty = page.items.is_empty();
    let is_whole = page.next_cursor.is_none() && !is_filtered && filter.cursor.is_none();
    let total: u64 = counts.iter().map(|it| it.count).sum();
    let summary = match is_whole {
        true if is_empty => String::new(),
        true => summary(&page.items),
        false => format::counted(total, "workflow"),
    };
    let next = page.next_cursor.map(|cursor| address(&WorkflowFilter { cursor: Some(cursor), ..filter.clone() }));
    let first = filter.cursor.is_some().then(|| address(&first_page));
    // On an empty list the one button is that of the next step, below.
    let has_more_than_a_beginning = is_filtered || !is_empty;
    view! {
        <Watch after=number topics=vec![Interest::Workflows]/>
        <header class="page-head">
            <div>
                <h1>"Workflows"</h1>
                <p>{summary}</p>
            </div>
            {(has_more_than_a_beginning && may_somewhere(Role::Editor)).then(|| view! {
                <div class="actions">
                    <a class="button main" href="/workflows/new">{Icon::Plus.view()} "New workflow"</a>
                </div>
            })}
        </header>
        {has_more_than_a_beginning.then(|| view! { <FilterBar filter=first_page counts shown=page.items.len()/> })}
        <section class="cards" aria-label="Workflows">
            {page.items.into_iter().map(|card| view! { <Card card/> }).collect_view()}
        </section>
        {is_empty.then(|| view! { <Nothing is_filtered/> })}
        {(!is_empty && may_somewhere(Role::Operator)).then(|| view! { <BulkBar/> })}
        <Paging label="More workflows" first next/>
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

/// `filter` is without a cursor.
#[component]
fn FilterBar(filter: WorkflowFilter, counts: Vec<WorkflowCount>, shown: usize) -> impl IntoView {
    let count =
        |test: &dyn Fn(&WorkflowCount) -> bool| -> u64 { counts.iter().filter(|it| test(it)).map(|it| it.count).sum() };
    let state_chip = |state: Option<WorkflowState>| {
        let count = count(&|it| state.is_none_or(|state| it.state == state) && fits_outcome(&filter, it));
        let label = state.map_or("All", WorkflowState::label);
        chip(address(&WorkflowFilter { state, ..filter.clone() }), label, count, filter.state == state)
    };
    let outcome_chip = |outcome: Option<Status>| {
        let in_state = |it: &WorkflowCount| filter.state.is_none_or(|state| it.state == state);
        let count = count(&|it| in_state(it) && outcome.is_none_or(|outcome| it.last == Some(outcome)));
        let label = outcome.map_or("Any outcome", Status::label);
        chip(address(&WorkflowFilter { outcome, ..filter.clone() }), label, count, filter.outcome == outcome)
    };
    let states = [None, Some(WorkflowState::Active), Some(WorkflowState::Paused), Some(WorkflowState::Suspended)];
    let outcomes = [None, Some(Status::Success), Some(Status::Failed), Some(Status::Cancelled)];
    let sorts = WorkflowSort::ALL.map(|sort| {
        view! { <option value=sort.as_str() selected=filter.sort == sort>{sort.label()}</option> }
    });
    let kept = [
        ("state", filter.state.map(|state| state.as_str().to_owned())),
        ("outcome", filter.outcome.map(|outcome| outcome.as_str().to_owned())),
        ("project", filter.project.map(|id| id.to_string())),
        ("limit", filter.limit.map(|limit| limit.to_string())),
    ];
    let kept = kept.map(|(name, value)| value.map(|value| view! { <input type="hidden" name=name value=value/> }));
    view! {
        <div class="stack filter-bar">
            <form method="get" action="/workflows" class="row" role="search" data-in-place>
                <SearchField name="q" value=filter.q.clone() label="Search by name or project"/>
                {kept}
                <label class="sort">"Sort by" <select name="sort">{sorts}</select></label>
                <button class="button" type="submit">"Apply"</button>
            </form>
            <div class="row">
                <nav class="chips" aria-label="State">{states.map(state_chip)}</nav>
                <nav class="chips" aria-label="Last outcome">{outcomes.map(outcome_chip)}</nav>
                {(shown > 1 && may_somewhere(Role::Operator)).then(|| view! { <TickAll count=shown/> })}
            </div>
        </div>
    }
    .into_any()
}

fn fits_outcome(filter: &WorkflowFilter, count: &WorkflowCount) -> bool {
    filter.outcome.is_none_or(|outcome| count.last == Some(outcome))
}

/// A filter of one word with how many it leaves.
fn chip(href: String, label: &'static str, count: u64, is_chosen: bool) -> impl IntoView {
    view! {
        <a class="chip" href=href data-in-place aria-current=is_chosen.then_some("true")>
            {label} " " <span class="count">{format::number(count)}</span>
        </a>
    }
}

#[component]
fn Nothing(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        return view! {
            <section class="empty">
                {Icon::Search.view()}
                <h2>"No workflow fits"</h2>
                <p>"None has this state, this last outcome and these words in its name or its project’s name."</p>
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
                {may_everywhere(Role::Editor).then(|| view! {
                    <a class="button main" href="/projects/new">"Create a project"</a>
                })}
                {may_somewhere(Role::Editor).then(|| view! {
                    <a class="button" href="/workflows/new">"New workflow"</a>
                })}
            </div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_filter() {
        let query: ParamsMap = [("state", "paused"), ("outcome", "failed"), ("sort", "failures"), ("q", " ")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let filter = filter_of(&query);
        assert_eq!((filter.state, filter.outcome), (Some(WorkflowState::Paused), Some(Status::Failed)));
        assert_eq!((filter.sort, filter.q.as_deref()), (WorkflowSort::Failures, None));
        assert_eq!(address(&filter), "/workflows?state=paused&outcome=failed&sort=failures");
        assert_eq!(address(&WorkflowFilter::default()), "/workflows");
    }
}
