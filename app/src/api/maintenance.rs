//! The switch of maintenance mode, as the menu and the banner post it.

use leptos::prelude::*;

use crate::{
    api::{
        ApiError,
        request::{answer, backend},
    },
    components::notice::say,
};

#[server(prefix = "/_fn", endpoint = "set_maintenance")]
pub async fn set_maintenance(on: bool) -> Result<(), ApiError> {
    let maintenance = answer(backend().set_maintenance(on).await)?;
    say(
        match maintenance.on {
            true => "Maintenance mode is on. What runs goes on; nothing new starts.",
            false => "Maintenance mode has ended. What waits starts now.",
        },
        None,
    );
    Ok(())
}
