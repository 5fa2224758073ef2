//! How a process ends in good order, and how a seed ends.

use std::{cell::Cell, time::Duration};

use super::{disk, life::Life, outcome::Stop, world::World};
use crate::{clock::Clock, roles::Roles, store::audit::Records};

/// Grace periods: none, the usual one, and one that everything ends in.
const GRACES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(30), Duration::from_secs(24 * 3600)];
/// Commits before it is asked to end, while users wait for their answers.
const COMMITS_BEFORE: usize = 6;
/// Things that happen while a process ends; then nobody delays it any more.
const DELAYS_MAX: usize = 12;
/// A process that does not end after so many does not end.
const ROUNDS_MAX: usize = 100;
/// Executions that end after all users have left.
const ENDS_MAX: usize = 500;

impl World {
    /// A service manager asks the process to end: nothing new starts, what runs may end within a grace period and stops
    /// after it. Life goes on meanwhile.
    pub(super) async fn stop(&mut self, life: &Life, records: &mut Records, roles: Roles) -> Result<(), Stop> {
        // Requests and claims are on their way when it happens.
        let mut asked = self.users_ask(life);
        let commits = Cell::new(self.random.below(COMMITS_BEFORE));
        let enough = |waiting| waiting == 0 || commits.replace(commits.get().saturating_sub(1)) == 0;
        self.commit_until(life, records, enough).await?;
        let grace = *self.random.pick(&GRACES);
        self.note(format!("asked to end within {grace:?}"));
        self.closing = true;
        let over = self.elapsed + grace;
        let stopping = tokio::spawn(roles.stop(grace));
        for round in 0.. {
            self.settle(life, records, || true).await?;
            self.hear(std::mem::take(&mut asked)).await?;
            if stopping.is_finished() {
                break;
            }
            self.abandoning = self.elapsed >= over;
            self.check_at_rest(life, records).await?;
            match round {
                0..DELAYS_MAX => self.delay(life, records, grace).await?,
                DELAYS_MAX..ROUNDS_MAX => self.hurry(life, grace),
                _ => return Err(Stop::Broken("it does not end".to_owned())),
            }
        }
        stopping.await.map_err(|_| "the end panicked".to_owned())?;
        self.check_stopped()?;
        self.check_ended(life)?;
        self.audit.compare(records).await?;
        Err(Stop::InGoodOrder)
    }

    async fn delay(&mut self, life: &Life, records: &mut Records, grace: Duration) -> Result<(), Stop> {
        match self.random.below(16) {
            0..7 => self.work_on(life),
            7..10 => {
                let seconds = self.random.below(20) as u64;
                self.pass(Duration::from_secs(seconds));
            }
            10 => self.pass(grace),
            11..15 => return self.users(life, records).await,
            _ => {
                self.note("killed");
                return Err(Stop::Crash);
            }
        }
        Ok(())
    }

    /// What was told to stop does so, and time passes.
    fn hurry(&mut self, life: &Life, grace: Duration) {
        match life.script.orders().iter().position(|(_, cancelled)| *cancelled) {
            Some(place) => {
                self.files = true;
                let run = life.script.take(place);
                self.stops(run);
            }
            None => self.pass(grace.max(Duration::from_secs(1))),
        }
    }

    fn check_ended(&self, life: &Life) -> Result<(), Stop> {
        if let Some((execution, _)) = life.script.running().first() {
            return Err(Stop::Broken(format!("the process ended and {execution} works on")));
        }
        match self.audit.open().find(|execution| execution.status.is_active()) {
            Some(left) if !self.refused => Err(Stop::Broken(format!("the process ended and left {left:?}"))),
            _ => Ok(()),
        }
    }

    /// Left alone, everything ends, and every promise is kept.
    pub(super) async fn drain(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        self.calm = true;
        self.database_full = false;
        self.disk.set(u64::MAX, self.elapsed);
        // By then the guard has looked at the disk.
        self.pass(disk::LOOKED_AT_WITHIN);
        self.breathe(life, records).await?;
        self.close_up(life, records).await?;
        for _ in 0..ENDS_MAX {
            while !life.script.running().is_empty() {
                self.files = true;
                life.script.take(0).succeed();
                self.settle(life, records, || true).await?;
                self.check_at_rest(life, records).await?;
            }
            let Some(ready) = self.audit.open().filter_map(|execution| execution.ready_at).min() else { break };
            self.clock.set(ready.max(self.clock.now()));
            self.settle(life, records, || true).await?;
        }
        self.check_at_rest(life, records).await?;
        self.audit.compare(records).await?;
        let left = self.audit.open().next();
        let lost = self.promises.iter().find(|id| self.audit.execution(**id).is_none());
        let integrity = records.integrity().await.map_err(|error| error.to_string())?;
        match (left, lost) {
            (Some(left), _) => Err(Stop::Broken(format!("it never ends: {left:?}"))),
            (None, Some(lost)) => Err(Stop::Broken(format!("{lost} was accepted and is lost"))),
            (None, None) if integrity != "ok" => Err(Stop::Broken(integrity)),
            (None, None) => Ok(()),
        }
    }
}
