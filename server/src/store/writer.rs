//! The one writer: takes commands in order, commits those that arrive together, answers after the commit.

use std::{panic::AssertUnwindSafe, path::PathBuf, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use model::{
    Timestamp,
    event::Change,
    schedule::{Occurrences, Schedule},
};
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    Calendar, StoreError, StoreResult, activity,
    faults::{Faults, Moment},
    holds::Holds,
    row::to_json,
    signals::{Announcement, Effects, Signals},
    statements::statements,
};
use crate::clock::SharedClock;

/// The schema, version by version.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The newest version of the schema that this program knows.
pub(super) fn known_schema() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Commands in one commit. More wait for the next one, so that the first of them is not kept waiting.
const COMMANDS_PER_COMMIT_MAX: usize = 256;

/// Sets the savepoint of the next command, and goes on with its first statement: each statement for itself costs a way to
/// SQLite's thread and back, which is most of what a small command takes.
macro_rules! next_command {
    ($statement:expr) => {
        concat!("RELEASE command; SAVEPOINT command;", $statement)
    };
}
pub(super) use next_command;

statements! {
    // Every statement is a visit to SQLite's thread, and those visits are most of what a small command costs: so two in one
    // where two always go together, and the commit releases the last savepoint.
    BEGIN = "BEGIN IMMEDIATE; SAVEPOINT command";
    NEXT_COMMAND = next_command!("");
    UNDO = "ROLLBACK TO command";
    COMMIT = "COMMIT";
    ROLLBACK = "ROLLBACK";
    INSERT_START = "INSERT INTO server_starts (started_at) VALUES (?) RETURNING epoch";
    NEWEST_EPOCH = "SELECT max(epoch) FROM server_starts";
    LAST_QUEUED_AT = "SELECT coalesce(max(queued_at), 0) FROM executions";
    LAST_EVENT = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)";
    // All events of a commit at once, as JSON: a list of [at, change].
    INSERT_EVENTS = "INSERT INTO events (at, change) SELECT value ->> 0, value ->> 1 FROM json_each(?) ORDER BY key";
}

/// What a command works with: the open transaction, the time, and what to announce once it is committed.
pub(super) struct Tx {
    pub(super) connection: SqliteConnection,
    pub(super) effects: Effects,
    pub(super) holds: Arc<Holds>,
    /// Written with the commit, numbered in this order: the time and the change as JSON.
    events: Vec<(Timestamp, String)>,
    /// The same of the log of activity.
    activity: Vec<activity::Recorded>,
    file: PathBuf,
    faults: Faults,
    clock: SharedClock,
    calendar: Calendar,
    epoch: i64,
    last_queued_at: Timestamp,
    /// Whether what the running command writes can be undone by itself.
    has_savepoint: bool,
}

/// What was found when the database was opened.
pub(super) struct Start {
    pub(super) epoch: i64,
    pub(super) last_event: i64,
}

impl Tx {
    pub(super) async fn open(
        options: &SqliteConnectOptions,
        clock: SharedClock,
        calendar: Calendar,
        holds: Arc<Holds>,
        faults: Faults,
    ) -> StoreResult<(Self, Start)> {
        let mut connection = options.connect().await?;
        MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
            MigrateError::VersionMissing(schema) => StoreError::Newer { schema, known: known_schema() },
            error => error.into(),
        })?;
        let epoch = sqlx::query_scalar(INSERT_START).bind(clock.now().as_micros()).fetch_one(&mut connection).await?;
        let last_queued_at = sqlx::query_scalar(LAST_QUEUED_AT).fetch_one(&mut connection).await?;
        let last_event = sqlx::query_scalar(LAST_EVENT).fetch_one(&mut connection).await?;
        let last_queued_at = Timestamp::from_micros(last_queued_at);
        let (effects, file) = (Effects::default(), options.get_filename().to_owned());
        let (events, activity) = (Vec::new(), Vec::new());
        let has_savepoint = false;
        let tx = Self {
            connection,
            effects,
            holds,
            events,
            activity,
            file,
            faults,
            clock,
            calendar,
            epoch,
            last_queued_at,
            has_savepoint,
        };
        Ok((tx, Start { epoch, last_event }))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn new_uuid(&self) -> Uuid {
        self.clock.new_uuid()
    }

    /// See [`Calendar`].
    pub(super) fn occurrences(&self, schedule: &Schedule, zone: &str, anchor: Timestamp) -> Occurrences {
        (self.calendar)(schedule, zone, anchor)
    }

    pub(super) fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Whether no other process has opened the database since. The newest takes what others begin for left behind by a dead
    /// one, so they must begin nothing.
    pub(super) async fn is_newest_process(&mut self) -> StoreResult<bool> {
        let newest: i64 = sqlx::query_scalar(NEWEST_EPOCH).fetch_one(&mut self.connection).await?;
        Ok(newest == self.epoch)
    }

    /// The time to record as `queued_at`: now, but always later than the one before, so that its order is the queue's
    /// order even when the clock is set back.
    pub(super) fn next_queued_at(&mut self) -> Timestamp {
        self.last_queued_at = self.now().max(Timestamp::from_micros(self.last_queued_at.as_micros() + 1));
        self.last_queued_at
    }

    /// Runs the first statement of a command that comes by [`super::Store::write_late`]: `opening` is `next_command!` of
    /// `statement`.
    pub(super) async fn begin_with(
        &mut self,
        opening: &'static str,
        statement: &'static str,
        id: Vec<u8>,
    ) -> StoreResult<Option<SqliteRow>> {
        let statement = if self.has_savepoint { statement } else { opening };
        let row = sqlx::query(statement).bind(id).fetch_optional(&mut self.connection).await?;
        // Had it failed, there would be nothing to undo.
        self.has_savepoint = true;
        Ok(row)
    }

    /// Adds a numbered event to the commit.
    pub(super) fn emit(&mut self, change: &Change) {
        debug_assert!(self.has_savepoint, "a late command writes before `begin_with`");
        self.events.push((self.now(), to_json(change)));
    }

    /// Adds an entry of the log of activity to the commit.
    pub(super) fn record(&mut self, entry: activity::Entry) {
        self.activity.push(entry.at(self.now()));
    }

    /// Writes the events of all commands, and gives the number of the last.
    async fn write_events(&mut self) -> StoreResult<Option<i64>> {
        if self.events.is_empty() {
            return Ok(None);
        }
        let events: Vec<_> = self.events.iter().map(|(at, change)| (at.as_micros(), change)).collect();
        let inserted = sqlx::query(INSERT_EVENTS).bind(to_json(&events)).execute(&mut self.connection).await?;
        Ok(Some(inserted.last_insert_rowid()))
    }

    /// See `store/faults.rs`.
    async fn at(&mut self, moment: Moment) -> StoreResult<()> {
        self.faults.at(moment, &mut self.connection, &self.file).await
    }

    async fn execute(&mut self, statement: &'static str) -> StoreResult<()> {
        sqlx::query(statement).execute(&mut self.connection).await?;
        Ok(())
    }
}

/// A change that someone waits for, with the type of its answer hidden.
pub(super) trait Command: Send {
    /// Whether it sets its savepoint by itself, before it writes.
    fn is_late(&self) -> bool;

    /// Does the work. `false` when it failed and must be undone.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool>;

    /// Tells the caller how it ended. `commit` is why nothing was committed, if so.
    fn answer(self: Box<Self>, commit: Option<&StoreError>);
}

struct Call<T, F> {
    is_late: bool,
    work: Option<F>,
    result: StoreResult<T>,
    caller: oneshot::Sender<StoreResult<T>>,
}

/// Wraps `work` as a command; the receiver gets its result after the commit.
pub(super) fn command<T, F>(is_late: bool, work: F) -> (Box<dyn Command>, oneshot::Receiver<StoreResult<T>>)
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    (Box::new(Call { is_late, work: Some(work), result: Err(StoreError::Closed), caller }), answer)
}

impl<T, F> Command for Call<T, F>
where
    T: Send,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send,
{
    fn is_late(&self) -> bool {
        self.is_late
    }

    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool> {
        async move {
            let work = self.work.take().expect("the writer runs a command once");
            // A panic ends one command and not the writer, without which nothing could be changed any more.
            let done = AssertUnwindSafe(async { work(tx).await }).catch_unwind().await;
            self.result = done.unwrap_or(Err(StoreError::Panicked));
            self.result.is_ok()
        }
        .boxed()
    }

    fn answer(self: Box<Self>, commit: Option<&StoreError>) {
        let result = match (self.result, commit) {
            // Done, undone by the commit that failed, or never begun.
            (Ok(_) | Err(StoreError::Closed), Some(problem)) if problem.is_disk_full() => Err(StoreError::DiskFull),
            (Ok(_) | Err(StoreError::Closed), Some(problem)) => {
                Err(StoreError::Database(sqlx::Error::Protocol(problem.to_string())))
            }
            (result, _) => result,
        };
        // The caller may have gone away; what was committed stays committed.
        let _ = self.caller.send(result);
    }
}

/// Works until every [`super::Store`] is gone.
pub(super) async fn run(mut tx: Tx, mut waiting: mpsc::Receiver<Box<dyn Command>>, signals: Arc<Signals>) {
    let mut batch = Vec::with_capacity(COMMANDS_PER_COMMIT_MAX);
    loop {
        let most = tx.faults.commands(COMMANDS_PER_COMMIT_MAX).await;
        if waiting.recv_many(&mut batch, most).await == 0 {
            break;
        }
        let problem = match commit(&mut tx, &mut batch).await {
            Ok(announcement) => {
                signals.announce(&announcement);
                None
            }
            Err(problem) => {
                tracing::error!(%problem, commands = batch.len(), "nothing was committed");
                // Without an open transaction this fails, and that is as good.
                let _ = tx.execute(ROLLBACK).await;
                Some(problem)
            }
        };
        if let Err(error) = tx.at(Moment::Announced).await {
            tracing::error!(%error, "the writer's connection");
        }
        for command in batch.drain(..) {
            command.answer(problem.as_ref());
        }
        if let Err(error) = tx.at(Moment::Over).await {
            tracing::error!(%error, "the writer's connection");
        }
    }
    // Folds the write-ahead log into the database; the operating system closes the file in any case.
    let _ = tx.connection.close().await;
}

/// One transaction for all commands; each in a savepoint, so that one that fails leaves the others alone.
async fn commit(tx: &mut Tx, batch: &mut [Box<dyn Command>]) -> StoreResult<Announcement> {
    let mut announcement = Announcement::default();
    tx.events.clear();
    tx.activity.clear();
    tx.at(Moment::Begin).await?;
    tx.execute(BEGIN).await?;
    tx.at(Moment::Begun).await?;
    for (place, command) in batch.iter_mut().enumerate() {
        // The first has that of `BEGIN`.
        tx.has_savepoint = place == 0;
        if !tx.has_savepoint && !command.is_late() {
            tx.execute(NEXT_COMMAND).await?;
            tx.has_savepoint = true;
        }
        let (events_before, activity_before) = (tx.events.len(), tx.activity.len());
        tx.effects = Effects::default();
        if command.run(tx).await {
            announcement.effects.push(std::mem::take(&mut tx.effects));
        } else {
            tx.events.truncate(events_before);
            tx.activity.truncate(activity_before);
            if tx.has_savepoint {
                tx.execute(UNDO).await?;
            }
        }
        tx.at(Moment::Done).await?;
    }
    activity::insert(&mut tx.connection, &tx.activity).await?;
    announcement.last_event = tx.write_events().await?;
    tx.at(Moment::Commit).await?;
    tx.execute(COMMIT).await?;
    tx.at(Moment::Committed).await?;
    Ok(announcement)
}
