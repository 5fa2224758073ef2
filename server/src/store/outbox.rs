//! The outbox: notifications, written in the transaction that made the news, and what became of each.
//!
//! **Architecture invariant:** a delivery is marked as being sent before it is sent. What a process that died had marked
//! may have arrived, so it ends as Unknown and is never sent again on its own.

use futures::FutureExt;
use model::{
    DeliveryId, Error, ExecutionId, Timestamp,
    delivery::{Delivery, DeliveryStatus, Notification},
    event::Change,
};

use super::{
    Store, StoreResult,
    delivery_row::{Letter, StoredDelivery, select_deliveries},
    row::{Bytes, to_json},
    statements::statements,
    writer::Tx,
};

/// What a delivery ends with when the process that sent it died.
const LOST: &str = "The server stopped while this was being sent. It may have arrived; it is not sent again by itself.";

statements! {
    // What was told already, the indexes of first deliveries refuse.
    INSERT = "INSERT INTO deliveries (id, workflow_id, execution_id, due_at, occasion, recipient, notification, message_id,
        resend_of, requested_by, status, created_at, next_attempt_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT DO NOTHING";
    OF_EXECUTION = select_deliveries!("WHERE d.execution_id = ? ORDER BY d.number");
    EXECUTION_EXISTS = "SELECT count(*) FROM executions WHERE id = ?";
    DUE = select_deliveries!("WHERE d.status = 'waiting' AND d.next_attempt_at <= ?
        ORDER BY d.next_attempt_at, d.number LIMIT ?");
    NEXT_DUE = "SELECT min(next_attempt_at) FROM deliveries WHERE status = 'waiting'";
    BEING_SENT = select_deliveries!("WHERE d.status = 'sending' AND d.epoch = ? AND d.id = ?");
    LEFT = select_deliveries!("WHERE d.status = 'sending' AND d.epoch < ? LIMIT 500");
    // The condition on the state keeps outcomes final.
    UPDATE = "UPDATE deliveries SET status = ?, attempts = ?, next_attempt_at = ?, finished_at = ?, error = ?, epoch = ?
        WHERE id = ? AND status = ?";
}

/// A delivery that is this process's to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub delivery: DeliveryId,
    /// Attempts begun, with this one.
    pub attempts: u32,
    pub letter: Letter,
}

/// What a look at the outbox gave.
#[derive(Clone, Debug)]
pub struct Taken {
    pub outgoing: Vec<Outgoing>,
    /// When the next delivery is due that was not taken.
    pub next_attempt_at: Option<Timestamp>,
}

/// How an attempt to deliver ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempted {
    Delivered,
    /// It has not arrived, and is tried again.
    Again {
        at: Timestamp,
        error: String,
    },
    /// It has not arrived, and is given up.
    Failed {
        error: String,
    },
    /// Nobody knows whether it arrived.
    Unknown {
        error: String,
    },
}

impl Store {
    /// The deliveries of an execution, in the order of their queueing.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn deliveries(&self, execution: ExecutionId) -> StoreResult<Vec<Delivery>> {
        let mut snapshot = self.read().await?;
        let exists: i64 =
            sqlx::query_scalar(EXECUTION_EXISTS).bind(execution.bytes()).fetch_one(&mut *snapshot).await?;
        if exists == 0 {
            return Err(Error::not_found("execution").into());
        }
        let rows = sqlx::query(OF_EXECUTION).bind(execution.bytes()).fetch_all(&mut *snapshot).await?;
        Ok(StoredDelivery::read_all(&rows)?.into_iter().map(|stored| stored.delivery).collect())
    }

    /// Marks some deliveries that are due as being sent, and gives them to the caller to send.
    pub async fn take_due_deliveries(&self, limit: i64) -> StoreResult<Taken> {
        self.write(move |tx| take_due(tx, limit).boxed()).await
    }

    /// Records how an attempt ended. Late news of another epoch changes nothing.
    pub async fn record_attempt(&self, delivery: DeliveryId, attempted: Attempted) -> StoreResult<()> {
        self.write(move |tx| record_attempt(tx, delivery, attempted).boxed()).await
    }

    /// Ends what an earlier process was sending when it died. Gives back how many there were.
    pub async fn lose_deliveries(&self) -> StoreResult<usize> {
        let mut lost = 0;
        loop {
            match self.write(|tx| lose_some(tx).boxed()).await? {
                0 => return Ok(lost),
                some => lost += some,
            }
        }
    }
}

/// Queues a notification to each recipient, once.
pub(super) async fn enqueue(
    tx: &mut Tx,
    notification: &Notification,
    recipients: impl Iterator<Item = &String>,
) -> StoreResult<()> {
    for recipient in recipients {
        let delivery = first_delivery(tx, notification, recipient.clone());
        insert(tx, delivery.id, &delivery, notification).await?;
    }
    Ok(())
}

fn first_delivery(tx: &Tx, notification: &Notification, recipient: String) -> Delivery {
    Delivery {
        id: DeliveryId::from_uuid(tx.new_uuid()),
        workflow_id: notification.workflow_id,
        workflow_name: notification.workflow_name.clone(),
        execution_id: notification.execution_id,
        occasion: notification.occasion,
        recipient,
        status: DeliveryStatus::Waiting,
        attempts: 0,
        created_at: tx.now(),
        next_attempt_at: Some(tx.now()),
        finished_at: None,
        error: None,
        resend_of: None,
        requested_by: None,
        resent: None,
    }
}

/// Adds a delivery that waits, and says so; nothing when it is there already.
pub(super) async fn insert(
    tx: &mut Tx,
    message: DeliveryId,
    delivery: &Delivery,
    notification: &Notification,
) -> StoreResult<()> {
    let due_at = notification.digest.as_ref().map(|_| notification.at.as_micros());
    let inserted = sqlx::query(INSERT)
        .bind(delivery.id.bytes())
        .bind(delivery.workflow_id.bytes())
        .bind(delivery.execution_id.map(|id| id.bytes()))
        .bind(due_at)
        .bind(delivery.occasion.as_str())
        .bind(&delivery.recipient)
        .bind(to_json(notification))
        .bind(message.bytes())
        .bind(delivery.resend_of.map(|id| id.bytes()))
        .bind(&delivery.requested_by)
        .bind(delivery.created_at.as_micros())
        .bind(delivery.next_attempt_at.map(Timestamp::as_micros))
        .execute(&mut tx.connection)
        .await?;
    if inserted.rows_affected() == 1 {
        tx.effects.outbox = true;
        tx.emit(&Change::Delivery { delivery: Box::new(delivery.clone()) });
    }
    Ok(())
}

async fn take_due(tx: &mut Tx, limit: i64) -> StoreResult<Taken> {
    if !tx.is_newest_process().await? {
        return Ok(Taken { outgoing: Vec::new(), next_attempt_at: None });
    }
    let now = tx.now();
    let rows = sqlx::query(DUE).bind(now.as_micros()).bind(limit).fetch_all(&mut tx.connection).await?;
    let mut outgoing = Vec::with_capacity(rows.len());
    for StoredDelivery { mut delivery, letter } in StoredDelivery::read_all(&rows)? {
        delivery.status = DeliveryStatus::Sending;
        delivery.attempts += 1;
        delivery.next_attempt_at = None;
        update(tx, &delivery, DeliveryStatus::Waiting).await?;
        outgoing.push(Outgoing { delivery: delivery.id, attempts: delivery.attempts, letter });
    }
    let next: Option<i64> = sqlx::query_scalar(NEXT_DUE).fetch_one(&mut tx.connection).await?;
    Ok(Taken { outgoing, next_attempt_at: next.map(Timestamp::from_micros) })
}

async fn record_attempt(tx: &mut Tx, id: DeliveryId, attempted: Attempted) -> StoreResult<()> {
    let row = sqlx::query(BEING_SENT).bind(tx.epoch()).bind(id.bytes()).fetch_optional(&mut tx.connection).await?;
    let Some(row) = row else { return Ok(()) };
    let mut delivery = StoredDelivery::read(&row)?.delivery;
    let (status, error) = match attempted {
        Attempted::Delivered => (DeliveryStatus::Delivered, None),
        Attempted::Again { at, error } => {
            delivery.next_attempt_at = Some(at);
            tx.effects.outbox = true;
            (DeliveryStatus::Waiting, Some(error))
        }
        Attempted::Failed { error } => (DeliveryStatus::Failed, Some(error)),
        Attempted::Unknown { error } => (DeliveryStatus::Unknown, Some(error)),
    };
    end(tx, delivery, status, error).await
}

async fn lose_some(tx: &mut Tx) -> StoreResult<usize> {
    let rows = sqlx::query(LEFT).bind(tx.epoch()).fetch_all(&mut tx.connection).await?;
    for stored in StoredDelivery::read_all(&rows)? {
        end(tx, stored.delivery, DeliveryStatus::Unknown, Some(LOST.to_owned())).await?;
    }
    Ok(rows.len())
}

async fn end(tx: &mut Tx, mut delivery: Delivery, status: DeliveryStatus, error: Option<String>) -> StoreResult<()> {
    delivery.status = status;
    delivery.error = error;
    delivery.finished_at = status.is_final().then(|| tx.now());
    update(tx, &delivery, DeliveryStatus::Sending).await
}

async fn update(tx: &mut Tx, delivery: &Delivery, before: DeliveryStatus) -> StoreResult<()> {
    let updated = sqlx::query(UPDATE)
        .bind(delivery.status.as_str())
        .bind(delivery.attempts)
        .bind(delivery.next_attempt_at.map(Timestamp::as_micros))
        .bind(delivery.finished_at.map(Timestamp::as_micros))
        .bind(&delivery.error)
        .bind(tx.epoch())
        .bind(delivery.id.bytes())
        .bind(before.as_str())
        .execute(&mut tx.connection)
        .await?;
    if updated.rows_affected() != 1 {
        return Err(sqlx::Error::RowNotFound.into());
    }
    tx.emit(&Change::Delivery { delivery: Box::new(delivery.clone()) });
    Ok(())
}
