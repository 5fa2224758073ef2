//! The live feed as a browser reads it. What a test waits for comes from here.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use model::{
    ExecutionId,
    event::{Change, Event, Sample, ServerMessage},
    execution::Execution,
};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

use super::Client;

/// The longest wait for something that must come. Long, because it is only waited out when a test fails.
const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) struct Feed {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Feed {
    pub(crate) async fn open(client: &Client, watch: Value) -> Self {
        Self::try_open(client, watch).await.expect("an upgrade")
    }

    /// As [`Feed::open`]; the error is the answer to the upgrade.
    pub(crate) async fn try_open(client: &Client, watch: Value) -> Result<Self, tungstenite::Error> {
        let address = format!("{}/api/v1/events", client.base.replace("http", "ws"));
        let mut request = address.into_client_request()?;
        request.headers_mut().extend(client.shown.clone());
        let (mut socket, _) = connect_async(request).await?;
        socket.send(Message::text(watch.to_string())).await?;
        Ok(Self { socket })
    }

    /// The next message, or `None` when the server closed the feed.
    pub(crate) async fn next(&mut self) -> Option<ServerMessage> {
        let text = self.next_text().await?;
        Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")))
    }

    /// The same as it was sent.
    pub(crate) async fn next_text(&mut self) -> Option<String> {
        loop {
            let frame = tokio::time::timeout(DEADLINE, self.socket.next()).await.expect("a message in time")?;
            match frame.ok()? {
                Message::Text(text) => return Some(text.to_string()),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    pub(crate) async fn message(&mut self) -> ServerMessage {
        self.next().await.expect("the feed is open")
    }

    /// Skips what comes until `wanted` picks something.
    pub(crate) async fn until<T>(&mut self, mut wanted: impl FnMut(ServerMessage) -> Option<T>) -> T {
        let mut seen = Vec::new();
        let search = async {
            loop {
                let message = self.message().await;
                seen.push(format!("{message:?}"));
                if let Some(found) = wanted(message) {
                    return found;
                }
            }
        };
        match tokio::time::timeout(DEADLINE, search).await {
            Ok(found) => found,
            Err(_) => panic!("it did not come in time; the last messages were {:#?}", seen.iter().rev().take(5)),
        }
    }

    pub(crate) async fn event(&mut self) -> Event {
        self.until(|message| match message {
            ServerMessage::Event(event) => Some(event),
            ServerMessage::Sample(_) => None,
        })
        .await
    }

    /// The execution, as soon as an event shows it as `wanted`.
    pub(crate) async fn execution(&mut self, id: ExecutionId, wanted: impl Fn(&Execution) -> bool) -> Execution {
        self.until(|message| match message {
            ServerMessage::Event(Event { change: Change::Execution { execution }, .. })
                if execution.id == id && wanted(&execution) =>
            {
                Some(*execution)
            }
            _ => None,
        })
        .await
    }

    /// Everything that was missed has come; gives the number of the newest event.
    pub(crate) async fn live(&mut self) -> i64 {
        self.until(|message| match message {
            ServerMessage::Sample(Sample::Live { number }) => Some(number),
            _ => None,
        })
        .await
    }
}
