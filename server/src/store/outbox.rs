//! The outbox: notifications, written in the transaction that made the news, and what became of each.
//!
//! **Architecture invariant:** a delivery is marked as being sent before it is sent. What a process that died had marked
//! may have arrived, so it ends as Unknown and is never sent again on its own.

use futures::FutureExt;
use model::{
    DeliveryId, Error, ExecutionId, Timestamp,
    delivery::{Delivery, DeliveryStatus, Notification, Occasion},
    event::Change,
};
use sqlx::sqlite::SqliteRow;

use super::{
    Store, StoreResult,
    row::{Bytes, Columns, to_json},
    statements::statements,
    writer::Tx,
};

macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT id, execution_id, occasion, recipient, notification, status, attempts, created_at, next_attempt_at, ",
            "finished_at, error FROM deliveries ",
            $rest
        )
    };
}

/// What a delivery ends with when the process that sent it died.
const LOST: &str = "The server stopped while this was being sent. It may have arrived; it is not sent again.";

statements! {
    INSERT = "INSERT INTO deliveries (id, execution_id, occasion, recipient, notification, status, created_at,
        next_attempt_at) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (execution_id, occasion, recipient) DO NOTHING";
    OF_EXECUTION = select_deliveries!("WHERE execution_id = ? ORDER BY number");
    EXECUTION_EXISTS = "SELECT count(*) FROM executions WHERE id = ?";
    DUE = select_deliveries!("WHERE status = 'waiting' AND next_attempt_at <= ? ORDER BY next_attempt_at, number LIMIT ?");
    NEXT_DUE = "SELECT min(next_attempt_at) FROM deliveries WHERE status = 'waiting'";
    BEING_SENT = select_deliveries!("WHERE status = 'sending' AND epoch = ? AND id = ?");
    LEFT = select_deliveries!("WHERE status = 'sending' AND epoch < ? LIMIT 500");
    // The condition on the state keeps outcomes final.
    UPDATE = "UPDATE deliveries SET status = ?, attempts = ?, next_attempt_at = ?, finished_at = ?, error = ?, epoch = ?
        WHERE id = ? AND status = ?";
}

/// A delivery that is this process's to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub delivery: Delivery,
    pub notification: Notification,
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
        rows.iter().map(read).collect()
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
    let now = tx.now();
    for recipient in recipients {
        let delivery = Delivery {
            id: DeliveryId::from_uuid(tx.new_uuid()),
            execution_id: notification.execution_id,
            occasion: notification.occasion,
            recipient: recipient.clone(),
            status: DeliveryStatus::Waiting,
            attempts: 0,
            created_at: now,
            next_attempt_at: Some(now),
            finished_at: None,
            error: None,
        };
        let inserted = sqlx::query(INSERT)
            .bind(id_bytes(delivery.id))
            .bind(delivery.execution_id.bytes())
            .bind(delivery.occasion.as_str())
            .bind(recipient)
            .bind(to_json(notification))
            .bind(now.as_micros())
            .bind(now.as_micros())
            .execute(&mut tx.connection)
            .await?;
        if inserted.rows_affected() == 1 {
            tx.effects.outbox = true;
            tx.emit(&Change::Delivery { delivery: Box::new(delivery) });
        }
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
    for row in &rows {
        let mut delivery = read(row)?;
        delivery.status = DeliveryStatus::Sending;
        delivery.attempts += 1;
        delivery.next_attempt_at = None;
        update(tx, &delivery, DeliveryStatus::Waiting).await?;
        outgoing.push(Outgoing { delivery, notification: row.json("notification")? });
    }
    let next: Option<i64> = sqlx::query_scalar(NEXT_DUE).fetch_one(&mut tx.connection).await?;
    Ok(Taken { outgoing, next_attempt_at: next.map(Timestamp::from_micros) })
}

async fn record_attempt(tx: &mut Tx, id: DeliveryId, attempted: Attempted) -> StoreResult<()> {
    let row = sqlx::query(BEING_SENT).bind(tx.epoch()).bind(id_bytes(id)).fetch_optional(&mut tx.connection).await?;
    let Some(row) = row else { return Ok(()) };
    let mut delivery = read(&row)?;
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
    for row in &rows {
        end(tx, read(row)?, DeliveryStatus::Unknown, Some(LOST.to_owned())).await?;
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
        .bind(id_bytes(delivery.id))
        .bind(before.as_str())
        .execute(&mut tx.connection)
        .await?;
    if updated.rows_affected() != 1 {
        return Err(sqlx::Error::RowNotFound.into());
    }
    tx.emit(&Change::Delivery { delivery: Box::new(delivery.clone()) });
    Ok(())
}

fn read(row: &SqliteRow) -> StoreResult<Delivery> {
    Ok(Delivery {
        id: DeliveryId::from_uuid(row.uuid("id")?),
        execution_id: row.execution_id("execution_id")?,
        occasion: row.word("occasion", Occasion::parse)?,
        recipient: row.text("recipient")?,
        status: row.word("status", DeliveryStatus::parse)?,
        attempts: row.count("attempts")?,
        created_at: row.time("created_at")?,
        next_attempt_at: row.time_or_null("next_attempt_at")?,
        finished_at: row.time_or_null("finished_at")?,
        error: row.text_or_null("error")?,
    })
}

fn id_bytes(id: DeliveryId) -> Vec<u8> {
    id.as_uuid().as_bytes().to_vec()
}
