//! The profile of one source: a line a column, dense and readable.

use leptos::prelude::*;
use model::{
    Timestamp,
    results::{CharacterShares, ColumnProfile, ColumnType, Counted, Outliers, SourceProfile},
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
    let approximate = profile.columns.iter().any(|column| !column.estimates.is_empty());
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
                        <th scope="col">"Known forms"</th>
                        <th scope="col">"Outliers"</th>
                        <th scope="col">"Range"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        <p class="soft">
            "Patterns: A is a letter, N a digit. Outliers are more than three standard deviations from the mean. "
            {approximate.then_some("≈ is an estimate: the column has too many different values to count each; what it was made by is told where it stands. ")}
            {at.map(|at| view! { "Profiled " <Time at saying=Saying::Distance/> })}
        </p>
    }
    .into_any()
}

#[component]
fn ColumnLine(column: ColumnProfile, rows: u64) -> impl IntoView {
    let estimate = |figure: &str| mark(&column, figure);
    let filled = format!("{} of {} rows", format::number(column.filled), format::number(rows));
    let (about, by) = estimate("distinct");
    let distinct = format!("{about}{} different values{by}", format::number(column.distinct));
    let length = if column.length_min == column.length_max {
        column.length_max.to_string()
    } else {
        format!("{}–{}", column.length_min, column.length_max)
    };
    let lengths = format!(
        "Median {}, mean {:.1}, standard deviation {:.1}. {}",
        column.length_median,
        column.length_mean,
        column.length_std_dev,
        made_of(column.characters)
    );
    let sure = format!("{} sure", format::percent(column.confidence));
    let valid = (column.validity < 1.0 && column.filled > 0).then(|| format::percent(column.validity));
    let of_what = match &column.validity_pattern {
        Some(form) => format!("Share of the values that have the form {form}"),
        None => "Share of the values that are of this type".to_owned(),
    };
    let spread = spread(&column);
    let frequent = format!("Entropy {:.2} bits{}", column.entropy, estimate("entropy").1);
    let range = column.min.clone().zip(column.max.clone()).map(|(min, max)| format!("{min} – {max}"));
    let outliers = outliers(&column.outliers, estimate("outliers").0);
    view! {
        <tr>
            <th scope="row">{column.name}</th>
            <td>
                <span title=sure>{type_word(column.column_type)}</span>
                {valid.map(|share| view! { <small title=of_what>" " {share}</small> })}
            </td>
            <td>
                <Bar share=column.completeness title=filled/>
            </td>
            <td>
                <Bar share=column.uniqueness title=distinct/>
            </td>
            <td class="number" title=lengths>
                {length}
            </td>
            <td title=frequent>
                <CountedValues values=column.top_values/>
            </td>
            <td>
                <CountedValues values=column.patterns/>
            </td>
            <td>
                <CountedValues values=column.formats/>
            </td>
            <td>{outliers}</td>
            <td>{range} {spread.map(|spread| view! { <br/> <small>{spread}</small> })}</td>
        </tr>
    }
    .into_any()
}

/// What marks a figure as an estimate, and says of which sketch; both empty when it is exact.
fn mark(column: &ColumnProfile, figure: &str) -> (&'static str, String) {
    match column.estimates.iter().find(|estimate| estimate.figure == figure) {
        Some(estimate) => ("≈ ", format!(" (estimate: {})", estimate.sketch)),
        None => ("", String::new()),
    }
}

fn made_of(shares: CharacterShares) -> String {
    let CharacterShares { letters, digits, blanks, other, non_ascii } = shares;
    let kinds =
        [("letters", letters), ("digits", digits), ("blanks", blanks), ("other", other), ("not ASCII", non_ascii)];
    let told = kinds
        .iter()
        .filter(|(_, share)| *share > 0.0)
        .map(|(kind, share)| format!("{} {kind}", format::percent(*share)));
    format!("Characters: {}", told.collect::<Vec<_>>().join(", "))
}

/// "mean 4.13, median 4, σ 1.2"
fn spread(column: &ColumnProfile) -> Option<String> {
    let mean = column.mean_date.clone().or_else(|| column.mean.map(|mean| format!("{mean:.2}")))?;
    let about = mark(column, "median").0;
    let median = column.median.as_ref().map(|median| format!(", median {about}{median}")).unwrap_or_default();
    let days = if column.column_type == ColumnType::Date { " days" } else { "" };
    let deviation = column.std_dev.map(|deviation| format!(", σ {deviation:.2}{days}")).unwrap_or_default();
    Some(format!("mean {mean}{median}{deviation}"))
}

fn outliers(outliers: &Outliers, about: &str) -> Option<AnyView> {
    let examples = [outliers.examples.as_slice(), outliers.length_examples.as_slice()].concat().join(" · ");
    let values =
        outliers.values.filter(|count| *count > 0).map(|count| format!("{about}{} by value", format::number(count)));
    let lengths = (outliers.lengths > 0).then(|| format!("{} by length", format::number(outliers.lengths)));
    let told: Vec<String> = values.into_iter().chain(lengths).collect();
    (!told.is_empty()).then(|| view! { <span title=examples>{told.join(", ")}</span> }.into_any())
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
