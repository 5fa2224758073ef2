//! The WASM entry: hydrates the page that the server rendered, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script in the page's head as soon as the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
