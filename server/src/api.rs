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
    routing::{get, post},
};
use serde::Serialize;

use crate::{bodies, problem::Problem, services::Services};

pub(crate) use extract::too_large;

/// Where [`router`] is nested.
pub const PREFIX: &str = "/api/v1";

pub fn router() -> Router<Services> {
    Router::new()
        .route("/workflows", get(workflows::list).post(workflows::create))
        .route("/workflows/{id}", get(workflows::read).put(workflows::replace).delete(workflows::delete))
        .route("/workflows/{id}/pause", post(workflows::pause))
        .route("/workflows/{id}/resume", post(workflows::resume))
        .route("/workflows/{id}/duplicate", post(workflows::duplicate))
        .route("/workflows/{id}/activity", get(workflows::activity))
        .route("/workflows/bulk", post(workflows::act_on_several))
        .route("/workflows/{id}/executions", post(executions::run_now))
        .route("/executions", get(executions::list))
        .route("/executions.csv", get(history_csv::download))
        .route("/executions/{id}", get(executions::read))
        .route("/executions/{id}/cancel", post(executions::cancel))
        .route("/executions/{id}/logs", get(executions::logs))
        .route("/executions/{id}/log.txt", get(log_text::download))
        .route("/executions/{id}/outputs", get(executions::outputs))
        .route("/executions/{id}/outputs/{name}", get(executions::download))
        .route("/executions/{id}/deliveries", get(executions::deliveries))
        .route("/workflows/{id}/trigger-url", get(trigger::read).post(trigger::create).delete(trigger::delete))
        .route("/me", get(people::me))
        .route("/users", get(people::users).post(people::create_user))
        .route("/users/{id}", get(people::user).put(people::replace_user).delete(people::delete_user))
        .route("/users/{id}/invitation", post(people::invite_user))
        .route("/tokens", get(people::tokens).post(people::create_token))
        .route("/tokens/{id}", axum::routing::delete(people::delete_token))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/{id}/resend", post(deliveries::resend))
        .route("/workflows/{id}/notifications/test", post(deliveries::test))
        .route("/maintenance", get(maintenance::read).put(maintenance::switch))
        .route("/schedules/preview", post(schedules::preview))
        .route("/projects", get(projects::list).post(projects::create))
        .route("/projects/{id}", get(projects::read).put(projects::replace).delete(projects::delete))
        .route("/projects/{id}/suggest", post(projects::suggest))
        .route("/projects/{id}/results/{step}", get(projects::result))
        .route("/events", get(events::connect))
        .layer(from_fn(bodies::is_small))
        .layer(DefaultBodyLimit::disable())
        // A file is streamed to disk and has a limit of its own.
        .route("/projects/{id}/files", post(projects::upload))
        // Inside the nest a path has lost its prefix.
        .fallback(async |uri: Uri| Problem::no_such_path(&format!("{PREFIX}{}", uri.path())))
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
