//! What a refused or failed request is answered with: an RFC 9457 problem document.
//!
//! The one error type at the edge. Everything that goes wrong — our own errors, bad JSON, unknown paths, panics — leaves
//! through here; internal causes are logged, never sent.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use model::{Error, FieldError, execution::Status};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::schema::{ObjectBuilder, Type},
};

use crate::{clock::SystemClock, requests};

/// `application/problem+json`. `type` is a stable name for programs, `detail` a sentence for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    #[schema(schema_with = kinds)]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16, minimum = 400, maximum = 599)]
    status: StatusCode,
    detail: String,
    /// What is wrong, each at its field; not there when it is no field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The version that is stored now, when the one that was sent is outdated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    current_version: Option<i64>,
    /// How the execution stands that could not be changed any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    execution_status: Option<Status>,
}

pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title,
            status,
            detail: detail.into(),
            errors: Vec::new(),
            current_version: None,
            execution_status: None,
        }
    }

    /// 400: the request cannot be read at all.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "urn:millrace:problem:malformed", "The request cannot be read", detail)
    }

    /// 400 for a query parameter.
    pub fn query(field: impl Into<String>, message: impl Into<String>) -> Self {
        let error = FieldError::new(field, message);
        let detail = format!("{}: {}", error.field, error.message);
        Self { errors: vec![error], ..Self::malformed(detail) }
    }

    /// What was wrong with a query parameter, as found further in.
    pub fn of_query(error: Error) -> Self {
        match error {
            Error::Invalid { fields } => {
                let detail = Error::Invalid { fields: fields.clone() }.to_string();
                Self { errors: fields, ..Self::malformed(detail) }
            }
            other => other.into(),
        }
    }

    /// 404 for a path that names nothing.
    pub fn no_such_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "urn:millrace:problem:not-found",
            "Not found",
            format!("There is nothing at {path}."),
        )
    }

    /// 401: nobody is known to have asked.
    pub fn not_signed_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "urn:millrace:problem:not-signed-in",
            "Not signed in",
            "Sign in, or send a token: Authorization: Bearer TOKEN.",
        )
    }

    pub fn method_not_allowed(method: &str, path: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "urn:millrace:problem:method-not-allowed",
            "Method not allowed",
            format!("{path} does not take {method}; the Allow header lists what it takes."),
        )
    }

    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "urn:millrace:problem:unsupported-media-type",
            "Unsupported content type",
            detail,
        )
    }

    /// 408: the body stopped arriving.
    pub fn timed_out(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "urn:millrace:problem:timeout", "The request took too long", detail)
    }

    /// 500: the cause goes to the log, under the id that the answer shows.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        let id = requests::failure_id(&SystemClock);
        tracing::error!(%id, %cause, "a request failed");
        Error::Internal { id }.into()
    }

    /// Adds how the execution stands that could not be changed any more.
    pub fn with_execution_status(self, status: Status) -> Self {
        Self { execution_status: Some(status), ..self }
    }

    /// The same for a browser that submitted a form: a page of its own, with the way back.
    pub fn into_page(self, back: &str) -> Response {
        let (title, detail) = (escape(self.title), escape(&self.detail));
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{title} — Millrace</title><h1>{title}</h1><p>{detail}</p>\
             <p><a href=\"{back}\">Back</a></p></html>"
        );
        (self.status, Html(page)).into_response()
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound { .. } => {
                Self::new(StatusCode::NOT_FOUND, "urn:millrace:problem:not-found", "Not found", detail)
            }
            Error::Invalid { fields } => Self {
                errors: fields,
                ..Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "urn:millrace:problem:invalid",
                    "Some of what was sent is not valid",
                    detail,
                )
            },
            Error::Conflict { .. } => {
                Self::new(StatusCode::CONFLICT, "urn:millrace:problem:conflict", "Not possible in this state", detail)
            }
            Error::OutdatedVersion { current } => Self {
                current_version: Some(current),
                ..Self::new(
                    StatusCode::CONFLICT,
                    "urn:millrace:problem:outdated-version",
                    "Changed meanwhile by someone else",
                    detail,
                )
            },
            Error::TooMany { .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "urn:millrace:problem:too-many", "Too many", detail)
            }
            Error::TooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "urn:millrace:problem:too-large", "Too large", detail)
            }
            Error::Unavailable { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "urn:millrace:problem:unavailable",
                "Not available at the moment",
                detail,
            ),
            Error::Forbidden { .. } => {
                Self::new(StatusCode::FORBIDDEN, "urn:millrace:problem:forbidden", "Refused", detail)
            }
            Error::Internal { .. } => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "urn:millrace:problem:internal",
                "Something went wrong on the server",
                detail,
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).expect("a problem holds nothing but text and numbers");
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

fn kinds() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^urn:millrace:problem:[a-z-]+$"))
        .description(Some("A stable name for programs."))
        .examples([serde_json::json!("urn:millrace:problem:invalid")])
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(problem: impl Into<Problem>, expected: Expect) {
        expected.assert_eq(&serde_json::to_string(&problem.into()).expect("serialises"));
    }

    #[test]
    fn every_problem_names_its_fields() {
        check(
            Error::Invalid {
                fields: vec![FieldError::new("name", "give it a name"), FieldError::new("retries", "must be 0 to 3")],
            },
            expect![[
                r#"{"type":"urn:millrace:problem:invalid","title":"Some of what was sent is not valid","status":422,"detail":"name: give it a name; retries: must be 0 to 3","errors":[{"field":"name","message":"give it a name"},{"field":"retries","message":"must be 0 to 3"}]}"#
            ]],
        );
    }

    #[test]
    fn an_outdated_version_says_which_one_is_stored() {
        check(
            Error::OutdatedVersion { current: 7 },
            expect![[
                r#"{"type":"urn:millrace:problem:outdated-version","title":"Changed meanwhile by someone else","status":409,"detail":"This was changed meanwhile: version 7 is stored now. Look at both and save again.","current_version":7}"#
            ]],
        );
    }
}
