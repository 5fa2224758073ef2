//! Speaks to the databases that projects read and write: [`engine::databases::Databases`] over sqlx.
//!
//! **Architecture invariants:** this is not where Millrace keeps anything of its own (that is `store`). A connection lives as
//! long as one read or one load, so nothing of one asker is left for the next. What is read is read in one transaction that
//! cannot write; what is written appears with one last statement, or not at all. No message holds a password.

mod batches;
mod failure;
mod hosts;
mod load;
mod mysql;
mod postgresql;
mod sqlite;
mod words;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use engine::{
    Failure,
    databases::{Access, Databases, TableLoad, TableRows, TableWrite, Wanted},
};
use model::{config::database::Database, limits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::failure::Place;
pub use self::hosts::Hosts;

/// The databases of this process.
#[derive(Debug, Default)]
pub struct SqlDatabases {
    /// By place: a database is not overrun by those who read it, however many executions do.
    permits: Mutex<HashMap<String, Arc<Semaphore>>>,
    /// Looks at where databases are; `None`: every place is allowed.
    hosts: Option<Arc<dyn Hosts>>,
}

impl SqlDatabases {
    /// Connects only to what `hosts` allows.
    pub fn guarded(hosts: Arc<dyn Hosts>) -> Self {
        Self { hosts: Some(hosts), ..Self::default() }
    }

    fn place(&self, access: &Access) -> Place {
        Place::new(access, self.hosts.clone())
    }

    async fn permit(&self, place: &Place) -> Result<OwnedSemaphorePermit, Failure> {
        let semaphore = {
            let mut permits = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that nobody uses go.
            permits.retain(|name, semaphore| name == place.name() || Arc::strong_count(semaphore) > 1);
            let new = || Arc::new(Semaphore::new(limits::DATABASE_READS_MAX));
            Arc::clone(permits.entry(place.name().to_owned()).or_insert_with(new))
        };
        semaphore.acquire_owned().await.map_err(|closed| Failure::Internal(closed.to_string()))
    }
}

#[async_trait]
impl Databases for SqlDatabases {
    async fn columns(&self, access: &Access, wanted: &Wanted) -> Result<Vec<String>, Failure> {
        let place = self.place(access);
        let _permit = self.permit(&place).await?;
        match &access.database {
            Database::Postgresql(server) => postgresql::read::columns(server, access, wanted, &place).await,
            Database::Mysql(server) => mysql::read::columns(server, access, wanted, &place).await,
            Database::Sqlite(file) => sqlite::read::columns(file, access, wanted, &place).await,
        }
    }

    async fn read(&self, access: &Access, wanted: &Wanted) -> Result<TableRows, Failure> {
        let place = self.place(access);
        let permit = self.permit(&place).await?;
        match &access.database {
            Database::Postgresql(server) => postgresql::read::rows(server, access, wanted, place, permit).await,
            Database::Mysql(server) => mysql::read::rows(server, access, wanted, place, permit).await,
            Database::Sqlite(file) => sqlite::read::rows(file, access, wanted, place, permit).await,
        }
    }

    async fn write(&self, access: &Access, table: &TableWrite) -> Result<Box<dyn TableLoad>, Failure> {
        let place = self.place(access);
        // Without a permit: the tables of an export are loaded side by side, and would wait for each other's.
        Ok(match &access.database {
            Database::Postgresql(server) => Box::new(postgresql::write::begin(server, access, table, place).await?),
            Database::Mysql(server) => Box::new(mysql::write::begin(server, access, table, place).await?),
            Database::Sqlite(file) => Box::new(sqlite::write::begin(file, access, table, place).await?),
        })
    }
}
