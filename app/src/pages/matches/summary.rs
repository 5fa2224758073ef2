//! What matching came to: figures, how sure the pairs are, and how each source fared.

use leptos::prelude::*;
use model::{
    ProjectId,
    results::{MatchSummary, SourceMatches},
};

use crate::{
    api::matches::Matched,
    components::time::{Saying, Time},
    format,
};

/// Units of the drawing; it is scaled to its place.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 64.0;
/// A bar of something that is not nothing is seen.
const LOWEST: f64 = 2.0;

#[component]
pub fn Figures(id: ProjectId, matched: Matched) -> impl IntoView {
    let Matched { summary, at, .. } = matched;
    let weak = match summary.weak_links {
        0 => "0".into_any(),
        links => view! { <a href=format!("/projects/{id}/matches?weak=true")>{format::number(links)}</a> }.into_any(),
    };
    let compared = format!("of {} compared", format::rounded(summary.candidate_pairs as f64));
    let rate = format!("{} in a group", format::number(summary.grouped_records));
    let largest = match summary.largest_group {
        0 => "no two records are alike enough".to_owned(),
        records => format!("the largest of {}", format::counted(records, "record")),
    };
    view! {
        <section class="sheet stack" aria-labelledby="found" data-key="found">
            <div class="sheet-head">
                <h2 id="found">"What matching found"</h2>
                <span class="soft"><Time at saying=Saying::Distance/></span>
            </div>
            <dl class="figures">
                {figure("Records", format::number(summary.records).into_any(), rate)}
                {figure("Match rate", format::percent(match_rate(&summary)).into_any(), "of all records".to_owned())}
                {figure("Pairs", format::number(summary.matching_pairs).into_any(), compared)}
                {figure("Groups", format::number(summary.groups).into_any(), largest)}
                {figure("Connections", format!("{:.1}", connections(&summary)).into_any(), "of a record on average".to_owned())}
                {figure("Weak links", weak, "groups held by one pair".to_owned())}
            </dl>
            <div class="columns">
                <Distribution scores=summary.scores.clone()/>
                <Sources sources=summary.sources/>
            </div>
        </section>
    }
    .into_any()
}

fn figure(name: &'static str, value: AnyView, words: String) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value} <small>{words}</small></dd>
        </div>
    }
}

/// Share of the records that are in a group.
fn match_rate(summary: &MatchSummary) -> f64 {
    summary.grouped_records as f64 / summary.records.max(1) as f64
}

/// Pairs that a record in a group is part of, on average.
fn connections(summary: &MatchSummary) -> f64 {
    2.0 * summary.matching_pairs as f64 / summary.grouped_records.max(1) as f64
}

/// Pairs by score, ten bins.
#[component]
fn Distribution(scores: Vec<u64>) -> impl IntoView {
    let most = scores.iter().copied().max().unwrap_or(0).max(1);
    let step = WIDTH / scores.len().max(1) as f64;
    let words =
        |bin: usize, pairs: u64| format!("{} to {}: {}", bin * 10, bin * 10 + 10, format::counted(pairs, "pair"));
    let told: Vec<String> =
        scores.iter().enumerate().filter(|(_, pairs)| **pairs > 0).map(|(bin, pairs)| words(bin, *pairs)).collect();
    let label = if told.is_empty() { "No pairs".to_owned() } else { told.join(", ") };
    let bar = |(bin, pairs): (usize, u64)| {
        let height = if pairs == 0 { 0.0 } else { (pairs as f64 / most as f64 * (HEIGHT - LOWEST)).max(LOWEST) };
        let number = |value: f64| format!("{value:.1}");
        view! {
            <g>
                <title>{words(bin, pairs)}</title>
                <rect
                    class="running"
                    x=number(bin as f64 * step + step * 0.06)
                    y=number(HEIGHT - height)
                    width=number(step * 0.88)
                    height=number(height)
                ></rect>
            </g>
        }
    };
    view! {
        <figure class="distribution">
            <figcaption>"Pairs by score"</figcaption>
            <svg class="chart" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
                {scores.into_iter().enumerate().map(bar).collect_view()}
            </svg>
            <p class="axis" aria-hidden="true"><span>"0"</span> <span>"50"</span> <span>"100"</span></p>
        </figure>
    }
    .into_any()
}

/// How many of each source's records are in a group.
#[component]
fn Sources(sources: Vec<SourceMatches>) -> impl IntoView {
    let row = |source: SourceMatches| {
        let share = source.grouped as f64 / source.records.max(1) as f64;
        view! {
            <tr>
                <th scope="row">{source.name}</th>
                <td class="number" data-name="Records">{format::number(source.records)}</td>
                <td class="number" data-name="in a group">{format::number(source.grouped)}</td>
                <td>
                    <span class="share">
                        <span>{format::percent(share)}</span>
                        <span class="track" aria-hidden="true">
                            <span style:width=format!("{:.1}%", share * 100.0)></span>
                        </span>
                    </span>
                </td>
            </tr>
        }
    };
    view! {
        <table class="table close" aria-label="Sources">
            <thead>
                <tr>
                    <th scope="col">"Source"</th>
                    <th scope="col" class="number">"Records"</th>
                    <th scope="col" class="number">"In a group"</th>
                    <th scope="col">"Share"</th>
                </tr>
            </thead>
            <tbody>{sources.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_three_that_all_match_has_two_connections_each() {
        let summary = MatchSummary { records: 12, matching_pairs: 3, grouped_records: 3, ..MatchSummary::default() };
        assert_eq!((connections(&summary), match_rate(&summary)), (2.0, 0.25));
        assert_eq!((connections(&MatchSummary::default()), match_rate(&MatchSummary::default())), (0.0, 0.0));
    }
}
