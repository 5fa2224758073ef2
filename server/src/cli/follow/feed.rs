//! The live feed of one execution, connected again whenever it was lost, from the last number that was heard.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use model::{
    ExecutionId,
    event::{Event, Sample, ServerMessage, Topic, Watch},
};
use serde::Deserialize;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::patience::patiently;
use crate::cli::{
    client::{Client, Socket},
    failure::Failure,
};

/// The server gives a sign of life every 15 s.
const SILENCE_MAX: Duration = Duration::from_secs(45);

pub(super) struct Feed<'a> {
    client: &'a Client,
    execution: ExecutionId,
    socket: Option<Socket>,
    /// The last number that was heard.
    after: Option<i64>,
    /// Everything before what comes next was heard or read.
    is_caught_up: bool,
}

/// What comes of a feed.
pub(super) enum Heard {
    /// The feed has begun, or what it said has a gap: read everything once more. What comes after this is new.
    CaughtUp,
    Message {
        text: String,
        message: ServerMessage,
    },
    /// The connection is gone; the next call makes a new one.
    Lost(String),
}

impl<'a> Feed<'a> {
    pub(super) fn new(client: &'a Client, execution: ExecutionId) -> Self {
        Self { client, execution, socket: None, after: None, is_caught_up: false }
    }

    /// The next thing that is heard.
    ///
    /// # Errors
    /// When no feed can be had, however long one waits.
    pub(super) async fn next(&mut self) -> Result<Heard, Failure> {
        loop {
            let socket = match &mut self.socket {
                Some(socket) => socket,
                None => {
                    let socket = patiently(self.client, async || self.connect().await).await?;
                    self.is_caught_up = false;
                    self.socket.insert(socket)
                }
            };
            let lost = match timeout(SILENCE_MAX, socket.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => match self.understand(text.as_str())? {
                    Some(heard) => return Ok(heard),
                    None => continue,
                },
                Ok(Some(Ok(Message::Close(frame)))) => match frame {
                    Some(frame) if !frame.reason.is_empty() => frame.reason.to_string(),
                    _ => "the server closed it".to_owned(),
                },
                Ok(Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => continue,
                Ok(Some(Err(error))) => error.to_string(),
                Ok(None) => "the server closed it".to_owned(),
                Err(_) => format!("nothing came for {} s", SILENCE_MAX.as_secs()),
            };
            self.socket = None;
            return Ok(Heard::Lost(lost));
        }
    }

    fn understand(&mut self, text: &str) -> Result<Option<Heard>, Failure> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            kind: &'a str,
        }
        let unreadable = |error| self.client.not_understood(error);
        let Kind { kind } = serde_json::from_str(text).map_err(unreadable)?;
        if !["execution", "log", "progress", "queue", "live", "resync"].contains(&kind) {
            // Of other things, or of a newer server.
            return Ok(None);
        }
        let message = ServerMessage::from_json(text).map_err(unreadable)?;
        match &message {
            ServerMessage::Event(Event { number, .. }) => self.after = Some(*number),
            ServerMessage::Sample(Sample::Live { number }) => {
                self.after = Some(*number);
                let was = std::mem::replace(&mut self.is_caught_up, true);
                return Ok((!was).then_some(Heard::CaughtUp));
            }
            ServerMessage::Sample(Sample::Resync) => {
                self.is_caught_up = false;
                return Ok(None);
            }
            ServerMessage::Sample(Sample::Log { .. } | Sample::Progress(_) | Sample::Queue { .. }) => {}
        }
        Ok(Some(Heard::Message { text: text.to_owned(), message }))
    }

    /// A connection that has been told what to watch.
    async fn connect(&self) -> Result<Socket, Failure> {
        let mut socket = self.client.open_feed().await?;
        let watch = Watch { watch: vec![Topic::Execution(self.execution)], after: self.after };
        let watch = serde_json::to_string(&watch).expect("what is watched is text");
        let unreachable = |cause: &dyn std::error::Error| Failure::Unreachable {
            url: self.client.url().to_owned(),
            cause: cause.to_string(),
        };
        socket.send(Message::text(watch)).await.map_err(|error| unreachable(&error))?;
        Ok(socket)
    }
}
