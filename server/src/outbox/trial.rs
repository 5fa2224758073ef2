//! A test of recipients: sent at once, past the outbox, because somebody waits to see whether it arrives.

use std::{sync::Arc, time::Duration};

use model::{
    DeliveryId,
    delivery::{DeliveryStatus, Notification, Occasion, TestOutcome},
    workflow::Workflow,
};

use tokio::sync::Semaphore;

use super::{SENT_AT_ONCE, SendError, Transport, send_within};
use crate::{clock::SharedClock, store::Letter};

/// For each recipient, and before that for its turn.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Sends a notification that says that it is a test, to some at the same time. The outcomes are in their order.
pub async fn try_recipients(
    transport: &Arc<dyn Transport>,
    clock: &SharedClock,
    workflow: &Workflow,
    recipients: Vec<String>,
) -> Vec<TestOutcome> {
    let notification = notification(workflow, clock);
    let places = Semaphore::new(SENT_AT_ONCE);
    let places = &places;
    let trials = recipients.into_iter().map(|recipient| {
        let id = DeliveryId::from_uuid(clock.new_uuid());
        let letter = Letter { id, recipient: recipient.clone(), notification: notification.clone() };
        async move {
            let place = tokio::select! {
                place = places.acquire() => place.ok(),
                () = clock.sleep(ANSWER_MAX) => None,
            };
            let sent = match place {
                Some(_held) => send_within(ANSWER_MAX, transport, clock, letter).await,
                None => Err(SendError::NotSent("Those before it took too long.".to_owned())),
            };
            outcome(recipient, sent)
        }
    });
    futures::future::join_all(trials).await
}

fn notification(workflow: &Workflow, clock: &SharedClock) -> Notification {
    Notification {
        occasion: Occasion::Test,
        workflow_id: workflow.id,
        workflow_name: workflow.name.clone(),
        project_name: workflow.project_name.clone(),
        execution_id: None,
        at: clock.now(),
        due_at: None,
        started_at: None,
        duration_ms: None,
        records: None,
        failed_step: None,
        reason: None,
        digest: None,
    }
}

fn outcome(recipient: String, sent: Result<(), SendError>) -> TestOutcome {
    let (status, error) = match sent {
        Ok(()) => (DeliveryStatus::Delivered, None),
        Err(SendError::NotSent(error)) => (DeliveryStatus::Failed, Some(error)),
        Err(SendError::Unknown(error)) => (DeliveryStatus::Unknown, Some(error)),
    };
    TestOutcome { recipient, status, error }
}
