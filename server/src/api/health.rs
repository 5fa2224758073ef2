//! For whoever watches the server: alive, ready, and numbers.

use app::backend::Backend as _;
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use model::{
    Error,
    execution::{ExecutionFilter, Status},
    limits,
};

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
    let running = async |status| -> Result<usize> {
        let filter =
            ExecutionFilter { status: Some(status), limit: Some(limits::PAGE_ITEMS_MAX), ..Default::default() };
        Ok(services.backend.executions(filter).await?.data.items.len())
    };
    let gauges = Gauges {
        queued: services.backend.queue_places().await?.len(),
        running: running(Status::Running).await? + running(Status::Cancelling).await?,
        event_number: *services.backend.committed().borrow(),
    };
    let text = services.metrics.render(gauges);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
