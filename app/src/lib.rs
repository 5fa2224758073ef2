//! What the user sees: pages, components and server functions. Declares the port [`backend::Backend`].
//!
//! **Architecture invariant:** never imports sqlx, datafusion or `engine`, not even under `ssr`.

// Views are types, and a page of them nests deeper than the compiler expects of a program.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
pub mod backend;
pub mod browser;
pub mod components;
pub mod format;
pub mod live;
pub mod pages;
pub mod posted;

pub use app::{App, shell};
