//! A request's body that comes back when whoever was to read it lets go of it, so that what is left can be read to no use.
//!
//! A request is often refused before its body is read: not allowed, too large, no such path. If the connection ended there,
//! a client that is still sending would see it break and never read why.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::Patience;

/// Where the body comes back to.
#[derive(Clone, Default)]
pub(super) struct Lender(Arc<Mutex<Option<Left>>>);

/// What was not read.
struct Left {
    body: Incoming,
    /// Whether the sender was asked for it: one that sent `Expect: 100-continue` sends nothing before.
    begun: bool,
}

/// The body, for its reader.
struct Lent {
    body: Option<Incoming>,
    begun: bool,
    lender: Lender,
}

impl Lender {
    /// The request with its body lent.
    pub(super) fn lend(&self, request: Request<Incoming>) -> Request {
        if request.body().is_end_stream() {
            return request.map(axum::body::Body::new);
        }
        let begun = !expects_an_invitation(request.headers());
        request.map(|body| axum::body::Body::new(Lent { body: Some(body), begun, lender: self.clone() }))
    }

    /// Reads what came back, within limits; what is answered tells whether more can be on its way.
    pub(super) async fn read_what_is_left(&self, answered: StatusCode, patience: &Patience) {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Left { mut body, begun: true }) = left else { return };
        if answered == StatusCode::REQUEST_TIMEOUT {
            return;
        }
        let mut bytes = 0;
        let reading = async {
            while bytes < patience.unread_bytes {
                let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await else {
                    return;
                };
                bytes += frame.data_ref().map_or(0, Bytes::len);
            }
        };
        // Whether all of it came or not, the answer is the same.
        let _ = tokio::time::timeout(patience.unread, reading).await;
    }
}

fn expects_an_invitation(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|expect| expect.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        self.begun = true;
        Pin::new(self.body.as_mut().expect("it is there until it is dropped")).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !body.is_end_stream());
        let left = body.map(|body| Left { body, begun: self.begun });
        *self.lender.0.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }
}
