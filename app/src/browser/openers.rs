//! Menus and questions close when the reader turns elsewhere. They are `<details>`, so they open by themselves.

use web_sys::{Element, KeyboardEvent, MouseEvent};

use super::dom;

pub(super) fn start() {
    dom::listen(&dom::document(), "click", |event: MouseEvent| {
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
    // Removing an attribute cannot fail on an element.
    let _ = open.remove_attribute("open");
}

/// The one that is open: a click that opens another closes it first.
fn find_open() -> Option<Element> {
    dom::find("details.opener[open]")
}
