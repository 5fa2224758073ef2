//! Executions as a table: one row an attempt, which opens to its steps and files. Which row is open is in the address,
//! so it opens without JavaScript too.

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    ExecutionId,
    execution::{Execution, Status},
};

use crate::{
    components::{
        cancel::Cancel,
        icon::Icon,
        outputs::Outputs,
        run_again::RunAgain,
        state::State,
        steps::StepTimeline,
        time::{Elapsed, Saying, Time},
    },
    format,
};

const OPEN: &str = "open";

#[component]
pub fn ExecutionTable(
    rows: Vec<Execution>,
    /// Names the workflow in each row: for lists over all workflows.
    #[prop(optional)]
    of_all: bool,
) -> impl IntoView {
    let query = use_query_map().get_untracked();
    let open = query.get(OPEN).and_then(|id| id.parse::<ExecutionId>().ok());
    let columns = if of_all { 7 } else { 6 };
    let rows = rows.into_iter().map(|execution| {
        let href = toggle_address(&query, execution.id, open);
        view! { <Row is_open={open == Some(execution.id)} execution of_all columns href/> }
    });
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
            {rows.collect_view()}
        </table>
    }
    .into_any()
}

/// The address that opens the row, or closes it when it is open.
fn toggle_address(query: &ParamsMap, id: ExecutionId, open: Option<ExecutionId>) -> String {
    let mut query = query.clone();
    query.remove(OPEN);
    if open != Some(id) {
        query.insert(OPEN, id.to_string());
    }
    let text = query.to_query_string();
    if text.is_empty() { "?".to_owned() } else { text }
}

#[component]
fn Row(execution: Execution, of_all: bool, columns: u32, is_open: bool, href: String) -> impl IntoView {
    let id = execution.id;
    let workflow = of_all.then(|| {
        let href = format!("/workflows/{}", execution.workflow_id);
        view! { <td class="lead"><a href=href>{execution.workflow_name.clone()}</a></td> }
    });
    let time_class = if of_all { "when" } else { "when lead" };
    let error = execution.error.clone().filter(|_| !is_open);
    let below = match (error, is_open) {
        (Some(error), false) => {
            Some(view! { <tr class="error-row"><td></td> <td colspan=columns - 1>{error}</td></tr> }.into_any())
        }
        (None, false) => None,
        (_, true) => {
            let execution = execution.clone();
            Some(view! { <tr class="detail-row"><td colspan=columns><Details execution/></td></tr> }.into_any())
        }
    };
    view! {
        <tbody class:open=is_open data-key=id.to_string()>
            <tr>
                <td class=time_class>
                    <a href=format!("/executions/{id}")><Time at=execution.queued_at saying=Saying::Moment/></a>
                </td>
                {workflow}
                <td><State mark=execution.status/></td>
                <td class="trigger">{format::execution::trigger(&execution)}</td>
                <td class="number">{duration(&execution)}</td>
                <td class="number" data-name="Records">{execution.records.map(format::number)}</td>
                <td class="number">
                    <a
                        class="button quiet icon toggle"
                        href=href
                        data-in-place
                        aria-expanded=is_open.to_string()
                        aria-label=if is_open { "Hide details" } else { "Show details" }
                        role="button"
                    >
                        {Icon::Chevron.view()}
                    </a>
                </td>
            </tr>
            {below}
        </tbody>
    }
    .into_any()
}

/// How long it took, or counts while it runs.
pub fn duration(execution: &Execution) -> Option<AnyView> {
    match (execution.started_at, format::execution::ran_for(execution)) {
        (_, Some(ran_for)) => Some(ran_for.into_any()),
        (Some(since), None) => Some(view! { <Elapsed since/> }.into_any()),
        (None, None) => None,
    }
}

#[component]
fn Details(execution: Execution) -> impl IntoView {
    let id = execution.id;
    let files = (execution.status == Status::Success).then(|| view! { <Outputs execution=id/> });
    let did_not_finish = matches!(execution.status, Status::Failed | Status::Cancelled);
    let version = execution.configuration_version.map(|version| format!("Configuration version {version}"));
    view! {
        <div class="stack">
            {execution.error.clone().map(|error| view! { <p class="cause">{error}</p> })}
            <StepTimeline execution=execution.clone()/>
            {files}
            <div class="row soft">
                <a href=format!("/executions/{id}")>"Log and all details"</a>
                {version}
                <div class="push row">
                    <Cancel execution=execution.clone()/>
                    {did_not_finish.then(|| view! { <RunAgain execution/> })}
                </div>
            </div>
        </div>
    }
    .into_any()
}
