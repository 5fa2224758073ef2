//! Deliveries that failed or may have arrived: the list of them, and sending one again.
//!
//! How a delivery ended is final, so one that is sent again is a new row, linked to the old one. The schema lets each row
//! be repeated once: pressing twice finds the row that the first press made.

use futures::FutureExt;
use model::{
    Author, DeliveryId, Error, Page, ProjectId, Scope, Snapshot,
    activity::ActivityKind,
    delivery::{Delivery, DeliveryFilter, DeliveryStatus, Undelivered, without_secret},
    limits,
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreResult,
    activity::Entry,
    delivery_row::{StoredDelivery, select_deliveries},
    events, outbox,
    row::{Bytes, Columns, in_scope, scope_json},
    statements::statements,
    writer::Tx,
};

statements! {
    BY_ID = select_deliveries!("WHERE d.id = ?");
    // The words of the index `dead_deliveries`; what is narrowed further is few.
    DEAD = concat!(select_deliveries!("WHERE d.status IN ('failed', 'unknown') AND (d.finished_at, d.number) < (?1, ?2)
        AND (?3 IS NULL OR d.status = ?3) AND (?4 IS NULL OR project_id = ?4) AND "),
        in_scope!("project_id", "?5"), " ORDER BY d.finished_at DESC, d.number DESC LIMIT ?6");
}

impl Store {
    /// A page of the dead deliveries, those that ended last first.
    ///
    /// # Errors
    /// `Invalid` at `cursor`, when it is not one that a page gave.
    pub async fn dead_deliveries(
        &self,
        filter: &DeliveryFilter,
        scope: &Scope,
    ) -> StoreResult<Snapshot<Page<Undelivered>>> {
        let (before, number) = match &filter.cursor {
            Some(text) => cursor(text)?,
            None => (i64::MAX, i64::MAX),
        };
        let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(DEAD)
            .bind(before)
            .bind(number)
            .bind(filter.status.map(DeliveryStatus::as_str))
            .bind(filter.project.map(|id| id.bytes()))
            .bind(scope_json(scope))
            .bind(i64::try_from(limit + 1).expect("a page is small"))
            .fetch_all(&mut *snapshot)
            .await?;
        let shown = &rows[..rows.len().min(limit)];
        let next_cursor = match shown.last().filter(|_| rows.len() > limit) {
            Some(last) => Some(cursor_after(last)?),
            None => None,
        };
        let items = shown.iter().map(|row| {
            Ok(Undelivered { delivery: StoredDelivery::read(row)?.delivery, project_id: row.project_id("project_id")? })
        });
        let items = items.collect::<StoreResult<_>>()?;
        let number = events::last_number(&mut snapshot).await?;
        Ok(Snapshot { number, data: Page { items, next_cursor } })
    }

    /// The project whose people deal with a delivery.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn project_of_delivery(&self, id: DeliveryId) -> StoreResult<ProjectId> {
        let mut snapshot = self.read().await?;
        let row = sqlx::query(BY_ID).bind(id.bytes()).fetch_optional(&mut *snapshot).await?;
        row.ok_or_else(|| Error::not_found("notification"))?.project_id("project_id")
    }

    /// Queues a dead delivery once more. Gives the new one; asked again, the same.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it was delivered or is still on its way.
    pub async fn resend_delivery(&self, id: DeliveryId, by: Author) -> StoreResult<Delivery> {
        self.write(move |tx| resend(tx, id, by).boxed()).await
    }
}

async fn resend(tx: &mut Tx, id: DeliveryId, by: Author) -> StoreResult<Delivery> {
    let (StoredDelivery { delivery: dead, letter }, project) = find(&mut tx.connection, id).await?;
    if let Some(resent) = dead.resent {
        return Ok(find(&mut tx.connection, resent.id).await?.0.delivery);
    }
    match dead.status {
        DeliveryStatus::Failed | DeliveryStatus::Unknown => {}
        DeliveryStatus::Delivered => return Err(Error::conflict("This was delivered, so it is not sent again.").into()),
        DeliveryStatus::Waiting | DeliveryStatus::Sending => {
            return Err(Error::conflict("This is still being tried. Send it again once it was given up.").into());
        }
    }
    let now = tx.now();
    let again = Delivery {
        id: DeliveryId::from_uuid(tx.new_uuid()),
        status: DeliveryStatus::Waiting,
        attempts: 0,
        created_at: now,
        next_attempt_at: Some(now),
        finished_at: None,
        error: None,
        resend_of: Some(id),
        requested_by: Some(by.name.clone()),
        ..dead
    };
    outbox::insert(tx, letter.id, &again, &letter.notification).await?;
    let what = ActivityKind::NotificationResent { recipient: without_secret(&again.recipient) };
    tx.record(Entry::delivery(&again, project, what).by(by));
    Ok(again)
}

/// With the project whose people deal with it.
async fn find(connection: &mut SqliteConnection, id: DeliveryId) -> StoreResult<(StoredDelivery, ProjectId)> {
    let row = sqlx::query(BY_ID).bind(id.bytes()).fetch_optional(connection).await?;
    let row = row.ok_or_else(|| Error::not_found("notification"))?;
    Ok((StoredDelivery::read(&row)?, row.project_id("project_id")?))
}

/// When the last of a page ended, and its number: two may have ended in the same microsecond.
fn cursor_after(last: &SqliteRow) -> StoreResult<String> {
    Ok(format!("{}-{}", last.integer("finished_at")?, last.integer("number")?))
}

fn cursor(text: &str) -> Result<(i64, i64), Error> {
    let parts = text.split_once('-').and_then(|(at, number)| Some((at.parse().ok()?, number.parse().ok()?)));
    parts.ok_or_else(|| Error::invalid("cursor", "is not a next_cursor of a page; leave it out"))
}
