//! What a person works with before anything is sent: Leptos, rendered on the server and hydrated in the browser.
//!
//! The page draws what it can and hands it in as children; an island adds only what has to happen at once. Every form in
//! one works without it.

pub mod chosen_files;
pub mod cron_builder;
pub mod step_boxes;
pub mod upload;

use wasm_bindgen::JsValue;

/// What an RFC 9457 problem says to people. Read here and in `browser`, wherever an answer is no page.
pub(crate) fn problem_detail(text: &str) -> Option<String> {
    let problem = js_sys::JSON::parse(text).ok()?;
    js_sys::Reflect::get(&problem, &JsValue::from_str("detail")).ok()?.as_string()
}
