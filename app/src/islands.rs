//! What a person works with before anything is sent: Leptos, rendered on the server and hydrated in the browser.
//!
//! The page draws what it can and hands it in as children; an island adds only what has to happen at once. Every form in
//! one works without it.

pub mod chosen_files;
pub mod step_boxes;
pub mod upload;
