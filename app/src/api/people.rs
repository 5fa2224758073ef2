//! What is done with people, sessions and tokens, as forms post it. What is shown once is not here: those forms are posted
//! to their pages.

use leptos::prelude::*;
use model::{SessionId, TokenId, UserId};

use crate::{
    api::{
        ApiError,
        request::{answer, backend},
    },
    components::notice::say,
};

/// Signs out in another browser.
#[server(prefix = "/_fn", endpoint = "end_session")]
pub async fn end_session(id: SessionId) -> Result<(), ApiError> {
    answer(backend().end_session(id).await)?;
    say("That browser is signed out.", None);
    Ok(())
}

/// Signs out everywhere, here as well.
#[server(prefix = "/_fn", endpoint = "end_sessions")]
pub async fn end_sessions() -> Result<(), ApiError> {
    answer(backend().end_sessions().await)?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "delete_token")]
pub async fn delete_token(id: TokenId) -> Result<(), ApiError> {
    answer(backend().delete_token(id).await)?;
    say("The token is deleted. It opens nothing any more.", None);
    Ok(())
}

/// Leads back to the list.
#[server(prefix = "/_fn", endpoint = "delete_user")]
pub async fn delete_user(id: UserId) -> Result<(), ApiError> {
    answer(backend().delete_user(id).await)?;
    say("They are deleted, and signed out everywhere.", None);
    leptos_axum::redirect("/people");
    Ok(())
}
