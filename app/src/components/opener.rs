//! What opens from a button: a menu, a question. A `<details>`, so it opens without JavaScript; with it, a click
//! elsewhere or Escape closes it.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

#[component]
pub fn Opener(
    /// Class of the button that opens it.
    class: &'static str,
    /// Name of the button when it shows only an icon.
    #[prop(optional, into)]
    name: Option<String>,
    /// What is on the button.
    label: AnyView,
    /// Opens above the button: at the foot of a card.
    #[prop(optional)]
    upward: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="opener" class:upward=upward>
            <summary class=class aria-label=name>
                {label}
            </summary>
            <div class="popover">{children()}</div>
        </details>
    }
    .into_any()
}

/// Closes what is open when the reader turns elsewhere. Called once, by the app.
pub fn close_on_leaving() {
    Effect::new(|| {
        let click = window_event_listener(ev::click, |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let Some((open, target)) = find_open().zip(target) else { return };
            let pressed = target.closest("a, button").ok().flatten();
            // A button inside has done its work; a question inside a menu keeps the menu open.
            let is_done = pressed.is_some_and(|pressed| open.contains(Some(&pressed)));
            if is_done || !open.contains(Some(&target)) {
                close(&open);
            }
        });
        let escape = window_event_listener(ev::keydown, |event| {
            let Some(open) = find_open().filter(|_| event.key() == "Escape") else { return };
            close(&open);
            let button = open.query_selector("summary").ok().flatten();
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                // A button that cannot take the focus leaves it where it is.
                let _ = button.focus();
            }
        });
        on_cleanup(move || {
            click.remove();
            escape.remove();
        });
    });
}

fn close(open: &Element) {
    // Removing an attribute cannot fail on an element.
    let _ = open.remove_attribute("open");
}

/// The one that is open: a click that opens another closes it first.
fn find_open() -> Option<Element> {
    document().query_selector("details.opener[open]").ok().flatten()
}
