//! What is different in a source since the run before.

use leptos::prelude::*;
use model::{
    config::profile::DriftAction,
    results::{Drift, DriftChange},
};

use crate::{
    components::time::{Saying, Time},
    format,
};

/// Changes that are seen at once; the others open.
const SHOWN: usize = 5;

#[component]
pub fn SourceDrift(source: String, drift: Drift) -> impl IntoView {
    let Drift { since, changes, unlisted } = drift;
    let mine: Vec<DriftChange> = changes.into_iter().filter(|change| change.source == source).collect();
    if mine.is_empty() {
        return view! { <p class="soft">"Nothing changed to speak of since " <Time at=since saying=Saying::Moment/> "."</p> }
            .into_any();
    }
    let warned = mine.iter().any(|change| change.action.is_some());
    let (first, rest) = mine.split_at(mine.len().min(SHOWN));
    let lines = |changes: &[DriftChange]| changes.iter().map(line).collect_view();
    let more = (!rest.is_empty()).then(|| {
        view! {
            <details data-key=format!("drift {source}")>
                <summary>{format!("{} more", format::counted(rest.len() as u64, "change"))}</summary>
                <ul>{lines(rest)}</ul>
            </details>
        }
    });
    let unlisted = (unlisted > 0).then(|| format!("{} are not listed.", format::counted(unlisted, "further change")));
    view! {
        <div class=if warned { "cause" } else { "soft" }>
            <p>"Changed since " <Time at=since saying=Saying::Moment/> ":"</p>
            <ul>{lines(first)}</ul>
            {more}
            {unlisted}
        </div>
    }
    .into_any()
}

fn line(change: &DriftChange) -> AnyView {
    // In words, since colour is never the only sign.
    let word = match change.action {
        Some(DriftAction::Warn) => Some("Warning: "),
        Some(DriftAction::Fail) => Some("Not allowed: "),
        None => None,
    };
    view! { <li>{word.map(|word| view! { <strong>{word}</strong> })} {change.sentence.clone()}</li> }.into_any()
}
