//! The frame of the few pages that everybody may see: one sheet, and the name of what it lets into.

use leptos::prelude::*;

use crate::components::navigation::Brand;

#[component]
pub fn Outside(children: Children) -> impl IntoView {
    view! {
        <div class="outside">
            <Brand/>
            <section class="sheet stack">{children()}</section>
        </div>
    }
    .into_any()
}
