//! Server functions: what forms post to. Each calls a method of [`crate::backend::Backend`], says what came of it and
//! leads on; the REST API is the other door and calls the same methods. Pages read through the port directly.
//!
//! Arguments keep the URL encoding of forms, so that they work without JavaScript.

pub mod bulk;
pub mod deliveries;
pub mod error;
pub mod executions;
pub mod maintenance;
pub mod matches;
pub mod news;
pub mod people;
pub mod projects;
pub mod request;
pub mod theme;
pub mod workflow_form;
pub mod workflows;

pub use error::ApiError;
