//! Records beneath each other in one table for all groups or pairs, so that columns line up; each group or pair begins with a
//! line about it. What differs inside of it is marked.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{
    results::MatchedRecord,
    review::{ReviewFlag, ReviewedRecord},
};

use crate::{components::value::compared, format::difference::beside};

/// Columns that a list has room for.
const SHOWN: usize = 12;

/// The places of the columns that are shown: those that are compared first, then the others, in the file's order.
pub fn shown(columns: &[String], is_compared: &BTreeSet<String>) -> Vec<usize> {
    let (wanted, others): (Vec<usize>, Vec<usize>) =
        (0..columns.len()).partition(|&place| is_compared.contains(&columns[place]));
    let mut shown: Vec<usize> = wanted.into_iter().chain(others).take(SHOWN).collect();
    shown.sort_unstable();
    shown
}

/// How a record is called on a page: `people #17`.
pub fn name(record: &MatchedRecord) -> String {
    format!("{} #{}", record.source, record.record)
}

/// The frame; `bodies` are made by [`body`].
pub fn table(label: &'static str, columns: &[String], shown: &[usize], bodies: Vec<AnyView>) -> AnyView {
    let left_out = columns.len() - shown.len();
    let left_out = (left_out > 0).then(|| {
        view! { <p class="soft">{format!("{left_out} further columns are on the pages of the groups and pairs.")}</p> }
    });
    view! {
        <div class="scroller whole" tabindex="0" role="region" aria-label=label>
            <table class="table matches">
                <thead>
                    <tr>
                        <th scope="col">"Record"</th>
                        {shown.iter().map(|&place| view! { <th scope="col">{columns[place].clone()}</th> }).collect_view()}
                    </tr>
                </thead>
                {bodies}
            </table>
        </div>
        {left_out}
    }
    .into_any()
}

/// A group or pair: the line about it, its records with what was decided about them, and what follows the last of them.
pub fn body(
    key: String,
    about: AnyView,
    records: &[MatchedRecord],
    reviews: &[ReviewedRecord],
    shown: &[usize],
    after: Option<AnyView>,
) -> AnyView {
    let width = shown.len() + 1;
    // By column, then by record.
    let others: Vec<Vec<Option<&str>>> = shown
        .iter()
        .map(|&place| beside(&records.iter().map(|record| value(record, place)).collect::<Vec<_>>()))
        .collect();
    let row = |(number, record): (usize, &MatchedRecord)| {
        let cells = shown.iter().zip(&others).map(|(&place, others)| {
            view! { <td>{compared(value(record, place), others[number])}</td> }
        });
        view! {
            <tr>
                <th scope="row" title=record.id.clone()>{name(record)} {decided(record, reviews)}</th>
                {cells.collect_view()}
            </tr>
        }
    };
    view! {
        <tbody data-key=key>
            <tr class="about">
                <th scope="rowgroup" colspan=width.to_string()><div>{about}</div></th>
            </tr>
            {records.iter().enumerate().map(row).collect_view()}
            {after.map(|after| view! { <tr class="after"><td colspan=width.to_string()><div>{after}</div></td></tr> })}
        </tbody>
    }
    .into_any()
}

/// What was decided about a record, in words.
fn decided(record: &MatchedRecord, reviews: &[ReviewedRecord]) -> Option<AnyView> {
    let reviewed = reviews.iter().find(|reviewed| reviewed.record == record.id)?;
    let flags = ReviewFlag::ALL.into_iter().filter(|flag| reviewed.has(*flag)).map(ReviewFlag::label);
    Some(view! { " " <b class="decided">{flags.collect::<Vec<_>>().join(", ")}</b> }.into_any())
}

fn value(record: &MatchedRecord, place: usize) -> Option<&str> {
    record.values.get(place).and_then(Option::as_deref)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compared_is_shown_first() {
        let columns: Vec<String> = (0..20).map(|number| format!("c{number}")).collect();
        let places = shown(&columns, &["c19".to_owned(), "c3".to_owned()].into());
        assert_eq!(places, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19]);
        assert_eq!(shown(&columns[..3], &BTreeSet::new()), [0, 1, 2]);
    }
}
