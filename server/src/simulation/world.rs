//! What outlives the simulated process: the seed's randomness, the clock, the database, what users were promised, and
//! the audit.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use model::{ExecutionId, ProjectId, Timestamp, WorkflowId};
use tempfile::TempDir;

use super::{
    life::{self, Idle, Life, SLOTS},
    post::Post,
};
use crate::{
    audit::Audit,
    clock::{Clock, ManualClock},
    directory::DataDirectory,
    random::Random,
    schedule,
    store::{
        Store,
        audit::Records,
        faults::{Fault, Moment},
    },
};

/// Things that happen in one seed.
const STEPS: usize = 25;
/// More commits than this without coming to rest are a loop without end.
const COMMITS_MAX: usize = 500;
/// The events are replayed after every commit; the rows are compared with them after one in so many steps.
const ROWS_LOOKED_AT: usize = 5;
/// The machine may be busy, but not for so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Clocks are set forward and back near these in Brussels, where the cron schedules live.
const BEGINNINGS: [&str; 3] = ["2026-01-05T10:00:00Z", "2026-03-28T22:10:00Z", "2026-10-24T21:10:00Z"];

/// Why a life ends before its time.
pub(super) enum Stop {
    Crash,
    /// A rule is broken: the simulation has found something.
    Broken(String),
}

impl From<String> for Stop {
    fn from(broken: String) -> Self {
        Self::Broken(broken)
    }
}

/// What came of a seed.
pub(super) struct Outcome {
    pub(super) trace: Vec<String>,
    pub(super) broken: Option<String>,
    pub(super) summary: Summary,
}

/// What happened, so that one can see that something did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    steps: usize,
    commits: usize,
    crashes: usize,
    refusals: usize,
    executions: usize,
    events: usize,
}

impl Summary {
    pub(super) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.commits += other.commits;
        self.crashes += other.crashes;
        self.refusals += other.refusals;
        self.executions += other.executions;
        self.events += other.events;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, commits, crashes, refusals, executions, events } = self;
        write!(f, "{steps} steps, {commits} commits, {crashes} crashes, {refusals} refusals of the database, ")?;
        write!(f, "{executions} executions, {events} events")
    }
}

/// A database as the migrations leave it, copied for each seed.
pub(super) struct Template {
    database: Vec<u8>,
}

impl Template {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let data = DataDirectory::open(directory.path()).expect("a data directory");
        let clock = ManualClock::new(Timestamp::from_micros(0));
        life::runtime(&Arc::default()).block_on(async {
            Store::prepare(&data.database(), clock, schedule::next_run).await.expect("a database");
        });
        Self { database: std::fs::read(data.database()).expect("the database") }
    }
}

pub(super) struct World {
    pub(super) random: Random,
    pub(super) clock: Arc<ManualClock>,
    directory: TempDir,
    post: Arc<Post>,
    pub(super) audit: Audit,
    pub(super) promises: Vec<ExecutionId>,
    pub(super) projects: Vec<ProjectId>,
    /// Keys of clicks, with the execution that the first answer named.
    pub(super) keys: Vec<(WorkflowId, String, Option<ExecutionId>)>,
    /// Executions that were running when a process died, and its epoch.
    pub(super) orphans: Vec<(ExecutionId, i64)>,
    pub(super) steps_left: usize,
    pub(super) disk_full: bool,
    /// The database refused something, and it has not been tried again yet.
    pub(super) refused: bool,
    /// A run went on, so its log may be written just now.
    pub(super) files: bool,
    /// Nothing goes wrong any more.
    pub(super) calm: bool,
    trace: Vec<String>,
    pub(super) summary: Summary,
}

/// Runs one seed to its end, or to the first broken rule.
pub(super) fn simulate(seed: u64, template: &Template) -> Outcome {
    let mut world = World::new(seed, template);
    let broken = loop {
        let idle = Arc::default();
        let runtime = life::runtime(&idle);
        let stop = runtime.block_on(world.live(idle));
        // Whatever was going on is dropped where it waits.
        drop(runtime);
        match stop {
            Ok(()) => break None,
            Err(Stop::Crash) => {
                world.summary.crashes += 1;
                world.note("crash");
            }
            Err(Stop::Broken(broken)) => break Some(broken),
        }
    };
    world.summary.steps = STEPS;
    world.summary.executions = world.audit.executions().count();
    world.summary.events = usize::try_from(world.audit.last_event()).expect("few events");
    Outcome { trace: world.trace, broken, summary: world.summary }
}

impl World {
    fn new(seed: u64, template: &Template) -> Self {
        let mut random = Random::new(seed);
        // Where files are kept in memory, there is nothing to wait for.
        let memory = PathBuf::from("/dev/shm");
        let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let directory = directory.expect("a directory");
        let data = DataDirectory::open(directory.path()).expect("a data directory");
        std::fs::write(data.database(), &template.database).expect("a database");
        let beginning = random.pick(&BEGINNINGS).parse().expect("a time");
        Self {
            random,
            clock: ManualClock::new(beginning),
            directory,
            post: Arc::new(Post::new(seed)),
            audit: Audit::new(usize::try_from(SLOTS).expect("few slots")),
            promises: Vec::new(),
            projects: Vec::new(),
            keys: Vec::new(),
            orphans: Vec::new(),
            steps_left: STEPS,
            disk_full: false,
            refused: false,
            files: false,
            calm: false,
            trace: Vec::new(),
            summary: Summary::default(),
        }
    }

    pub(super) fn note(&mut self, what: impl fmt::Display) {
        self.trace.push(format!("{} {what}", self.clock.now()));
    }

    /// One process, from its start to its end.
    async fn live(&mut self, idle: Arc<Idle>) -> Result<(), Stop> {
        let life = Life::begin(self.directory.path(), &self.clock, Arc::clone(&self.post), idle).await;
        let database = DataDirectory::open(self.directory.path()).expect("a data directory").database();
        let mut records = Records::open(&database).await.map_err(|error| error.to_string())?;
        let ended = self.live_on(&life, &mut records).await;
        if matches!(ended, Err(Stop::Crash)) {
            self.audit.compare(&mut records).await?;
            let epoch = life.store.epoch();
            let running = life.script.running().into_iter().map(|(execution, _)| (execution, epoch));
            self.orphans = running.collect();
        }
        ended
    }

    async fn live_on(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        self.note(format!("start {}", life.store.epoch()));
        self.refused = false;
        let recovery = tokio::spawn(life.recovery());
        self.settle(life, records, || recovery.is_finished()).await?;
        if let Err(error) = recovery.await.expect("recovery does not panic") {
            // The server does not start then; whoever runs it makes room and tries again.
            self.disk_full = false;
            return Err(if self.refused { Stop::Crash } else { Stop::Broken(format!("no start: {error}")) });
        }
        let left = self.audit.unfinished(records).await?.into_iter().find(|row| row.execution.status.is_active());
        if let Some(left) = left {
            return Err(Stop::Broken(format!("nobody recovered {left:?}")));
        }
        life.work();
        self.settle(life, records, || true).await?;
        self.check_at_rest(life, records).await?;
        while self.steps_left > 0 {
            self.steps_left -= 1;
            self.act(life, records).await?;
            self.check_at_rest(life, records).await?;
        }
        self.drain(life, records).await
    }

    /// Lets the writer work until everything is at rest and `done` holds.
    pub(super) async fn settle(
        &mut self,
        life: &Life,
        records: &mut Records,
        done: impl Fn() -> bool,
    ) -> Result<(), Stop> {
        let mut commits = 0;
        loop {
            life.rest(self.files).await;
            let waiting = life.store.waiting_commands();
            if waiting == 0 {
                if done() {
                    self.files = false;
                    return Ok(());
                }
                continue;
            }
            commits += 1;
            if commits > COMMITS_MAX {
                return Err(Stop::Broken("it never comes to rest".to_owned()));
            }
            let commands = 1 + self.random.below(waiting);
            let fault = self.fault(commands);
            self.note(match fault {
                None => format!("  commit {commands} of {waiting}"),
                Some(fault) => format!("  commit {commands} of {waiting}, {fault:?}"),
            });
            let lives = tokio::time::timeout(PATIENCE, life.commit(commands, fault)).await;
            let lives = lives.map_err(|_| "the writer is gone".to_owned())?;
            self.summary.commits += 1;
            self.audit.follow(records).await?;
            if !lives {
                return Err(Stop::Crash);
            }
        }
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
            _ if self.disk_full => Fault::Full,
            _ => return None,
        };
        self.refused = true;
        self.summary.refusals += 1;
        Some(fault)
    }

    /// Nobody sleeps who should not, and nothing is held that nobody uses.
    pub(super) async fn check_at_rest(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        let told = *life.store.committed().borrow();
        if told != self.audit.last_event() {
            return Err(Stop::Broken(format!("event {} was committed, told is {told}", self.audit.last_event())));
        }
        let running = life.script.running();
        for (place, (execution, project)) in running.iter().enumerate() {
            if running[..place].iter().any(|(_, other)| other == project) {
                return Err(Stop::Broken(format!("{execution} works on a project beside another")));
            }
        }
        if let Some(news) = self.post.twice() {
            return Err(Stop::Broken(format!("it was told twice: {news:?}")));
        }
        if self.refused {
            return Ok(());
        }
        let rows = match self.random.one_in(ROWS_LOOKED_AT) {
            true => self.audit.unfinished(records).await?,
            false => Vec::new(),
        };
        for row in rows.iter().filter(|row| row.execution.status.is_active()) {
            let runs = running.iter().any(|(execution, _)| *execution == row.execution.id);
            if !runs || row.epoch != Some(life.store.epoch()) {
                return Err(Stop::Broken(format!("it holds a slot and does nothing: {row:?}")));
            }
        }
        for (execution, _) in &running {
            if !self.audit.execution(*execution).is_some_and(|known| known.status.is_active()) {
                return Err(Stop::Broken(format!("{execution} works on after its end")));
            }
        }
        let now = self.clock.now();
        if let Some(waiting) = self.audit.could_start(now) {
            return Err(Stop::Broken(format!("it could run and does not: {waiting:?}")));
        }
        if let Some(due) = self.audit.workflows().find(|known| known.next_run_at.is_some_and(|next| next <= now)) {
            return Err(Stop::Broken(format!("it is due and is not fired: {due:?}")));
        }
        Ok(())
    }

    /// Left alone, everything ends, and every promise is kept.
    async fn drain(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        self.calm = true;
        self.disk_full = false;
        self.breathe(life, records).await?;
        self.pause_all(life, records).await?;
        for _ in 0..COMMITS_MAX {
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
