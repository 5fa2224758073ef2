//! What the bell posts: that its list was looked at.

use leptos::prelude::*;
use model::Timestamp;

use crate::api::ApiError;

/// Everything up to `until` is known to whoever uses this browser.
#[server(prefix = "/_fn", endpoint = "look_at_news")]
pub async fn look_at_news(until: Timestamp) -> Result<(), ApiError> {
    crate::components::bell::keep(until);
    Ok(())
}
