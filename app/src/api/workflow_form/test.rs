//! A test of the recipients as they stand in the form, saved or not.

use model::{Error, WorkflowId, delivery::TestRecipients};

use super::{
    fields::{Tested, WorkflowFields},
    read,
};
use crate::backend::Backend;

/// # Errors
/// What can be mended in the form, or tried again, is part of the answer.
pub(super) async fn send(
    backend: &dyn Backend,
    id: Option<WorkflowId>,
    fields: &WorkflowFields,
) -> Result<Tested, Error> {
    let id = id.ok_or_else(|| Error::not_found("workflow"))?;
    let told = read::draft(fields).draft.notifications;
    let recipients = TestRecipients { emails: told.emails, webhooks: told.webhooks };
    match backend.test_notifications(id, Some(recipients)).await {
        Ok(outcomes) => Ok(Tested { outcomes, ..Tested::default() }),
        Err(Error::Invalid { fields: problems }) => Ok(Tested { problems, ..Tested::default() }),
        Err(refusal @ (Error::TooMany { .. } | Error::Forbidden { .. })) => {
            Ok(Tested { refusal: Some(refusal.to_string()), ..Tested::default() })
        }
        Err(other) => Err(other),
    }
}
