//! `/projects/:id/pairs/:left/:right`: two records side by side, and why they match or do not: what each definition adds up.

pub mod waterfall;

use std::str::FromStr as _;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    Error, ProjectId,
    results::{DefinitionExplained, MatchedRecord, PairExplained},
};
use waterfall::Waterfall;

use crate::{
    api::{matches, projects::ProjectHead},
    components::{band::BandBadge, icon::Icon, loaded::Loaded, value::compared, watch::Watch},
    interest::Interest,
    pages::matches::table::name,
};

#[component]
pub fn PairPage() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let id = params.get("id").and_then(|text| ProjectId::from_str(&text).ok());
    let number = |name: &str| params.get(name).and_then(|text| text.parse::<u32>().ok());
    let both = number("left").zip(number("right"));
    let data = async move {
        let id = id.ok_or_else(|| Error::not_found("project"))?;
        let (one, other) = both.ok_or_else(|| Error::not_found("pair of records"))?;
        matches::pair(id, one, other).await
    };
    view! {
        <Loaded data let:seen>
            <Pair head=seen.0 pair=seen.1/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Pair(head: ProjectHead, pair: PairExplained) -> impl IntoView {
    let PairExplained { columns, left, right, definitions } = pair;
    let id = head.id;
    let title = format!("{} and {}", name(&left), name(&right));
    let verdict = verdict(id, &left, &right, &definitions);
    view! {
        <Title text=title.clone()/>
        <Watch after=head.number topics=vec![Interest::Project(id)]/>
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/projects">"Projects"</a>
                    " / "
                    <a href=format!("/projects/{id}")>{head.name.clone()}</a>
                    " / "
                    <a href=format!("/projects/{id}/matches?view=pairs")>"Matches"</a>
                </p>
                <h1>{title}</h1>
                {verdict}
            </div>
        </header>
        {definitions
            .into_iter()
            .enumerate()
            .map(|(place, definition)| view! { <Definition place definition/> })
            .collect_view()}
        <section class="section" aria-labelledby="records" data-key="records">
            <h2 id="records">"Both records"</h2>
            <Both columns left right/>
        </section>
    }
    .into_any()
}

/// Whether they match, by the definition that is surest, and where they are.
fn verdict(
    id: ProjectId,
    left: &MatchedRecord,
    right: &MatchedRecord,
    definitions: &[DefinitionExplained],
) -> impl IntoView + use<> {
    let accepting = definitions.iter().filter(|definition| definition.accepts);
    let surest = accepting.max_by(|one, other| one.score.total_cmp(&other.score)).map(|surest| surest.score);
    let group = match (left.group, right.group) {
        (0, _) | (_, 0) => None,
        (one, other) if one == other => Some(
            view! {
                " Both are in " <a href=format!("/projects/{id}/groups/{one}")>{format!("group {one}")}</a> "."
            }
            .into_any(),
        ),
        (one, other) => Some(
            view! {
                " They are in "
                <a href=format!("/projects/{id}/groups/{one}")>{format!("group {one}")}</a>
                " and "
                <a href=format!("/projects/{id}/groups/{other}")>{format!("group {other}")}</a>
                "."
            }
            .into_any(),
        ),
    };
    let verdict = match surest {
        Some(score) => view! { "They match. " <BandBadge score/> }.into_any(),
        None => "No definition takes them for a match.".into_any(),
    };
    view! { <p class="verdict">{verdict} {group}</p> }
}

#[component]
fn Definition(place: usize, definition: DefinitionExplained) -> impl IntoView {
    let DefinitionExplained { name, score, threshold, accepts, how } = definition;
    let id = format!("definition-{place}");
    let (icon, class, word) = match accepts {
        true => (Icon::Check, "state success", "accepts the pair"),
        false => (Icon::Cross, "state stopped", "does not accept it"),
    };
    view! {
        <section class="sheet" aria-labelledby=id.clone() data-key=id.clone()>
            <div class="sheet-head">
                <h2 id=id.clone()>{name}</h2>
                <span class=class>{icon.view()} <span>{word}</span></span>
                <span class="soft push">{format!("scores {score:.1}, needs {threshold}")}</span>
            </div>
            <Waterfall how threshold score/>
        </section>
    }
    .into_any()
}

#[component]
fn Both(columns: Vec<String>, left: MatchedRecord, right: MatchedRecord) -> impl IntoView {
    let line = |(place, column): (usize, &String)| {
        let value = |record: &MatchedRecord| record.values.get(place).cloned().flatten();
        let (one, other) = (value(&left), value(&right));
        view! {
            <tr class:agree=one == other>
                <th scope="row">{column.clone()}</th>
                <td>{compared(one.as_deref(), other.as_deref())}</td>
                <td>{compared(other.as_deref(), one.as_deref())}</td>
            </tr>
        }
    };
    view! {
        <div class="scroller whole" tabindex="0" role="region" aria-label="Records side by side">
            <table class="table side-by-side">
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Field"</span></th>
                        <th scope="col" title=left.id.clone()>{name(&left)}</th>
                        <th scope="col" title=right.id.clone()>{name(&right)}</th>
                    </tr>
                </thead>
                <tbody>{columns.iter().enumerate().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
