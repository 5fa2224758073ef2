//! The websocket: open as long as the page is, notices silence, comes back.

use std::{cell::RefCell, time::Duration};

use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*};
use model::event::ServerMessage;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

use super::{Connection, feed};
use crate::browser;

/// The server says something at least every 15 s; after three of these the line is dead, whatever the browser thinks.
const SILENCE_MAX: Duration = Duration::from_secs(45);
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// Waits between attempts: doubled each time, spread so that not all pages come back in the same instant.
const BACKOFF_FIRST: Duration = Duration::from_millis(400);
const BACKOFF_LAST: Duration = Duration::from_secs(15);

struct Open {
    socket: WebSocket,
    /// Topics it was opened with; other topics need another connection.
    watch: Vec<model::event::Topic>,
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
    retry: Option<TimeoutHandle>,
    heard_at_ms: f64,
}

thread_local! {
    // One line for the page, like the feed it serves.
    static LINE: RefCell<Line> = RefCell::default();
}

/// Brings the connection in line with who listens: opens it, or opens it anew for another topic or an earlier number.
pub(super) fn refresh(connection: RwSignal<Connection>) {
    // Several components start to listen in the same moment: look once, when all have.
    set_timeout(
        move || {
            let watch = feed::watch();
            let fits = LINE.with_borrow(|line| {
                line.open.as_ref().is_some_and(|open| watch.watch.iter().all(|topic| open.watch.contains(topic)))
            });
            if feed::take_rewound() || !fits {
                connect(connection);
            }
        },
        Duration::ZERO,
    );
}

/// Comes back as soon as the network or the reader does, and looks for silence. Runs once, for the life of the page.
pub(super) fn watch_window(connection: RwSignal<Connection>) {
    let online = window_event_listener(ev::online, move |_| connect(connection));
    let offline = window_event_listener(ev::offline, move |_| lost(connection));
    let visible = window_event_listener(ev::visibilitychange, move |_| {
        if browser::is_visible() && (is_silent() || !is_open()) {
            connect(connection);
        }
    });
    let check = set_interval_with_handle(
        move || {
            if is_open() && is_silent() {
                connect(connection);
            }
        },
        CHECK_EVERY,
    );
    refresh(connection);
    on_cleanup(move || {
        online.remove();
        offline.remove();
        visible.remove();
        if let Ok(check) = check {
            check.clear();
        }
        close();
    });
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
            retry.clear();
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

fn connect(connection: RwSignal<Connection>) {
    close();
    let watch = feed::watch();
    let Some(socket) = browser::events_url().and_then(|url| WebSocket::new(&url).ok()) else {
        return lost(connection);
    };
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
            connection.set(Connection::Live);
            receive(&event);
        }
    });
    let on_close = Closure::<dyn FnMut()>::new(move || {
        if is_current() {
            lost(connection);
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
fn lost(connection: RwSignal<Connection>) {
    close();
    connection.set(Connection::Offline);
    let failures = LINE.with_borrow_mut(|line| {
        line.failures = line.failures.saturating_add(1);
        line.failures
    });
    let longest = BACKOFF_FIRST.saturating_mul(1 << (failures - 1).min(8)).min(BACKOFF_LAST);
    let wait = longest.mul_f64(0.5 + browser::random() / 2.0);
    let retry = set_timeout_with_handle(move || connect(connection), wait).ok();
    LINE.with_borrow_mut(|line| line.retry = retry);
}
