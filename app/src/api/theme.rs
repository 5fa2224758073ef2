//! The choice between light and dark, as the menu posts it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the viewer's system has it.
    #[default]
    System,
    Light,
    Dark,
}

/// Kept in this browser; the page comes back in the theme that was chosen.
#[server(prefix = "/_fn", endpoint = "set_theme")]
pub async fn set_theme(theme: Theme) -> Result<(), ApiError> {
    crate::components::theme::keep(theme);
    Ok(())
}
