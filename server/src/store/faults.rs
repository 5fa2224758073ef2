//! Where a simulation takes hold of the writer: it holds it back until everything else is at rest, lets it commit a
//! chosen number of commands, makes SQLite refuse, or ends it in the middle as a crash would.
//!
//! Compiled for tests only; the product has `faults/none.rs` in its place.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::Notify;

use crate::store::{StoreError, StoreResult};

/// A place in the writer's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the transaction.
    Begin,
    Begun,
    /// After a command, whether it was done or undone.
    Done,
    Commit,
    /// On disk, and nobody knows yet.
    Committed,
    /// The other roles know, those who asked do not.
    Announced,
    Over,
}

/// What goes wrong with one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Another process holds the lock: SQLITE_BUSY from SQLite itself.
    Busy,
    /// The database cannot grow: SQLITE_FULL from SQLite itself, wherever a statement needs a new page.
    Full,
    /// The disk refuses the commit.
    Commit,
    /// The process is gone at this moment; at `Done`, after this many commands.
    Crash(Moment, usize),
}

/// The writer of the product, or one in the hands of a simulation.
#[derive(Clone)]
pub(crate) struct Faults(Option<Arc<Hold>>);

/// The simulation's hand on the writer.
#[derive(Default)]
pub(crate) struct Hold {
    state: Mutex<State>,
    writer: Notify,
    simulation: Notify,
}

#[derive(Default)]
struct State {
    /// How many commands the next transaction takes.
    permit: Option<usize>,
    fault: Option<Fault>,
    done: usize,
    waits: bool,
    dead: bool,
    /// Holds the lock while it is there.
    blocker: Option<SqliteConnection>,
}

impl Hold {
    /// Lets the writer commit `commands` commands, and returns when it waits again. `false` when it died.
    pub(crate) async fn commit(&self, commands: usize, fault: Option<Fault>) -> bool {
        {
            let mut state = self.state();
            state.permit = Some(commands);
            state.fault = fault;
            state.done = 0;
            state.waits = false;
        }
        self.writer.notify_one();
        loop {
            {
                let state = self.state();
                if state.dead || state.waits {
                    return !state.dead;
                }
            }
            self.simulation.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn die(&self) {
        self.state().dead = true;
        self.simulation.notify_one();
        std::future::pending::<()>().await;
    }
}

impl Faults {
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    pub(crate) fn held(hold: &Arc<Hold>) -> Self {
        Self(Some(Arc::clone(hold)))
    }

    /// How many commands the next transaction may take; waits until the simulation says so.
    pub(super) async fn commands(&self, most: usize) -> usize {
        let Some(hold) = &self.0 else { return most };
        loop {
            {
                let mut state = hold.state();
                if let Some(commands) = state.permit.take() {
                    return commands.min(most);
                }
                state.waits = true;
            }
            hold.simulation.notify_one();
            hold.writer.notified().await;
        }
    }

    pub(super) async fn at(&self, moment: Moment, writer: &mut SqliteConnection, file: &Path) -> StoreResult<()> {
        let Some(hold) = &self.0 else { return Ok(()) };
        let (fault, done) = {
            let mut state = hold.state();
            state.done += usize::from(moment == Moment::Done);
            (state.fault, state.done)
        };
        match (fault, moment) {
            (Some(Fault::Crash(at, after)), _) if at == moment && (moment != Moment::Done || done > after) => {
                hold.die().await;
            }
            (Some(Fault::Commit), Moment::Commit) => {
                return Err(StoreError::Database(sqlx::Error::Io(std::io::Error::other("the disk is gone"))));
            }
            (Some(Fault::Busy), Moment::Begin) => {
                let mut blocker = SqliteConnectOptions::new().filename(file).connect().await?;
                sqlx::query("BEGIN IMMEDIATE").execute(&mut blocker).await?;
                hold.state().blocker = Some(blocker);
                sqlx::query("PRAGMA busy_timeout = 0").execute(writer).await?;
            }
            // SQLite takes the present size in place of one that is too small.
            (Some(Fault::Full), Moment::Begun) => {
                sqlx::query("PRAGMA max_page_count = 1").execute(writer).await?;
            }
            (_, Moment::Over) => {
                let blocker = hold.state().blocker.take();
                if let Some(blocker) = blocker {
                    blocker.close().await?;
                    sqlx::query("PRAGMA busy_timeout = 30000").execute(&mut *writer).await?;
                }
                if fault == Some(Fault::Full) {
                    sqlx::query("PRAGMA max_page_count = 4294967294").execute(writer).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}
