//! Executions as a table: one row an attempt, which opens to its steps and files. Which row is open is in the address,
//! so it opens without JavaScript too.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{
    ExecutionId,
    execution::{Execution, Status},
};

use crate::{
    components::{
        cancel::Cancel,
        icon::Icon,
        outputs::Outputs,
        state::{Mark, State},
        steps::StepTimeline,
        time::{Elapsed, Saying, Time},
    },
    format,
    live::LiveExecution,
};

const OPEN: &str = "open";

#[component]
pub fn ExecutionTable(
    #[prop(into)] rows: Signal<Vec<LiveExecution>>,
    /// Names the workflow in each row: for lists over all workflows.
    #[prop(optional)]
    of_all: bool,
) -> impl IntoView {
    let open = Memo::new({
        let query = use_query_map();
        move |_| query.with(|query| query.get(OPEN)).and_then(|id| id.parse::<ExecutionId>().ok())
    });
    let columns = if of_all { 7 } else { 6 };
    view! {
        <table class="table folding executions">
            <thead>
                <tr>
                    <th scope="col">"Date / Time"</th>
                    {of_all.then(|| view! { <th scope="col">"Workflow"</th> })}
                    <th scope="col">"Status"</th>
                    <th scope="col">"Trigger"</th>
                    <th scope="col" class="number">"Duration"</th>
                    <th scope="col" class="number">"Records"</th>
                    <th scope="col"><span class="visually-hidden">"Details"</span></th>
                </tr>
            </thead>
            <For each=move || rows.get() key=|row| row.id let:row>
                <Row row of_all columns open/>
            </For>
        </table>
    }
    .into_any()
}

#[component]
fn Row(row: LiveExecution, of_all: bool, columns: u32, open: Memo<Option<ExecutionId>>) -> impl IntoView {
    let LiveExecution { id, execution, .. } = row;
    let is_open = Memo::new(move |_| open.get() == Some(id));
    let mark = Signal::derive(move || Mark::from(execution.read().status));
    let queued_at = Signal::derive(move || execution.read().queued_at);
    let error = Memo::new(move |_| execution.with(|it| it.error.clone()));
    let workflow = of_all.then(|| {
        let (id, name) = execution.with_untracked(|it| (it.workflow_id, it.workflow_name.clone()));
        view! { <td class="lead"><a href=format!("/workflows/{id}")>{name}</a></td> }
    });
    let time_class = if of_all { "when" } else { "when lead" };
    view! {
        <tbody class:open=is_open>
            <tr>
                <td class=time_class>
                    <a href=format!("/executions/{id}")><Time at=queued_at saying=Saying::Moment/></a>
                </td>
                {workflow}
                <td><State mark/></td>
                <td class="trigger">{move || execution.with(format::execution::trigger)}</td>
                <td class="number"><Duration execution/></td>
                <td class="number" data-name="Records">
                    {move || execution.read().records.map(format::number)}
                </td>
                <td class="number"><Toggle id is_open/></td>
            </tr>
            {move || {
                error
                    .get()
                    .filter(|_| !is_open.get())
                    .map(|error| view! { <tr class="error-row"><td colspan=columns>{error}</td></tr> })
            }}
            {move || {
                is_open.get().then(|| view! { <tr class="detail-row"><td colspan=columns><Details row/></td></tr> })
            }}
        </tbody>
    }
    .into_any()
}

/// A link that opens or closes the row by changing the address.
#[component]
fn Toggle(id: ExecutionId, is_open: Memo<bool>) -> impl IntoView {
    let query = use_query_map();
    let href = move || {
        let mut query = query.get();
        query.remove(OPEN);
        if !is_open.get() {
            query.insert(OPEN, id.to_string());
        }
        let text = query.to_query_string();
        if text.is_empty() { "?".to_owned() } else { text }
    };
    let label = move || if is_open.get() { "Hide details" } else { "Show details" };
    view! {
        <a
            class="button quiet icon toggle"
            href=href
            data-noscroll="true"
            prop:replace=true
            aria-expanded=move || is_open.get().to_string()
            aria-label=label
            role="button"
        >
            {Icon::Chevron.view()}
        </a>
    }
    .into_any()
}

#[component]
fn Duration(execution: RwSignal<Execution>) -> impl IntoView {
    move || {
        let (started, ran_for) = execution.with(|it| (it.started_at, format::execution::ran_for(it)));
        match (started, ran_for) {
            (_, Some(ran_for)) => ran_for.into_any(),
            (Some(since), None) => view! { <Elapsed since/> }.into_any(),
            (None, None) => ().into_any(),
        }
    }
}

#[component]
fn Details(row: LiveExecution) -> impl IntoView {
    let LiveExecution { id, execution, progress } = row;
    let ended = Memo::new(move |_| execution.read().status.is_final());
    let has_outputs = Memo::new(move |_| execution.read().status == Status::Success);
    let error = move || execution.with(|it| it.error.clone()).map(|error| view! { <p class="cause">{error}</p> });
    let version =
        move || execution.read().configuration_version.map(|version| format!("Configuration version {version}"));
    view! {
        <div class="stack">
            {error}
            <StepTimeline execution progress/>
            {move || has_outputs.get().then(|| view! { <Outputs execution=id revision=ended/> })}
            <div class="row soft">
                <a href=format!("/executions/{id}")>"Log and all details"</a>
                {version}
                <div class="push">
                    <Cancel execution/>
                </div>
            </div>
        </div>
    }
    .into_any()
}
