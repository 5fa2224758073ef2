//! What the stored merge rules make of some groups: the master is named, and changed cells are marked, with the value from
//! before in them.

use leptos::{either::EitherOf4, prelude::*};
use model::results::{GoldenValue, GroupLineage, MergePreview, PreviewedGroup, PreviewedRecord};

use crate::{api::projects::MergingSeen, format};

#[component]
pub fn MergingPreview(seen: MergingSeen) -> impl IntoView {
    let content = match seen {
        MergingSeen::NotMatched => {
            EitherOf4::A(view! { <p class="soft">"Appears when the records were matched once."</p> })
        }
        MergingSeen::Refused(problems) => EitherOf4::B(view! {
            <div class="cause">
                "These settings cannot merge the matched records:"
                <ul>{problems.into_iter().map(|problem| view! { <li>{problem}</li> }).collect_view()}</ul>
            </div>
        }),
        MergingSeen::Groups(preview) if preview.groups.is_empty() => {
            EitherOf4::C(view! { <p class="soft">"No records are duplicates of each other, so nothing is merged."</p> })
        }
        MergingSeen::Groups(MergePreview { columns, groups }) => {
            let group = move |group| view! { <Group columns=columns.clone() group/> };
            EitherOf4::D(groups.into_iter().map(group).collect_view())
        }
    };
    view! {
        <section class="sheet stack" aria-labelledby="merging" data-key="merging">
            <h2 id="merging">"What merging does"</h2>
            {content}
        </section>
    }
    .into_any()
}

#[component]
fn Group(columns: Vec<String>, group: PreviewedGroup) -> impl IntoView {
    let PreviewedGroup { group: number, records, lineage } = group;
    let title = format!("Group {number}: {}", format::counted(records.len() as u64, "record"));
    let label = format!("{title}, merged");
    let why = match &lineage {
        Some(lineage) => format!("Master: {}.", lineage.master_rule),
        None => "Too few records stay together, so it is no group any more.".to_owned(),
    };
    let from = lineage.map(|lineage| origins(&lineage)).unwrap_or_default();
    view! {
        <h3>{title}</h3>
        <p class="soft">{why}</p>
        <div class="scroller" tabindex="0" role="region" aria-label=label>
            <table class="table sample-table cleansed">
                <thead>
                    <tr>
                        <th scope="col">"Record"</th>
                        {columns.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{records.into_iter().map(|record| view! { <Record record/> }).collect_view()}</tbody>
            </table>
        </div>
        <ul class="soft">{from.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul>
    }
    .into_any()
}

#[component]
fn Record(record: PreviewedRecord) -> impl IntoView {
    let PreviewedRecord { before, after, master, leaves } = record;
    let role = match (master, leaves) {
        (true, _) => ", master",
        (false, true) => ", leaves the group",
        (false, false) => "",
    };
    let cells = before.values.into_iter().zip(after).map(|(before, after)| cell(before, after));
    view! {
        <tr>
            <th scope="row">{format!("{}{role}", before.source)}</th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}

fn cell(before: Option<String>, after: Option<String>) -> AnyView {
    if before == after {
        return view! { <td>{after}</td> }.into_any();
    }
    // Marked by elements, so that it is heard and printed as well.
    view! {
        <td class="changed">
            {before.map(|before| view! { <del>{before}</del> " " })}
            {after.map(|after| view! { <ins>{after}</ins> })}
        </td>
    }
    .into_any()
}

/// "city of the golden record: from crm by overwrite rule 1: most recent", for each value that a rule gave.
fn origins(lineage: &GroupLineage) -> Vec<String> {
    let own = |value: &&GoldenValue| value.from.len() == 1 && value.from[0] == lineage.master;
    let words = |value: &GoldenValue| {
        let sources: Vec<&str> = value.from.iter().map(|record| record.source.as_str()).collect();
        let from = if sources.is_empty() { "emptied".to_owned() } else { format!("from {}", sources.join(", ")) };
        format!("{} of the golden record: {from} by {}", value.column, value.rule)
    };
    lineage.values.iter().filter(|value| !own(value)).map(words).collect()
}
