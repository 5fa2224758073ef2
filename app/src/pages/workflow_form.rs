//! `/workflows/new` and `/workflows/:id/edit`: the form.
//!
//! The inputs keep their values themselves; nothing here writes into what someone types. A save sends the whole form, and
//! a refusal only changes what is said beside the fields. Without JavaScript the same form is posted to this page, which
//! comes back with the same values and the same words.

pub mod conflict;
pub mod field;
pub mod reliability;
pub mod schedule;
pub mod steps;

use std::str::FromStr as _;

use conflict::ConflictNotice;
use field::{FieldProblem, ProblemSummary, Problems, ProjectLink};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use model::{Error, ProjectId, WorkflowId, limits};
use reliability::Reliability;
use schedule::ScheduleFields;
use steps::StepBoxes;

use crate::{
    api::{
        self, ApiError,
        workflow_form::{
            Saved,
            fields::{ProjectChoice, WorkflowForm},
        },
    },
    components::{loaded::Loaded, notice::use_notices},
};

#[component]
pub fn NewWorkflowPage() -> impl IntoView {
    let query = use_query_map();
    let project = query.with_untracked(|query| query.get("project")).and_then(|text| ProjectId::from_str(&text).ok());
    let form = Resource::new_blocking(|| (), move |()| api::workflow_form::open_workflow_form(None, project));
    view! {
        <Loaded data=move || async move { form.await } let:form>
            <Form form/>
        </Loaded>
    }
    .into_any()
}

#[component]
pub fn EditWorkflowPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").and_then(|id| WorkflowId::from_str(&id).ok()));
    let form = Resource::new_blocking(id, async |id| match id {
        Some(id) => api::workflow_form::open_workflow_form(Some(id), None).await,
        None => Err(ApiError::Refused(Error::not_found("workflow"))),
    });
    view! {
        <Loaded data=move || async move { form.await } let:form>
            <Form form/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Form(form: WorkflowForm) -> impl IntoView {
    let WorkflowForm { id, stored_name, fields, projects, time_zones, preview, refusal } = form;
    let heading = stored_name.map_or_else(|| "New workflow".to_owned(), |name| format!("Edit {name}"));
    let (page, back) = match id {
        Some(id) => (format!("/workflows/{id}/edit"), format!("/workflows/{id}")),
        None => ("/workflows/new".to_owned(), "/workflows".to_owned()),
    };
    let version = RwSignal::new(fields.version);
    let problems = Problems::new(refusal, preview);
    let element = NodeRef::<html::Form>::new();
    let saving = RwSignal::new(false);
    let save = saving_handler(id, element, problems, version, saving);
    view! {
        <Title text=heading.clone()/>
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/workflows">"Workflows"</a>
                </p>
                <h1>{heading}</h1>
            </div>
        </header>
        <form class="workflow-form stack" method="post" action=page.clone() node_ref=element on:submit=save>
            // The first button is the one that Enter presses.
            <button class="visually-hidden" tabindex="-1" aria-hidden="true" name="intent" value="save"></button>
            <input type="hidden" name="version" prop:value=move || version.get().to_string() value=fields.version/>
            <ProblemSummary problems/>
            <ConflictNotice problems page=page.clone()/>
            <section class="sheet stack">
                <NameField problems name=fields.name.clone()/>
                <ProjectField problems projects chosen=fields.project.clone()/>
                <StepBoxes problems steps=fields.steps.clone() later_start=fields.later_start/>
                <ProjectLink problems project=fields.project.clone()/>
            </section>
            <ScheduleFields form=element problems fields=fields.clone() time_zones/>
            <Reliability problems fields/>
            <div class="actions">
                <button class="button main" name="intent" value="save" disabled=move || saving.get()>
                    {if id.is_some() { "Save changes" } else { "Create workflow" }}
                </button>
                <a class="button quiet" href=back>
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}

/// Sends the form, leads to the workflow when it was saved, and otherwise says why not.
fn saving_handler(
    id: Option<WorkflowId>,
    element: NodeRef<html::Form>,
    problems: Problems,
    version: RwSignal<i64>,
    saving: RwSignal<bool>,
) -> impl Fn(leptos::ev::SubmitEvent) + 'static {
    let navigate = use_navigate();
    let notices = use_notices();
    move |event| {
        event.prevent_default();
        let Some(fields) = element.get_untracked().and_then(|form| field::encoded(&form)) else { return };
        if saving.get_untracked() {
            return;
        }
        saving.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = api::workflow_form::save_workflow_form(id, fields).await;
            saving.try_set(false);
            match answer {
                Ok(Saved::Yes(id)) => navigate(&format!("/workflows/{id}"), NavigateOptions::default()),
                Ok(Saved::No(refusal)) => {
                    if let Some(conflict) = &refusal.conflict {
                        // Saving once more is a decision for what was typed.
                        version.try_set(conflict.version);
                    }
                    problems.refuse(refusal);
                }
                Err(error) => notices.refuse(&error),
            }
        });
    }
}

#[component]
fn NameField(problems: Problems, name: String) -> impl IntoView {
    view! {
        <div class="field short">
            <label for="name">"Name"</label>
            <input
                id="name"
                name="name"
                value=name
                maxlength=limits::NAME_CHARS_MAX
                autocomplete="off"
                aria-describedby="name-problem"
                aria-invalid=problems.invalid("name")
            />
            <FieldProblem problems field="name"/>
        </div>
    }
    .into_any()
}

#[component]
fn ProjectField(problems: Problems, projects: Vec<ProjectChoice>, chosen: String) -> impl IntoView {
    let none = projects.is_empty();
    let options = projects
        .into_iter()
        .map(|project| {
            let id = project.id.to_string();
            let selected = id == chosen;
            view! {
                <option value=id selected=selected>
                    {project.name}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field short">
            <label for="project_id">"Project"</label>
            <select
                id="project_id"
                name="project_id"
                aria-describedby="project_id-problem"
                aria-invalid=problems.invalid("project_id")
            >
                <option value="">"Choose a project…"</option>
                {options}
            </select>
            {none
                .then(|| {
                    view! {
                        <p class="help">
                            "There is no project yet: " <a href="/projects/new">"upload a CSV"</a> " first."
                        </p>
                    }
                })}
            <FieldProblem problems field="project_id"/>
        </div>
    }
    .into_any()
}
