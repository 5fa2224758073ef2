//! The profile of one source: a line a column, dense and readable.

use leptos::prelude::*;
use model::{
    Timestamp,
    results::{ColumnProfile, ColumnType, Counted, SourceProfile},
};

use crate::{
    components::time::{Saying, Time},
    format,
};

/// Values and patterns that a line has room for.
const SHOWN: usize = 3;

#[component]
pub fn ProfileTable(profile: SourceProfile, at: Option<Timestamp>) -> impl IntoView {
    let rows = profile.rows;
    let approximate = profile.columns.iter().any(|column| column.approximate);
    let lines = profile.columns.into_iter().map(|column| view! { <ColumnLine column rows/> }).collect_view();
    view! {
        <div class="scroller whole" tabindex="0" role="region" aria-label=format!("Profile of {}", profile.name)>
            <table class="table profile-table">
                <thead>
                    <tr>
                        <th scope="col">"Column"</th>
                        <th scope="col">"Type"</th>
                        <th scope="col">"Filled"</th>
                        <th scope="col">"Unique"</th>
                        <th scope="col" class="number">
                            "Length"
                        </th>
                        <th scope="col">"Most frequent values"</th>
                        <th scope="col">"Patterns"</th>
                        <th scope="col">"Range"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        <p class="soft">
            "Patterns: A is a letter, N a digit. "
            {approximate.then_some("≈ is an estimate: the column has too many different values to count each. ")}
            {at.map(|at| view! { "Profiled " <Time at saying=Saying::Distance/> })}
        </p>
    }
    .into_any()
}

#[component]
fn ColumnLine(column: ColumnProfile, rows: u64) -> impl IntoView {
    let estimate = if column.approximate { "≈ " } else { "" };
    let filled = format!("{} of {} rows", format::number(column.filled), format::number(rows));
    let distinct = format!("{estimate}{} different values", format::number(column.distinct));
    let length = if column.length_min == column.length_max {
        column.length_max.to_string()
    } else {
        format!("{}–{}", column.length_min, column.length_max)
    };
    let valid = (column.validity < 1.0 && column.filled > 0).then(|| format::percent(column.validity));
    let range = column.min.zip(column.max).map(|(min, max)| format!("{min} – {max}"));
    view! {
        <tr>
            <th scope="row">{column.name}</th>
            <td>
                {type_word(column.column_type)}
                {valid.map(|share| view! { <small title="Share of the values that are of this type">" " {share}</small> })}
            </td>
            <td>
                <Bar share=column.completeness title=filled/>
            </td>
            <td>
                <Bar share=column.uniqueness title=distinct/>
            </td>
            <td class="number">{length}</td>
            <td>
                <CountedValues values=column.top_values/>
            </td>
            <td>
                <CountedValues values=column.patterns/>
            </td>
            <td>{range}</td>
        </tr>
    }
    .into_any()
}

/// A share as a number and a bar.
#[component]
fn Bar(share: f64, title: String) -> impl IntoView {
    view! {
        <span class="share" title=title>
            <span>{format::percent(share)}</span>
            <span class="track" aria-hidden="true">
                <span style:width=format!("{:.1}%", share * 100.0)></span>
            </span>
        </span>
    }
    .into_any()
}

#[component]
fn CountedValues(values: Vec<Counted>) -> impl IntoView {
    values
        .into_iter()
        .take(SHOWN)
        .map(|Counted { value, count }| {
            let title = format!("{value}: {}", format::counted(count, "row"));
            view! {
                <span class="counted" title=title>
                    <code>{value}</code>
                    <small>{format::number(count)}</small>
                </span>
            }
        })
        .collect_view()
}

const fn type_word(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text => "Text",
        ColumnType::Number => "Number",
        ColumnType::Date => "Date",
        ColumnType::Email => "E-mail",
        ColumnType::Phone => "Phone",
        ColumnType::Boolean => "Boolean",
        ColumnType::Identifier => "Identifier",
    }
}
