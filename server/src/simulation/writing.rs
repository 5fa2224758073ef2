//! The writer, held until everything else is at rest, and what goes wrong with a commit.

use std::time::Duration;

use super::{life::Life, outcome::Stop, world::World};
use crate::store::{
    audit::Records,
    faults::{Fault, Moment},
};

/// More commits than this without coming to rest are a loop without end.
const COMMITS_MAX: usize = 500;
/// The machine may be busy, but not for so long.
const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Lets the writer work until everything is at rest and `done` holds.
    pub(super) async fn settle(
        &mut self,
        life: &Life,
        records: &mut Records,
        done: impl Fn() -> bool,
    ) -> Result<(), Stop> {
        self.commit_until(life, records, |waiting| waiting == 0 && done()).await
    }

    /// Lets the writer work until `done` holds of the number of commands that wait.
    pub(super) async fn commit_until(
        &mut self,
        life: &Life,
        records: &mut Records,
        done: impl Fn(usize) -> bool,
    ) -> Result<(), Stop> {
        let mut commits = 0;
        loop {
            life.rest(self.files).await;
            let waiting = life.store.waiting_commands();
            if done(waiting) {
                self.files = false;
                return Ok(());
            }
            if waiting == 0 {
                continue;
            }
            commits += 1;
            if commits > COMMITS_MAX {
                return Err(Stop::Broken("it never comes to rest".to_owned()));
            }
            self.commit(life, records, waiting).await?;
        }
    }

    async fn commit(&mut self, life: &Life, records: &mut Records, waiting: usize) -> Result<(), Stop> {
        let commands = 1 + self.random.below(waiting);
        let fault = self.fault(commands);
        self.note(match fault {
            None => format!("  commit {commands} of {waiting}"),
            Some(fault) => format!("  commit {commands} of {waiting}, {fault:?}"),
        });
        // Nobody else moves while the writer works, so this is how things are for all of its commands.
        self.audit.hold(self.closing || life.store.disk_short().is_some());
        let lives = tokio::time::timeout(PATIENCE, life.commit(commands, fault)).await;
        let lives = lives.map_err(|_| "the writer is gone".to_owned())?;
        self.summary.commits += 1;
        self.audit.follow(records).await?;
        if lives { Ok(()) } else { Err(Stop::Crash) }
    }

    fn fault(&mut self, commands: usize) -> Option<Fault> {
        if self.calm {
            return None;
        }
        let moments =
            [Moment::Begin, Moment::Begun, Moment::Done, Moment::Commit, Moment::Committed, Moment::Announced];
        let fault = match self.random.below(200) {
            0 | 1 => return Some(Fault::Crash(*self.random.pick(&moments), self.random.below(commands))),
            2 | 3 => Fault::Busy,
            4 | 5 => Fault::Commit,
            6 | 7 => Fault::Full,
            _ if self.database_full => Fault::Full,
            _ => return None,
        };
        self.refused = true;
        self.summary.refusals += 1;
        Some(fault)
    }
}
