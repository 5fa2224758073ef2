//! The list of groups.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{
    ProjectId,
    results::{GroupPage, MatchedGroup},
    review::ReviewedRecord,
};

use super::table;
use crate::{components::icon::Icon, format};

/// Records of a group that the list shows.
const RECORDS: usize = 6;

#[component]
pub fn Groups(
    id: ProjectId,
    page: GroupPage,
    reviews: Vec<ReviewedRecord>,
    compared: BTreeSet<String>,
) -> impl IntoView {
    let shown = table::shown(&page.columns, &compared);
    let bodies = page.groups.iter().map(|group| body(id, group, &reviews, &shown)).collect();
    table::table("Groups", &page.columns, &shown, bodies)
}

fn body(id: ProjectId, group: &MatchedGroup, reviews: &[ReviewedRecord], shown: &[usize]) -> AnyView {
    let href = format!("/projects/{id}/groups/{}", group.group);
    let weak = group.weak_link.as_ref().map(|link| {
        view! {
            <span class="state waiting">
                {Icon::Alert.view()}
                <span>{format!("held together by one pair of {:.1}", link.score)}</span>
            </span>
        }
    });
    let about = view! {
        <a href=href.clone()>{format!("Group {}", group.group)}</a>
        <span class="soft">{format::counted(group.size, "record")}</span>
        {weak}
    };
    let records = &group.records[..group.records.len().min(RECORDS)];
    let more = group.size - records.len() as u64;
    let more = (more > 0)
        .then(|| view! { <a href=href>{format!("and {}", format::counted(more, "more record"))}</a> }.into_any());
    table::body(group.group.to_string(), about.into_any(), records, reviews, shown, more)
}
