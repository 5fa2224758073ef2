//! A source that is a table or a query of a database. Its columns are asked for first; its rows are read when it is their
//! turn, in one transaction, so no connection waits for other sources.

use std::{sync::Arc, time::Duration};

use datafusion::execution::memory_pool::MemoryReservation;
use model::{
    config::{database::DatabaseSource, source::FormatKind},
    limits,
};
use tokio::runtime::Handle;

use super::{
    Options,
    header::Header,
    rows::{Cells, Item, Reached, Row, Rows, Taker},
    source::{Facts, Opened},
};
use crate::{
    Checkpoint, Failure, StepContext,
    databases::{Access, Databases, Wanted},
    secrets::Password,
};

/// Batches that are in memory at once: one here, those that wait, one that is being made.
const BATCHES: usize = 4;

/// Asks for the columns. Errors do not name the source.
pub(super) async fn open(
    source: &DatabaseSource,
    options: &Options<'_>,
    context: &StepContext<'_>,
) -> Result<Table, Failure> {
    let password = source.database.password().map(|name| options.secrets.get(name)).transpose()?;
    let access = Access {
        database: source.database.clone(),
        password: password.map(|password| Password(password.to_owned())),
        roots: options.settings.roots.clone(),
        timeout: Duration::from_secs(u64::from(source.timeout_s)),
    };
    let wanted = match (&source.table, &source.query) {
        (Some(table), None) => Wanted::Table { schema: source.schema.clone(), table: table.clone() },
        (None, Some(query)) => Wanted::Query(query.clone()),
        _ => return Err(Failure::Input("it names neither a table nor a query, or both".to_owned())),
    };
    let databases = Arc::clone(context.engine().databases());
    let names = context.unless_cancelled(databases.columns(&access, &wanted)).await??;
    Header::refuse_too_wide(names.len())?;
    let account = context.engine().reserve("rows of a database");
    Ok(Table { databases, access, wanted, columns: names, checkpoint: context.checkpoints(), account })
}

/// A table whose columns are known.
pub(super) struct Table {
    databases: Arc<dyn Databases>,
    access: Access,
    wanted: Wanted,
    columns: Vec<String>,
    checkpoint: Checkpoint,
    account: MemoryReservation,
}

impl Table {
    pub(super) fn opened(self) -> Opened {
        Opened {
            header: Header { place: String::new(), names: self.columns.clone() },
            facts: Facts::new(FormatKind::Table),
            bytes: 0,
            rows_max: limits::RECORDS_MAX,
            rows: Box::new(self),
        }
    }
}

impl Rows for Table {
    fn each(&mut self, take: &mut Taker<'_>) -> Result<(), Failure> {
        let (runtime, checkpoint) = (Handle::current(), self.checkpoint.clone());
        let reading = self.databases.read(&self.access, &self.wanted);
        let mut reading = runtime.block_on(checkpoint.unless_cancelled(reading))??;
        if reading.columns() != self.columns {
            return Err(Failure::Input("its columns have changed since the import began; run it again".to_owned()));
        }
        let (mut cells, mut place) = (Cells::default(), 0);
        while let Some(rows) = runtime.block_on(checkpoint.unless_cancelled(reading.next()))?? {
            self.account.try_resize(BATCHES * rows.bytes())?;
            for row in 0..rows.len() {
                place += 1;
                cells.begin(place);
                rows.row(row).for_each(|value| cells.push(value));
                if !cells.is_blank() {
                    let left = limits::RECORDS_MAX.saturating_sub(place);
                    take(Item::Row(Row::Cells(&cells)), Reached { bytes: 0, rows_left: left })?;
                }
            }
        }
        Ok(())
    }
}
