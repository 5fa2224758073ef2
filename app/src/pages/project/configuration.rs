//! The Configuration tab: name and settings as one JSON document in a plain text area.
//!
//! With JavaScript it is saved in place; without, the form is posted to this page, which comes back with what is wrong.
//! In both cases the text stays as it was typed.

use leptos::{either::Either, html, prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use model::{ProjectId, limits};

use super::suggest::SuggestAgain;
use crate::{
    api::{
        self, ApiError,
        projects::document::{Document, DocumentRefusal, SavedDocument, StoredDocument, SyntaxProblem},
    },
    components::{icon::Icon, loaded::Loaded, notice::use_notices},
};

#[component]
pub fn ConfigurationTab(id: ProjectId, document: Resource<Result<Option<Document>, ApiError>>) -> impl IntoView {
    view! {
        <div class="stack">
            <Loaded data=move || async move { document.await } let:document>
                {document.map(|document| view! { <Editor id document/> })}
            </Loaded>
            <SuggestAgain id shows_settings=true/>
        </div>
    }
    .into_any()
}

#[component]
fn Editor(id: ProjectId, document: Document) -> impl IntoView {
    let Document { name, text, version, refusal } = document;
    let refusal = RwSignal::new(refusal);
    let version = RwSignal::new(version);
    let saving = RwSignal::new(false);
    let name_input = NodeRef::<html::Input>::new();
    let area = NodeRef::<html::Textarea>::new();
    let notices = use_notices();
    let rows = text.lines().count().clamp(16, 40);

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(name), Some(area)) = (name_input.get_untracked(), area.get_untracked()) else { return };
        saving.set(true);
        spawn_local(async move {
            let call = api::projects::document::save_document(id, name.value(), area.value(), version.get_untracked());
            let answer = call.await;
            saving.try_set(false);
            match answer {
                Ok(SavedDocument::Yes(saved)) => {
                    refusal.try_set(DocumentRefusal::default());
                    version.try_set(saved);
                    notices.say(format!("Saved as version {saved}."));
                }
                Ok(SavedDocument::No(why)) => {
                    if let Some(stored) = &why.stored {
                        version.try_set(stored.version);
                    }
                    if let Some(syntax) = &why.syntax {
                        select_line(&area, syntax);
                    }
                    refusal.try_set(why);
                }
                Err(error) => notices.refuse(&error),
            }
        });
    };
    let name_problem = move || refusal.with(|refusal| message_at(refusal, "name"));
    view! {
        <form class="sheet stack" method="post" action=format!("/projects/{id}?tab=configuration") on:submit=submit>
            <JustSaved/>
            <Refused refusal/>
            <input type="hidden" name="version" prop:value=move || version.get().to_string() value=version.get_untracked()/>
            <div class="field narrow-field">
                <label for="project-name">"Name"</label>
                <input
                    id="project-name"
                    name="name"
                    value=name
                    maxlength=limits::NAME_CHARS_MAX
                    autocomplete="off"
                    node_ref=name_input
                />
                {move || name_problem().map(|message| view! { <p class="error">{message}</p> })}
            </div>
            <div class="field">
                <label for="document">"Settings of all six steps"</label>
                <textarea
                    id="document"
                    class="code"
                    name="document"
                    rows=rows
                    spellcheck="false"
                    autocapitalize="off"
                    autocomplete="off"
                    aria-describedby="document-help"
                    aria-invalid=move || refusal.with(|refusal| refusal.syntax.is_some()).then_some("true")
                    node_ref=area
                >
                    {text}
                </textarea>
                <p id="document-help" class="help">
                    "JSON. The next run uses what is saved here; a run that is under way keeps what it started with. "
                    {move || format!("This text started from version {}.", version.get())}
                </p>
            </div>
            <div class="actions">
                <button class="button main" disabled=move || saving.get()>
                    "Save settings"
                </button>
                <a class="button quiet" href=format!("/projects/{id}?tab=configuration") rel="external">
                    "Discard changes"
                </a>
            </div>
            {move || refusal.with(|refusal| refusal.stored.clone()).map(|stored| view! { <Stored stored/> })}
        </form>
    }
    .into_any()
}

/// After a plain form post the page is loaded anew, and says here that the save worked.
#[component]
fn JustSaved() -> impl IntoView {
    let query = use_query_map();
    move || {
        let version = query.with(|query| query.get("saved")).and_then(|text| text.parse::<i64>().ok())?;
        Some(view! {
            <div class="notice" role="status">
                {Icon::Check.view()} <p>{format!("Saved as version {version}.")}</p>
            </div>
        })
    }
}

#[component]
fn Refused(refusal: RwSignal<DocumentRefusal>) -> impl IntoView {
    let content = move || {
        let DocumentRefusal { syntax, problems, stored } = refusal.get();
        let problems: Vec<_> = problems.into_iter().filter(|problem| problem.field != "name").collect();
        match (syntax, problems.is_empty(), stored) {
            (Some(SyntaxProblem { line, column, message }), _, _) => {
                Some(Either::Left(format!("Not saved. Line {line}, column {column}: {message}.")))
            }
            (None, true, Some(stored)) => Some(Either::Left(format!(
                "Not saved: version {} was stored meanwhile. It is shown below. \
                 Take over what you need and save again; saving replaces it.",
                stored.version
            ))),
            (None, true, None) => None,
            (None, false, _) => Some(Either::Right(view! {
                "Not saved:"
                <ul>
                    {problems
                        .into_iter()
                        .map(|problem| view! { <li><code>{problem.field}</code> " " {problem.message}</li> })
                        .collect_view()}
                </ul>
            })),
        }
    };
    view! {
        <div role="alert">
            {move || content().map(|content| view! { <div class="cause">{content}</div> })}
        </div>
    }
}

/// The version that someone else saved, for reading and copying.
#[component]
fn Stored(stored: StoredDocument) -> impl IntoView {
    let StoredDocument { name, text, version } = stored;
    view! {
        <section class="field">
            <label for="stored-document">{format!("Stored now: version {version}, “{name}”")}</label>
            <textarea id="stored-document" class="code" rows="16" readonly spellcheck="false">
                {text}
            </textarea>
        </section>
    }
}

fn message_at(refusal: &DocumentRefusal, field: &str) -> Option<String> {
    refusal.problems.iter().find(|problem| problem.field == field).map(|problem| problem.message.clone())
}

/// Puts the cursor where the text cannot be read.
fn select_line(area: &web_sys::HtmlTextAreaElement, problem: &SyntaxProblem) {
    let text = area.value();
    let before: usize = text.split('\n').take(problem.line.saturating_sub(1)).map(|line| utf16(line) + 1).sum();
    let line = text.split('\n').nth(problem.line.saturating_sub(1)).unwrap_or_default();
    let (start, end) = (u32::try_from(before), u32::try_from(before + utf16(line)));
    if let (Ok(start), Ok(end)) = (start, end) {
        // Refused only for input types without text.
        let _ = area.focus();
        let _ = area.set_selection_range(start, end);
    }
}

/// Browsers count in UTF-16 units.
fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}
