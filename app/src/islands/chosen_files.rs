//! Lists what was chosen in a file input or dropped on it, and proposes a name for the project.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast as _};
use model::limits;
use web_sys::HtmlInputElement;

use super::upload::chosen;
use crate::format;

/// `children` are what the drop zone shows, with the file input that covers it.
#[island]
pub fn ChosenFiles(children: Children) -> impl IntoView {
    let files = RwSignal::new(Vec::<String>::new());
    let over = RwSignal::new(false);
    let proposed = StoredValue::new(String::new());
    let choose = move |event: ev::Event| {
        let Some(input) = event.target().and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) else { return };
        let list = chosen(&input);
        files.set(list.iter().map(|file| format!("{}, {}", file.name(), format::bytes(file.size() as u64))).collect());
        let (Some(file), Some(name)) = (list.first(), name_input(&input)) else { return };
        // A name that was typed stays.
        if name.value().trim().is_empty() || proposed.get_value() == name.value() {
            let proposal = proposal(&file.name());
            name.set_value(&proposal);
            proposed.set_value(proposal);
        }
    };
    let line = |file: String| view! { <li>{file}</li> };
    view! {
        <div
            class="drop-zone"
            class:over=over
            on:change=choose
            on:dragenter=move |_| over.set(true)
            on:dragleave=move |_| over.set(false)
            on:drop=move |_| over.set(false)
        >
            {children()}
        </div>
        <ul class="chosen-files" role="list">
            {move || files.get().into_iter().map(line).collect_view()}
        </ul>
    }
}

/// The input of the same form that takes the project's name.
fn name_input(file_input: &HtmlInputElement) -> Option<HtmlInputElement> {
    file_input.form()?.query_selector("[name=name]").ok()??.dyn_into().ok()
}

/// `customers` for `customers.csv`.
fn proposal(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem.chars().take(limits::NAME_CHARS_MAX).collect()
}
