//! The description of the API (OpenAPI 3.1), made from the handlers and the types that they read and write, and served at
//! `/api/v1/openapi.json`. The page for people is `app::pages::reference`.
//!
//! A handler says what is its own; [`refusals`] and [`schemas`] add what follows from that, such as that whatever needs a
//! token answers 401 without one. `cargo xtask test api` tries whether it is true.

mod example;
mod needs;
mod reference;
mod refusals;
mod schemas;
mod visit;
mod words;

use std::sync::{Arc, LazyLock};

use app::reference::SharedReference;

use axum::{
    http::{Method, header},
    response::IntoResponse,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Info, KnownFormat, License, OpenApi, RefOr, Schema, SchemaFormat, Server, Tag, Type,
        path::{self, PathItem},
        schema::ObjectBuilder,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
        tag::TagBuilder,
    },
};

use model::{
    event::{ServerMessage, Watch},
    review::{ReviewChange, ReviewFlag},
};

pub use needs::Needs;
pub(super) use needs::{ADMINISTRATOR, EDITOR, OPERATOR, VIEWER};

use super::described;
use crate::{gate, problem::Problem};

/// One operation of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The handler's name.
    pub id: String,
    pub method: Method,
    /// With its parameters in braces: `/api/v1/workflows/{id}`
    pub path: String,
    pub needs: Needs,
}

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| {
    let (_, document) = described().split_for_parts();
    make(document)
});

static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_json().expect("a description holds nothing but text"));

static REFERENCE: LazyLock<SharedReference> = LazyLock::new(|| Arc::new(reference::reference(&DOCUMENT)));

/// The description as its page shows it.
pub fn reference() -> SharedReference {
    Arc::clone(&REFERENCE)
}

/// The whole description.
pub fn document() -> &'static OpenApi {
    &DOCUMENT
}

/// Every operation that is served, in the order of the document.
///
/// # Panics
/// When a handler does not say what it needs, which a test sees.
pub fn operations() -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in &DOCUMENT.paths.paths {
        for (method, operation) in methods(item) {
            let id = operation.operation_id.clone().expect("the name of its handler");
            let needs = needs_of(operation).unwrap_or_else(|| panic!("{id} does not say what it needs"));
            operations.push(Operation { id, method, path: path.clone(), needs });
        }
    }
    operations
}

/// The content of a file.
pub(super) struct FileContent;

impl PartialSchema for FileContent {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
    }
}

impl ToSchema for FileContent {}

/// This description
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "server",
    responses((status = 200, description = "The description of the API (OpenAPI 3.1)", body = serde_json::Value)),
    extensions(("x-role" = json!(Needs::Known))),
)]
pub(super) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str())
}

const ABOUT: &str = "\
Millrace takes dirty records in, finds which of them describe the same person, company or product, and puts golden \
records out. Programs drive it with what is here.

- JSON in and out, in snake_case. Times are RFC 3339.
- A refusal is a problem document (RFC 9457): `type` is for programs, `detail` for people, `errors` names the fields.
- A list gives a page and, in `next_cursor`, the cursor of the next; null on the last.
- A repeated `Idempotency-Key` gives what the first request made.
- A query parameter that a path does not know is refused. An empty one counts as left out.
- What one may not see is answered as if it were not there: 404.
- A method that a path does not take is answered with 405 and `Allow`.";

const TAGS: [(&str, &str); 6] = [
    ("workflows", "What runs on a project, and when"),
    ("executions", "What ran, runs and waits"),
    ("projects", "Sources, configuration and results"),
    ("schedules", "When something would run"),
    ("people", "Who may do what: people, and tokens of programs"),
    ("server", "The server as a whole"),
];

/// What surrounds the operations.
fn make(mut document: OpenApi) -> OpenApi {
    let mut info = Info::new("Millrace", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    info.license = Some(License::new(env!("CARGO_PKG_LICENSE")));
    document.info = info;
    document.servers = Some(vec![Server::new("/")]);
    let tags = TAGS.map(|(name, what)| TagBuilder::new().name(name).description(Some(what)).build());
    document.tags = Some(Vec::<Tag>::from(tags));
    let components = document.components.get_or_insert_default();
    let mut token = Http::new(HttpAuthScheme::Bearer);
    token.description = Some("A token: made on the page of tokens, or with `millrace token create`.".to_owned());
    let session = ApiKeyValue::with_description(
        gate::SESSION_COOKIE,
        "The session of a browser. Over TLS the name begins with __Host-.",
    );
    components.add_security_scheme(refusals::TOKEN, SecurityScheme::Http(token));
    components.add_security_scheme(refusals::SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    add_schema::<Problem>(components);
    // Neither is the body of a request or an answer: they are said on the websocket.
    add_schema::<Watch>(components);
    add_schema::<ServerMessage>(components);
    // One stands behind a list with limits, the other is a parameter.
    add_schema::<ReviewChange>(components);
    add_schema::<ReviewFlag>(components);
    schemas::complete(&mut document);
    refusals::add(&mut document);
    document
}

/// A type that no handler names, with those that it names.
fn add_schema<T: ToSchema>(components: &mut Components) {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    components.schemas.extend(schemas);
}

/// What an operation says that it needs.
fn needs_of(operation: &path::Operation) -> Option<Needs> {
    let said = operation.extensions.as_ref()?.get(needs::EXTENSION)?;
    serde_json::from_value(said.clone()).ok()
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut path::Operation> {
    let PathItem { get, post, put, patch, delete, head, options, trace, .. } = item;
    [get, post, put, patch, delete, head, options, trace].into_iter().filter_map(Option::as_mut)
}

fn methods(item: &PathItem) -> impl Iterator<Item = (Method, &path::Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
        (Method::HEAD, &item.head),
        (Method::OPTIONS, &item.options),
        (Method::TRACE, &item.trace),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

#[cfg(test)]
mod tests;
