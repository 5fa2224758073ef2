//! The main action of a project: run all of it now, or what keeps it from running.

use leptos::{either::EitherOf3, prelude::*};
use model::{ProjectId, Role};

use crate::{
    api::projects::ProjectHead,
    components::{
        allowed::may,
        icon::Icon,
        keys,
        state::{Mark, State},
    },
};

#[component]
pub fn RunProject(head: ProjectHead) -> impl IntoView {
    let id = head.id;
    // Where there is no workflow yet, running makes one.
    let may_edit = may(Role::Editor, id);
    let may_run = may_edit || may(Role::Operator, id) && !head.workflows.is_empty();
    let ready = !head.sources.is_empty() && head.problems.is_empty();
    // The execution that is under way for this project leads to the workflow that shows it.
    let running = head.workflows.into_iter().flat_map(|card| card.active).next().map(|execution| {
        view! {
            <a class="running-now" href=format!("/workflows/{}", execution.workflow_id) data-key="running">
                <State mark=Mark::from(execution.status)/>
            </a>
        }
    });
    view! {
        {running}
        {may_edit.then(|| view! {
            <a class="button" href=format!("/workflows/new?project={id}") data-key="new-workflow">
                {Icon::Plus.view()}
                "New workflow"
            </a>
        })}
        {(ready && may_run).then(|| view! { <RunForm id/> })}
    }
    .into_any()
}

#[component]
fn RunForm(id: ProjectId) -> impl IntoView {
    view! {
        <form method="post" action="/_fn/run_project" data-key="run">
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="key" value=keys::fresh()/>
            <button class="button main">{Icon::Play.view()} "Run it now"</button>
        </form>
    }
    .into_any()
}

/// What the page says where results would be: the next step, whichever that is.
#[component]
pub fn NextStep(head: ProjectHead) -> impl IntoView {
    let ProjectHead { id, sources, problems, .. } = head;
    if sources.is_empty() {
        EitherOf3::A(view! {
            <section class="empty" data-key="no-records">
                {Icon::Import.view()} <h2>"No records yet"</h2>
                <p>"Upload a file; settings that fit it are suggested."</p>
                <a class="button main" href=format!("/projects/{id}?tab=sources")>
                    "Add a file"
                </a>
            </section>
        })
    } else if problems.is_empty() {
        EitherOf3::B(view! {
            <section class="next-step" data-key="ready">
                <h2>"Ready to run"</h2>
                <p>
                    <strong>"Run it now"</strong>
                    " takes your records through all six steps with the settings below; change them whenever you like."
                </p>
            </section>
        })
    } else {
        EitherOf3::C(view! {
            <section class="problem" role="alert" data-key="not-ready">
                {Icon::Alert.view()}
                <div class="stack">
                    <h2>"Not ready to run"</h2>
                    <ul>
                        {problems
                            .into_iter()
                            .map(|problem| view! { <li><code>{problem.field}</code> " " {problem.message}</li> })
                            .collect_view()}
                    </ul>
                    <p>
                        <a href=format!("/projects/{id}?tab=configuration")>"Open the configuration"</a>
                    </p>
                </div>
            </section>
        })
    }
}
