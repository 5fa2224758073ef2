//! Bytes that come from elsewhere, into a file: limited in number and in how long one waits for them.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use model::limits;

use super::super::file::{Nameless, SourceFile};
use crate::{Failure, StepContext, buckets::said};

/// How long one waits for what comes next.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Waits for `work`, but not for ever and not when the run is cancelled.
pub(super) async fn answer<T, E: Error>(
    context: &StepContext<'_>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match context.unless_cancelled(tokio::time::timeout(SILENCE_MAX, work)).await? {
        Ok(done) => done.map_err(|error| Failure::Input(format!("it cannot be fetched: {}", said(&error)))),
        Err(_) => {
            Err(Failure::Input(format!("it cannot be fetched: nothing came for {} seconds", SILENCE_MAX.as_secs())))
        }
    }
}

/// `announced` is the number of bytes that are to come, where it is known.
pub(super) async fn keep<E: Error>(
    chunks: impl Stream<Item = Result<Bytes, E>>,
    announced: Option<u64>,
    context: &StepContext<'_>,
) -> Result<SourceFile, Failure> {
    let mut file = Nameless::create(&context.scratch(), limits::FETCHED_MAX_BYTES)?;
    // Before gigabytes are fetched for nothing.
    file.refuse_too_large(announced.unwrap_or(0))?;
    let mut chunks = std::pin::pin!(chunks);
    let mut done = 0_u64;
    loop {
        let next = answer(context, async { chunks.next().await.transpose() }).await?;
        let Some(chunk) = next else { break };
        file.write(&chunk)?;
        done += chunk.len() as u64;
        let share = announced.filter(|all| *all > 0).map(|all| (done as f64 / all as f64).min(1.0));
        context.advanced(share, 0, "fetching");
    }
    match announced {
        Some(all) if all != done => Err(Failure::Input(format!("it did not come whole: {done} bytes of {all}"))),
        _ => file.finish(),
    }
}
