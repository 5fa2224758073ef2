//! For whoever watches the server: alive, ready, and numbers.

use axum::{extract::State, http::header, response::IntoResponse};
use model::{Error, Role};

use crate::{backend::Asked, paths::Paths, problem::Result, services::Services, telemetry::Gauges};

pub fn paths() -> Paths {
    Paths::default().get("/healthz", async || "ok\n").get("/readyz", ready).get("/metrics", metrics)
}

/// 200 once the executions of a process that died are taken care of.
async fn ready(State(services): State<Services>) -> Result<&'static str> {
    if services.backend.is_recovered() {
        Ok("ready\n")
    } else {
        Err(Error::Unavailable { message: "The server is still starting.".to_owned() }.into())
    }
}

async fn metrics(State(services): State<Services>, asker: Asked) -> Result<impl IntoResponse> {
    asker.require(Role::Viewer)?;
    let backend = &services.backend;
    let queue = backend.queue_state().await?;
    let standing = backend.standing().await?;
    let (memory_used_bytes, memory_limit_bytes) = backend.engine_memory_bytes();
    let gauges = Gauges {
        queued: queue.queued,
        running: queue.active,
        slots: backend.slots(),
        event_number: *backend.committed().borrow(),
        // Time that runs backwards counts as none.
        scheduler_lag: standing.next_due_at.map(|due| backend.now().since(due)).unwrap_or_default(),
        standing,
        memory_used_bytes,
        memory_limit_bytes,
    };
    let text = services.metrics.render(&gauges);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
