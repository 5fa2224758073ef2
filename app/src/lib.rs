//! What the user sees: pages, components and server functions. Declares the port [`backend::Backend`].
//!
//! **Architecture invariant:** never imports sqlx, datafusion or `engine`, not even under `ssr`.

pub mod backend;
