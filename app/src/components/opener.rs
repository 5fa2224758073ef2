//! What opens from a button: a menu, a question. A `<details>`, so it opens without JavaScript; with it, a click
//! elsewhere or Escape closes it.

use leptos::prelude::*;

#[component]
pub fn Opener(
    /// Class of the button that opens it.
    class: &'static str,
    /// Name of the button when it shows only an icon.
    #[prop(optional, into)]
    name: Option<String>,
    /// What is on the button.
    label: AnyView,
    /// Opens above the button: at the foot of a card.
    #[prop(optional)]
    upward: bool,
    /// Closing it is having looked: the form inside is sent then.
    #[prop(optional)]
    looked: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="opener" class:upward=upward data-looked=looked.then_some("")>
            <summary class=class aria-label=name>
                {label}
            </summary>
            <div class="popover">{children()}</div>
        </details>
    }
    .into_any()
}
