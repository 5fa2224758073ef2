//! Someone else saved meanwhile: both versions, side by side.

use leptos::prelude::*;

use crate::api::workflow_form::fields::{Conflict, Difference};

#[component]
pub fn ConflictNotice(
    conflict: Option<Conflict>,
    /// Where the stored version is opened.
    page: String,
) -> impl IntoView {
    let notice = conflict.map(|Conflict { version, differences }| {
        view! {
            <section class="sheet stack conflict" tabindex="-1" data-attention="">
                <h2>"Someone else saved this workflow meanwhile"</h2>
                <p>
                    {format!("Nothing of yours is saved yet. Saving again replaces version {version} by what is typed below; ")}
                    <a href=page>"take the stored version"</a> " to discard it."
                </p>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Field"</th>
                            <th scope="col">{format!("Stored now (version {version})")}</th>
                            <th scope="col">"Yours"</th>
                        </tr>
                    </thead>
                    <tbody>{differences.into_iter().map(line).collect_view()}</tbody>
                </table>
            </section>
        }
    });
    view! {
        <div role="alert" data-key="conflict">
            {notice}
        </div>
    }
    .into_any()
}

fn line(difference: Difference) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{difference.label}</th>
            <td>{difference.stored}</td>
            <td>{difference.typed}</td>
        </tr>
    }
    .into_any()
}
