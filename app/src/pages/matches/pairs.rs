//! The list of pairs.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{
    ProjectId,
    results::{MatchedPair, PairPage},
};

use super::table;
use crate::components::band::BandBadge;

#[component]
pub fn Pairs(id: ProjectId, page: PairPage, compared: BTreeSet<String>) -> impl IntoView {
    let shown = table::shown(&page.columns, &compared);
    let bodies = page.pairs.into_iter().map(|pair| body(id, pair, &shown)).collect();
    table::table("Pairs", &page.columns, &shown, bodies)
}

fn body(id: ProjectId, pair: MatchedPair, shown: &[usize]) -> AnyView {
    let MatchedPair { left, right, score, definition, match_key, .. } = pair;
    let (one, other, group) = (left.record, right.record, left.group);
    // Grouping may have kept them apart.
    let group = (group == right.group && group != 0).then(|| {
        view! { <a class="soft" href=format!("/projects/{id}/groups/{group}")>{format!("Group {group}")}</a> }
    });
    let about = view! {
        <BandBadge score=f64::from(score)/>
        <a href=format!("/projects/{id}/pairs/{one}/{other}") aria-label=format!("Why #{one} and #{other} match")>
            "Why"
        </a>
        {group}
        <span class="soft">{definition} ": " {match_key.join(", ")}</span>
    };
    table::body(format!("{one}-{other}"), about.into_any(), &[left, right], &[], shown, None)
}
