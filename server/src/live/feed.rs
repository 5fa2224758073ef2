//! One browser: what it watches, what it missed, then everything new — until it is gone.

use std::{sync::atomic::Ordering, time::Duration};

use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket, close_code};
use futures::{SinkExt as _, StreamExt as _, stream::SplitSink};
use model::{
    event::{Sample, ServerMessage, Topic, Watch},
    limits,
};
use tokio::{
    sync::{
        broadcast::{
            Receiver,
            error::{RecvError, TryRecvError},
        },
        watch,
    },
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};

use super::{
    Live, Visitor,
    message::{Audience, Message, json},
    visitor::Still,
};

/// Between two signs of life of ours.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Silence after which a browser is gone: it answers every ping.
const SILENCE_MAX: Duration = Duration::from_secs(40);
/// One message must be taken by the network within this time.
const SEND_MAX: Duration = Duration::from_secs(10);
/// The first message must come within this time.
const FIRST_MESSAGE_MAX: Duration = Duration::from_secs(10);

/// With no more pages than these, everything goes out at once.
const FEW_PAGES: u64 = 200;
/// With more, so many deliveries in a [`WINDOW`] go out the moment there is something to say.
const PROMPT_MAX: u32 = 8;
const WINDOW: Duration = Duration::from_secs(1);
/// Between two deliveries after those: what comes meanwhile goes out together, so that a busy server with very many pages
/// does not spend itself on waking each of them for every change.
const TOGETHER: Duration = Duration::from_millis(40);

/// Why a feed ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("the browser closed it")]
    Closed,
    #[error("the browser reads nothing any more")]
    NotReading,
    #[error("the browser has been silent")]
    Silent,
    #[error("the browser sent what is not understood: {0}")]
    NotUnderstood(String),
    #[error("the one who follows may not any more")]
    SignedOut,
    #[error("the server stops")]
    Stopping,
    #[error("the event log cannot be read: {0}")]
    Log(#[from] model::Error),
}

struct Feed<'a> {
    live: &'a Live,
    visitor: Visitor,
    sink: SplitSink<WebSocket, Frame>,
    ring: Receiver<Message>,
    topics: Vec<Topic>,
    /// Number of the newest event that this browser has, or was told to reload for.
    last: i64,
    pace: Pace,
    /// Changes, before anything later is in the ring, when someone may have lost what they were allowed.
    access_changed: watch::Receiver<u64>,
}

/// When the next delivery may go out.
struct Pace {
    window_began: Instant,
    deliveries: u32,
    next: Instant,
}

impl Pace {
    fn new() -> Self {
        let now = Instant::now();
        Self { window_began: now, deliveries: 0, next: now }
    }

    fn delivered(&mut self, pages: u64) {
        let now = Instant::now();
        if now.duration_since(self.window_began) > WINDOW {
            (self.window_began, self.deliveries) = (now, 0);
        }
        self.deliveries += 1;
        let at_once = pages <= FEW_PAGES || self.deliveries < PROMPT_MAX;
        self.next = if at_once { now } else { now + TOGETHER };
    }
}

pub(super) async fn run(live: &Live, socket: WebSocket, visitor: Visitor) -> Result<(), Ended> {
    let (sink, mut incoming) = socket.split();
    // Before the log is read, so that nothing falls between what is read and what comes.
    let ring = live.ring.subscribe();
    let access_changed = visitor.gate.access_changed();
    let mut feed = Feed { live, visitor, sink, ring, topics: Vec::new(), last: 0, pace: Pace::new(), access_changed };
    let outcome = async {
        let first = timeout(FIRST_MESSAGE_MAX, incoming.next()).await.map_err(|_| Ended::Silent)?;
        let first = first.and_then(Result::ok).ok_or(Ended::Closed)?;
        // What changed before this began to listen.
        feed.look_again().await?;
        feed.watch(read(&first)?.ok_or(Ended::Closed)?).await?;
        feed.follow(&mut incoming).await
    };
    let outcome = outcome.await;
    if let Err(ended) = &outcome {
        let (code, reason) = match ended {
            Ended::Closed | Ended::NotReading => return outcome,
            Ended::Silent => (close_code::POLICY, "No sign of life".to_owned()),
            Ended::NotUnderstood(reason) => (close_code::POLICY, reason.clone()),
            Ended::SignedOut => (close_code::POLICY, "Signed out".to_owned()),
            Ended::Stopping => (close_code::AWAY, "The server stops".to_owned()),
            Ended::Log(_) => (close_code::ERROR, "The server cannot read its event log".to_owned()),
        };
        let frame = CloseFrame { code, reason: short(reason) };
        // The browser may be gone already.
        let _ = timeout(SEND_MAX, feed.sink.send(Frame::Close(Some(frame)))).await;
    }
    outcome
}

impl Feed<'_> {
    async fn follow(
        &mut self,
        incoming: &mut (impl futures::Stream<Item = Result<Frame, axum::Error>> + Unpin),
    ) -> Result<(), Ended> {
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                frame = incoming.next() => {
                    heard = Instant::now();
                    let frame = frame.and_then(Result::ok).ok_or(Ended::Closed)?;
                    // A page that the user moved on from watches something else from now on.
                    if let Some(watch) = read(&frame)? {
                        self.watch(watch).await?;
                    }
                }
                // An error says that the store is gone, and with it the server.
                changed = self.access_changed.changed() => match changed {
                    Ok(()) => self.look_again().await?,
                    Err(_) => return Err(Ended::Stopping),
                },
                message = next(&mut self.ring, self.pace.next) => self.deliver(message).await?,
                _ = heartbeat.tick() => {
                    if heard.elapsed() > SILENCE_MAX {
                        return Err(Ended::Silent);
                    }
                    // A session also ends by itself.
                    self.look_again().await?;
                    self.send(Frame::Ping(Vec::new().into())).await?;
                    self.say(Sample::Live { number: self.last }).await?;
                }
                () = self.live.stop.cancelled() => return Err(Ended::Stopping),
            }
        }
    }

    /// Takes over what is watched, and brings the browser from the number it has seen to the newest.
    async fn watch(&mut self, watch: Watch) -> Result<(), Ended> {
        self.topics = self.visitor.may_watch(watch.watch).await?;
        let newest = *self.live.backend.committed().borrow();
        match watch.after {
            None => self.last = newest,
            Some(after) => self.replay(after, newest).await?,
        }
        self.say(Sample::Live { number: self.last }).await
    }

    async fn replay(&mut self, after: i64, newest: i64) -> Result<(), Ended> {
        // A number from the future is of another data directory.
        let near = (0..=limits::LIVE_REPLAY_EVENTS_MAX).contains(&(newest - after));
        let missed = match near {
            true => self.live.backend.events_after(after, limits::LIVE_REPLAY_EVENTS_MAX).await?,
            false => None,
        };
        let Some(missed) = missed else {
            self.last = newest;
            return self.say(Sample::Resync).await;
        };
        self.last = after;
        for event in missed {
            self.pass(Ok(self.live.event(event).await)).await?;
        }
        in_time(self.sink.flush()).await
    }

    /// Sends a message, and with it all that has come by now.
    async fn deliver(&mut self, first: Result<Message, RecvError>) -> Result<(), Ended> {
        let mut message = Some(first);
        while let Some(some) = message {
            self.pass(some).await?;
            message = match self.ring.try_recv() {
                Ok(further) => Some(Ok(further)),
                Err(TryRecvError::Lagged(missed)) => Some(Err(RecvError::Lagged(missed))),
                Err(TryRecvError::Empty | TryRecvError::Closed) => None,
            };
        }
        self.pace.delivered(self.live.metrics.browsers.load(Ordering::Relaxed));
        in_time(self.sink.flush()).await
    }

    /// Hands a message of the ring to the connection if this browser wants it and does not have it yet.
    async fn pass(&mut self, message: Result<Message, RecvError>) -> Result<(), Ended> {
        let message = match message {
            Ok(message) => message,
            Err(RecvError::Lagged(_)) => return self.start_afresh().await,
            Err(RecvError::Closed) => return Err(Ended::Stopping),
        };
        if let Some(number) = message.number {
            if number <= self.last {
                return Ok(());
            }
            self.last = number;
        }
        // What came after someone's role was taken is not for them, whichever of the two was looked at first.
        if matches!(self.access_changed.has_changed(), Ok(true)) {
            self.access_changed.mark_unchanged();
            self.look_again().await?;
        }
        if self.topics.iter().any(|topic| wants(*topic, message.audience))
            && let Some(text) = message.shown_to(&self.visitor.asker.actor.access)
        {
            in_time(self.sink.feed(Frame::Text(text))).await?;
        }
        Ok(())
    }

    /// Whether the one who follows still may. With another role the page shows something else, so it is loaded again.
    async fn look_again(&mut self) -> Result<(), Ended> {
        match self.visitor.look_again().await {
            Still::Same => Ok(()),
            Still::Other => {
                self.topics = self.visitor.may_watch(std::mem::take(&mut self.topics)).await?;
                self.say(Sample::Resync).await
            }
            Still::Gone => Err(Ended::SignedOut),
        }
    }

    /// The ring has overtaken this browser. What it still holds is of no use to it: it loads its page again, and gets what
    /// comes from now on.
    async fn start_afresh(&mut self) -> Result<(), Ended> {
        self.live.metrics.browsers_behind.fetch_add(1, Ordering::Relaxed);
        self.ring = self.ring.resubscribe();
        self.last = *self.live.backend.committed().borrow();
        self.say(Sample::Resync).await?;
        self.say(Sample::Live { number: self.last }).await
    }

    async fn say(&mut self, sample: Sample) -> Result<(), Ended> {
        let text = json(&ServerMessage::Sample(sample));
        self.send(Frame::Text(text)).await
    }

    async fn send(&mut self, frame: Frame) -> Result<(), Ended> {
        in_time(self.sink.send(frame)).await
    }
}

async fn in_time(sending: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Ended> {
    match timeout(SEND_MAX, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Ended::Closed),
        Err(_) => Err(Ended::NotReading),
    }
}

/// The next message of the ring, not before `at`.
async fn next(ring: &mut Receiver<Message>, at: Instant) -> Result<Message, RecvError> {
    sleep_until(at).await;
    ring.recv().await
}

fn wants(topic: Topic, audience: Audience) -> bool {
    match (topic, audience) {
        (_, Audience::Everyone) | (Topic::Workflows, Audience::Workflows | Audience::Execution(_)) => true,
        (Topic::Execution(watched), Audience::Execution(id) | Audience::Log(id)) => watched == id,
        (Topic::Workflows, Audience::Log(_)) | (Topic::Execution(_), Audience::Workflows) => false,
    }
}

/// What the browser says: what to watch, or nothing of interest (the answer to a ping).
fn read(frame: &Frame) -> Result<Option<Watch>, Ended> {
    match frame {
        Frame::Text(text) => serde_json::from_str(text).map(Some).map_err(|error| {
            Ended::NotUnderstood(format!("say {{\"watch\": [\"workflows\"], \"after\": NUMBER}}: {error}"))
        }),
        Frame::Binary(_) => Err(Ended::NotUnderstood("say it as text".to_owned())),
        Frame::Ping(_) | Frame::Pong(_) => Ok(None),
        Frame::Close(_) => Err(Ended::Closed),
    }
}

/// A close reason has room for 123 bytes (RFC 6455, section 5.5).
fn short(mut reason: String) -> Utf8Bytes {
    while reason.len() > 123 {
        reason.pop();
    }
    reason.into()
}
