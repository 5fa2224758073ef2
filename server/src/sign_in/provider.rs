//! The way to the identity provider and back.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use form_urlencoded::Serializer;
use model::Error;
use serde::Deserialize;

use super::{Visit, back, led, local, signed_in};
use crate::{
    gate::{Provider, Secret, SignInError},
    paths::Paths,
    problem::Problem,
    services::Services,
};

const BEGIN: &str = "/sign-in/provider";

pub(super) fn paths() -> Paths {
    Paths::default().get(BEGIN, begin).get("/sign-in/callback", finish)
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
}

/// What the provider makes of a sign-in (RFC 6749, section 4.1.2).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Outcome {
    state: String,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn begin(
    State(services): State<Services>,
    visit: Visit,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let Some(provider) = services.gate.identity_provider() else { return nowhere() };
    let Query(wanted) = wanted.unwrap_or_default();
    let next = local(&wanted.next);
    match provider.begin(next, visit.peer.address).await {
        Ok(begun) => led(&begun.address, Provider::cookie(Some(&begun.browser), visit.peer.secure)),
        Err(error) => back(error.into(), &sign_in_page(next)),
    }
}

async fn finish(
    State(services): State<Services>,
    visit: Visit,
    outcome: Result<Query<Outcome>, QueryRejection>,
) -> Response {
    let Some(provider) = services.gate.identity_provider() else { return nowhere() };
    let Query(outcome) = outcome.unwrap_or_default();
    let Some(flow) = provider.resume(&outcome.state, Provider::begun_in(&visit.headers, visit.peer).as_ref()) else {
        tracing::warn!(address = %visit.peer.address, "a sign-in came back that is not pending in that browser");
        return back(not_pending().into(), &sign_in_page("/"));
    };
    let next = flow.next.clone();
    let signing_in = async {
        let code = match (outcome.error, outcome.code) {
            (None, Some(code)) => code,
            (error, _) => {
                let words = outcome.error_description.as_deref();
                return Err(provider.refused(error.as_deref().unwrap_or_default(), words).into());
            }
        };
        let who = provider.prove(flow, code).await?;
        services.gate.let_in(who, visit.place()).await
    };
    let outcome: Result<Secret, SignInError> = signing_in.await;
    let mut response = match outcome {
        Ok(session) => signed_in(&services.gate, &visit, &session, local(&next)),
        Err(error) => back(error, &sign_in_page(&next)),
    };
    let over: HeaderValue = Provider::cookie(None, visit.peer.secure);
    response.headers_mut().append(header::SET_COOKIE, over);
    response
}

fn not_pending() -> Error {
    let message =
        "This sign-in did not begin in this browser, is over already, or took longer than ten minutes. Try again.";
    Error::Forbidden { message: message.to_owned() }
}

fn sign_in_page(next: &str) -> String {
    format!("/sign-in?{}", Serializer::new(String::new()).append_pair("next", next).finish())
}

/// Where no provider is set.
fn nowhere() -> Response {
    Problem::no_such_path(BEGIN).into_response()
}
