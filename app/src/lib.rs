//! What the user sees: pages rendered on the server, and the little that runs in the browser to keep them live.
//! Declares the port [`backend::Backend`].
//!
//! `pages` and `components` are functions from data to HTML and exist on the server only. `browser` fetches a page again
//! when something on it changed and fits it in place. `islands` are the parts that a person works with before anything
//! is sent; they are rendered on the server and hydrated in the browser.
//!
//! **Architecture invariant:** never imports sqlx, datafusion or `engine`, not even under `ssr`.

// Views are types, and a page of them nests deeper than the compiler expects of a program.
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
mod cookie;
pub mod format;
pub mod interest;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod posted;
#[cfg(feature = "ssr")]
pub mod reference;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
mod viewer;

/// A page that is only fetched again carries this header: what is said to a person waits for a page that they asked for,
/// in whichever tab that is.
pub(crate) const REFRESH: &str = "x-millrace-refresh";

#[cfg(feature = "ssr")]
pub use app::{App, shell};
