//! The refusals that follow from what an operation is: closed, about something named in its path, reading a query or a body.
//! A handler says only those that are its own.

use utoipa::{
    ToSchema as _,
    openapi::{
        Content, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement, Type,
        path::{Operation, ParameterIn},
        schema::ObjectBuilder,
    },
};

use super::{needs::Needs, needs_of, operations_mut};
use crate::problem::Problem;

/// Names of the two ways to say who one is.
pub(super) const TOKEN: &str = "token";
pub(super) const SESSION: &str = "session";

const PROBLEM: &str = "application/problem+json";

/// Status, name in the document, and meaning.
type Refusal = (&'static str, &'static str, &'static str);

const MALFORMED: Refusal =
    ("400", "Malformed", "The request cannot be read; where a parameter is wrong, `errors` names it");
const NOT_SIGNED_IN: Refusal = ("401", "NotSignedIn", "Neither a token nor a session that is known");
const FORBIDDEN: Refusal = ("403", "Forbidden", "The role does not allow it, or a page of another site asks");
const NOT_FOUND: Refusal = ("404", "NotFound", "There is no such thing, or it may not be seen");
const TIMED_OUT: Refusal = ("408", "TimedOut", "The body stopped arriving");
const TOO_LARGE: Refusal = ("413", "TooLarge", "The body is larger than the limit");
const NOT_TAKEN: Refusal =
    ("415", "NotTaken", "The body is packed, or said to be something else than what is asked for");
const INVALID: Refusal = ("422", "Invalid", "What was sent is not valid; `errors` names every field");
const INTERNAL: Refusal = ("500", "Internal", "A fault of the server; its log has the cause under the id in `detail`");
const UNAVAILABLE: Refusal =
    ("503", "Unavailable", "Not at the moment: the server starts or stops, or its disk is full");

const ALL: [Refusal; 10] =
    [MALFORMED, NOT_SIGNED_IN, FORBIDDEN, NOT_FOUND, TIMED_OUT, TOO_LARGE, NOT_TAKEN, INVALID, INTERNAL, UNAVAILABLE];

pub(super) fn add(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for operation in operations_mut(item) {
            complete(path, operation);
        }
    }
    let components = document.components.get_or_insert_default();
    for (status, name, meaning) in ALL {
        let mut response = ResponseBuilder::new().description(meaning).build();
        as_problem(status, &mut response);
        components.responses.insert(name.to_owned(), RefOr::T(response));
    }
}

fn complete(path: &str, operation: &mut Operation) {
    let needs = needs_of(operation).unwrap_or(Needs::Known);
    let roles: Vec<String> = needs.role().map(|role| role.to_string()).into_iter().collect();
    let ways = [TOKEN, SESSION].map(|way| SecurityRequirement::new(way, roles.clone()));
    operation.security = Some(if needs.is_closed() { ways.into() } else { Vec::new() });
    let said = operation.description.take().into_iter().chain([needs.words()]);
    operation.description = Some(said.collect::<Vec<_>>().join("\n\n"));
    for (status, name, _) in of(path, needs, operation) {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            as_problem(status, response);
        }
    }
}

fn of(path: &str, needs: Needs, operation: &Operation) -> Vec<Refusal> {
    let reads = |place| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| matches!(parameter, RefOr::T(known) if known.parameter_in == place))
    };
    let mut refusals = vec![FORBIDDEN, INTERNAL];
    if needs.is_closed() {
        refusals.push(NOT_SIGNED_IN);
    }
    if needs != Needs::Nothing {
        refusals.push(UNAVAILABLE);
    }
    if path.contains('{') {
        refusals.push(NOT_FOUND);
    }
    let has_body = operation.request_body.is_some();
    if has_body || reads(ParameterIn::Query) || reads(ParameterIn::Header) {
        refusals.push(MALFORMED);
    }
    if has_body {
        refusals.extend([TIMED_OUT, TOO_LARGE, NOT_TAKEN, INVALID]);
    }
    refusals
}

/// A refusal has one form; and some come with a header.
fn as_problem(status: &str, response: &mut Response) {
    if status >= "400" && response.content.is_empty() {
        let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
        response.content.insert(PROBLEM.to_owned(), RefOr::T(problem));
    }
    let header = match status {
        "401" => Some(("www-authenticate", Type::String, "`Bearer`")),
        "503" => Some(("retry-after", Type::Integer, "Seconds after which to try again")),
        _ => None,
    };
    if let Some((name, kind, meaning)) = header {
        let mut header = Header::new(ObjectBuilder::new().schema_type(kind).build());
        header.description = Some(meaning.to_owned());
        response.headers.insert(name.to_owned(), RefOr::T(header));
    }
}
