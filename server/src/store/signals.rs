//! What the writer tells the other roles after a commit.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::ExecutionId;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One `watch` for each kind of change, so that a role which looks before it waits misses nothing.
pub(super) struct Signals {
    pub(super) events: watch::Sender<i64>,
    pub(super) queue: watch::Sender<u64>,
    pub(super) schedules: watch::Sender<u64>,
    pub(super) outbox: watch::Sender<u64>,
    pub(super) access: watch::Sender<u64>,
    pub(super) stops: StopTokens,
}

/// What a command did that others must hear of once it is committed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) queue: bool,
    pub(super) schedules: bool,
    pub(super) outbox: bool,
    /// Someone may have lost what they had.
    pub(super) access: bool,
    pub(super) stop: Vec<ExecutionId>,
}

/// What is told after a commit.
#[derive(Debug, Default)]
pub(super) struct Announcement {
    /// Of each command that was done, in their order.
    pub(super) effects: Vec<Effects>,
    pub(super) last_event: Option<i64>,
}

impl Signals {
    pub(super) fn new(last_event: i64) -> Self {
        Self {
            events: watch::Sender::new(last_event),
            queue: watch::Sender::new(0),
            schedules: watch::Sender::new(0),
            outbox: watch::Sender::new(0),
            access: watch::Sender::new(0),
            stops: StopTokens::default(),
        }
    }

    pub(super) fn announce(&self, announcement: &Announcement) {
        for execution in announcement.effects.iter().flat_map(|effects| &effects.stop) {
            self.stops.stop(*execution);
        }
        let tell = |changes: &watch::Sender<u64>, did: fn(&Effects) -> bool| {
            if announcement.effects.iter().any(did) {
                changes.send_modify(|changes| *changes += 1);
            }
        };
        tell(&self.queue, |effects| effects.queue);
        tell(&self.schedules, |effects| effects.schedules);
        tell(&self.outbox, |effects| effects.outbox);
        tell(&self.access, |effects| effects.access);
        if let Some(number) = announcement.last_event {
            self.events.send_replace(number);
        }
    }
}

/// One cancel token for each execution that runs in this process.
///
/// The writer fires them in the order of its commits and before it answers, and the executor drops one only after the
/// answer that its execution ended: so a token cannot be fired for an execution that is over.
#[derive(Debug, Default)]
pub struct StopTokens {
    tokens: Mutex<HashMap<ExecutionId, CancellationToken>>,
}

impl StopTokens {
    /// The token of an execution. It may have been fired already: the request can be committed before the executor has
    /// heard that the claim was.
    pub fn of(&self, execution: ExecutionId) -> CancellationToken {
        self.tokens().entry(execution).or_default().clone()
    }

    pub fn stop(&self, execution: ExecutionId) {
        self.of(execution).cancel();
    }

    pub fn remove(&self, execution: ExecutionId) {
        self.tokens().remove(&execution);
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<ExecutionId, CancellationToken>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
