//! The document in few words. Listeners and intervals made here live as long as the page.

use std::time::Duration;

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{Document, Element, EventTarget, HtmlElement, Window};

pub(super) fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

pub(super) fn document() -> Document {
    window().document().expect("a window has a document")
}

/// Whether the page is in front of someone.
pub(super) fn is_visible() -> bool {
    !document().hidden()
}

/// The first element that fits the selector.
pub(super) fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// All elements that fit the selector now.
pub(super) fn all(selector: &str) -> Vec<Element> {
    all_in(&document(), selector)
}

pub(super) fn all_in(document: &Document, selector: &str) -> Vec<Element> {
    let Ok(list) = document.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|place| list.get(place)?.dyn_into().ok()).collect()
}

/// The event's target as an element, or the nearest one around it that fits the selector.
pub(super) fn closest(event: &web_sys::Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

/// Moves the focus; an element that cannot take it leaves it where it is.
pub(super) fn focus(element: Element) {
    if let Ok(element) = element.dyn_into::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Says something only if it is not said already: a text that is set anew loses the reader's selection.
pub(super) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

pub(super) fn set_attribute(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        // Fails only for names that are no names.
        let _ = element.set_attribute(name, value);
    }
}

pub(super) fn listen<E: FromWasmAbi + 'static>(target: &EventTarget, name: &str, on: impl Fn(E) + 'static) {
    let closure = Closure::<dyn Fn(E)>::new(on).into_js_value();
    // Fails for no name.
    let _ = target.add_event_listener_with_callback(name, closure.unchecked_ref());
}

pub(super) fn every(interval: Duration, run: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(run).into_js_value();
    let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), millis(interval));
}

/// A call that is still to come.
#[derive(Clone, Copy)]
pub(super) struct Timer(i32);

impl Timer {
    pub(super) fn cancel(self) {
        window().clear_timeout_with_handle(self.0);
    }
}

pub(super) fn after(wait: Duration, run: impl FnOnce() + 'static) -> Timer {
    let closure = Closure::once_into_js(run);
    let handle = window().set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), millis(wait));
    Timer(handle.unwrap_or_default())
}

fn millis(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX)
}
