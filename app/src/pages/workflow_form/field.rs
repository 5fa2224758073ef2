//! What is said at the fields of the form.

use leptos::prelude::*;
use model::FieldError;

use crate::{
    api::workflow_form::fields::WorkflowForm,
    components::field_problem::{FieldProblem, Problems, is_at},
    format::sentence,
};

/// Everything that is wrong with the form now: why it was not saved, and what the preview says of the schedule.
pub fn problems_of(form: &WorkflowForm) -> Problems {
    let sources = [&form.refusal.problems, &form.preview.problems, &form.unready, &form.tested.problems];
    sources.into_iter().flatten().cloned().collect()
}

/// The fields of the form, by their paths in the API. `""` is the form as a whole.
const FIELDS: [&str; 15] = [
    "",
    "name",
    "project_id",
    "steps",
    "schedule.every",
    "schedule.expression",
    "time_zone",
    "retries",
    "retry_delays_s",
    "suspend_after",
    "timeout_s",
    "notifications.emails",
    "notifications.webhooks",
    "notifications.longer_than_s",
    "notifications.digest_hour",
];

/// The field of the form that a problem belongs to, if it is one of this form.
fn field_of(problem: &FieldError) -> Option<&'static str> {
    FIELDS.into_iter().find(|field| is_at(problem, field))
}

/// A field for a number, with what it means.
#[component]
pub fn NumberField(
    problems: Problems,
    /// Its path in the API.
    field: &'static str,
    /// Its name in the form.
    name: &'static str,
    label: &'static str,
    value: String,
    help: &'static str,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=field>{label}</label>
            <input
                id=field
                name=name
                value=value
                inputmode="decimal"
                autocomplete="off"
                aria-describedby=format!("{field}-problem")
                aria-invalid=problems.invalid(field)
            />
            <p class="help">{help}</p>
            <FieldProblem problems field=field/>
        </div>
    }
    .into_any()
}

/// How many problems keep the form from being saved, with the way to the first.
#[component]
pub fn ProblemSummary(
    /// What it was not saved for; empty when nobody tried.
    refusal: Vec<FieldError>,
) -> impl IntoView {
    let words = match refusal.len() {
        0 => None,
        1 => Some("Not saved: one thing has to be mended".to_owned()),
        count => Some(format!("Not saved: {count} things have to be mended")),
    };
    let whole = refusal.iter().find(|problem| problem.field.is_empty()).map(|problem| sentence(&problem.message));
    let first = refusal.iter().filter_map(field_of).find(|field| !field.is_empty());
    let summary = words.map(|words| {
        view! {
            <div class="cause">
                {words} {first.map(|field| view! { ", " <a href=format!("#{field}")>"starting here"</a> })}
                ". Everything typed is still there." {whole.map(|message| view! { <p>{message}</p> })}
            </div>
        }
    });
    view! {
        <div role="alert" data-key="summary">
            {summary}
        </div>
    }
    .into_any()
}

/// What has to be mended in the project before the chosen steps can run, with the link to it. No field of this form can
/// mend it.
#[component]
pub fn Unready(problems: Vec<FieldError>, project: String) -> impl IntoView {
    let problems: Vec<_> = problems.into_iter().filter(|problem| field_of(problem).is_none()).collect();
    (!problems.is_empty()).then(|| {
        view! {
            <div class="cause" data-key="unready">
                "The project is not ready for these steps:"
                <ul>
                    {problems
                        .into_iter()
                        .map(|problem| view! { <li><code>{problem.field}</code> " " {problem.message}</li> })
                        .collect_view()}
                </ul>
                <a href=format!("/projects/{project}?tab=configuration") target="_blank">
                    "Open its configuration"
                </a>
                " (in a new tab, so that nothing typed here is lost)"
            </div>
        }
    })
}
