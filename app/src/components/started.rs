//! What was started in this browser and has not been told to have ended. Each is a cookie of its own, so that pages which
//! answer at the same time do not undo each other's; whichever page is rendered first after the end tells of it.

use axum::http::request::Parts;
use leptos::prelude::use_context;
use model::{
    ExecutionId,
    execution::{Execution, Status},
};

use crate::{backend::SharedBackend, cookie};

const PREFIX: &str = "millrace-started-";
/// A day: what takes longer is told by the bell.
const LIVES_S: u32 = 86_400;
/// Looked up for one page.
const LOOKED_UP_MAX: usize = 10;

/// Remembers what this browser started.
pub fn remember(id: ExecutionId) {
    cookie::set(cookie::header(&format!("{PREFIX}{id}"), "1", LIVES_S));
}

fn forget(id: ExecutionId) {
    cookie::set(cookie::header(&format!("{PREFIX}{id}"), "", 0));
}

/// What has ended since, each told once. What was cancelled is not told: someone did that and knows.
pub async fn take_ended() -> Vec<Execution> {
    let Some(backend) = use_context::<SharedBackend>() else { return Vec::new() };
    if use_context::<Parts>().is_none() {
        return Vec::new();
    }
    let mut ended = Vec::new();
    let ids = cookie::names(PREFIX).into_iter().filter_map(|id| id.parse::<ExecutionId>().ok());
    for id in ids.take(LOOKED_UP_MAX) {
        // A run has ended when its last attempt has.
        let last = backend.execution_attempts(id).await.ok().and_then(|mut attempts| attempts.pop());
        match last {
            Some(last) if !last.status.is_final() => {}
            Some(last) if last.status == Status::Interrupted => forget(id),
            Some(last) if last.status == Status::Cancelled => forget(id),
            Some(last) => {
                forget(id);
                ended.push(last);
            }
            // Retention removed it.
            None => forget(id),
        }
    }
    ended
}
