//! Light or dark: as the system has it, or as was chosen in this browser. The choice is a cookie, so that the page comes
//! in its colours from the start and without JavaScript; the style sheet does the rest.

use leptos::prelude::*;

use crate::{api::theme::Theme, cookie};

const COOKIE: &str = "millrace-theme";

impl Theme {
    const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    pub const fn as_str(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        }
    }
}

/// What was chosen in this browser.
pub fn chosen() -> Theme {
    cookie::read(COOKIE).and_then(|word| parse(&word)).unwrap_or_default()
}

fn parse(word: &str) -> Option<Theme> {
    Theme::ALL.into_iter().find(|theme| theme.as_str() == word)
}

/// Remembers the choice in this browser.
pub fn keep(theme: Theme) {
    cookie::set(cookie::header(COOKIE, theme.as_str(), cookie::YEAR_S));
}

#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let chosen = chosen();
    let button = |theme: Theme| {
        let pressed = (theme == chosen).to_string();
        view! {
            <button type="submit" name="theme" value=theme.as_str() aria-pressed=pressed>{theme.label()}</button>
        }
    };
    view! {
        <form class="theme" method="post" action="/_fn/set_theme" aria-label="Theme">
            {Theme::ALL.map(button)}
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_theme_that_there_is_is_read() {
        assert_eq!(parse("dark"), Some(Theme::Dark));
        assert_eq!(parse("\"><script>"), None);
    }
}
