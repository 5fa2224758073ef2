//! What the stored cleansing makes of the first records: changed cells are marked, with the value from before in them.

use leptos::{either::EitherOf4, prelude::*};
use model::results::{CleansePreview, OperationCount, PreviewCell, PreviewRow};

use crate::{api::projects::CleansingSeen, format};

#[component]
pub fn CleansingPreview(seen: CleansingSeen) -> impl IntoView {
    let content = match seen {
        CleansingSeen::Nothing => {
            EitherOf4::A(view! { <p class="soft">"No cleansing is set, so values stay as they were imported."</p> })
        }
        CleansingSeen::NotImported => {
            EitherOf4::B(view! { <p class="soft">"Appears when the sources were imported once."</p> })
        }
        CleansingSeen::Refused(problems) => EitherOf4::C(view! {
            <div class="cause">
                "These settings cannot cleanse the imported records:"
                <ul>{problems.into_iter().map(|problem| view! { <li>{problem}</li> }).collect_view()}</ul>
            </div>
        }),
        CleansingSeen::Sources(previews) => {
            EitherOf4::D(previews.into_iter().map(|preview| view! { <SourcePreview preview/> }).collect_view())
        }
    };
    view! {
        <section class="sheet stack" aria-labelledby="cleansing" data-key="cleansing">
            <h2 id="cleansing">"What cleansing does"</h2>
            {content}
        </section>
    }
    .into_any()
}

#[component]
fn SourcePreview(preview: CleansePreview) -> impl IntoView {
    let CleansePreview { columns, new_columns, rows, operations } = preview;
    let source = rows.first().map(|row| row.source.clone()).unwrap_or_default();
    let label = format!("First records of {source}, cleansed");
    let did = operations.into_iter().filter(|operation| operation.changed > 0 || operation.invalid > 0);
    let heading = move |name: String| {
        let new = new_columns.contains(&name).then(|| view! { " " <small>"new"</small> });
        view! { <th scope="col">{name} {new}</th> }
    };
    view! {
        <h3>{format!("First {} of {source}", format::counted(rows.len() as u64, "record"))}</h3>
        <div class="scroller" tabindex="0" role="region" aria-label=label>
            <table class="table sample-table cleansed">
                <thead>
                    <tr>
                        <th scope="col" class="number">
                            "Row"
                        </th>
                        {columns.into_iter().map(heading).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|row| view! { <Record row/> }).collect_view()}</tbody>
            </table>
        </div>
        <ul class="soft">{did.map(|count| view! { <li>{said(&count)}</li> }).collect_view()}</ul>
    }
    .into_any()
}

#[component]
fn Record(row: PreviewRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="number">
                {format::number(row.row)}
            </th>
            {row.cells.into_iter().map(cell).collect_view()}
        </tr>
    }
    .into_any()
}

fn cell(cell: PreviewCell) -> AnyView {
    let PreviewCell { before, after, changed } = cell;
    if !changed {
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

/// "collapse of name: 3 records changed, 1 invalid"
fn said(count: &OperationCount) -> String {
    let invalid =
        if count.invalid > 0 { format!(", {} invalid", format::number(count.invalid)) } else { String::new() };
    let changed = format::counted(count.changed, "record");
    format!("{} of {}: {changed} changed{invalid}", count.operation.replace('_', " "), count.column)
}
