//! What goes into the ring.

use std::time::Duration;

use model::event::{Change, Event, Sample};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep_until},
};

use super::Live;
use crate::store::QueueState;

/// Events read at once.
const BATCH_EVENTS: i64 = 500;
/// Between two tellings of where the queue stands: every execution that starts moves it, and only the newest state counts.
const PLACES_REST: Duration = Duration::from_millis(200);

/// Follows the event log: after each commit reads what is new and hands it on, in the order of the numbers.
pub(super) async fn events(live: Live) {
    let mut committed = live.backend.committed();
    let mut last = *committed.borrow_and_update();
    let (mut queue_moved, mut places_at) = (false, Instant::now());
    loop {
        tokio::select! {
            changed = committed.changed() => if changed.is_err() { return },
            () = sleep_until(places_at), if queue_moved => {}
            () = live.stop.cancelled() => return,
        }
        let newest = *committed.borrow_and_update();
        while last < newest {
            match live.backend.events_after(last, BATCH_EVENTS).await {
                Ok(Some(events)) if events.is_empty() => last = newest,
                Ok(Some(events)) => {
                    last = events.last().map_or(last, |event| event.number);
                    queue_moved |= hand_on(&live, events).await;
                }
                // The log was pruned past us.
                Ok(None) => {
                    last = newest;
                    live.homes.forget();
                    live.send_sample(Sample::Resync).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the live feed cannot read the event log; trying again at the next change");
                    break;
                }
            }
        }
        if queue_moved && Instant::now() >= places_at {
            queue_moved = false;
            places_at = Instant::now() + PLACES_REST;
            tell_places(&live).await;
        }
    }
}

/// Whether the queue has moved: one execution that starts or ends moves all that wait.
async fn hand_on(live: &Live, events: Vec<Event>) -> bool {
    let mut queue_moved = false;
    let watched = live.is_watched();
    for event in events {
        live.homes.heard(&event.change);
        if let Change::Execution { execution } = &event.change {
            queue_moved = true;
            if execution.status.is_final() {
                live.metrics.ended(execution);
            }
        }
        if let Change::Delivery { delivery } = &event.change
            && delivery.status.is_final()
        {
            live.metrics.delivery_ended(delivery.status);
        }
        // A page that comes now reads the log up to here by itself.
        if watched {
            live.send(live.event(event).await);
        }
    }
    watched && queue_moved
}

async fn tell_places(live: &Live) {
    match live.backend.queue_state().await {
        Ok(QueueState { places, queued, .. }) => {
            let more = queued > u64::try_from(places.len()).expect("places are counted in 64 bits");
            live.send_sample(Sample::Queue { places, more }).await;
        }
        Err(error) => tracing::error!(%error, "the live feed cannot read the queue"),
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
            Ok(sample) if live.is_watched() => live.send_sample(sample).await,
            Ok(_) => {}
            // Progress that was missed is outdated anyway; a page asks for log lines that it lacks by their index.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
