//! `/projects/new`: from a CSV file to a project with suggested settings.
//!
//! With JavaScript the files are sent one by one with their progress. Without, the form posts one file to
//! `/projects/upload`, and the server leads on to the project, or back here with what was wrong.

mod creation;

use creation::{Creation, Stage};
use leptos::{either::Either, ev, html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_query_map};
use model::limits;

use crate::{
    components::{icon::Icon, upload},
    format,
};

#[component]
pub fn NewProjectPage() -> impl IntoView {
    view! {
        <Title text="New project"/>
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/projects">"Projects"</a>
                </p>
                <h1>"New project"</h1>
            </div>
        </header>
        <NewProjectForm/>
    }
    .into_any()
}

#[component]
fn NewProjectForm() -> impl IntoView {
    let query = use_query_map();
    // What a plain form post brought back.
    let posted_name = query.with_untracked(|query| query.get("name")).unwrap_or_default();
    let posted_problem = query.with_untracked(|query| query.get("problem"));
    let creation = Creation::new(posted_problem);
    let name = NodeRef::<html::Input>::new();
    let navigate = use_navigate();

    let choose = move |event: ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        creation.choose(upload::chosen(&input));
        if let (Some(name), Some(suggestion)) = (name.get_untracked(), creation.name_suggestion()) {
            // A name that was typed stays.
            if name.value().trim().is_empty() || creation.suggested_before(&name.value()) {
                name.set_value(&suggestion);
                creation.remember_suggestion(suggestion);
            }
        }
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !creation.busy() {
            let name = name.get_untracked().map(|input| input.value()).unwrap_or_default();
            creation.start(name, navigate.clone());
        }
    };
    view! {
        <form
            class="form sheet narrow"
            method="post"
            action="/projects/upload"
            enctype="multipart/form-data"
            on:submit=submit
        >
            <div class="field">
                <label for="name">"Name"</label>
                <input
                    id="name"
                                        name="name"
                    value=posted_name
                    maxlength=limits::NAME_CHARS_MAX
                    autocomplete="off"
                    aria-describedby="name-hint"
                    node_ref=name
                />
                <p id="name-hint" class="help">"Left empty, the project is called like the file."</p>
            </div>
            <DropZone creation choose/>
            <Outcome creation/>
            <div class="actions">
                <button class="button main" disabled=move || creation.busy()>
                    "Create project"
                </button>
                <a class="button quiet" href="/projects">
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}

/// The file input covers its zone, so that dropping a file works by itself, with or without JavaScript.
#[component]
fn DropZone(creation: Creation, choose: impl Fn(ev::Event) + 'static) -> impl IntoView {
    let over = RwSignal::new(false);
    let files = move || creation.files();
    view! {
        <div class="field">
            <span id="file-label" class="label">"Files"</span>
            <div class="drop-zone" class:over=move || over.get()>
                {Icon::Import.view()}
                <p>
                    <strong>"Choose CSV files"</strong>
                    " or drop them here"
                </p>
                <p class="help">
                    "Comma, semicolon or tab; UTF-8, UTF-16 or Latin-1; the first line names the columns."
                </p>
                <input
                    type="file"
                    name="file"
                    accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
                    multiple
                    required
                    aria-labelledby="file-label"
                    on:change=choose
                    on:dragenter=move |_| over.set(true)
                    on:dragleave=move |_| over.set(false)
                    on:drop=move |_| over.set(false)
                />
            </div>
            <ul class="chosen-files" role="list" hidden=move || files().is_empty()>
                <For each=files key=|file| file.clone() let:file>
                    <li>
                        {Icon::Project.view()} <span>{file.0}</span>
                        <span class="soft">{format::bytes(file.1)}</span>
                    </li>
                </For>
            </ul>
        </div>
    }
    .into_any()
}

/// What is being done, or why it did not work.
#[component]
fn Outcome(creation: Creation) -> impl IntoView {
    let outcome = move || match creation.stage() {
        Stage::Choosing => None,
        Stage::Failed(problem) => Some(Either::Left(view! {
            <div class="notice error" role="alert">
                {Icon::Alert.view()} <p>{problem}</p>
            </div>
        })),
        Stage::Working { words, share } => Some(Either::Right(view! {
            <div class="working">
                <p>{words}</p>
                <progress max="1" value=share.map(|share| format!("{share:.3}"))></progress>
            </div>
        })),
    };
    view! { <div role="status">{outcome}</div> }
}
