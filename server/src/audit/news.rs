//! Rules of notifications: what an end has to bring with it is told in the same transaction and once, nothing else is
//! told, how a delivery ended is final, and only what is dead is sent again, once for each time that somebody asks.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use model::{
    DeliveryId, ExecutionId, WorkflowId,
    delivery::{Delivery, DeliveryStatus, Occasion},
};

use super::{Audit, Audited, Execution, Status, Timestamp, Trigger, Workflow, check};

/// One piece of news for one recipient.
type Piece = (ExecutionId, Occasion, String);

/// What was told, and what is still owed.
#[derive(Debug, Default)]
pub(super) struct News {
    told: HashSet<Piece>,
    deliveries: HashMap<DeliveryId, DeliveryStatus>,
    /// What was sent again.
    resent: HashSet<DeliveryId>,
    /// How often each piece was.
    repeats: HashMap<Piece, usize>,
    /// What the ends of this commit must be told with.
    owed: Vec<Piece>,
}

impl News {
    pub(super) fn owe(&mut self, occasion: Occasion, execution: ExecutionId, workflow: &Workflow) {
        let notifications = &workflow.notifications;
        let wanted = match occasion {
            Occasion::Success => notifications.on_success,
            Occasion::Failure | Occasion::DidNotStart => notifications.on_failure,
            Occasion::Suspended => true,
            Occasion::Recovered => notifications.on_recovery,
            Occasion::TookLong => notifications.longer_than_s.is_some(),
            // They follow from no end.
            Occasion::Digest | Occasion::Test => false,
        };
        for recipient in notifications.recipients().filter(|_| wanted) {
            let piece = (execution, occasion, recipient.clone());
            if !self.owed.contains(&piece) {
                self.owed.push(piece);
            }
        }
    }

    /// At the end of a commit.
    pub(super) fn nothing_is_owed(&self) -> Audited {
        check(self.owed.is_empty(), || format!("a commit ended without telling {:?}", self.owed))
    }

    fn is_told(&self, execution: &Execution, occasion: Occasion, workflow: &Workflow) -> bool {
        let mut recipients = workflow.notifications.recipients();
        recipients.all(|recipient| self.told.contains(&(execution.id, occasion, recipient.clone())))
    }
}

impl Audit {
    pub(super) fn delivery_changed(&mut self, delivery: &Delivery) -> Audited {
        if let Some(before) = self.news.deliveries.insert(delivery.id, delivery.status) {
            return check(!before.is_final(), || format!("it was {before:?}, and that is final"));
        }
        check(delivery.status == DeliveryStatus::Waiting, || "news begins as waiting".to_owned())?;
        match (delivery.resend_of, delivery.execution_id) {
            (Some(dead), _) => self.sent_again(dead, delivery),
            (None, Some(execution)) => self.told_of(execution, delivery),
            (None, None) => self.digested(delivery.workflow_id),
        }
    }

    fn told_of(&mut self, execution: ExecutionId, delivery: &Delivery) -> Audited {
        let piece = (execution, delivery.occasion, delivery.recipient.clone());
        let execution = self.execution(execution).ok_or("news of an unknown execution")?;
        let right = match delivery.occasion {
            Occasion::Success | Occasion::Failure | Occasion::Suspended => self.news.owed.contains(&piece),
            Occasion::Recovered | Occasion::TookLong => execution.status.is_final(),
            Occasion::DidNotStart => execution.status == Status::Queued && execution.trigger == Trigger::Scheduled,
            Occasion::Digest | Occasion::Test => false,
        };
        check(right, || format!("this is not news of {execution:?}"))?;
        self.news.owed.retain(|owed| *owed != piece);
        check(self.news.told.insert(piece), || "told twice".to_owned())
    }

    fn sent_again(&mut self, dead: DeliveryId, delivery: &Delivery) -> Audited {
        let was = self.news.deliveries.get(&dead).copied();
        check(was.is_some_and(DeliveryStatus::is_dead), || format!("sent again, and it was {was:?}"))?;
        if let Some(execution) = delivery.execution_id {
            let piece = (execution, delivery.occasion, delivery.recipient.clone());
            *self.news.repeats.entry(piece).or_default() += 1;
        }
        check(self.news.resent.insert(dead), || "sent again twice".to_owned())
    }

    /// That there is one a day for each recipient, an index sees to.
    fn digested(&self, workflow: WorkflowId) -> Audited {
        let known = self.workflows.get(&workflow).filter(|known| !known.deleted);
        let wanted = known.is_some_and(|known| known.workflow.notifications.digest_hour.is_some());
        check(wanted, || format!("a digest of {known:?}"))
    }

    /// How often a piece of news was sent again because somebody asked for that.
    pub fn repeats(&self, piece: &Piece) -> usize {
        self.news.repeats.get(piece).copied().unwrap_or_default()
    }

    /// A delivery that somebody may send again, if there is one.
    pub fn dead_delivery(&self) -> Option<DeliveryId> {
        let deliveries = self.news.deliveries.iter();
        let open = deliveries.filter(|(id, status)| status.is_dead() && !self.news.resent.contains(*id));
        open.map(|(id, _)| *id).min()
    }

    /// A scheduled execution that has waited for `limit` and of which nobody was told, if there is one.
    pub fn untold_wait(&self, now: Timestamp, limit: Duration) -> Option<&Execution> {
        self.open().find(|waiting| {
            let workflow = &self.workflows[&waiting.workflow_id].workflow;
            waiting.status == Status::Queued
                && waiting.trigger == Trigger::Scheduled
                && waiting.queued_at.plus(limit) <= now
                && workflow.notifications.on_failure
                && !self.news.is_told(waiting, Occasion::DidNotStart, workflow)
        })
    }
}
