//! One operation: what it takes, what it answers, and how to call it.

use leptos::prelude::*;

use super::{
    prose::{line, prose},
    shape,
};
use crate::reference::{Answer, Content, Operation, Row};

#[component]
pub fn OperationSheet(operation: Operation) -> impl IntoView {
    let Operation { id, method, path, summary, about, parameters, body, answers, example } = operation;
    let heading = format!("{id}-heading");
    let labelled = heading.clone();
    view! {
        <article class="sheet operation" id=id.clone() aria-labelledby=labelled>
            <header>
                <h2 id=heading>{summary}</h2>
                <p class="address">
                    <code>
                        <b>{method}</b>
                        " "
                        {path}
                    </code>
                </p>
            </header>
            <div class="stack">{prose(&about)}</div>
            {(!parameters.is_empty()).then(|| view! { <Rows heading="Parameters" rows=parameters/> })}
            {body.map(|body| view! { <Body body/> })}
            <Answers answers/>
            <section>
                <h3>"Example"</h3>
                <pre class="example" tabindex="0" role="region" aria-label=format!("Example of {id}")>
                    <code>{example}</code>
                </pre>
            </section>
        </article>
    }
    .into_any()
}

/// Fields or parameters, a line each.
#[component]
pub fn Rows(heading: &'static str, rows: Vec<Row>) -> impl IntoView {
    let lines = rows.into_iter().map(|row| {
        let Row { name, place, required, shape: what, about } = row;
        view! {
            <tr>
                <th scope="row">
                    <code>{name}</code>
                    {(!required).then(|| view! { <small>" optional"</small> })}
                    {place.map(|place| view! { <small>" in the " {place}</small> })}
                </th>
                <td>{shape(what)}</td>
                <td>{line(&about)}</td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    view! {
        <section>
            <h3>{heading}</h3>
            <table class="table folding described">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Is"</th>
                        <th scope="col">"Means"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </section>
    }
    .into_any()
}

#[component]
fn Body(body: Content) -> impl IntoView {
    let about = (!body.about.is_empty()).then(|| view! { <p>{line(&body.about)}</p> });
    view! {
        <section>
            <h3>"Body"</h3>
            <p>
                {shape(body.shape)} ", as " {media_types(body.media_types)}
                {if body.required { "." } else { ". It may be left out." }}
            </p>
            {about}
        </section>
    }
    .into_any()
}

#[component]
fn Answers(answers: Vec<Answer>) -> impl IntoView {
    let lines = answers.into_iter().map(|answer| {
        let headers = answer.headers.into_iter().map(|(name, what)| {
            view! {
                <small class="header">
                    <code>{name}</code>
                    ": "
                    {line(&what)}
                </small>
            }
        });
        let headers = headers.collect_view();
        let content = answer
            .content
            .map(|content| view! { {shape(content.shape)} <small>" as " {media_types(content.media_types)}</small> });
        view! {
            <tr>
                <th scope="row">{answer.status}</th>
                <td>{content}</td>
                <td>{line(&answer.about)} {headers}</td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    view! {
        <section>
            <h3>"Answers"</h3>
            <table class="table folding described">
                <thead>
                    <tr>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Holds"</th>
                        <th scope="col">"Means"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn media_types(kinds: Vec<String>) -> impl IntoView {
    let kinds = kinds.into_iter().enumerate().map(|(place, kind)| {
        let between = if place == 0 { "" } else { " or " };
        view! { {between} <code>{kind}</code> }
    });
    kinds.collect_view()
}
