//! What holds for the body of every request: it comes as it is, it goes on arriving, and what is read into memory is
//! small.
//!
//! How large a file may be, its handler says; this knows nothing of what bodies hold.

use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody as _},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, stream};
use model::limits;
use tokio::time::{Instant, timeout};

use crate::{api::too_large, problem::Problem, serve::Patience};

/// Middleware around everything that reads bodies: 415 for one that is packed, 408 for one that stops arriving.
pub async fn arrives(State(patience): State<Patience>, request: Request, next: Next) -> Response {
    // Packed, a few bytes can be gigabytes. Nothing here unpacks, so nothing takes what it cannot read.
    if let Some(coding) = coding(request.headers()) {
        let problem = format!("The body is packed as {coding}; send it as it is, without Content-Encoding.");
        let mut response = Problem::unsupported_media_type(problem).into_response();
        // RFC 9110, section 15.5.16: what would be taken.
        response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return response;
    }
    answered(request, next, |body, broken| arriving(body, patience, broken)).await
}

/// Middleware around what reads a whole body into memory: 413 for one that is larger than such a body may be.
pub async fn is_small(request: Request, next: Next) -> Response {
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > limits::BODY_MAX_BYTES as u64) {
        return is_too_large().into_response();
    }
    answered(request, next, small).await
}

fn is_too_large() -> Problem {
    too_large(limits::BODY_MAX_BYTES as u64).into()
}

/// Why a body broke off, once it has.
type Broken = Arc<OnceLock<Problem>>;

/// The answer to a request of which the body is read through `watched`.
async fn answered(request: Request, next: Next, watched: impl FnOnce(Body, Broken) -> Body) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let broken = Broken::default();
    let response = next.run(request.map(|body| watched(body, Arc::clone(&broken)))).await;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    match broken.get() {
        // Whatever the handler made of a body that broke off: this is why. A form that leads back says it its own way.
        Some(problem) if refused => {
            let mut response = problem.clone().into_response();
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
        _ => response,
    }
}

fn small(body: Body, broken: Broken) -> Body {
    let mut bytes = 0;
    Body::from_stream(body.into_data_stream().map(move |chunk| {
        let chunk = chunk?;
        bytes += chunk.len();
        if bytes > limits::BODY_MAX_BYTES {
            return Err(break_off(&broken, is_too_large()));
        }
        Ok(chunk)
    }))
}

/// What the reader of the body sees of it.
fn break_off(broken: &Broken, problem: Problem) -> axum::Error {
    let error = axum::Error::new(io::Error::other(problem.detail().to_owned()));
    // The first reason is the reason.
    let _ = broken.set(problem);
    error
}

/// How the body is packed, unless it is not.
fn coding(headers: &HeaderMap) -> Option<String> {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    let mut codings = codings.flat_map(|value| value.split(',')).map(str::trim);
    codings.find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity")).map(str::to_owned)
}

/// A body that must go on arriving.
struct Arriving {
    chunks: BodyDataStream,
    allowance: Allowance,
    broken: Broken,
}

fn arriving(body: Body, patience: Patience, broken: Broken) -> Body {
    let arriving = Arriving { chunks: body.into_data_stream(), allowance: Allowance::new(patience), broken };
    Body::from_stream(stream::unfold(Some(arriving), async |arriving| {
        let mut arriving = arriving?;
        let chunk = arriving.next().await?;
        let goes_on = chunk.is_ok().then_some(arriving);
        Some((chunk, goes_on))
    }))
}

impl Arriving {
    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        let began = Instant::now();
        let Ok(chunk) = timeout(self.allowance.left, self.chunks.next()).await else {
            let longest = self.allowance.patience.body.as_secs();
            let problem = Problem::timed_out(format!("Too little of the body arrived within {longest} seconds."));
            return Some(Err(break_off(&self.broken, problem)));
        };
        let bytes = chunk.as_ref().and_then(|chunk| chunk.as_ref().ok()).map_or(0, Bytes::len);
        self.allowance.arrived(began.elapsed(), bytes);
        chunk
    }
}

/// The time that a sender has left for its next bytes. Only waiting uses it up: what the handler takes is not the
/// sender's.
struct Allowance {
    patience: Patience,
    left: Duration,
    bytes: usize,
}

impl Allowance {
    fn new(patience: Patience) -> Self {
        Self { patience, left: patience.body, bytes: 0 }
    }

    fn arrived(&mut self, waited: Duration, bytes: usize) {
        self.left = self.left.saturating_sub(waited);
        self.bytes += bytes;
        if self.bytes >= self.patience.body_bytes {
            (self.bytes, self.left) = (0, self.patience.body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[&'static str], expected: Option<&str>) {
        let headers = headers.iter().map(|value| (header::CONTENT_ENCODING, HeaderValue::from_static(value)));
        assert_eq!(coding(&headers.collect()).as_deref(), expected);
    }

    #[test]
    fn a_packed_body_is_known_by_its_header() {
        check(&[], None);
        check(&["identity"], None);
        check(&["", "Identity, identity"], None);
        check(&["gzip"], Some("gzip"));
        check(&["identity", "identity, br"], Some("br"));
    }

    /// What is left after so many bytes came after each of these many seconds.
    fn check_left(arrivals: &[(u64, usize)], left_s: u64) {
        let mut allowance =
            Allowance::new(Patience { body: Duration::from_secs(60), body_bytes: 1000, ..Patience::default() });
        for (seconds, bytes) in arrivals {
            allowance.arrived(Duration::from_secs(*seconds), *bytes);
        }
        assert_eq!(allowance.left, Duration::from_secs(left_s), "{arrivals:?}");
    }

    #[test]
    fn a_body_has_time_as_long_as_it_goes_on_arriving() {
        check_left(&[], 60);
        check_left(&[(50, 1000)], 60);
        check_left(&[(50, 999), (5, 1)], 60);
        // A byte now and then is not arriving.
        check_left(&[(20, 1), (20, 1), (20, 1)], 0);
        check_left(&[(50, 1000), (50, 999)], 10);
    }
}
