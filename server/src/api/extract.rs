//! Reading a request: path, query and body. What cannot be read becomes a problem that names the place.

use std::str::FromStr;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, header, request::Parts},
};
use model::{Error, FieldError, limits};
use serde::de::{DeserializeOwned, IgnoredAny};
use utoipa::{IntoParams, ToSchema};

use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

/// Whoever asks. Put there by `gate::authenticate`, which lets nobody else through.
impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Asked>().cloned().ok_or_else(Problem::not_signed_in)
    }
}

/// The `{id}` of a path. Text that is no id names nothing, so the answer is the same 404 as for an unknown one.
pub(super) struct Id<T>(pub(super) T);

/// What an id names, for the answer when there is none.
pub(super) trait Named: FromStr {
    const WHAT: &'static str;
}

impl Named for model::WorkflowId {
    const WHAT: &'static str = "workflow";
}

impl Named for model::ExecutionId {
    const WHAT: &'static str = "execution";
}

impl Named for model::ProjectId {
    const WHAT: &'static str = "project";
}

impl Named for model::UserId {
    const WHAT: &'static str = "user";
}

impl Named for model::TokenId {
    const WHAT: &'static str = "token";
}

impl<T: Named, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        let id = params.iter().flatten().find(|(name, _)| *name == "id").and_then(|(_, text)| text.parse().ok());
        id.map(Id).ok_or_else(|| Error::not_found(T::WHAT).into())
    }
}

impl Named for model::DeliveryId {
    const WHAT: &'static str = "notification";
}

/// The query, read into a struct whose fields are all optional. A parameter that the path does not know is an error: a
/// mistyped filter must not list everything.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + IntoParams, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        // An empty parameter (`?q=`) is what a form sends for a field that was not filled in.
        let given: Vec<(String, String)> = serde_urlencoded::from_str::<Vec<(String, String)>>(query)
            .map_err(|error| Problem::malformed(format!("The query cannot be read: {error}.")))?
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        if !given.is_empty() {
            refuse_unknown::<T>(&given)?;
        }
        let pairs = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let text = serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).expect("pairs of text are a query");
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
        serde_path_to_error::deserialize(reader).map(Query).map_err(|error| {
            let field = error.path().to_string();
            let value = given.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| value);
            Problem::query(&field, format!("“{value}” cannot be used: {}", error.into_inner()))
        })
    }
}

/// The document and this know the same parameters.
fn refuse_unknown<T: IntoParams>(given: &[(String, String)]) -> Result<()> {
    let known: Vec<String> = T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect();
    match given.iter().find(|(name, _)| !known.contains(name)) {
        Some((unknown, _)) => {
            let message = format!("is not a parameter here; there are: {}", known.join(", "));
            Err(Problem::query(unknown, message))
        }
        None => Ok(()),
    }
}

/// The `limit` of a list: at least 1, and never more than a page holds.
pub(super) fn page_limit(limit: Option<usize>) -> Result<Option<usize>> {
    match limit {
        Some(0) => Err(Problem::query("limit", format!("must be 1 to {}", limits::PAGE_ITEMS_MAX))),
        limit => Ok(limit.map(|limit| limit.min(limits::PAGE_ITEMS_MAX))),
    }
}

/// A JSON body, as it came and as it is read.
pub(super) struct Json<T> {
    pub(super) value: T,
    bytes: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        must_be_json(request.headers())?;
        let bytes = body(request, state).await?;
        if bytes.is_empty() {
            return Err(Problem::malformed("The body is empty; send a JSON document."));
        }
        Ok(Self { value: parse(&bytes)?, bytes })
    }
}

impl<T> Json<T> {
    /// The `version` beside the document: the one that its writer started from.
    pub(super) fn version(&self) -> Result<i64> {
        #[derive(serde::Deserialize)]
        struct Versioned {
            version: i64,
        }
        parse::<Versioned>(&self.bytes).map(|document| document.version)
    }
}

/// A document that need not be sent: without a body it is the default.
pub(super) struct JsonIfAny<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for JsonIfAny<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let bytes = body(request, state).await?;
        match bytes.trim_ascii() {
            b"" | b"null" => Ok(Self(T::default())),
            text => parse(text).map(Self),
        }
    }
}

/// A body that says nothing: empty, or `{}`.
pub(super) struct NoBody;

/// Nothing has to be said, and nothing can be.
#[derive(Default, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        JsonIfAny::<Nothing>::from_request(request, state).await.map(|_| Self)
    }
}

/// Larger ones than a document may be do not come this far (`bodies`).
async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes> {
    let whole = Bytes::from_request(request, state).await;
    whole.map_err(|_| Problem::malformed("The body ended before it was complete."))
}

/// 413 with the limit in words.
pub(crate) fn too_large(limit_bytes: u64) -> Error {
    let limit = match limit_bytes {
        bytes if bytes >= 1 << 30 => format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)),
        bytes if bytes >= 1 << 20 => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        bytes => format!("{bytes} bytes"),
    };
    Error::TooLarge { message: format!("What was sent is larger than {limit}, the limit here.") }
}

/// A program that names no type is taken at its word that the body is what the path asks for.
fn must_be_json(headers: &HeaderMap) -> Result<()> {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let kind = kind.to_str().unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || essence.ends_with("+json") {
        return Ok(());
    }
    Err(Problem::unsupported_media_type(format!(
        "The body is “{kind}”; send JSON with Content-Type: application/json."
    )))
}

/// Text that is no JSON is 400 with line and column; JSON that is not what is asked for is 422 with the field.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        // serde would take a list of its fields for a struct.
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| malformed(&error))?;
        return Err(Error::invalid("", "must be an object, and not a list").into());
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() { invalid(path, &error) } else { malformed(&error) }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::malformed(format!("The body is not JSON: {error}."))
}

fn invalid(path: String, error: &serde_json::Error) -> Problem {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let message = text.strip_suffix(&place).unwrap_or(&text);
    // For a field that is not there, the path is that of the object which lacks it.
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let field = match (path.as_str(), missing) {
        ("." | "", Some(name)) => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (".", None) => String::new(),
        (path, None) => path.to_owned(),
    };
    let message = match missing {
        Some(_) => "is missing".to_owned(),
        None => format!("{message} (line {}, column {})", error.line(), error.column()),
    };
    Error::Invalid { fields: vec![FieldError::new(field, message)] }.into()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use model::{schedule::PreviewRequest, workflow::WorkflowDraft};

    use super::*;

    fn check<T: DeserializeOwned>(body: &str, expected: Expect) {
        let problem = parse::<T>(body.as_bytes()).err().expect("a problem");
        expected.assert_eq(&format!("{} {}", problem.status().as_u16(), problem.detail()));
    }

    #[test]
    fn text_that_is_not_json_is_located() {
        check::<PreviewRequest>(
            "{\n  \"schedule\": }",
            expect!["400 The body is not JSON: expected value at line 2 column 15."],
        );
        check::<PreviewRequest>(
            r#"{"schedule":{"type":"on_demand"}} trailing"#,
            expect!["400 The body is not JSON: trailing characters at line 1 column 35."],
        );
    }

    #[test]
    fn a_list_is_no_object() {
        check::<Nothing>("[]", expect!["422 : must be an object, and not a list"]);
        check::<Nothing>("[", expect!["400 The body is not JSON: EOF while parsing a list at line 1 column 1."]);
    }

    #[test]
    fn json_that_is_not_what_is_asked_for_names_its_field() {
        check::<WorkflowDraft>(r#"{"name":"nightly"}"#, expect!["422 project_id: is missing"]);
        check::<PreviewRequest>(
            r#"{"schedule":{"type":"simple","every":6,"unit":"weeks"}}"#,
            expect![
                "422 schedule: unknown variant `weeks`, expected one of `minutes`, `hours`, `days` (line 1, column 55)"
            ],
        );
        check::<PreviewRequest>(
            r#"{"schedule":{"type":"on_demand"},"after":"yesterday"}"#,
            expect![[
                r#"422 after: “yesterday” is not an RFC 3339 time such as 2026-01-31T02:00:00Z (line 1, column 53)"#
            ]],
        );
    }
}
