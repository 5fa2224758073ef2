//! For whoever watches the server: alive, ready, and numbers.

use axum::{extract::State, http::header, response::IntoResponse};
use model::{Error, Role};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::openapi::Needs;
use crate::{backend::Asked, problem::Result, services::Services, telemetry::Gauges};

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::default().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(metrics))
}

/// Whether the server is alive
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "server",
    responses((status = 200, description = "It is", body = String, content_type = "text/plain; charset=utf-8")),
    extensions(("x-role" = json!(Needs::Nothing))),
)]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the server takes work
///
/// 200 once the executions of a process that died are taken care of.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "server",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain; charset=utf-8")),
    extensions(("x-role" = json!(Needs::Nothing))),
)]
async fn readyz(State(services): State<Services>) -> Result<&'static str> {
    if services.backend.is_recovered() {
        Ok("ready\n")
    } else {
        Err(Error::Unavailable { message: "The server is still starting.".to_owned() }.into())
    }
}

/// Numbers for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    responses((status = 200, description = "In its text format", body = String, content_type = "text/plain; version=0.0.4; charset=utf-8")),
    extensions(("x-role" = json!(Needs::Everywhere(Role::Viewer)))),
)]
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
