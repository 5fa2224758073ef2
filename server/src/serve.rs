//! Connections: accepted up to a limit, with TLS where that is set, with a limit on whatever a client may keep waiting,
//! and ended in good order.
//!
//! `axum::serve` sets no timer, so with it a client that sends its headers a byte a minute would hold a connection for
//! ever; this loop is the same with one. Whatever waits for one client waits in that client's own task: the loop only
//! accepts.

mod lent;
mod places;
mod progress;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use model::limits;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

pub use places::Places;

use crate::{
    peer::Socket,
    tls::{self, Greeting, Tls},
};
use lent::Lender;
pub(crate) use progress::Progress;

/// Answers that are on their way get this long when the server stops.
const LAST_ANSWERS_MAX: Duration = Duration::from_secs(5);
/// Before accepting again after an error of the machine (such as too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What is listened on, and what a client of it may use up.
pub struct Listening {
    pub listener: TcpListener,
    /// `None`: plain HTTP.
    pub tls: Option<Tls>,
    pub places: Places,
    pub patience: Patience,
}

/// How long a client may keep the server waiting.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For a request's headers, and for the next request of a connection that is kept open.
    pub headers: Duration,
    /// For each [`Patience::body_bytes`] of a body, and for its end.
    pub body: Duration,
    pub body_bytes: usize,
    /// For what comes of a body after the request was refused, or answered without it; a sender that is cut off while it
    /// sends does not read why.
    pub unread: Duration,
    pub unread_bytes: usize,
    /// For any progress of an answer that the network does not take.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(30),
            body: Duration::from_secs(60),
            body_bytes: 16 << 10,
            unread: Duration::from_secs(5),
            unread_bytes: 64 << 20,
            answer: Duration::from_secs(30),
        }
    }
}

/// Serves until `stop` is cancelled and the answers that were on their way are out.
pub async fn serve(listening: Listening, app: Router, stop: CancellationToken) {
    let Listening { listener, tls, places, patience } = listening;
    let server = Arc::new(Server { tls, patience, app, stop: stop.clone() });
    let connections = TaskTracker::new();
    loop {
        // The place first: a connection beyond the limit waits in the system's queue.
        let accepted = async { (places.free().await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, address)) => {
                let Some(place) = place.of(address.ip()) else { continue };
                let server = Arc::clone(&server);
                connections.spawn(async move {
                    server.connection(stream, address).await;
                    drop(place);
                });
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    // What is still open after this ends with the process.
    let _ = tokio::time::timeout(LAST_ANSWERS_MAX, connections.wait()).await;
}

/// What all connections share.
struct Server {
    tls: Option<Tls>,
    patience: Patience,
    app: Router,
    stop: CancellationToken,
}

impl Server {
    async fn connection(&self, stream: TcpStream, address: SocketAddr) {
        // Answers are small and someone waits for each: do not collect them.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.requests(Progress::new(stream, self.patience.answer), address, false).await;
        };
        let greeting = tokio::select! {
            greeting = tokio::time::timeout(self.patience.handshake, tls.greet(stream, self.patience.answer)) => greeting,
            () = self.stop.cancelled() => return,
        };
        // Each on the heap, so that the connections of a server without TLS do not carry the room for them.
        match greeting {
            Ok(Ok(Greeting::Encrypted(stream))) => Box::pin(self.requests(*stream, address, true)).await,
            Ok(Ok(Greeting::Plain(stream))) => Box::pin(self.refusal_of_plain_http(stream)).await,
            Ok(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
            Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
        }
    }

    async fn requests(&self, stream: impl Io, address: SocketAddr, encrypted: bool) {
        let socket = Socket { address, encrypted };
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (app, lender) = (self.app.clone(), Lender::default());
            async move {
                let mut request = lender.lend(request);
                request.extensions_mut().insert(socket);
                let response = app.oneshot(request).await.unwrap_or_else(|never| match never {});
                lender.read_what_is_left(response.status(), &self.patience).await;
                Ok::<_, Infallible>(response)
            }
        });
        let connection = self.http().serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%address, %error, "a connection ended early");
        }
    }

    /// One answer to a client that speaks HTTP where TLS is spoken, and no more.
    async fn refusal_of_plain_http(&self, stream: TcpStream) {
        let service =
            hyper::service::service_fn(async |_: Request<Incoming>| Ok::<Response, Infallible>(tls::plain_http()));
        let stream = TokioIo::new(Progress::new(stream, self.patience.answer));
        let connection = self.http().keep_alive(false).serve_connection(stream, service);
        tokio::select! {
            // Whether it read the answer or not, the connection has ended.
            _ = connection => {}
            () = self.stop.cancelled() => {}
        }
    }

    fn http(&self) -> http1::Builder {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.patience.headers)
            .max_header_size(limits::HEAD_MAX_BYTES);
        http
    }
}

/// A connection's stream, encrypted or not.
trait Io: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Io for S {}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
