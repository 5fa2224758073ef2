//! Menus and questions close when the reader turns elsewhere. They are `<details>`, so they open by themselves.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement, KeyboardEvent, MouseEvent};

use super::dom;

pub(super) fn start() {
    dom::listen(&dom::document(), "click", |event: MouseEvent| {
        // The button that opened it closes it again.
        if dom::closest(&event, "details[data-looked][open] > summary").is_some() {
            find_open().iter().for_each(send_looked);
        }
        let Some((open, target)) = find_open().zip(dom::closest(&event, "*")) else { return };
        // A button inside has done its work; a question inside a menu keeps the menu open.
        let is_done = dom::closest(&event, "a, button").is_some_and(|pressed| open.contains(Some(&pressed)));
        if is_done || !open.contains(Some(&target)) {
            close(&open);
        }
    });
    dom::listen(&dom::document(), "keydown", |event: KeyboardEvent| {
        let Some(open) = find_open().filter(|_| event.key() == "Escape") else { return };
        close(&open);
        if let Some(button) = open.query_selector("summary").ok().flatten() {
            dom::focus(button);
        }
    });
}

fn close(open: &Element) {
    send_looked(open);
    // Removing an attribute cannot fail on an element.
    let _ = open.remove_attribute("open");
}

/// Closing a list of news is having looked at it.
fn send_looked(open: &Element) {
    if open.has_attribute("data-looked")
        && let Some(form) = open.query_selector("form").ok().flatten()
        && let Ok(form) = form.dyn_into::<HtmlFormElement>()
    {
        // Fails only for a form that is not valid, and this one has nothing to fill in.
        let _ = form.request_submit();
    }
}

/// The one that is open: a click that opens another closes it first.
fn find_open() -> Option<Element> {
    dom::find("details.opener[open]")
}
