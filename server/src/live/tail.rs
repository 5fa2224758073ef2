//! What goes into the ring.

use std::sync::atomic::Ordering;

use model::event::{Change, Event, Sample};
use tokio::sync::broadcast::error::RecvError;

use super::{Live, Message};
use crate::store::QueueState;

/// Events read at once.
const BATCH_EVENTS: i64 = 500;

/// Follows the event log: after each commit reads what is new and hands it on, in the order of the numbers.
pub(super) async fn events(live: Live) {
    let mut committed = live.backend.committed();
    let mut last = *committed.borrow_and_update();
    loop {
        tokio::select! {
            changed = committed.changed() => if changed.is_err() { return },
            () = live.stop.cancelled() => return,
        }
        let newest = *committed.borrow_and_update();
        while last < newest {
            match live.backend.events_after(last, BATCH_EVENTS).await {
                Ok(Some(events)) if events.is_empty() => last = newest,
                Ok(Some(events)) => {
                    last = events.last().map_or(last, |event| event.number);
                    hand_on(&live, events).await;
                }
                // The log was pruned past us.
                Ok(None) => {
                    last = newest;
                    live.send(Message::sample(Sample::Resync));
                }
                Err(error) => {
                    tracing::error!(%error, "the live feed cannot read the event log; trying again at the next change");
                    break;
                }
            }
        }
    }
}

async fn hand_on(live: &Live, events: Vec<Event>) {
    let mut queue_changed = false;
    let watched = live.metrics.browsers.load(Ordering::Relaxed) > 0;
    for event in events {
        if let Change::Execution { execution } = &event.change {
            queue_changed = true;
            if execution.status.is_final() {
                live.metrics.ended(execution);
            }
        }
        // A page that comes now reads the log up to here by itself.
        if watched {
            live.send(Message::event(event));
        }
    }
    // One execution that starts or ends moves all that wait.
    if watched && queue_changed {
        match live.backend.queue_state().await {
            Ok(QueueState { places, queued, .. }) => {
                let further = queued - u64::try_from(places.len()).expect("places are counted in 64 bits");
                live.send(Message::sample(Sample::Queue { places, further }));
            }
            Err(error) => tracing::error!(%error, "the live feed cannot read the queue"),
        }
    }
}

/// Hands on progress and log lines as they come.
pub(super) async fn samples(live: Live) {
    let mut samples = live.backend.samples();
    loop {
        let sample = tokio::select! {
            sample = samples.recv() => sample,
            () = live.stop.cancelled() => return,
        };
        match sample {
            Ok(sample) if live.metrics.browsers.load(Ordering::Relaxed) > 0 => live.send(Message::sample(sample)),
            Ok(_) => {}
            // Progress that was missed is outdated anyway; a page asks for log lines that it lacks by their index.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
