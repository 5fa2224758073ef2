//! The numbered log of facts that the live feed sends.

use model::event::{Change, Event};
use sqlx::SqliteConnection;

use super::{Store, StoreResult, row::Columns, statements::statements};

statements! {
    AFTER = "SELECT number, at, change FROM events WHERE number > ? ORDER BY number LIMIT ?";
    FIRST = "SELECT min(number) FROM events";
    LAST = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)";
}

impl Store {
    /// Events with a number above `number`, oldest first; `None` when the log no longer reaches back that far, or has
    /// not come that far (a number from another database).
    pub async fn events_after(&self, number: i64, limit: i64) -> StoreResult<Option<Vec<Event>>> {
        let mut snapshot = self.read().await?;
        let first: Option<i64> = sqlx::query_scalar(FIRST).fetch_one(&mut *snapshot).await?;
        let last = last_number(&mut snapshot).await?;
        let reaches = first.map_or(number == last, |first| number + 1 >= first);
        if !reaches || number > last {
            return Ok(None);
        }
        let rows = sqlx::query(AFTER).bind(number).bind(limit).fetch_all(&mut *snapshot).await?;
        let events = rows.iter().map(|row| {
            let change: Change = row.json("change")?;
            Ok(Event { number: row.integer("number")?, at: row.time("at")?, change })
        });
        events.collect::<StoreResult<_>>().map(Some)
    }
}

/// Number of the last event in this snapshot.
pub(super) async fn last_number(connection: &mut SqliteConnection) -> StoreResult<i64> {
    Ok(sqlx::query_scalar(LAST).fetch_one(connection).await?)
}
