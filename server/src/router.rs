//! Every path of the server, and what surrounds all of them.
//!
//! **Architecture invariant:** only `startup` imports this.

use std::{any::Any, sync::Arc};

use app::{
    backend::{SharedBackend, SharedEntrance},
    posted::Posted,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use leptos::{nonce::use_nonce, prelude::*, server_fn::axum::server_fn_paths};
use leptos_axum::{LeptosRoutes as _, ResponseOptions, generate_route_list};
use model::limits;
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};

use crate::{
    api, assets,
    backend::Asked,
    bodies, gate,
    origin::{self, OwnNames},
    paths::{Paths, Route},
    peer::{self, TrustedProxies},
    problem::Problem,
    requests,
    serve::Patience,
    services::Services,
    sign_in, uploads,
};

/// Who may ask, and how long it may take.
pub struct Surroundings {
    pub own: OwnNames,
    pub trusted_proxies: TrustedProxies,
    pub patience: Patience,
}

pub fn router(services: Services, surroundings: Surroundings) -> Router {
    let Surroundings { own, trusted_proxies, patience } = surroundings;
    paths()
        .into_router()
        .merge(pages(&services))
        // Once for all, since a page and the form that is posted to it share a path.
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn_with_state(patience, bodies::arrives))
        .layer(from_fn_with_state(services.clone(), gate::authenticate))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::new(own), origin::guard))
        .layer(from_fn_with_state(trusted_proxies, peer::tell))
        // Around all that answer, refusals and failures too.
        .layer(from_fn(with_security_headers))
        // A failure is logged where it happens, with its cause.
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(requests::span)
                .on_request(())
                .on_response(requests::answered)
                .on_eos(())
                .on_failure(()),
        )
        .layer(from_fn(requests::identify))
        .with_state(services)
}

/// Every path that is served, for the test that asks each who may use it.
pub fn routes() -> Vec<Route> {
    let post = |path: &str| Route { method: Method::POST, path: path.to_owned() };
    let pages = generate_route_list(app::App).into_iter().flat_map(|page| {
        // Leptos has an enum of its own for them: `Get`.
        let methods = page.methods().map(|method| format!("{method:?}").to_uppercase()).collect::<Vec<_>>();
        let method = |name: String| name.parse().expect("a method of HTTP");
        let path = page.path().to_owned();
        methods.into_iter().map(move |name| Route { method: method(name), path: path.clone() })
    });
    let functions = server_fn_paths().map(|(path, method)| Route { method, path: path.to_owned() });
    let listed = paths().routes().to_vec();
    listed.into_iter().chain(pages).chain(PAGES_WITH_FORMS.map(post)).chain(functions).collect()
}

/// Every path but the pages and their server functions.
fn paths() -> Paths {
    let upload = Paths::default().post("/projects/upload", uploads::form);
    Paths::default()
        .merge(api::paths())
        .merge(sign_in::paths().around(|forms| forms.layer(from_fn(bodies::is_small))))
        .get("/pkg/{name}", assets::file)
        .get("/favicon.ico", assets::icon)
        .get("/favicon.svg", assets::icon)
        .merge(upload.around(|upload| upload.layer(DefaultBodyLimit::disable())))
}

/// The pages, and the server functions that they call.
fn pages(services: &Services) -> Router<Services> {
    let routes = generate_route_list(app::App);
    let options = services.leptos.clone();
    let mut router = Router::new().leptos_routes_with_context(services, routes, context(services), move || {
        app::shell(options.clone(), assets::VERSION)
    });
    for path in PAGES_WITH_FORMS {
        router = router.route(path, post(page_with_form));
    }
    router.layer(from_fn(bodies::is_small))
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::method_not_allowed(method.as_str(), uri.path())
}

/// Pages that a browser without JavaScript posts their own form to; see `app::posted`.
const PAGES_WITH_FORMS: [&str; 7] = [
    "/workflows/new",
    "/workflows/{id}/edit",
    "/workflows/{id}/trigger-url",
    "/projects/{id}",
    "/account",
    "/people",
    "/people/{id}",
];

/// The page in answer to its own form.
async fn page_with_form(State(services): State<Services>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match to_bytes(body, limits::BODY_MAX_BYTES).await {
        Ok(body) => body,
        Err(error) => return Problem::malformed(format!("The form did not arrive whole: {error}.")).into_response(),
    };
    parts.extensions.insert(Posted(String::from_utf8_lossy(&body).into_owned()));
    page(&services, Request::from_parts(parts, Body::empty())).await
}

/// Renders the page at the request's path as a whole.
async fn page(services: &Services, request: Request) -> Response {
    let options = services.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context(services), move || {
        app::shell(options.clone(), assets::VERSION)
    });
    render(request).await
}

/// What every page and server function finds in context: the backend as whoever asks may use it. The few pages that
/// are open to everybody find only the entrance.
fn context(services: &Services) -> impl Fn() + Clone + Send + Sync + 'static {
    let entrance: SharedEntrance = Arc::clone(&services.gate) as SharedEntrance;
    move || {
        provide_context(Arc::clone(&entrance));
        provide_context(api::openapi::reference());
        let asker = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Asked>().cloned());
        if let Some(asker) = asker {
            provide_context(Arc::new(asker) as SharedBackend);
        }
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
            let policy = format!("{PAGE_POLICY}; script-src 'self' 'wasm-unsafe-eval' 'nonce-{nonce}'");
            let policy = HeaderValue::try_from(policy).expect("a nonce is base64");
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// A page loads its own files only, talks to its own server only and is shown in nobody's frame. Style attributes are
/// allowed: the width of a bar is one.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; \
                           font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                           frame-ancestors 'none'";

/// Everything that is not a page needs nothing.
const OTHER_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

async fn with_security_headers(request: Request, next: Next) -> Response {
    const ALWAYS: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // A form without JavaScript is led back to where it was sent from.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let is_page =
        matches!(*request.method(), Method::GET | Method::HEAD) && !request.uri().path().starts_with(api::PREFIX);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(OTHER_POLICY));
    // What is shown changes from second to second, and is for whoever asked. Only the browser's Back shows a page as it
    // was; of data, and of what may be a secret that is shown once, nothing is kept.
    let cache = if is_page { "private, no-cache" } else { "no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(cache));
    response
}

/// A person gets the app's own page for it, a program a problem document.
async fn not_found(State(services): State<Services>, uri: Uri, request: Request) -> Response {
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if !wants_page {
        return Problem::no_such_path(uri.path()).into_response();
    }
    let mut response = page(&services, request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A bug of ours ends one request, not the server.
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let cause = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    Problem::internal(&cause).into_response()
}
