//! The Configuration tab: name and settings as one JSON document in a plain text area.
//!
//! The form is posted to this page, which comes back with what is wrong; the text stays as it was typed.

use leptos::{either::Either, prelude::*};
use model::{ProjectId, limits};

use super::{cleansing::CleansingPreview, estimate::BlockingPreview, merging::MergingPreview, suggest::SuggestAgain};
use crate::api::projects::{
    BlockingSeen, CleansingSeen, MergingSeen,
    document::{Document, DocumentRefusal, StoredDocument, SyntaxProblem},
};

#[component]
pub fn ConfigurationTab(
    id: ProjectId,
    document: Document,
    cleansing: CleansingSeen,
    blocking: BlockingSeen,
    merging: MergingSeen,
) -> impl IntoView {
    view! {
        <div class="stack" data-key="configuration">
            <Editor id document/>
            <CleansingPreview seen=cleansing/>
            <BlockingPreview id seen=blocking/>
            <MergingPreview seen=merging/>
            <SuggestAgain id/>
        </div>
    }
    .into_any()
}

#[component]
fn Editor(id: ProjectId, document: Document) -> impl IntoView {
    let Document { name, text, version, refusal } = document;
    let rows = text.lines().count().clamp(16, 40);
    let name_problem = refusal.problems.iter().find(|problem| problem.field == "name");
    let name_problem = name_problem.map(|problem| problem.message.clone());
    let unreadable = refusal.syntax.is_some().then_some("true");
    let stored = refusal.stored.clone();
    view! {
        <form class="sheet stack" method="post" action=format!("/projects/{id}?tab=configuration") data-guard="">
            <Refused refusal/>
            <input type="hidden" name="version" value=version/>
            <div class="field narrow-field">
                <label for="project-name">"Name"</label>
                <input
                    id="project-name"
                    name="name"
                    value=name
                    maxlength=limits::NAME_CHARS_MAX
                    autocomplete="off"
                    aria-describedby="name-problem"
                    aria-invalid=name_problem.is_some().then_some("true")
                />
                <div id="name-problem">{name_problem.map(|message| view! { <p class="error">{message}</p> })}</div>
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
                    aria-invalid=unreadable
                >
                    {text}
                </textarea>
                <p id="document-help" class="help">
                    "JSON. The next run uses what is saved here; a run that is under way keeps what it started with. "
                    {format!("This text started from version {version}.")}
                </p>
            </div>
            <div class="actions">
                <button class="button main">"Save settings"</button>
                <a class="button quiet" href=format!("/projects/{id}?tab=configuration")>
                    "Discard changes"
                </a>
            </div>
            {stored.map(|stored| view! { <Stored stored/> })}
        </form>
    }
    .into_any()
}

/// Why it was not saved, apart from what is said at the name.
#[component]
fn Refused(refusal: DocumentRefusal) -> impl IntoView {
    let DocumentRefusal { syntax, problems, stored } = refusal;
    let problems: Vec<_> = problems.into_iter().filter(|problem| problem.field != "name").collect();
    let content = match (syntax, problems.is_empty(), stored) {
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
    };
    view! {
        <div role="alert" data-key="refused">
            {content.map(|content| view! { <div class="cause" tabindex="-1" data-attention="">{content}</div> })}
        </div>
    }
    .into_any()
}

/// The version that someone else saved, for reading and copying.
#[component]
fn Stored(stored: StoredDocument) -> impl IntoView {
    let StoredDocument { name, text, version } = stored;
    view! {
        <section class="field" data-key="stored">
            <label for="stored-document">{format!("Stored now: version {version}, “{name}”")}</label>
            <textarea id="stored-document" class="code" rows="16" readonly spellcheck="false">
                {text}
            </textarea>
        </section>
    }
    .into_any()
}
