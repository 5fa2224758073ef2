//! The browser's side of the live feed: one websocket for the whole page, owned by the app.
//!
//! A page loads its data together with the number of the last event in it (`model::Snapshot`) and listens from there;
//! it gets every later event exactly once, whatever the connection does meanwhile. When that is impossible it is told
//! to load its data again. On the server nothing here does anything: listeners are registered in effects.

mod card;
mod feed;
mod list;
mod socket;

use leptos::prelude::*;
use model::event::{Change, Sample, Topic};

pub use card::{LiveCard, LiveExecution, running_step};
pub use list::LiveExecutions;

/// Whether the page is kept up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The first connection is on its way.
    None,
    Live,
    /// Cut off; connecting again.
    Offline,
}

/// What a page is told.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    Change(&'a Change),
    Sample(&'a Sample),
    /// Events are missing between the page's data and now: load it again.
    Reload,
}

#[derive(Clone, Copy)]
pub struct Live {
    connection: RwSignal<Connection>,
}

impl Live {
    pub fn provide() -> Self {
        let live = Self { connection: RwSignal::new(Connection::None) };
        provide_context(live);
        Effect::new(move || socket::watch_window(live.connection));
        live
    }

    pub fn connection(self) -> Signal<Connection> {
        self.connection.into()
    }

    /// Calls `on` with everything after event `after`, until the component that asked is gone.
    pub fn listen(self, after: i64, on: impl Fn(Message<'_>) + 'static) {
        self.listen_to(None, after, on);
    }

    /// Like [`Live::listen`], with the log lines of the execution that `topic` names.
    pub fn listen_to(self, topic: Option<Topic>, after: i64, on: impl Fn(Message<'_>) + 'static) {
        let on = std::rc::Rc::new(on);
        Effect::new(move || {
            let listener = feed::add(topic, after, on.clone());
            socket::refresh(self.connection);
            on_cleanup(move || feed::remove(listener));
        });
    }
}

pub fn use_live() -> Live {
    expect_context()
}
