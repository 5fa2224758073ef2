//! SQLite: everything that must survive a power cut.
//!
//! **Architecture invariants:** all SQL of the product is in this module, one table group a file; it imports nothing
//! of ours but `model` and the clock. One connection writes, through [`Store::write`]: commands queue up, those that
//! arrive together are committed together, and a command that fails undoes only itself. Nobody else ever waits for a
//! lock, because readers see the last commit (write-ahead log). Every change of an execution, workflow or project
//! writes a numbered event in the same transaction.

mod activity;
pub mod audit;
pub mod backup;
mod consequences;
mod dead_deliveries;
mod delivery_row;
mod digests;
mod events;
mod execution_row;
#[cfg_attr(not(test), path = "store/faults/none.rs")]
pub(crate) mod faults;
mod gauges;
mod history;
mod holds;
mod maintenance;
mod news;
mod outbox;
mod overdue;
mod overview;
mod places;
mod projects;
mod queue;
mod recovery;
mod retention;
mod review;
mod row;
mod schedules;
mod search;
mod sessions;
mod settle;
mod signals;
mod statements;
mod timeline;
mod tokens;
mod users;
mod workflow_list;
mod workflow_row;
mod workflows;
mod writer;

use std::{path::Path, sync::Arc, thread, time::Duration};

use futures::future::BoxFuture;
use model::{
    Timestamp,
    schedule::{Occurrences, Schedule},
};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{mpsc, oneshot, watch},
};

pub use activity::ActivityKept;
pub use delivery_row::Letter;
pub use gauges::Standing;
pub use holds::DiskShort;
pub use outbox::{Attempted, Outgoing, Taken};
pub use places::QueueState;
pub use projects::{ListedProject, NewFile, ProjectEdit};
pub use queue::{Claimed, Claims, Request};
pub use recovery::Interrupted;
pub use retention::Retention;
pub use schedules::{Fired, Noticed};
pub use sessions::{NewSession, OpenSession};
pub use settle::{Ending, Settled, Settlement, StepsDone};
pub use signals::StopTokens;
pub use timeline::RanOf;
pub use tokens::{ShownToken, StoredTokenDraft, create_beside as create_token_beside};
pub use users::{LINK, NewUser, ProvidedRole, ProvidedUser, SecretHash, StoredUser};
pub use workflows::Plan;

use crate::clock::SharedClock;
use faults::Faults;
use holds::Holds;
use signals::Signals;
use writer::{Command, Tx};

/// How long SQLite itself waits for a lock, such as that of a backup that runs beside the server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Pages that the writer keeps in memory, in KiB as SQLite counts them below zero: every change looks into many indexes.
const WRITER_CACHE: &str = "-32768";
/// Pages of the write-ahead log after which they are folded into the database. Some pages change with every commit; the
/// later, the fewer times each is written twice.
const CHECKPOINT_PAGES: &str = "4000";
/// Connections for reading.
const READERS: u32 = 6;
/// Commands that wait for the writer; more wait outside.
const COMMANDS_WAITING_MAX: usize = 1024;
/// Prepared statements that a connection keeps.
const STATEMENTS_CACHED: usize = 200;

/// Tells when a schedule fires, by its IANA zone and, if it is a simple one, its anchor.
///
/// A plain function, because the store knows no calendar and still has to move schedules inside its transactions.
pub type Calendar = fn(&Schedule, &str, Timestamp) -> Occurrences;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: SqlitePool,
    commands: mpsc::Sender<Box<dyn Command>>,
    signals: Arc<Signals>,
    holds: Arc<Holds>,
    epoch: i64,
}

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something that the person who asked can understand and act on.
    #[error(transparent)]
    Refused(#[from] model::Error),
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database's schema: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the database holds something that this version cannot read, in {column}: {problem}")]
    Unreadable { column: &'static str, problem: String },
    #[error(
        "the database was written by a newer version of Millrace: its schema is {schema}, and this program knows those up \
         to {known}. Use that version, or a newer one."
    )]
    Newer { schema: i64, known: i64 },
    #[error("the disk is full")]
    DiskFull,
    #[error("a command panicked; nothing of it was done")]
    Panicked,
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// `SQLITE_FULL`, in a command or in its commit.
    pub fn is_disk_full(&self) -> bool {
        const SQLITE_FULL: &str = "13";
        match self {
            StoreError::DiskFull => true,
            StoreError::Database(error) => {
                error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == SQLITE_FULL)
            }
            StoreError::Refused(_)
            | StoreError::Migrate(_)
            | StoreError::Unreadable { .. }
            | StoreError::Newer { .. }
            | StoreError::Panicked
            | StoreError::Closed => false,
        }
    }
}

pub type StoreResult<T> = Result<T, StoreError>;

impl Store {
    /// Opens the database, makes it if absent, brings its schema up to date, and starts the writer. Each call is a new
    /// epoch: executions that an earlier one claimed are out of its hands.
    ///
    /// # Errors
    /// When the file cannot be opened or was written by a newer version.
    pub async fn open(file: &Path, clock: SharedClock, calendar: Calendar) -> StoreResult<Self> {
        Self::open_with(file, clock, calendar, Faults::none()).await
    }

    pub(crate) async fn open_with(
        file: &Path,
        clock: SharedClock,
        calendar: Calendar,
        faults: Faults,
    ) -> StoreResult<Self> {
        let options = options(file);
        let holds = Arc::new(Holds::default());
        let writer = options
            .clone()
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            // What a savepoint may have to undo is kept in memory. In a file, it is most of what a small command writes.
            .pragma("temp_store", "MEMORY");
        let (tx, start) = Tx::open(&writer, clock, calendar, Arc::clone(&holds), faults).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.create_if_missing(false).read_only(true))
            .await?;
        let signals = Arc::new(Signals::new(start.last_event));
        let (commands, waiting) = mpsc::channel(COMMANDS_WAITING_MAX);
        start_writer(writer::run(tx, waiting, Arc::clone(&signals)))?;
        Ok(Self { readers, commands, signals, holds, epoch: start.epoch })
    }

    /// Makes a database with its schema, and leaves it closed.
    #[cfg(test)]
    pub(crate) async fn prepare(file: &Path, clock: SharedClock, calendar: Calendar) -> StoreResult<()> {
        let (tx, _) = Tx::open(&options(file), clock, calendar, Arc::default(), Faults::none()).await?;
        Ok(sqlx::Connection::close(tx.connection).await?)
    }

    /// Changes after every commit that wrote events: the number of the last one.
    pub fn committed(&self) -> watch::Receiver<i64> {
        self.signals.events.subscribe()
    }

    /// Changes after every commit that may let an execution start, or that moved the queue.
    pub fn queue_changed(&self) -> watch::Receiver<u64> {
        self.signals.queue.subscribe()
    }

    /// Changes after every commit that may have moved the next due time.
    pub fn schedules_changed(&self) -> watch::Receiver<u64> {
        self.signals.schedules.subscribe()
    }

    /// Changes after every commit that gave the outbox something to do.
    pub fn outbox_changed(&self) -> watch::Receiver<u64> {
        self.signals.outbox.subscribe()
    }

    /// Changes after every commit by which someone may have lost what they were allowed.
    pub fn access_changed(&self) -> watch::Receiver<u64> {
        self.signals.access.subscribe()
    }

    /// Commands that the writer has not taken yet.
    pub(crate) fn waiting_commands(&self) -> usize {
        self.commands.max_capacity() - self.commands.capacity()
    }

    #[cfg(test)]
    pub(crate) fn epoch(&self) -> i64 {
        self.epoch
    }

    /// The store as a process of an earlier epoch sees it, who does not know that it is believed dead.
    #[cfg(test)]
    pub(crate) fn as_of(&self, epoch: i64) -> Self {
        Self { epoch, ..self.clone() }
    }

    /// The tokens that stop running executions.
    pub fn stop_tokens(&self) -> &StopTokens {
        &self.signals.stops
    }

    /// Runs `work` in the writer's transaction and answers after the commit. It is done even if the caller goes away.
    async fn write<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        self.command(writer::command(false, work)).await
    }

    /// As [`Store::write`], for a command that goes through [`Tx::begin_with`] before it writes.
    async fn write_late<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        self.command(writer::command(true, work)).await
    }

    async fn command<T>(&self, sent: (Box<dyn Command>, oneshot::Receiver<StoreResult<T>>)) -> StoreResult<T> {
        let (command, answer) = sent;
        self.commands.send(command).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// A snapshot of the last commit, for reading.
    async fn read(&self) -> StoreResult<Transaction<'static, Sqlite>> {
        Ok(self.readers.begin().await?)
    }
}

/// Gives the writer a thread of its own. It waits for SQLite's thread many times in a commit, and among the runtime's tasks
/// it would wait for its turn each time. A runtime of one thread, as a simulation's, keeps it.
fn start_writer(writer: impl Future<Output = ()> + Send + 'static) -> StoreResult<()> {
    let runtime = Handle::current();
    if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
        runtime.spawn(writer);
    } else {
        let thread = thread::Builder::new().name("store writer".to_owned());
        thread.spawn(move || runtime.block_on(writer)).map_err(sqlx::Error::Io)?;
    }
    Ok(())
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS_CACHED)
}

#[cfg(test)]
mod tests;
