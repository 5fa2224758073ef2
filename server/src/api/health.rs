//! For whoever watches the server: alive, ready, and numbers.

use app::backend::Backend as _;
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use model::Error;

use crate::{problem::Result, services::Services, telemetry::Gauges};

pub fn router() -> Router<Services> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

/// 200 once the executions of a process that died are taken care of.
async fn ready(State(services): State<Services>) -> Result<&'static str> {
    if services.backend.is_recovered() {
        Ok("ready\n")
    } else {
        Err(Error::Unavailable { message: "The server is still starting.".to_owned() }.into())
    }
}

async fn metrics(State(services): State<Services>) -> Result<impl IntoResponse> {
    let queue = services.backend.queue_state().await?;
    let standing = services.backend.standing().await?;
    let gauges = Gauges {
        queued: queue.queued,
        running: queue.active,
        event_number: *services.backend.committed().borrow(),
        // Time that runs backwards counts as none.
        scheduler_lag: standing.next_due_at.map(|due| services.backend.now().since(due)).unwrap_or_default(),
        standing,
    };
    let text = services.metrics.render(gauges);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
