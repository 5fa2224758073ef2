//! The field for a password that is being chosen.

use leptos::prelude::*;
use model::limits;

#[component]
pub fn NewPassword(
    label: &'static str,
    /// What is said beside how long it has to be.
    more: &'static str,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for="password">{label}</label>
            <input
                id="password"
                name="password"
                type="password"
                required
                minlength=limits::PASSWORD_CHARS_MIN
                maxlength=limits::PASSWORD_CHARS_MAX
                autocomplete="new-password"
                aria-describedby="password-hint"
            />
            <p id="password-hint" class="help">
                {format!("At least {} characters. {more}", limits::PASSWORD_CHARS_MIN)}
            </p>
        </div>
    }
    .into_any()
}
