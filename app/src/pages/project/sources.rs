//! The Sources tab: every source as it was uploaded, imported and profiled; replacing a file and adding one.

pub mod file_form;

use file_form::FileForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{
    ProjectId,
    config::source::Encoding,
    results::{ImportedSource, SourceProfile},
};

use super::{profile_table::ProfileTable, suggest::SuggestAgain};
use crate::{
    api::{
        ApiError,
        projects::{ProjectHead, SourceHead, SourcesSeen, quality_word},
    },
    components::{
        icon::Icon,
        loaded::Loaded,
        time::{Saying, Time},
    },
    format,
};

#[component]
pub fn SourcesTab(head: Signal<ProjectHead>, seen: Resource<Result<Option<SourcesSeen>, ApiError>>) -> impl IntoView {
    let id = head.with_untracked(|head| head.id);
    let names =
        Memo::new(move |_| head.with(|head| head.sources.iter().map(|source| source.name.clone()).collect::<Vec<_>>()));
    view! {
        <div class="stack">
            <PostedFile/>
            <For each=move || names.get() key=|name| name.clone() let:name>
                <SourceSection id name head seen/>
            </For>
            <section class="sheet stack">
                <h2>"Add a file"</h2>
                <p class="soft">
                    "It becomes a source of its own, read side by side with the others. \
                     Settings stay as they are until you ask for suggestions again."
                </p>
                <FileForm id replaces=None/>
            </section>
            <SuggestAgain id/>
        </div>
    }
    .into_any()
}

/// Why a file that was sent by a plain form post is not in the project.
#[component]
fn PostedFile() -> impl IntoView {
    let query = use_query_map();
    move || {
        let problem = query.with(|query| query.get("problem"))?;
        Some(view! {
            <div class="notice error" role="alert">
                {Icon::Alert.view()} <p>{problem}</p>
            </div>
        })
    }
}

/// Found by name each time, so that the section stays while its facts change.
#[component]
fn SourceSection(
    id: ProjectId,
    name: String,
    head: Signal<ProjectHead>,
    seen: Resource<Result<Option<SourcesSeen>, ApiError>>,
) -> impl IntoView {
    let wanted = name.clone();
    let source =
        Memo::new(move |_| head.with(|head| head.sources.iter().find(|source| source.name == wanted).cloned()));
    let file_name = source.with_untracked(|source| source.as_ref().map(|source| source.file_name.clone()));
    view! {
        <section class="sheet stack">
            {move || source.get().map(|source| view! { <SourceFacts source/> })}
            <Loaded data=move || async move { seen.await } let:seen>
                {seen.map(|seen| view! { <Seen name=name.clone() seen/> })}
            </Loaded>
            <details class="replace-file">
                <summary>"Replace this file"</summary>
                <FileForm id replaces=file_name/>
            </details>
        </section>
    }
    .into_any()
}

#[component]
fn SourceFacts(source: SourceHead) -> impl IntoView {
    let SourceHead { name, file, file_name } = source;
    let words = match file {
        Some(file) => view! {
            <p class="soft">
                {file_name} " · " {format::bytes(file.bytes)} " · uploaded "
                <Time at=file.uploaded_at saying=Saying::Moment/>
            </p>
        }
        .into_any(),
        None => view! { <p class="cause">{file_name} " was never uploaded. Upload it, or name another file."</p> }
            .into_any(),
    };
    view! {
        <header>
            <h2>{name}</h2>
            {words}
        </header>
    }
    .into_any()
}

#[component]
fn Seen(name: String, seen: SourcesSeen) -> impl IntoView {
    let imported = seen.import.and_then(|import| import.sources.into_iter().find(|source| source.name == name));
    let profile = seen.profile.and_then(|profile| profile.sources.into_iter().find(|source| source.name == name));
    let nothing = imported.is_none() && profile.is_none();
    view! {
        <div class="stack">
            {nothing.then(|| view! { <p class="soft">"Rows, columns and profile appear with the first run."</p> })}
            <dl class="facts">
                {imported.map(|source| view! { <Imported source/> })}
                {profile.as_ref().map(|profile| view! { <Quality profile=profile.clone()/> })}
            </dl>
            {profile.map(|profile| view! { <ProfileTable profile at=seen.profiled_at/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Imported(source: ImportedSource) -> impl IntoView {
    let rejected = (source.rejected > 0).then_some("waiting");
    view! {
        <div>
            <dt>"Rows"</dt>
            <dd>{format::number(source.rows)}</dd>
        </div>
        <div>
            <dt>"Columns"</dt>
            <dd>{source.columns.len()}</dd>
        </div>
        <div>
            <dt>"Rejected rows"</dt>
            <dd class=rejected>{format::number(source.rejected)}</dd>
        </div>
        <div>
            <dt>"Encoding"</dt>
            <dd>{encoding_words(source.encoding)}</dd>
        </div>
        <div>
            <dt>"Delimiter"</dt>
            <dd>{delimiter_words(source.delimiter)}</dd>
        </div>
    }
}

/// The score as a word too, and what it is made of: spec/pipeline.md, section 2.
#[component]
fn Quality(profile: SourceProfile) -> impl IntoView {
    let word = quality_word(profile.quality);
    let class = match word {
        "good" => "success",
        "review" => "waiting",
        _ => "failed",
    };
    let parts: Vec<String> = profile
        .quality_parts
        .iter()
        .map(|part| format!("{} {:.0} (weight {:.0} %)", part.name, part.score, part.weight * 100.0))
        .collect();
    view! {
        <div>
            <dt>"Quality"</dt>
            <dd>
                <span class=class>{format!("{:.0} – {word}", profile.quality)}</span>
                " "
                <small>{parts.join(", ")}</small>
            </dd>
        </div>
    }
}

const fn encoding_words(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16 (little endian)",
        Encoding::Utf16Be => "UTF-16 (big endian)",
        Encoding::Latin1 => "Latin-1",
    }
}

fn delimiter_words(delimiter: char) -> String {
    match delimiter {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        '|' => "pipe".to_owned(),
        ' ' => "blank".to_owned(),
        other => format!("“{other}”"),
    }
}
