//! A target that is a table of a database. It is loaded where nobody looks, in a transaction or under another name; the last
//! step is one statement of the database.

use std::{sync::Arc, time::Duration};

use datafusion::{
    arrow::{
        array::RecordBatch,
        datatypes::{DataType, Schema},
    },
    execution::memory_pool::MemoryReservation,
};
use model::{config::database::DatabaseTarget, results::Delivered};
use tokio::runtime::Handle;

use super::{super::formats::cells::Cells, Destination, Placed, Surroundings, Turn};
use crate::{
    Checkpoint, Failure, StepContext,
    databases::{Access, ColumnKind, TableColumn, TableLoad, TableWrite, TextRows, Unplaced},
    secrets::Password,
};

pub(super) struct DatabaseDestination {
    name: String,
    /// `None` only once it is placed.
    load: Option<Box<dyn TableLoad>>,
    checkpoint: Checkpoint,
    /// What is sent next.
    rows: TextRows,
    account: MemoryReservation,
    sent: u64,
    bytes: u64,
    is_unsure: bool,
}

impl DatabaseDestination {
    pub(super) fn open(target: &DatabaseTarget, around: &Surroundings<'_>) -> Result<Self, Failure> {
        let (context, secrets) = (around.context, around.secrets);
        let password = target.database.password().map(|name| secrets.get(name)).transpose()?;
        let access = Access {
            database: target.database.clone(),
            password: password.map(|password| Password(password.to_owned())),
            roots: around.settings.roots.clone(),
            timeout: Duration::from_secs(u64::from(target.timeout_s)),
        };
        let columns = columns(around.schema);
        if let Some(missing) = target.key.iter().find(|key| columns.iter().all(|column| column.name != **key)) {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            return Err(Failure::Input(format!(
                "the export target {}: its key names the column “{missing}”, which the export does not have; it has {}",
                target.place(),
                names.join(", ")
            )));
        }
        let write = TableWrite {
            schema: target.schema.clone(),
            table: target.table.clone(),
            mode: target.mode,
            key: target.key.clone(),
            create: target.create,
            batch: target.batch as usize,
            columns,
        };
        let databases = Arc::clone(context.engine().databases());
        let opening = context.unless_cancelled(databases.write(&access, &write));
        let load = Handle::current().block_on(opening)??;
        Ok(Self {
            name: target.place(),
            load: Some(load),
            checkpoint: context.checkpoints(),
            rows: TextRows::new(write.columns.len()),
            account: context.engine().reserve("rows for a database"),
            sent: 0,
            bytes: 0,
            is_unsure: false,
        })
    }

    fn load(&mut self) -> Result<&mut Box<dyn TableLoad>, Failure> {
        self.load.as_mut().ok_or_else(|| Failure::Internal("a table that is placed already".to_owned()))
    }
}

impl Destination for DatabaseDestination {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rows.clear();
        let columns = Cells::of(batch)?;
        let mut buffer = String::new();
        for row in 0..batch.num_rows() {
            for column in &columns {
                self.rows.push(column.cell(row).text(&mut buffer));
            }
        }
        // Once here, and once as it is sent.
        self.account.try_resize(2 * self.rows.bytes())?;
        self.sent += self.rows.len() as u64;
        self.bytes += self.rows.text_bytes() as u64;
        let rows = std::mem::take(&mut self.rows);
        let checkpoint = self.checkpoint.clone();
        let written = Handle::current().block_on(checkpoint.unless_cancelled(self.load()?.write(&rows)));
        self.rows = rows;
        written?
    }

    fn make_ready(&mut self, context: &StepContext<'_>) -> Result<(), Failure> {
        Handle::current().block_on(context.unless_cancelled(self.load()?.make_ready()))?
    }

    fn turn(&self) -> Turn {
        Turn::ForGood
    }

    fn place(&mut self) -> Result<Placed, Failure> {
        let placed = Handle::current().block_on(self.load()?.place());
        self.load = None;
        placed.map_err(|unplaced| match unplaced {
            Unplaced::Refused(failure) => failure,
            Unplaced::Unknown(failure) => {
                self.is_unsure = true;
                failure
            }
        })?;
        Ok(Placed::Delivered(Delivered {
            location: self.name.clone(),
            bytes: self.bytes,
            rows: self.sent,
            removed: Vec::new(),
        }))
    }

    fn is_unsure(&self) -> bool {
        self.is_unsure
    }

    fn take_back(&mut self) -> Result<(), Failure> {
        Err(Failure::Input(self.name.clone()))
    }

    fn settle(&mut self) -> Vec<String> {
        Vec::new()
    }
}

fn columns(schema: &Schema) -> Vec<TableColumn> {
    let columns = schema.fields().iter().map(|field| TableColumn {
        name: field.name().clone(),
        kind: match field.data_type() {
            DataType::Boolean => ColumnKind::Truth,
            DataType::UInt32 | DataType::UInt64 => ColumnKind::Whole,
            DataType::Float32 => ColumnKind::Fraction,
            _ => ColumnKind::Text,
        },
    });
    columns.collect()
}
