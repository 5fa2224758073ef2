//! The REST API under `/api/v1`, and the paths for whoever watches the server.
//!
//! Handlers read the request, call [`app::backend::Backend`] and write the answer; they decide nothing. The paths and
//! documents are a contract that programs are written against.

mod deliveries;
mod events;
mod executions;
mod extract;
pub mod health;
mod history_csv;
mod log_text;
mod maintenance;
mod people;
mod projects;
mod schedules;
pub mod trigger;
mod workflows;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, Uri},
    middleware::from_fn,
};
use serde::Serialize;

use crate::{bodies, paths::Paths, problem::Problem, services::Services};

pub(crate) use extract::too_large;

/// Where [`paths`] are nested.
pub const PREFIX: &str = "/api/v1";

pub fn paths() -> Paths {
    Paths::default()
        .get("/workflows", workflows::list)
        .post("/workflows", workflows::create)
        .get("/workflows/{id}", workflows::read)
        .put("/workflows/{id}", workflows::replace)
        .delete("/workflows/{id}", workflows::delete)
        .post("/workflows/{id}/pause", workflows::pause)
        .post("/workflows/{id}/resume", workflows::resume)
        .post("/workflows/{id}/duplicate", workflows::duplicate)
        .get("/workflows/{id}/activity", workflows::activity)
        .post("/workflows/bulk", workflows::act_on_several)
        .post("/workflows/{id}/executions", executions::run_now)
        .get("/executions", executions::list)
        .get("/executions.csv", history_csv::download)
        .get("/executions/{id}", executions::read)
        .post("/executions/{id}/cancel", executions::cancel)
        .get("/executions/{id}/logs", executions::logs)
        .get("/executions/{id}/log.txt", log_text::download)
        .get("/executions/{id}/outputs", executions::outputs)
        .get("/executions/{id}/outputs/{name}", executions::download)
        .get("/executions/{id}/deliveries", executions::deliveries)
        .get("/workflows/{id}/trigger-url", trigger::read)
        .post("/workflows/{id}/trigger-url", trigger::create)
        .delete("/workflows/{id}/trigger-url", trigger::delete)
        .get("/me", people::me)
        .get("/users", people::users)
        .post("/users", people::create_user)
        .get("/users/{id}", people::user)
        .put("/users/{id}", people::replace_user)
        .delete("/users/{id}", people::delete_user)
        .post("/users/{id}/invitation", people::invite_user)
        .get("/tokens", people::tokens)
        .post("/tokens", people::create_token)
        .delete("/tokens/{id}", people::delete_token)
        .get("/deliveries", deliveries::list)
        .post("/deliveries/{id}/resend", deliveries::resend)
        .post("/workflows/{id}/notifications/test", deliveries::test)
        .get("/maintenance", maintenance::read)
        .put("/maintenance", maintenance::switch)
        .post("/schedules/preview", schedules::preview)
        .get("/projects", projects::list)
        .post("/projects", projects::create)
        .get("/projects/{id}", projects::read)
        .put("/projects/{id}", projects::replace)
        .delete("/projects/{id}", projects::delete)
        .post("/projects/{id}/suggest", projects::suggest)
        .get("/projects/{id}/results/{step}", projects::result)
        .get("/events", events::connect)
        .around(|documents| documents.layer(from_fn(bodies::is_small)).layer(DefaultBodyLimit::disable()))
        // A file is streamed to disk and has a limit of its own.
        .post("/projects/{id}/files", projects::upload)
        .around(with_fallbacks)
}

/// Inside the nest a path has lost its prefix.
fn with_fallbacks(api: Router<Services>) -> Router<Services> {
    api.fallback(async |uri: Uri| Problem::no_such_path(&format!("{PREFIX}{}", uri.path())))
        .method_not_allowed_fallback(async |method: Method, uri: Uri| {
            Problem::method_not_allowed(method.as_str(), &format!("{PREFIX}{}", uri.path()))
        })
}

/// A list as programs see it: one page, with the cursor of the next.
#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

/// A list that is never long.
#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}
