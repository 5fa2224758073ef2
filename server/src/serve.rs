//! Connections: accepted up to a limit, with a time limit on their headers, and ended in good order.
//!
//! `axum::serve` sets no timer, so with it a client that sends its headers a byte a minute would hold a connection for
//! ever; this loop is the same with one.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use crate::peer::Peer;

/// A request's headers must be there within this time, and so must the next request of a connection that is kept open.
const HEADERS_MAX: Duration = Duration::from_secs(30);
/// Answers that are on their way get this long when the server stops.
const LAST_ANSWERS_MAX: Duration = Duration::from_secs(5);
/// Before accepting again after an error of the machine (such as too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is cancelled and the answers that were on their way are out.
pub async fn serve(listener: TcpListener, app: Router, connections_max: usize, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(connections_max));
    let connections = TaskTracker::new();
    loop {
        // The place first: a connection beyond the limit waits in the system's queue.
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, address)) => {
                let peer = Peer { address: address.ip(), secure: false };
                let connection = connection(stream, peer, app.clone(), stop.clone());
                connections.spawn(async move {
                    connection.await;
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

async fn connection(stream: TcpStream, peer: Peer, app: Router, stop: CancellationToken) {
    // Answers are small and someone waits for each: do not collect them.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let app = app.clone();
        request.extensions_mut().insert(peer);
        async move {
            Ok::<_, Infallible>(
                app.oneshot(request.map(axum::body::Body::new)).await.unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
