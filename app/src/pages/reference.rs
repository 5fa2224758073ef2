//! `/api`: what programs may ask for. A group at a time (`?group=`), so that a page stays short enough to be read.

pub mod operation;
mod prose;
pub mod types;

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use operation::OperationSheet;
use prose::prose;
use types::TypeSheet;

use crate::{
    components::icon::Icon,
    reference::{Group, Shape, SharedReference, Type, Word},
};

/// The group of what is sent and answered.
const TYPES: &str = "types";

#[component]
pub fn ReferencePage() -> impl IntoView {
    // Outside a request there is none, and nobody looks.
    let reference = use_context::<SharedReference>().unwrap_or_default();
    let wanted = use_query_map().read_untracked().get("group").unwrap_or_default();
    let names = reference.groups.iter().map(|group| group.name.clone()).chain([TYPES.to_owned()]);
    let names: Vec<String> = names.collect();
    let open = if names.contains(&wanted) { wanted } else { names[0].clone() };
    let group = reference.groups.iter().find(|group| group.name == open).cloned();
    let content = match group {
        Some(group) => Either::Left(view! { <GroupOfOperations group/> }),
        None => Either::Right(view! { <AllTypes types=reference.types.clone()/> }),
    };
    let document = reference.document.clone();
    view! {
        <Title text="API"/>
        <header class="page-head">
            <div>
                <h1>"API"</h1>
            </div>
            <div class="actions">
                <a class="button quiet" href=document download="openapi.json">
                    {Icon::Download.view()}
                    "OpenAPI document"
                </a>
            </div>
        </header>
        <div class="narrow stack" data-key="about">{prose(&reference.about)}</div>
        <nav class="tabs" aria-label="Groups">
            {names.into_iter().map(|name| view! { <GroupLink open=name == open name/> }).collect_view()}
        </nav>
        {content}
    }
    .into_any()
}

#[component]
fn GroupLink(name: String, open: bool) -> impl IntoView {
    let mut label = name.clone();
    label[..1].make_ascii_uppercase();
    view! {
        <a href=format!("/api?group={name}") aria-current=open.then_some("page") data-in-place="">
            {label}
        </a>
    }
    .into_any()
}

#[component]
fn GroupOfOperations(group: Group) -> impl IntoView {
    let index = group.operations.iter().map(|operation| {
        view! {
            <li>
                <a href=format!("#{}", operation.id)>
                    <code>{operation.method.clone()} " " {operation.path.clone()}</code>
                </a>
                " "
                {operation.summary.clone()}
            </li>
        }
    });
    let index = index.collect_view();
    let sheets = group.operations.into_iter().map(|operation| view! { <OperationSheet operation/> }).collect_view();
    view! {
        <div class="sections reference" data-key=group.name>
            <section class="stack" aria-label="Contents">
                <p class="soft">{group.about}</p>
                <ul class="reference-index" role="list">
                    {index}
                </ul>
            </section>
            {sheets}
        </div>
    }
    .into_any()
}

#[component]
fn AllTypes(types: Vec<Type>) -> impl IntoView {
    let index = types.iter().map(|of| view! { <li>{link(&of.name)}</li> }).collect_view();
    view! {
        <div class="sections reference" data-key=TYPES>
            <section class="stack" aria-label="Contents">
                <p class="soft">"What is sent and answered, by name."</p>
                <ul class="reference-index names" role="list">
                    {index}
                </ul>
            </section>
            {types.into_iter().map(|of| view! { <TypeSheet of/> }).collect_view()}
        </div>
    }
    .into_any()
}

/// The words of a shape, with links to the types among them.
fn shape(words: Shape) -> impl IntoView {
    words
        .into_iter()
        .map(|word| match word {
            Word::Text(text) => text.into_any(),
            Word::Code(code) => view! { <code>{code}</code> }.into_any(),
            Word::Type(name) => link(&name).into_any(),
        })
        .collect_view()
}

fn link(name: &str) -> impl IntoView + use<> {
    view! { <a href=format!("/api?group={TYPES}#{name}")>{name.to_owned()}</a> }
}
