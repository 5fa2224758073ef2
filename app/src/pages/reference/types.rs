//! One type: its fields, or what it is one of.

use leptos::prelude::*;

use super::{operation::Rows, prose::prose, shape};
use crate::reference::{Type, Variant};

#[component]
pub fn TypeSheet(of: Type) -> impl IntoView {
    let Type { name, about, shape: words, fields, variants } = of;
    let heading = format!("{name}-heading");
    let (place, labelled) = (name.clone(), heading.clone());
    let is = (!words.is_empty()).then(|| view! { <p>{shape(words)}</p> });
    view! {
        <article class="sheet operation" id=place aria-labelledby=labelled>
            <h2 id=heading>
                <code>{name}</code>
            </h2>
            <div class="stack">{prose(&about)} {is}</div>
            {(!fields.is_empty()).then(|| view! { <Rows heading="Fields" rows=fields/> })}
            {variants.into_iter().map(|variant| view! { <VariantOf variant/> }).collect_view()}
        </article>
    }
    .into_any()
}

#[component]
fn VariantOf(variant: Variant) -> impl IntoView {
    let Variant { about, shape: words, fields } = variant;
    let is = (!words.is_empty()).then(|| view! { <p>{shape(words)}</p> });
    view! {
        <div class="stack variant">
            {prose(&about)} {is}
            {(!fields.is_empty()).then(|| view! { <Rows heading="Either with these fields" rows=fields/> })}
        </div>
    }
    .into_any()
}
