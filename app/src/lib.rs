//! What the user sees: pages, components and server functions. Declares the port [`backend::Backend`].
//!
//! **Architecture invariant:** never imports sqlx, datafusion or `engine`, not even under `ssr`.

pub mod api;
mod app;
pub mod backend;
mod browser;
mod components;
mod format;
mod live;
mod pages;

pub use app::{App, shell};
