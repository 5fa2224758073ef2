//! Notifications that a person deals with: those that did not arrive, and tests of recipients.

use std::sync::Arc;

use model::{
    Actor, DeliveryId, Error, Page, ProjectId, Scope, Snapshot, WorkflowId,
    delivery::{Delivery, DeliveryFilter, TestOutcome, TestRecipients, Undelivered},
    limits,
    workflow::Notifications,
};
use tokio::sync::Semaphore;

use super::LocalBackend;
use crate::outbox::{self, Transport};

/// What sends tests, and how many may be on their way.
pub(super) struct Trials {
    transport: Arc<dyn Transport>,
    places: Semaphore,
}

impl Trials {
    pub(super) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, places: Semaphore::new(limits::RECIPIENT_TESTS_MAX) }
    }
}

impl LocalBackend {
    pub(crate) async fn undelivered(
        &self,
        filter: DeliveryFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<Undelivered>>, Error> {
        if filter.status.is_some_and(|status| !status.is_dead()) {
            return Err(Error::invalid(
                "status",
                "must be failed or unknown; the others are listed with their execution",
            ));
        }
        self.told(self.parts.store.dead_deliveries(&filter, &scope).await)
    }

    pub(crate) async fn project_of_delivery(&self, id: DeliveryId) -> Result<ProjectId, Error> {
        self.told(self.parts.store.project_of_delivery(id).await)
    }

    pub(crate) async fn resend_delivery(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery, Error> {
        self.told(self.parts.store.resend_delivery(id, actor.author()).await)
    }

    pub(crate) async fn test_notifications(
        &self,
        workflow: WorkflowId,
        recipients: Option<TestRecipients>,
    ) -> Result<Vec<TestOutcome>, Error> {
        let workflow = self.told(self.parts.store.find_workflow(workflow).await)?;
        let told = match recipients {
            Some(TestRecipients { emails, webhooks }) => Notifications { emails, webhooks, ..Notifications::default() },
            None => workflow.notifications.clone(),
        };
        Error::from_fields(told.problems())?;
        let recipients: Vec<String> = told.recipients().cloned().collect();
        if recipients.is_empty() {
            return Err(Error::invalid("notifications.emails", "there is no recipient to send a test to"));
        }
        let Ok(_place) = self.trials.places.try_acquire() else {
            let message = "Other tests are on their way. Try again in half a minute.".to_owned();
            return Err(Error::TooMany { message });
        };
        Ok(outbox::try_recipients(&self.trials.transport, &self.parts.clock, &workflow, recipients).await)
    }
}
