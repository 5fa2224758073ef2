//! `/projects/:id/groups/:group`: the records of a group side by side, what holds them together, and what is decided about
//! them by hand.

use std::str::FromStr as _;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{
    Error, ProjectId, Role, limits,
    results::{GroupInFull, GroupPair, MatchedRecord, WeakLink},
    review::ReviewedRecord,
};

use crate::{
    api::matches::{self, GroupSeen},
    components::{
        allowed::may, band::BandBadge, icon::Icon, loaded::Loaded, paging::Paging, review_flags::ReviewFlags,
        value::compared, watch::Watch,
    },
    format::{self, difference::beside},
    interest::Interest,
    pages::matches::table::name,
};

/// Pairs that are seen at once; the others open.
const PAIRS: usize = 12;

#[component]
pub fn GroupPage() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let id = params.get("id").and_then(|text| ProjectId::from_str(&text).ok());
    let group = params.get("group").and_then(|text| text.parse().ok());
    let first: u64 = use_query_map().get_untracked().get("cursor").and_then(|text| text.parse().ok()).unwrap_or(0);
    let data = async move {
        let id = id.ok_or_else(|| Error::not_found("project"))?;
        let group = group.ok_or_else(|| Error::not_found("group"))?;
        matches::group(id, group, first, limits::GROUP_RECORDS_SHOWN).await
    };
    view! {
        <Loaded data let:seen>
            <Group seen first/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Group(seen: GroupSeen, first: u64) -> impl IntoView {
    let GroupSeen { head, group, reviews } = seen;
    let id = head.id;
    let number = group.group;
    let address = format!("/projects/{id}/groups/{number}");
    let next = group.next_cursor.map(|cursor| format!("{address}?cursor={cursor}"));
    let first_page = (first > 0).then_some(address);
    view! {
        <Title text=format!("Group {number} of {}", head.name)/>
        <Watch after=head.number topics=vec![Interest::Project(id)]/>
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/projects">"Projects"</a>
                    " / "
                    <a href=format!("/projects/{id}")>{head.name.clone()}</a>
                    " / "
                    <a href=format!("/projects/{id}/matches")>"Matches"</a>
                </p>
                <h1>{format!("Group {number}")}</h1>
                <p>{words(&group)}</p>
            </div>
        </header>
        {group.weak_link.clone().map(|link| view! { <Weak id link/> })}
        <section class="section" aria-labelledby="records" data-key="records">
            <h2 id="records">{which(&group, first)}</h2>
            <SideBySide id group=group.clone() reviews/>
            {may(Role::Editor, id).then(|| view! {
                <p class="soft">
                    "What is pressed here holds for every run from the next on, until it is taken away. The master wins \
                     whatever the rules say; what is not a duplicate leaves the group."
                </p>
            })}
            <Paging label="More records" first=first_page next/>
        </section>
        <Pairs id group/>
    }
    .into_any()
}

fn which(group: &GroupInFull, first: u64) -> String {
    let shown = group.records.len() as u64;
    if shown == group.size {
        return "Its records".to_owned();
    }
    format!("Records {} to {} of {}", first + 1, first + shown, format::number(group.size))
}

/// `3 records of 2 sources, held together by 3 pairs; the weakest scores 84.2.`
fn words(group: &GroupInFull) -> String {
    let mut sources: Vec<&str> = group.records.iter().map(|record| record.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let of = if sources.len() > 1 { format!(" of {} sources", sources.len()) } else { String::new() };
    let weakest = group.pairs.iter().map(|pair| pair.score).min_by(f32::total_cmp);
    let pairs = weakest.filter(|_| group.records.len() as u64 == group.size).map(|weakest| {
        let pairs = format::counted(group.pairs.len() as u64, "pair");
        if group.pairs.len() == 1 {
            format!(", held together by {pairs} that scores {weakest:.1}")
        } else {
            format!(", held together by {pairs}; the weakest scores {weakest:.1}")
        }
    });
    format!("{}{of}{}.", format::counted(group.size, "record"), pairs.unwrap_or_default())
}

#[component]
fn Weak(id: ProjectId, link: WeakLink) -> impl IntoView {
    let WeakLink { left, right, score, side } = link;
    view! {
        <section class="weak" data-key="weak">
            "Only one pair, "
            <a href=format!("/projects/{id}/pairs/{left}/{right}")>{format!("#{left} and #{right}")}</a>
            {format!(
                " with {score:.1}, holds {} to the others. If it is wrong, these are two groups.",
                format::counted(u64::from(side), "record")
            )}
        </section>
    }
    .into_any()
}

/// A column a record, a line a field; what differs from what most have is marked.
#[component]
fn SideBySide(id: ProjectId, group: GroupInFull, reviews: Vec<ReviewedRecord>) -> impl IntoView {
    let GroupInFull { columns, records, .. } = group;
    let head = |record: &MatchedRecord| {
        let reviewed = reviews.iter().find(|reviewed| reviewed.record == record.id).cloned();
        let away = reviewed.as_ref().is_some_and(|reviewed| reviewed.not_duplicate);
        view! {
            <th scope="col" class:away=away>
                <span title=record.id.clone()>{name(record)}</span>
                <ReviewFlags project=id record=record.id.clone() name=name(record) reviewed/>
            </th>
        }
    };
    let line = |(place, column): (usize, &String)| {
        let value = |record: &MatchedRecord| record.values.get(place).cloned().flatten();
        let values: Vec<Option<String>> = records.iter().map(value).collect();
        let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        let others = beside(&values);
        let agree = values.iter().zip(&others).all(|(value, other)| value == other);
        let cell = |(value, other): (&Option<&str>, Option<&str>)| view! { <td>{compared(*value, other)}</td> };
        view! {
            <tr class:agree=agree>
                <th scope="row">{column.clone()}</th>
                {values.iter().zip(others).map(cell).collect_view()}
            </tr>
        }
    };
    view! {
        <div class="scroller whole" tabindex="0" role="region" aria-label="Records side by side">
            <table class="table side-by-side">
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Field"</span></th>
                        {records.iter().map(head).collect_view()}
                    </tr>
                </thead>
                <tbody>{columns.iter().enumerate().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Pairs(id: ProjectId, group: GroupInFull) -> impl IntoView {
    let GroupInFull { records, mut pairs, .. } = group;
    // The weakest first: that is what one looks for.
    pairs.sort_by(|one, other| one.score.total_cmp(&other.score));
    let named = |number: u32| {
        let record = records.iter().find(|record| record.record == number);
        record.map_or_else(|| format!("#{number}"), name)
    };
    let row = |pair: &GroupPair| {
        let GroupPair { left, right, score, definition, .. } = pair;
        view! {
            <tr>
                <td class="lead">
                    <a href=format!("/projects/{id}/pairs/{left}/{right}")>
                        {format!("{} and {}", named(*left), named(*right))}
                    </a>
                </td>
                <td><BandBadge score=f64::from(*score)/></td>
                <td>{definition.clone()}</td>
            </tr>
        }
    };
    let (first, rest) = pairs.split_at(pairs.len().min(PAIRS));
    let table = |pairs: &[GroupPair]| {
        view! {
            <table class="table folding">
                <thead>
                    <tr>
                        <th scope="col">"Pair"</th>
                        <th scope="col">"Score"</th>
                        <th scope="col">"Definition"</th>
                    </tr>
                </thead>
                <tbody>{pairs.iter().map(row).collect_view()}</tbody>
            </table>
        }
    };
    let more = (!rest.is_empty()).then(|| {
        view! {
            <details>
                <summary class="soft">{format::counted(rest.len() as u64, "more pair")}</summary>
                {table(rest)}
            </details>
        }
    });
    let none = first.is_empty().then(|| view! { <p class="soft">"No pair is among the records shown here."</p> });
    view! {
        <section class="sheet" aria-labelledby="pairs" data-key="pairs">
            <div class="sheet-head">
                <h2 id="pairs">{Icon::Match.view()} " What holds it together"</h2>
                <span class="soft">"the weakest pair first"</span>
            </div>
            {none}
            {(!first.is_empty()).then(|| table(first))}
            {more}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::results::Band;

    use super::*;

    #[test]
    fn a_group_is_told_in_a_sentence() {
        let record = |record, source: &str| MatchedRecord {
            record,
            id: String::new(),
            group: 1,
            source: source.to_owned(),
            values: Vec::new(),
        };
        let pair = |left, right, score| GroupPair { left, right, score, band: Band::High, definition: String::new() };
        let mut group = GroupInFull {
            group: 1,
            size: 3,
            records: vec![record(0, "a"), record(1, "b"), record(2, "b")],
            pairs: vec![pair(0, 1, 99.0), pair(1, 2, 84.25)],
            ..GroupInFull::default()
        };
        let expected = "3 records of 2 sources, held together by 2 pairs; the weakest scores 84.2.";
        assert_eq!(words(&group), expected);
        // Of a part, the weakest pair is not known.
        group.size = 40;
        assert_eq!(
            (words(&group), which(&group, 20)),
            ("40 records of 2 sources.".to_owned(), "Records 21 to 23 of 40".to_owned())
        );
    }
}
