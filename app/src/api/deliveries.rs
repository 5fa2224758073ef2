//! What a person does with notifications, as forms post it.

use leptos::prelude::*;
use model::{DeliveryId, WorkflowId};

use crate::{
    api::{
        ApiError,
        request::{answer, backend},
    },
    components::notice::{refuse_with, say},
    format::{
        self,
        delivery::{Tested, tested},
    },
};

/// Pressed twice, it sends nothing twice.
#[server(prefix = "/_fn", endpoint = "resend_delivery")]
pub async fn resend_delivery(id: DeliveryId) -> Result<(), ApiError> {
    let again = answer(backend().resend_delivery(id).await)?;
    let link = again.execution_id.map(|execution| (format!("/executions/{execution}"), "See what comes of it"));
    say(format!("Sending it again to {}.", format::recipient(&again.recipient)), link);
    Ok(())
}

/// Answers when every recipient took the test, or did not.
#[server(prefix = "/_fn", endpoint = "test_notifications")]
pub async fn test_notifications(id: WorkflowId) -> Result<(), ApiError> {
    let Tested { text, any_refused } = tested(&answer(backend().test_notifications(id, None).await)?);
    match any_refused {
        true => refuse_with(text),
        false => say(text, None),
    }
    Ok(())
}
