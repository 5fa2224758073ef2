//! The WASM entry: wakes what runs in the browser, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script in the page's head as soon as the module is loaded.
#[wasm_bindgen]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    app::browser::start();
}
