//! What the description says in words, as HTML: paragraphs, lists and `code`, which is all that it uses of Markdown.

use leptos::prelude::*;

pub(super) fn prose(text: &str) -> impl IntoView + use<> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.map(|block| self::block(block).into_any()).collect_view()
}

fn block(text: &str) -> AnyView {
    if !text.starts_with("- ") {
        return view! { <p>{line(text)}</p> }.into_any();
    }
    let items = text.split("\n- ").map(|item| item.trim_start_matches("- "));
    let items = items.map(|item| view! { <li>{line(item)}</li> }).collect_view();
    view! { <ul>{items}</ul> }.into_any()
}

/// What stands between backticks is code.
pub(super) fn line(text: &str) -> impl IntoView + use<> {
    let parts = text.split('`').enumerate().map(|(place, part)| {
        let part = part.replace('\n', " ");
        if place % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    });
    parts.collect_view()
}
