//! The first rows of a result, scrolling within themselves.

use leptos::prelude::*;
use model::results::Sample;

/// Labelled by the heading above it, whose id is `sample`.
#[component]
pub fn SampleTable(sample: Sample) -> impl IntoView {
    let Sample { columns, rows } = sample;
    let cell = |value: Option<String>| view! { <td>{value}</td> };
    let row = |row: Vec<Option<String>>| view! { <tr>{row.into_iter().map(cell).collect_view()}</tr> };
    view! {
        // Focusable, so that the keyboard can scroll it.
        <div class="scroller" tabindex="0" role="group" aria-labelledby="sample">
            <table class="table sample-table">
                <thead>
                    <tr>
                        {columns
                            .into_iter()
                            .map(|column| view! { <th scope="col">{column}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
