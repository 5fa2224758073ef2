//! The one way to give the router a path: what is registered here is listed as well, so that a test can ask every path
//! who may use it (`server/tests/it/access`).
//!
//! **Architecture invariant:** nothing else of the server calls axum's `route`, except for what Leptos lists by itself.

use std::fmt;

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, on},
};

use crate::services::Services;

/// A method at a path, with axum's placeholders: `GET /api/v1/workflows/{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub path: String,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Routes with their handlers, and the list of them.
#[derive(Default)]
pub struct Paths {
    router: Router<Services>,
    routes: Vec<Route>,
}

impl Paths {
    /// Routes that are listed by whoever made them.
    pub fn listed(router: Router<Services>, routes: Vec<Route>) -> Self {
        Self { router, routes }
    }

    pub fn get<H: Handler<T, Services>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on(MethodFilter::GET, Method::GET, path, handler)
    }

    pub fn post<H: Handler<T, Services>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on(MethodFilter::POST, Method::POST, path, handler)
    }

    fn on<H: Handler<T, Services>, T: 'static>(
        mut self,
        filter: MethodFilter,
        method: Method,
        path: &str,
        handler: H,
    ) -> Self {
        self.routes.push(Route { method, path: path.to_owned() });
        Self { router: self.router.route(path, on(filter, handler)), ..self }
    }

    /// With something around the paths that are in it so far.
    pub fn around(self, change: impl FnOnce(Router<Services>) -> Router<Services>) -> Self {
        Self { router: change(self.router), ..self }
    }

    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        Self { router: self.router.merge(other.router), ..self }
    }

    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    pub fn into_router(self) -> Router<Services> {
        self.router
    }
}
