//! The server's own calls to the provider: few at a time, each within a limit of time and size, and never led elsewhere.

use std::{error::Error as StdError, time::Duration};

use futures::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Request, redirect::Policy};
use tokio::sync::Semaphore;

/// For one call, from the first byte to the last.
const ANSWER_MAX: Duration = Duration::from_secs(10);
const ANSWER_MAX_BYTES: usize = 1 << 20;
/// Calls at the same time: whoever comes back from the provider makes the server call it, known or not.
const AT_ONCE: usize = 16;
/// Characters of a cause that are told.
const CAUSE_CHARS_MAX: usize = 300;

pub(super) struct Calls {
    client: reqwest::Client,
    places: Semaphore,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("there was no answer within {} s", ANSWER_MAX.as_secs())]
    TimedOut,
    #[error("the call failed ({0})")]
    Failed(String),
    #[error("the answer is larger than {ANSWER_MAX_BYTES} bytes")]
    TooLarge,
}

impl Calls {
    pub(super) fn new() -> Self {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(ANSWER_MAX)
            .user_agent(concat!("Millrace/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("the settings of the client are these");
        Self { client, places: Semaphore::new(AT_ONCE) }
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let mut arriving = self.client.execute(Request::try_from(request)?).await?;
        let mut body = Vec::new();
        while let Some(part) = arriving.chunk().await? {
            if body.len() + part.len() > ANSWER_MAX_BYTES {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = arriving.status();
        *answer.headers_mut() = std::mem::take(arriving.headers_mut());
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Calls {
    type Error = CallError;
    type Future = BoxFuture<'c, Result<HttpResponse, CallError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.answer(request))
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        // The address is known; a query in it would not be for everyone.
        if error.is_timeout() { Self::TimedOut } else { Self::Failed(causes(&error.without_url())) }
    }
}

/// An error with what led to it, cut to a length.
pub(super) fn causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.chars().take(CAUSE_CHARS_MAX).collect()
}
