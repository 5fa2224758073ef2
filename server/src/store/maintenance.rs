//! The switch of maintenance mode. It is a row, so that it stays as it is over a restart.

use futures::FutureExt;
use model::{Author, Timestamp, activity::ActivityKind, event::Change, maintenance::Maintenance};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{Store, StoreResult, activity::Entry, row::Columns, statements::statements, writer::Tx};

statements! {
    READ = "SELECT is_on, switched_by, switched_at FROM maintenance";
    SWITCH = "UPDATE maintenance SET is_on = ?, switched_by = ?, switched_at = ?";
}

impl Store {
    pub async fn maintenance(&self) -> StoreResult<Maintenance> {
        let mut snapshot = self.read().await?;
        read(&mut snapshot).await
    }

    /// Switches it; that it is already so changes nothing.
    pub async fn set_maintenance(&self, on: bool, by: Author) -> StoreResult<Maintenance> {
        self.write(move |tx| set(tx, on, by).boxed()).await
    }
}

pub(super) async fn read(connection: &mut SqliteConnection) -> StoreResult<Maintenance> {
    of_row(&sqlx::query(READ).fetch_one(connection).await?)
}

/// From the columns of the switch, wherever they were read.
pub(super) fn of_row(row: &SqliteRow) -> StoreResult<Maintenance> {
    let (by, since) = (row.text_or_null("switched_by")?, row.time_or_null("switched_at")?);
    Ok(Maintenance { on: row.flag("is_on")?, by, since })
}

async fn set(tx: &mut Tx, on: bool, by: Author) -> StoreResult<Maintenance> {
    let known = read(&mut tx.connection).await?;
    if known.on == on {
        return Ok(known);
    }
    let maintenance = Maintenance { on, by: Some(by.name.clone()), since: Some(tx.now()) };
    sqlx::query(SWITCH)
        .bind(on)
        .bind(&maintenance.by)
        .bind(maintenance.since.map(Timestamp::as_micros))
        .execute(&mut tx.connection)
        .await?;
    let what = if on { ActivityKind::SwitchedOn } else { ActivityKind::SwitchedOff };
    tx.record(Entry::maintenance(what).by(by));
    tx.effects.queue = true;
    tx.emit(&Change::Maintenance { maintenance: maintenance.clone() });
    Ok(maintenance)
}
