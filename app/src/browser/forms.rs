//! Forms are sent without leaving the page, and the page that comes in answer is fitted in: the same request and the same
//! answer as without JavaScript.

use std::{cell::Cell, time::Duration};

use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, FormData, HtmlFormElement, HtmlInputElement, MouseEvent, RequestInit, SubmitEvent, UrlSearchParams,
};

use super::{dom, notices, page};

/// How long typing has to pause before the form is asked what it would mean.
const PAUSE: Duration = Duration::from_millis(250);

thread_local! {
    /// The preview that is to come.
    static PREVIEW: Cell<Option<dom::Timer>> = const { Cell::new(None) };
    /// Something was typed in a guarded form and not sent.
    static CHANGED: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn start() {
    let document = dom::document();
    dom::listen(&document, "submit", submitted);
    dom::listen(&document, "input", typed);
    dom::listen(&document, "change", |event: Event| {
        // A filter that is chosen applies at once; words are typed to their end.
        let chosen = dom::closest(&event, "form[data-in-place] :is(select, input[type=date])");
        if let Some(form) = chosen.and_then(|_| form_of(&event)) {
            // A form that is not valid says so at the field.
            let _ = form.request_submit();
        }
        tick(&event);
    });
    // A double click is one click, however fast the answer to its first half was.
    dom::listen(&document, "click", |event: MouseEvent| {
        if event.detail() > 1 && dom::closest(&event, "form[method=post] button").is_some() {
            event.prevent_default();
        }
    });
    dom::listen(&dom::window(), "beforeunload", |event: Event| {
        if has_changes() {
            event.prevent_default();
        }
    });
}

pub(super) fn has_changes() -> bool {
    CHANGED.get()
}

fn forget_changes() {
    CHANGED.set(false);
}

fn form_of(event: &Event) -> Option<HtmlFormElement> {
    dom::closest(event, "form")?.dyn_into().ok()
}

fn submitted(event: SubmitEvent) {
    // An island sends its form itself; files go the browser's way.
    // What changes who is signed in leads to a page of its own.
    let is_ours = |form: &HtmlFormElement| form.enctype() != MULTIPART && !form.has_attribute("data-native");
    let Some(form) = form_of(&event).filter(|form| !event.default_prevented() && is_ours(form)) else {
        return;
    };
    let button = event.submitter().map(Element::from);
    let Some(fields) = fields(&form, button.as_ref()) else { return };
    let address = form.get_attribute("action").unwrap_or_default();
    if form.method() == "post" {
        event.prevent_default();
        if button.as_ref().is_some_and(|button| button.has_attribute(SENDING)) {
            return;
        }
        cancel_preview();
        spawn_local(send(form, button, address, fields));
    } else if form.has_attribute("data-in-place") {
        event.prevent_default();
        // Without JavaScript the fragment says where to go on reading; here the reader is there already.
        let page = address.split('#').next().unwrap_or_default();
        page::visit(format!("{page}?{}", without_blanks(&fields)));
    }
}

/// Lets filters show what the address says from now on, and no longer what was chosen on the page before.
pub(super) fn reset_filters() {
    for form in dom::all("form[method=get][data-in-place]") {
        if let Ok(form) = form.dyn_into::<HtmlFormElement>() {
            form.reset();
        }
    }
}

const MULTIPART: &str = "multipart/form-data";

/// On a button whose form is on its way. One that is really disabled would lose the focus of whoever pressed it.
const SENDING: &str = "aria-disabled";

/// The form as a browser sends it, with the button that was pressed.
fn fields(form: &HtmlFormElement, button: Option<&Element>) -> Option<UrlSearchParams> {
    let data = FormData::new_with_form(form).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    if let Some(name) = button.and_then(|button| button.get_attribute("name")) {
        let value = button.and_then(|button| button.get_attribute("value")).unwrap_or_default();
        fields.set(&name, &value);
    }
    Some(fields)
}

/// Filters that are not set have no place in an address.
fn without_blanks(fields: &UrlSearchParams) -> String {
    let text = String::from(fields.to_string());
    text.split('&').filter(|field| !field.ends_with('=')).collect::<Vec<_>>().join("&")
}

async fn send(form: HtmlFormElement, button: Option<Element>, address: String, fields: UrlSearchParams) {
    if let Some(button) = &button {
        dom::set_attribute(button, SENDING, "true");
    }
    let answer = page::send(&address, &post(&fields), &form).await;
    if let Some(button) = &button {
        // Removing an attribute cannot fail on an element.
        let _ = button.remove_attribute(SENDING);
    }
    match answer {
        Err(words) => notices::refuse(&words),
        // What was typed is stored: from now on the fields show what the server says.
        Ok(answer) if answer.redirected() && form.has_attribute("data-guard") => {
            forget_changes();
            form.reset();
        }
        Ok(_) if form.has_attribute("data-reset") => form.reset(),
        Ok(_) => {
            let first = |selector: &str| form.query_selector(selector).ok().flatten();
            if let Some(wrong) = first("[aria-invalid=true]").or_else(|| first("[data-attention]")) {
                dom::focus(wrong);
            }
        }
    }
}

fn post(fields: &UrlSearchParams) -> RequestInit {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(fields);
    request
}

/// Boxes of one form and the one that stands for all of them.
fn tick(event: &Event) {
    let changed = dom::closest(event, "[type=checkbox][form]").and_then(|input| input.get_attribute("form"));
    let Some(form) = changed else { return };
    let boxes = |which: &str| -> Vec<HtmlInputElement> {
        let found = dom::all(&format!("[type=checkbox][form=\"{form}\"]{which}"));
        found.into_iter().filter_map(|input| input.dyn_into().ok()).collect()
    };
    let (all, each) = (boxes("[data-tick-all]"), boxes(":not([data-tick-all])"));
    if dom::closest(event, "[data-tick-all]").is_some() {
        let is_ticked = all.iter().any(HtmlInputElement::checked);
        each.iter().for_each(|input| input.set_checked(is_ticked));
    }
    let ticked = each.iter().filter(|input| input.checked()).count();
    for input in all {
        input.set_checked(ticked == each.len());
        input.set_indeterminate(ticked > 0 && ticked < each.len());
    }
}

fn typed(event: Event) {
    let Some(form) = form_of(&event) else { return };
    if form.has_attribute("data-guard") {
        CHANGED.set(true);
    }
    if form.has_attribute("data-preview") {
        cancel_preview();
        PREVIEW.set(Some(dom::after(PAUSE, move || preview(form))));
    }
}

fn cancel_preview() {
    if let Some(waiting) = PREVIEW.take() {
        waiting.cancel();
    }
}

/// Posts the form with the intent to see, not to save. Without an answer the last preview stays; the next keystroke asks
/// again.
fn preview(form: HtmlFormElement) {
    if page::is_sending() {
        // What is being saved is answered for; a preview would take the answer's place.
        return;
    }
    let Some(fields) = fields(&form, None) else { return };
    fields.set("intent", "preview");
    let address = form.get_attribute("action").unwrap_or_default();
    spawn_local(async move {
        page::load(&address, &post(&fields), Some(&form)).await;
    });
}
