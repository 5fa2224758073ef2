//! Light or dark: as the system has it, or as was chosen in this browser. The choice is a cookie, so that the page comes
//! in its colours from the start and without JavaScript; the style sheet does the rest.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::api::theme::Theme;

const COOKIE: &str = "millrace-theme";
/// A year.
const LIVES_S: u32 = 31_536_000;

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
    use_context::<Parts>()
        .and_then(|parts| {
            let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
            cookies.flat_map(|cookies| cookies.split("; ")).find_map(read)
        })
        .unwrap_or_default()
}

fn read(cookie: &str) -> Option<Theme> {
    let word = cookie.strip_prefix(COOKIE)?.strip_prefix('=')?;
    Theme::ALL.into_iter().find(|theme| theme.as_str() == word)
}

/// Remembers the choice in this browser.
pub fn keep(theme: Theme) {
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age={LIVES_S}; HttpOnly; SameSite=Strict", theme.as_str());
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(cookie)) {
        response.append_header(header::SET_COOKIE, cookie);
    }
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
        assert_eq!(read("millrace-theme=dark"), Some(Theme::Dark));
        assert_eq!(read("millrace-theme=\"><script>"), None);
        assert_eq!(read("millrace-theme-of-another=dark"), None);
    }
}
