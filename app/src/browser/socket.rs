//! The websocket: open as long as the page is, notices silence, comes back.

use std::{cell::RefCell, time::Duration};

use model::event::{ServerMessage, Topic};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

use super::{dom, feed, page};

/// The server says something at least every 15 s; after three of these the line is dead, whatever the browser thinks.
const SILENCE_MAX: Duration = Duration::from_secs(45);
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// Waits between attempts: doubled each time, spread so that not all pages come back in the same instant.
const BACKOFF_FIRST: Duration = Duration::from_millis(400);
const BACKOFF_LAST: Duration = Duration::from_secs(15);

/// Failures in a row after which it is no hiccup of the line.
const REFUSED: u32 = 2;

struct Open {
    socket: WebSocket,
    /// Topics it was opened with; other topics need another connection.
    watch: Vec<Topic>,
    // Dropping these while the socket lives would make the browser call freed functions.
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct Line {
    open: Option<Open>,
    /// Raised with every connection; callbacks of an earlier one change nothing.
    generation: u32,
    failures: u32,
    retry: Option<dom::Timer>,
    heard_at_ms: f64,
}

thread_local! {
    // One line for the page, like the feed it serves.
    static LINE: RefCell<Line> = RefCell::default();
}

/// Comes back as soon as the network or the reader does, and looks for silence.
pub(super) fn start() {
    dom::listen(&dom::window(), "online", |_: JsValue| connect());
    dom::listen(&dom::window(), "offline", |_: JsValue| lost());
    dom::listen(&dom::document(), "visibilitychange", |_: JsValue| {
        if dom::is_visible() && (is_silent() || !is_open()) {
            connect();
        }
    });
    dom::every(CHECK_EVERY, || {
        if is_open() && is_silent() {
            connect();
        }
    });
    connect();
}

/// Connects anew when the page that is shown now listens to something else.
pub(super) fn refresh() {
    let wanted = feed::first_message().watch;
    let misses = LINE.with_borrow(|line| {
        line.open.as_ref().is_some_and(|open| wanted.iter().any(|topic| !open.watch.contains(topic)))
    });
    if misses {
        connect();
    }
}

/// Says on the page whether it is kept up to date.
fn show(is_live: bool) {
    let (class, words) =
        if is_live { ("connection live", "Live") } else { ("connection offline", "Offline, trying again…") };
    if let Some(badge) = dom::find("#connection") {
        dom::set_attribute(&badge, "class", class);
        dom::set_text(&badge, words);
    }
}

fn is_open() -> bool {
    LINE.with_borrow(|line| line.open.is_some())
}

fn is_silent() -> bool {
    LINE.with_borrow(|line| js_sys::Date::now() - line.heard_at_ms > SILENCE_MAX.as_millis() as f64)
}

fn close() {
    LINE.with_borrow_mut(|line| {
        line.generation += 1;
        if let Some(retry) = line.retry.take() {
            retry.cancel();
        }
        if let Some(open) = line.open.take() {
            open.socket.set_onopen(None);
            open.socket.set_onmessage(None);
            open.socket.set_onclose(None);
            // It may be closed already; then there is nothing to do.
            let _ = open.socket.close();
        }
    });
}

fn connect() {
    close();
    if dom::find("#connection").is_none() {
        // A page that is open to everybody shows nothing that changes.
        return;
    }
    let watch = feed::first_message();
    let Some(socket) = address().and_then(|address| WebSocket::new(&address).ok()) else { return lost() };
    let generation = LINE.with_borrow(|line| line.generation);
    let is_current = move || LINE.with_borrow(|line| line.generation == generation);

    let first = serde_json::to_string(&watch).expect("topics and a number have no part that cannot be JSON");
    let on_open = Closure::<dyn FnMut()>::new({
        let socket = socket.clone();
        // A failure to send closes the socket, and closing it is dealt with below.
        move || drop(socket.send_with_str(&first))
    });
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if is_current() {
            LINE.with_borrow_mut(|line| {
                line.heard_at_ms = js_sys::Date::now();
                line.failures = 0;
            });
            show(true);
            receive(&event);
        }
    });
    let on_close = Closure::<dyn FnMut()>::new(move || {
        if is_current() {
            lost();
        }
    });
    socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    LINE.with_borrow_mut(|line| {
        line.heard_at_ms = js_sys::Date::now();
        line.open =
            Some(Open { socket, watch: watch.watch, _on_open: on_open, _on_message: on_message, _on_close: on_close });
    });
}

fn receive(event: &MessageEvent) {
    let Some(text) = event.data().as_string() else { return };
    // A kind that this page does not know comes from a newer server; what it does know still applies.
    if let Ok(message) = ServerMessage::from_json(&text) {
        feed::hear(&message);
    }
}

/// The line is gone: say so and try again later.
fn lost() {
    close();
    show(false);
    let failures = LINE.with_borrow_mut(|line| {
        line.failures = line.failures.saturating_add(1);
        line.failures
    });
    if failures == REFUSED && !feed::first_message().watch.is_empty() {
        // Whether the server is gone or whoever looks at the page is signed out, the page itself tells.
        page::outdated();
    }
    let longest = BACKOFF_FIRST.saturating_mul(1 << (failures - 1).min(8)).min(BACKOFF_LAST);
    let retry = dom::after(longest.mul_f64(0.5 + js_sys::Math::random() / 2.0), connect);
    LINE.with_borrow_mut(|line| line.retry = Some(retry));
}

/// The live feed on the host that served this page.
fn address() -> Option<String> {
    let location = dom::window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}/api/v1/events", location.host().ok()?))
}
