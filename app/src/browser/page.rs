//! The page as a whole: fetched again when it is outdated, and fitted into the document.
//!
//! One fetch is under way at a time, and a page that changes all the time is fetched no more often than
//! [`PAUSE`] allows: a busy server is not made busier by those who watch it.

use std::{cell::RefCell, time::Duration};

use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Element, HtmlElement, Request, RequestInit, Response, SupportedType};

use super::{clock, dom, feed, forms, morph, notices, progress, socket};
use crate::{REFRESH, islands::problem_detail};

/// Least time from the end of a fetch to the start of the next one.
const PAUSE: Duration = Duration::from_millis(100);
/// A page that shows something running is fetched this often, for bars that grow with time.
const RUNNING: Duration = Duration::from_secs(2);
/// After a fetch that failed; the socket tells sooner when the server is back.
const RETRY: Duration = Duration::from_secs(5);

#[derive(Default)]
struct State {
    outdated: bool,
    /// Number of the newest event that the page has to show.
    wanted: Option<i64>,
    /// Raised with each fetch that starts; an answer that was overtaken is not shown.
    started: u32,
    shown: u32,
    refreshing: bool,
    /// A form is on its way: its answer shows what it changed, or leads to a page that is still there.
    sending: bool,
    timer: Option<dom::Timer>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

pub(super) fn start() {
    dom::listen(&dom::document(), "visibilitychange", |_: JsValue| refresh_after(Duration::ZERO));
    dom::listen(&dom::document(), "click", |event: web_sys::MouseEvent| {
        let plain =
            event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        // The browser asks before it leaves what was typed.
        let in_place = plain && !forms::has_changes();
        let Some(link) = dom::closest(&event, "a[data-in-place]").filter(|_| in_place) else { return };
        if let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>() {
            event.prevent_default();
            forms::reset_filters();
            visit(link.href());
        }
    });
    dom::listen(&dom::window(), "popstate", |_: JsValue| {
        forms::reset_filters();
        outdated();
    });
    dom::every(RUNNING, || {
        if dom::find("#main [data-progress]").is_some() {
            outdated();
        }
    });
    after_showing();
}

/// Something changed that has no number.
pub(super) fn outdated() {
    STATE.with_borrow_mut(|state| state.outdated = true);
    refresh_after(Duration::ZERO);
}

/// The event with this number changed what is shown.
pub(super) fn outdated_since(number: i64) {
    STATE.with_borrow_mut(|state| state.wanted = state.wanted.max(Some(number)));
    refresh_after(Duration::ZERO);
}

fn is_outdated(state: &State) -> bool {
    // A page that watches nothing, as one that says that there is no such thing, is never behind.
    let behind = |(wanted, after): (i64, i64)| wanted > after;
    state.outdated || state.wanted.zip(feed::watched().after).is_some_and(behind)
}

/// Fetches the page again in a while, unless that is on its way or nobody looks.
fn refresh_after(wait: Duration) {
    STATE.with_borrow_mut(|state| {
        if state.refreshing || state.sending || state.timer.is_some() || !dom::is_visible() || !is_outdated(state) {
            return;
        }
        state.timer = Some(dom::after(wait, || {
            let starts = STATE.with_borrow_mut(|state| {
                state.timer = None;
                state.refreshing = !state.sending;
                state.outdated &= state.sending;
                state.refreshing
            });
            if !starts {
                return;
            }
            spawn_local(async {
                let wait = if load(&here(), &refresh_request(), None).await { PAUSE } else { RETRY };
                STATE.with_borrow_mut(|state| {
                    state.refreshing = false;
                    state.outdated |= wait == RETRY;
                });
                refresh_after(wait);
            });
        }));
    });
}

/// For a page that nobody asked for.
fn refresh_request() -> RequestInit {
    let request = RequestInit::new();
    let headers = js_sys::Object::new();
    // Fails only for objects that are frozen.
    let _ = js_sys::Reflect::set(&headers, &REFRESH.into(), &"1".into());
    request.set_headers(&headers);
    request
}

/// Path and query of the page that is shown.
fn here() -> String {
    let location = dom::window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Shows another address without leaving the document. The one that is shown gets no second place in the history.
pub(super) fn visit(address: String) {
    spawn_local(async move {
        let location = dom::window().location().href().unwrap_or_default();
        let url = web_sys::Url::new_with_base(&address, &location);
        let is_here = url.is_ok_and(|url| url.pathname() + &url.search() == here());
        let pushed = is_here
            || dom::window()
                .history()
                .and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&address)))
                .is_ok();
        if !pushed || !load(&address, &RequestInit::new(), None).await {
            // Where this cannot be done, the browser's own way can, or says why not.
            let _ = dom::window().location().assign(&address);
        }
    });
}

/// Fetches a page and shows it; `false` when no page came. `sender` is the form that asks for it.
pub(super) async fn load(address: &str, request: &RequestInit, sender: Option<&Element>) -> bool {
    let number = STATE.with_borrow_mut(|state| {
        state.started += 1;
        state.started
    });
    match fetch(address, request).await {
        Ok((_, page)) => {
            // A form that was saved or left meanwhile has no use for its preview.
            if sender.is_none_or(|form| form.is_connected()) {
                show(&page, number, sender);
            }
            true
        }
        Err(_) => false,
    }
}

/// Sends a form and shows the page that comes in answer, wherever it led.
///
/// # Errors
/// A sentence for the user when no page came.
pub(super) async fn send(address: &str, request: &RequestInit, form: &Element) -> Result<Response, String> {
    let number = STATE.with_borrow_mut(|state| {
        state.sending = true;
        state.started += 1;
        state.started
    });
    let answer = fetch(address, request).await;
    STATE.with_borrow_mut(|state| state.sending = false);
    let response = answer.map(|(response, page)| {
        show_answer(&response, &page, number, form);
        response
    });
    refresh_after(Duration::ZERO);
    response
}

fn show_answer(response: &Response, page: &Document, number: u32, form: &Element) {
    let landed = web_sys::Url::new(&response.url()).ok();
    let elsewhere = landed.filter(|url| {
        url.search_params().delete("__err");
        response.redirected() && url.pathname() + &url.search() != here()
    });
    if let Some(url) = elsewhere {
        let moved = url.pathname() != dom::window().location().pathname().unwrap_or_default();
        if let Ok(history) = dom::window().history() {
            // Fails only for a foreign address, which no answer of ours leads to.
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&url.href()));
        }
        show(page, number, Some(form));
        if moved {
            dom::window().scroll_to_with_x_and_y(0.0, 0.0);
            if let Some(main) = dom::find("#main") {
                dom::focus(main);
            }
        }
    } else {
        show(page, number, Some(form));
    }
}

/// The page at an address; otherwise a sentence for the user.
async fn fetch(address: &str, request: &RequestInit) -> Result<(Response, Document), String> {
    let (response, kind, text) = ask(address, request).await.ok_or(UNREACHABLE)?;
    if response.status() == SIGNED_OUT && !forms::has_changes() {
        // The whole page: it leads to the sign-in.
        let _ = dom::window().location().reload();
    }
    if !kind.starts_with("text/html") {
        return Err(problem_detail(&text).unwrap_or_else(|| UNREACHABLE.to_owned()));
    }
    let parser = DomParser::new().map_err(|_| UNREACHABLE)?;
    let page = parser.parse_from_string(&text, SupportedType::TextHtml).map_err(|_| UNREACHABLE)?;
    Ok((response, page))
}

/// 401: the session has ended.
const SIGNED_OUT: u16 = 401;

const UNREACHABLE: &str = "The server did not answer. Check that it is running and try again.";

/// The answer with its content type and its text, if one came.
async fn ask(address: &str, request: &RequestInit) -> Option<(Response, String, String)> {
    let request = Request::new_with_str_and_init(address, request).ok()?;
    request.headers().set("accept", "text/html").ok()?;
    let response = JsFuture::from(dom::window().fetch_with_request(&request)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let kind = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    Some((response, kind, text))
}

pub(super) fn is_sending() -> bool {
    STATE.with_borrow(|state| state.sending)
}

/// Fits the page in, unless a later one was shown already.
fn show(page: &Document, number: u32, sender: Option<&Element>) {
    // Said once: a page that was overtaken may be the one that says it.
    notices::take(page);
    let overtaken = STATE.with_borrow_mut(|state| {
        let overtaken = number < state.shown;
        state.shown = state.shown.max(number);
        overtaken
    });
    let (Some(old), Some(new)) = (dom::find("#frame"), page.get_element_by_id("frame")) else { return };
    if overtaken {
        return;
    }
    if is_of_another_version(page) && !forms::has_changes() {
        // The server was upgraded: this code may not fit its pages.
        let _ = dom::window().location().reload();
        return;
    }
    dom::document().set_title(&page.title());
    let focused = dom::document().active_element();
    morph::morph(&old, &new, sender);
    keep_focus(focused);
    after_showing();
}

fn is_of_another_version(page: &Document) -> bool {
    let version = |document: &Document| document.document_element()?.get_attribute("data-version");
    version(page) != version(&dom::document())
}

/// When what had the focus is gone, reading goes on at the content and not at the top of the window.
fn keep_focus(focused: Option<Element>) {
    if focused.is_some_and(|focused| !focused.is_connected())
        && let Some(main) = dom::find("#main")
    {
        dom::focus(main);
    }
}

/// What follows each rendering, the first one included.
fn after_showing() {
    hydrate_islands();
    clock::paint();
    progress::paint();
    socket::refresh();
}

/// Wakes the islands that have come with the page. The functions are exports of the module, which the page's own script
/// offers by name.
fn hydrate_islands() {
    for island in dom::all("leptos-island:not([data-hydrated])") {
        dom::set_attribute(&island, "data-hydrated", "");
        let Ok(hydrate) = js_sys::Reflect::get(&dom::window(), &"hydrateIsland".into()) else { return };
        if let (Ok(hydrate), Ok(island)) = (hydrate.dyn_into::<js_sys::Function>(), island.dyn_into::<HtmlElement>()) {
            // An island that throws has said so on the console; the form in it still works as a plain one.
            let _ = hydrate.call1(&JsValue::NULL, &island);
        }
    }
}
