//! The REST API under `/api/v1`, and the paths for whoever watches the server.
//!
//! Handlers read the request, call [`app::backend::Backend`] and write the answer; they decide nothing. The paths and
//! documents are a contract that programs are written against.

mod activity;
mod cleanse_preview;
mod deliveries;
mod events;
mod executions;
mod extract;
mod health;
mod history_csv;
mod log_text;
mod maintenance;
mod matches;
mod merge_preview;
pub mod openapi;
mod people;
mod projects;
mod review;
mod run_now;
mod schedules;
mod trigger;
mod workflows;

use axum::{
    extract::DefaultBodyLimit,
    http::{Method, Uri},
    middleware::from_fn,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    bodies,
    paths::{Paths, Route},
    problem::Problem,
    services::Services,
};
use openapi::Operation;

pub(crate) use extract::too_large;

/// Where the versioned paths are.
pub const PREFIX: &str = "/api/v1";

/// All of it, listed by its description.
pub fn paths() -> Paths {
    let listed = openapi::operations().into_iter().map(|Operation { method, path, .. }| Route { method, path });
    Paths::listed(described().into(), listed.collect())
}

/// What is served, with its description. **Architecture invariant:** nothing else is served for programs; a route is added
/// with `routes!`, which takes a handler and its description together.
fn described() -> OpenApiRouter<Services> {
    let others = health::router().merge(trigger::router());
    OpenApiRouter::default().nest(PREFIX, versioned()).merge(with_problems(others, ""))
}

fn versioned() -> OpenApiRouter<Services> {
    let router = OpenApiRouter::default()
        .routes(routes!(workflows::workflows, workflows::create_workflow))
        .routes(routes!(workflows::workflow, workflows::replace_workflow, workflows::delete_workflow))
        .routes(routes!(workflows::pause_workflow))
        .routes(routes!(workflows::resume_workflow))
        .routes(routes!(workflows::duplicate_workflow))
        .routes(routes!(activity::workflow_activity))
        .routes(routes!(workflows::act_on_workflows))
        .routes(routes!(trigger::trigger_url, trigger::create_trigger_url, trigger::delete_trigger_url))
        .routes(routes!(run_now::run_now))
        .routes(routes!(executions::executions))
        .routes(routes!(history_csv::executions_csv))
        .routes(routes!(executions::execution))
        .routes(routes!(executions::cancel_execution))
        .routes(routes!(executions::execution_logs))
        .routes(routes!(log_text::execution_log_text))
        .routes(routes!(executions::execution_outputs))
        .routes(routes!(executions::download_output))
        .routes(routes!(executions::execution_deliveries))
        .routes(routes!(events::events))
        .routes(routes!(deliveries::undelivered))
        .routes(routes!(deliveries::resend_delivery))
        .routes(routes!(deliveries::test_notifications))
        .routes(routes!(projects::projects, projects::create_project))
        .routes(routes!(projects::project, projects::replace_project, projects::delete_project))
        .routes(routes!(activity::project_activity))
        .routes(routes!(projects::suggest_project))
        .routes(routes!(cleanse_preview::preview_cleanse))
        .routes(routes!(merge_preview::preview_merge))
        .routes(routes!(projects::project_result))
        .routes(routes!(matches::match_pairs))
        .routes(routes!(matches::explain_pair))
        .routes(routes!(matches::match_groups))
        .routes(routes!(matches::match_group))
        .routes(routes!(matches::match_models))
        .routes(routes!(matches::estimate_blocking))
        .routes(routes!(review::reviewed, review::review))
        .routes(routes!(schedules::preview_schedule))
        .routes(routes!(people::me))
        .routes(routes!(people::users, people::create_user))
        .routes(routes!(people::user, people::replace_user, people::delete_user))
        .routes(routes!(people::invite_user))
        .routes(routes!(people::tokens, people::create_token))
        .routes(routes!(people::delete_token))
        .routes(routes!(activity::activity))
        .routes(routes!(maintenance::maintenance, maintenance::set_maintenance))
        .routes(routes!(openapi::openapi))
        .layer(from_fn(bodies::is_small))
        .layer(DefaultBodyLimit::disable())
        // A file is streamed to disk and has a limit of its own.
        .routes(routes!(projects::add_file))
        // Inside the nest a path has lost its prefix.
        .fallback(async |uri: Uri| Problem::no_such_path(&format!("{PREFIX}{}", uri.path())));
    with_problems(router, PREFIX)
}

/// A method that a path does not take is refused with a problem, too. `prefix` is what the paths have lost.
fn with_problems(router: OpenApiRouter<Services>, prefix: &'static str) -> OpenApiRouter<Services> {
    let (router, description) = router.split_for_parts();
    let refuse = async move |method: Method, uri: Uri| {
        Problem::method_not_allowed(method.as_str(), &format!("{prefix}{}", uri.path()))
    };
    let mut router = OpenApiRouter::from(router.method_not_allowed_fallback(refuse));
    *router.get_openapi_mut() = description;
    router
}

/// A list as programs see it: one page, with the cursor of the next.
#[derive(Serialize, ToSchema)]
struct List<T> {
    items: Vec<T>,
    /// Sent as `cursor`, it gives the next page; null on the last.
    next_cursor: Option<String>,
}

/// A list that is never long.
#[derive(Serialize, ToSchema)]
struct Items<T> {
    items: Vec<T>,
}
