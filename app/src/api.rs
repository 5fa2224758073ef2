//! Server functions: the browser's door to [`crate::backend::Backend`]. One function for each method of the port; the
//! REST API is the other door and calls the same methods.
//!
//! Reads take JSON. What a form posts keeps the URL encoding, so that it works as a plain form post too.

pub mod bulk;
pub mod error;
pub mod executions;
pub mod maintenance;
#[cfg(feature = "ssr")]
pub mod projects;
#[cfg(feature = "ssr")]
pub mod request;
pub mod theme;
#[cfg(feature = "ssr")]
pub mod workflow_form;
pub mod workflows;

pub use error::ApiError;
