//! `/workflows/new` and `/workflows/:id/edit`: the form.
//!
//! It is posted to its own page, which comes back with the same values and with what is wrong, or leads on when it was
//! saved. While someone types, the browser posts it in the same way to see what it means (`data-preview`).

pub mod conflict;
pub mod field;
pub mod notifications;
pub mod reliability;
pub mod schedule;
pub mod steps;

use std::str::FromStr as _;

use conflict::ConflictNotice;
use field::{ProblemSummary, Unready, problems_of};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{Error, ProjectId, WorkflowId, limits, project::ProjectName};
use notifications::Notifications;
use reliability::Reliability;
use schedule::ScheduleFields;
use steps::Steps;

use crate::{
    api::workflow_form::{self, fields::WorkflowForm},
    components::{
        field_problem::{FieldProblem, Problems},
        loaded::Loaded,
    },
};

#[component]
pub fn NewWorkflowPage() -> impl IntoView {
    let project = use_query_map().read_untracked().get("project").and_then(|text| ProjectId::from_str(&text).ok());
    view! {
        <Loaded data=workflow_form::open(None, project) let:form>
            <Form form/>
        </Loaded>
    }
    .into_any()
}

#[component]
pub fn EditWorkflowPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|text| WorkflowId::from_str(&text).ok());
    let form = async move {
        let id = id.ok_or_else(|| Error::not_found("workflow"))?;
        workflow_form::open(Some(id), None).await
    };
    view! {
        <Loaded data=form let:form>
            <Form form/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Form(form: WorkflowForm) -> impl IntoView {
    let problems = problems_of(&form);
    let WorkflowForm { id, stored_name, fields, projects, time_zones, preview, unready, refusal, tested } = form;
    let heading = stored_name.map_or_else(|| "New workflow".to_owned(), |name| format!("Edit {name}"));
    let (page, back) = match id {
        Some(id) => (format!("/workflows/{id}/edit"), format!("/workflows/{id}")),
        None => ("/workflows/new".to_owned(), "/workflows".to_owned()),
    };
    let action = page.clone();
    let refused = refusal.word().map(|word| view! { <input type="hidden" name="refused" value=word.as_str()/> });
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
        <form class="workflow-form stack" method="post" action=action data-preview="" data-guard="">
            // The first button is the one that Enter presses.
            <button class="visually-hidden" tabindex="-1" aria-hidden="true" name="intent" value="save"></button>
            <input type="hidden" name="version" value=fields.version/>
            {refused}
            <ProblemSummary refusal=refusal.problems/>
            <ConflictNotice conflict=refusal.conflict page/>
            <section class="sheet stack" data-key="what">
                <NameField problems=problems.clone() name=fields.name.clone()/>
                <ProjectField problems=problems.clone() projects chosen=fields.project.clone()/>
                <Steps problems=problems.clone() steps=fields.steps.clone() later_start=fields.later_start/>
                <Unready problems=unready project=fields.project.clone()/>
            </section>
            <ScheduleFields problems=problems.clone() fields=fields.clone() time_zones preview/>
            <Reliability problems=problems.clone() fields=fields.clone()/>
            <Notifications problems fields=fields.notifications tested may_test=id.is_some()/>
            <div class="actions">
                <button class="button main" name="intent" value="save">
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
fn ProjectField(problems: Problems, projects: Vec<ProjectName>, chosen: String) -> impl IntoView {
    let none = projects.is_empty().then(|| {
        view! {
            <p class="help">"There is no project yet: " <a href="/projects/new">"upload a CSV"</a> " first."</p>
        }
    });
    let option = |project: ProjectName| {
        let id = project.id.to_string();
        let selected = id == chosen;
        view! {
            <option value=id selected=selected>
                {project.name}
            </option>
        }
    };
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
                {projects.into_iter().map(option).collect_view()}
            </select>
            {none}
            <FieldProblem problems field="project_id"/>
        </div>
    }
    .into_any()
}
