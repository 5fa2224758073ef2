//! Who listens, from where, and what was heard lately. No socket here: messages come in through [`hear`].

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use model::event::{Event, Sample, ServerMessage, Topic, Watch};

use super::Message;

/// Events kept for listeners that come later: a page that is opened by a link has loaded its data a moment before it
/// listens. Beyond it the connection is made anew and the server replays.
const RECENT_MAX: usize = 256;

type Callback = Rc<dyn Fn(Message<'_>)>;

struct Listener {
    id: u64,
    topic: Option<Topic>,
    /// Number of the last event that this listener has, in its data or from here.
    seen: i64,
    on: Callback,
}

#[derive(Default)]
struct Feed {
    listeners: Vec<Listener>,
    next_id: u64,
    /// Number of the last event heard; the next connection resumes after it.
    last: Option<i64>,
    /// Every event after this number is in `recent` or still to come.
    covered_from: i64,
    recent: VecDeque<Rc<Event>>,
    /// `last` was set back: the open connection, if there is one, does not send what is wanted.
    rewound: bool,
}

thread_local! {
    // A browser page has one thread and one feed. On the server effects do not run, so this stays empty.
    static FEED: RefCell<Feed> = RefCell::default();
}

/// Adds a listener that has everything up to event `after`, and tells it what was heard since.
pub(super) fn add(topic: Option<Topic>, after: i64, on: Callback) -> u64 {
    let (id, missed) = FEED.with_borrow_mut(|feed| {
        feed.next_id += 1;
        let id = feed.next_id;
        let missed: Vec<_> = match feed.last {
            Some(_) if after >= feed.covered_from => {
                feed.recent.iter().filter(|event| event.number > after).cloned().collect()
            }
            // Older than what is kept, or the first one: (re)connect from there.
            _ => {
                feed.last = Some(after);
                feed.covered_from = after;
                feed.recent.clear();
                feed.rewound = true;
                Vec::new()
            }
        };
        let seen = missed.last().map_or(after, |event| event.number);
        feed.listeners.push(Listener { id, topic, seen, on: on.clone() });
        (id, missed)
    });
    for event in missed {
        on(Message::Change(&event.change));
    }
    id
}

pub(super) fn remove(id: u64) {
    FEED.with_borrow_mut(|feed| feed.listeners.retain(|listener| listener.id != id));
}

/// Whether the open connection started too late for a listener that came since; asking settles it.
pub(super) fn take_rewound() -> bool {
    FEED.with_borrow_mut(|feed| std::mem::take(&mut feed.rewound))
}

/// The first message of the next connection. Without a listener it starts now: what listens later says from where.
pub(super) fn watch() -> Watch {
    FEED.with_borrow(|feed| {
        let mut watch = vec![Topic::Workflows];
        for topic in feed.listeners.iter().filter_map(|listener| listener.topic) {
            if !watch.contains(&topic) {
                watch.push(topic);
            }
        }
        Watch { watch, after: feed.last }
    })
}

/// Tells every listener what it has not heard yet.
pub(super) fn hear(message: &ServerMessage) {
    match message {
        ServerMessage::Event(event) => {
            for on in take_event(event) {
                on(Message::Change(&event.change));
            }
        }
        ServerMessage::Sample(Sample::Resync) => {
            // What comes now is new; the pages load what lies between.
            for on in FEED.with_borrow(callbacks) {
                on(Message::Reload);
            }
        }
        ServerMessage::Sample(sample) => {
            if let Sample::Live { number } = sample {
                FEED.with_borrow_mut(|feed| feed.catch_up(*number));
            }
            for on in FEED.with_borrow(callbacks) {
                on(Message::Sample(sample));
            }
        }
    }
}

fn callbacks(feed: &Feed) -> Vec<Callback> {
    feed.listeners.iter().map(|listener| listener.on.clone()).collect()
}

/// Records the event and gives back who has to be told. Called back outside the borrow: a listener may add listeners.
fn take_event(event: &Event) -> Vec<Callback> {
    FEED.with_borrow_mut(|feed| {
        if feed.last.is_none_or(|last| event.number > last) {
            feed.last = Some(event.number);
            feed.recent.push_back(Rc::new(event.clone()));
        }
        if feed.recent.len() > RECENT_MAX
            && let Some(forgotten) = feed.recent.pop_front()
        {
            feed.covered_from = forgotten.number;
        }
        let mut told = Vec::new();
        for listener in feed.listeners.iter_mut().filter(|listener| listener.seen < event.number) {
            listener.seen = event.number;
            told.push(listener.on.clone());
        }
        told
    })
}

impl Feed {
    /// The server has nothing newer than `number` and nothing was sent between: after a resync the gap is closed by the
    /// pages, so what is kept starts here.
    fn catch_up(&mut self, number: i64) {
        if self.last.is_none_or(|last| number > last) {
            self.last = Some(number);
            self.covered_from = number;
            self.recent.clear();
        }
    }
}
