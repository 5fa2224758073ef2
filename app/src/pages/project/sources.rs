//! The Sources tab: every source as it was uploaded, imported and profiled; replacing a file and adding one.

use leptos::{either::EitherOf3, prelude::*};
use model::{
    ProjectId, Role,
    config::source::Encoding,
    results::{ImportedSource, SourceProfile},
};

use super::{
    drift::SourceDrift, elsewhere_form::ElsewhereForm, file_form::FileForm, profile_table::ProfileTable,
    secrets::Secrets, suggest::SuggestAgain,
};
use crate::{
    api::projects::{ProjectHead, SourceHead, SourcesSeen, elsewhere::SourceForm, quality_word},
    components::{
        allowed::may,
        time::{Saying, Time},
    },
    format,
};

#[component]
pub fn SourcesTab(head: ProjectHead, seen: SourcesSeen, form: SourceForm) -> impl IntoView {
    let id = head.id;
    let secrets = seen.secrets.clone();
    let names = secrets.clone().unwrap_or_default();
    let sections = head.sources.into_iter().map(|source| view! { <SourceSection id source seen=seen.clone()/> });
    view! {
        <div class="stack" data-key="sources">
            {sections.collect_view()}
            {may(Role::Editor, id).then(|| view! {
                <section class="sheet stack" data-key="add">
                    <h2>"Add a source"</h2>
                    <p class="soft">
                        "A file becomes a source of its own, read side by side with the others. \
                         Settings stay as they are until you ask for suggestions again."
                    </p>
                    <FileForm id replaces=None/>
                    <ElsewhereForm id form secrets=names/>
                </section>
            })}
            <SuggestAgain id/>
            {secrets.map(|secrets| view! { <Secrets id secrets/> })}
        </div>
    }
    .into_any()
}

#[component]
fn SourceSection(id: ProjectId, source: SourceHead, seen: SourcesSeen) -> impl IntoView {
    let SourceHead { name, file_name, elsewhere, .. } = source.clone();
    let (section, form) = (format!("source {name}"), file_name.clone());
    view! {
        <section class="sheet stack" data-key=section>
            <SourceFacts source/>
            <Seen name seen/>
            {(!elsewhere && may(Role::Editor, id)).then(|| view! {
                <details class="unfolds" data-key=form>
                    <summary>"Replace this file"</summary>
                    <FileForm id replaces=Some(file_name)/>
                </details>
            })}
        </section>
    }
    .into_any()
}

#[component]
fn SourceFacts(source: SourceHead) -> impl IntoView {
    let SourceHead { name, file, file_name, elsewhere, format } = source;
    let read_as = format.map(|format| format!(" · read as {format}"));
    let words = match file {
        _ if elsewhere => EitherOf3::A(view! {
            <p class="soft">{file_name} " · read anew in every run" {read_as}</p>
        }),
        Some(file) => EitherOf3::B(view! {
            <p class="soft">
                {file_name} " · " {format::bytes(file.bytes)} " · uploaded "
                <Time at=file.uploaded_at saying=Saying::Moment/>
                {read_as}
            </p>
        }),
        None => EitherOf3::C(view! {
            <p class="cause">{file_name} " was never uploaded. Upload it, or name another file."</p>
        }),
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
    let drift = seen.profile.as_ref().and_then(|profile| profile.drift.clone()).map(|drift| (name.clone(), drift));
    let profile = seen.profile.and_then(|profile| profile.sources.into_iter().find(|source| source.name == name));
    let nothing = imported.is_none() && profile.is_none();
    view! {
        <div class="stack">
            {nothing.then(|| view! { <p class="soft">"Rows, columns and profile appear with the first run."</p> })}
            <dl class="facts">
                {imported.map(|source| view! { <Imported source/> })}
                {profile.as_ref().map(|profile| view! { <Quality profile=profile.clone()/> })}
            </dl>
            {drift.map(|(source, drift)| view! { <SourceDrift source drift/> })}
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
            <dt>"Format"</dt>
            <dd>{source.format.words()}</dd>
        </div>
        {source.sheet.map(|sheet| view! { <div><dt>"Sheet"</dt><dd>{sheet}</dd></div> })}
        {source.encoding.map(|encoding| view! { <div><dt>"Encoding"</dt><dd>{encoding_words(encoding)}</dd></div> })}
        {source.delimiter.map(|mark| view! { <div><dt>"Delimiter"</dt><dd>{delimiter_words(mark)}</dd></div> })}
    }
    .into_any()
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
    .into_any()
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
