//! A server that was there a moment ago comes back: it is restarted, or the network was gone.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cli::{client::Client, failure::Failure};

/// Between two attempts: the first wait, and the longest one.
const WAIT_MIN: Duration = Duration::from_millis(250);
const WAIT_MAX: Duration = Duration::from_secs(10);
/// After this long it is given up.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(5 * 60);

/// Asks until there is an answer, or a refusal that will not pass.
pub(super) async fn patiently<T>(client: &Client, ask: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    let (began, mut wait) = (Instant::now(), WAIT_MIN);
    loop {
        match ask().await {
            Err(failure) if failure.may_pass() && began.elapsed() < GIVEN_UP_AFTER => {}
            Err(failure) if failure.may_pass() => {
                let (url, minutes) = (client.url().to_owned(), GIVEN_UP_AFTER.as_secs() / 60);
                return Err(Failure::Gone { url, minutes, cause: failure.to_string() });
            }
            answer => return answer,
        }
        sleep(wait).await;
        wait = WAIT_MAX.min(wait * 2);
    }
}
