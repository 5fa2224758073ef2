//! What is said at the fields of the form, and reading the form for sending.

use leptos::prelude::*;
use model::FieldError;
use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

use crate::api::{
    schedules::PreviewAnswer,
    workflow_form::fields::{Conflict, Refusal},
};

/// Everything that is wrong with the form now: why it was not saved, and what the preview says of the schedule.
#[derive(Clone, Copy)]
pub struct Problems {
    refusal: RwSignal<Refusal>,
    preview: RwSignal<PreviewAnswer>,
    all: Memo<Vec<FieldError>>,
}

impl Problems {
    pub fn new(refusal: Refusal, preview: PreviewAnswer) -> Self {
        let (refusal, preview) = (RwSignal::new(refusal), RwSignal::new(preview));
        let all = Memo::new(move |_| {
            let mut all = refusal.with(|refusal| refusal.problems.clone());
            for problem in preview.with(|preview| preview.problems.clone()) {
                if !all.contains(&problem) {
                    all.push(problem);
                }
            }
            all
        });
        Self { refusal, preview, all }
    }

    pub fn refuse(self, refusal: Refusal) {
        self.refusal.try_set(refusal);
    }

    /// The preview is newer than the refusal: what that said of the schedule holds no longer.
    pub fn previewed(self, answer: PreviewAnswer) {
        self.refusal.try_update(|refusal| refusal.problems.retain(|problem| !is_schedule(&problem.field)));
        self.preview.try_set(answer);
    }

    pub fn preview(self) -> RwSignal<PreviewAnswer> {
        self.preview
    }

    pub fn conflict(self) -> Option<Conflict> {
        self.refusal.with(|refusal| refusal.conflict.clone())
    }

    pub fn at(self, field: &str) -> Option<String> {
        self.all.with(|all| all.iter().find(|problem| problem.field == field).map(|problem| problem.message.clone()))
    }

    /// For `aria-invalid`.
    pub fn invalid(self, field: &'static str) -> impl Fn() -> Option<&'static str> + Clone + 'static {
        move || self.at(field).map(|_| "true")
    }

    /// Problems of the project's configuration, which no field of this form can mend.
    fn of_configuration(self) -> Vec<FieldError> {
        self.all.with(|all| all.iter().filter(|problem| !is_field(&problem.field)).cloned().collect())
    }
}

/// The fields of the form, by their paths in the API. `""` is the form as a whole.
const FIELDS: [&str; 11] = [
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
];

fn is_field(field: &str) -> bool {
    FIELDS.contains(&field)
}

fn is_schedule(field: &str) -> bool {
    field.starts_with("schedule") || field == "time_zone"
}

/// The problem at one field. Its element is there from the start, because inputs point at it.
#[component]
pub fn FieldProblem(problems: Problems, field: &'static str) -> impl IntoView {
    let message = Memo::new(move |_| problems.at(field));
    let id = format!("{field}-problem");
    view! {
        <div id=id>
            {move || message.get().map(|message| view! { <p class="error">{sentence(&message)}</p> })}
        </div>
    }
}

/// `must be at least 1` → `Must be at least 1.`
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let Some(first) = chars.next() else { return String::new() };
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), chars.as_str())
}

/// How many problems keep the form from being saved, with the way to the first.
#[component]
pub fn ProblemSummary(problems: Problems) -> impl IntoView {
    let content = move || {
        let (count, first, whole) = problems.refusal.with(|refusal| {
            let first = refusal.problems.iter().map(|problem| problem.field.clone()).find(|field| is_field(field));
            (refusal.problems.len(), first.filter(|field| !field.is_empty()), problems.at(""))
        });
        if count == 0 {
            return None;
        }
        let words = if count == 1 {
            "Not saved: one thing has to be mended".to_owned()
        } else {
            format!("Not saved: {count} things have to be mended")
        };
        Some(view! {
            <div class="cause">
                {words}
                {first.map(|field| view! { ", " <a href=format!("#{field}") rel="external">"starting here"</a> })}
                ". Everything typed is still there."
                {whole.map(|message| view! { <p>{sentence(&message)}</p> })}
            </div>
        })
    };
    view! { <div role="alert">{content}</div> }
}

/// What has to be mended in the project before the chosen steps can run, with the link to it.
#[component]
pub fn ProjectLink(problems: Problems, project: String) -> impl IntoView {
    move || {
        let list = problems.of_configuration();
        if list.is_empty() {
            return None;
        }
        let project = chosen_project().unwrap_or_else(|| project.clone());
        Some(view! {
            <div class="cause">
                "The project is not ready for these steps:"
                <ul>
                    {list
                        .into_iter()
                        .map(|problem| view! { <li><code>{problem.field}</code> " " {problem.message}</li> })
                        .collect_view()}
                </ul>
                <a href=format!("/projects/{project}?tab=configuration") target="_blank">
                    "Open its configuration"
                </a>
                " (in a new tab, so that nothing typed here is lost)"
            </div>
        })
    }
}

/// The project that is chosen in the form at this moment; on the server, the one that the form came with.
fn chosen_project() -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;

        let select = document().get_element_by_id("project_id")?;
        Some(select.dyn_into::<web_sys::HtmlSelectElement>().ok()?.value())
    }
    #[cfg(not(feature = "hydrate"))]
    None
}

/// The form as a browser posts it.
pub fn encoded(form: &HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some(String::from(fields.to_string()))
}
