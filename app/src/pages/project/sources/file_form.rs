//! Sends a file into a project: with its progress, or as a plain form post.

use leptos::{either::Either, html, prelude::*, task::spawn_local};
use model::ProjectId;

use crate::components::{icon::Icon, notice::use_notices, upload};

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Choosing,
    Sending(f64),
    Failed(String),
}

/// `replaces`: the file's name in the project, whatever it is called on the sender's disk; `None` adds it under its own.
#[component]
pub fn FileForm(id: ProjectId, replaces: Option<String>) -> impl IntoView {
    let stage = RwSignal::new(Stage::Choosing);
    let input = NodeRef::<html::Input>::new();
    let notices = use_notices();
    let posted_as = replaces.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(element) = input.get_untracked() else { return };
        let Some(file) = upload::chosen(&element).into_iter().next() else { return };
        let name = replaces.clone().unwrap_or_else(|| file.name());
        stage.set(Stage::Sending(0.0));
        spawn_local(async move {
            let progress = move |share| drop(stage.try_set(Stage::Sending(share)));
            match upload::send(id, &name, &file, progress).await {
                Ok(()) => {
                    notices.say(format!("{name} is in the project."));
                    element.set_value("");
                    stage.try_set(Stage::Choosing);
                }
                Err(problem) => drop(stage.try_set(Stage::Failed(problem))),
            }
        });
    };
    let outcome = move || match stage.get() {
        Stage::Choosing => None,
        Stage::Sending(share) => Some(Either::Left(view! {
            <progress max="1" value=format!("{share:.3}") aria-label="Sent"></progress>
        })),
        Stage::Failed(problem) => Some(Either::Right(view! { <p class="error">{problem}</p> })),
    };
    view! {
        <form
            class="file-form"
            method="post"
            action="/projects/upload"
            enctype="multipart/form-data"
            on:submit=submit
        >
            <input type="hidden" name="project" value=id.to_string()/>
            {posted_as.map(|name| view! { <input type="hidden" name="as" value=name/> })}
            <input
                type="file"
                name="file"
                required
                aria-label="File"
                accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
                node_ref=input
            />
            <button class="button" disabled=move || matches!(stage.get(), Stage::Sending(_))>
                {Icon::Import.view()}
                "Upload"
            </button>
            <div class="field" role="status">
                {outcome}
            </div>
        </form>
    }
}
