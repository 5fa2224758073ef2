//! The first rows of a result, scrolling within themselves.

use leptos::prelude::*;
use model::results::Sample;

#[component]
pub fn SampleTable(heading: String, sample: Sample) -> impl IntoView {
    let Sample { columns, rows } = sample;
    let cell = |value: Option<String>| view! { <td>{value}</td> };
    let row = |row: Vec<Option<String>>| view! { <tr>{row.into_iter().map(cell).collect_view()}</tr> };
    view! {
        <section class="section" aria-labelledby="sample-heading" data-key="sample">
            <h2 id="sample-heading">{heading}</h2>
            // Focusable, so that the keyboard can scroll it.
            <div class="scroller" tabindex="0" role="region" aria-labelledby="sample-heading">
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
        </section>
    }
    .into_any()
}
