//! Short answers: a good one goes by itself, an error stays until it is closed.

use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlTemplateElement};

use super::dom;

const SHOWN_FOR: Duration = Duration::from_secs(8);

pub(super) fn start() {
    dom::listen(&dom::document(), "click", |event: web_sys::Event| {
        if let Some(notice) = dom::closest(&event, ".notice [data-close]").and_then(|button| around(&button)) {
            notice.remove();
        }
    });
    dom::all("#notices .notice").iter().for_each(go_in_time);
}

fn around(button: &Element) -> Option<Element> {
    button.closest(".notice").ok().flatten()
}

/// Takes over what the page says. The same answer may come with two pages that were asked for at once.
pub(super) fn take(page: &Document) {
    for notice in dom::all_in(page, "#notices .notice") {
        let key = notice.get_attribute("data-key").unwrap_or_default();
        if dom::find(&format!("#notices [data-key=\"{key}\"]")).is_none() {
            show(&notice);
        }
    }
}

/// Says what went wrong on the way to the server, where no page came to say it.
pub(super) fn refuse(text: &str) {
    let Some(template) = dom::find("template#refusal") else { return };
    let Ok(template) = template.dyn_into::<HtmlTemplateElement>() else { return };
    let Ok(copy) = template.content().clone_node_with_deep(true) else { return };
    let notice = copy.dyn_ref::<web_sys::DocumentFragment>().and_then(|copy| copy.first_element_child());
    if let Some(notice) = notice {
        if let Some(words) = notice.query_selector("p").ok().flatten() {
            words.set_text_content(Some(text));
        }
        dom::all("#notices [data-key=unsent]").iter().for_each(Element::remove);
        show(&notice);
    }
}

fn show(notice: &Element) {
    if let Some(board) = dom::find("#notices") {
        // Appending a notice to the board makes no cycle, the one reason to fail.
        let _ = board.append_child(notice);
        go_in_time(notice);
    }
}

fn go_in_time(notice: &Element) {
    if !notice.class_list().contains("error") {
        let notice = notice.clone();
        dom::after(SHOWN_FOR, move || notice.remove());
    }
}
