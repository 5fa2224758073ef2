//! What outlives the simulated process: the seed's randomness, the clock, the database, what users were promised, and
//! the audit.

use std::{collections::HashMap, fmt, path::PathBuf, sync::Arc, time::Duration};

use model::{ExecutionId, ProjectId, Timestamp, WorkflowId};
use tempfile::TempDir;

use super::{
    checks::START_WITHIN,
    disk::{self, Disk},
    life::{self, Idle, Life, SLOTS},
    orders::Limits,
    outcome::{Outcome, Stop, Summary},
    post::Post,
};
use crate::{
    audit::Audit,
    clock::{Clock, ManualClock},
    directory::DataDirectory,
    random::Random,
    roles::{Roles, Rules},
    schedule,
    store::{Store, audit::Records},
};

/// Things that happen in one seed.
const STEPS: usize = 25;
/// In one seed of so many, processes die soon after their start.
const UNLUCKY_ONE_IN: usize = 8;
/// Clocks are set forward and back near these in Brussels, where the cron schedules live.
const BEGINNINGS: [&str; 3] = ["2026-01-05T10:00:00Z", "2026-03-28T22:10:00Z", "2026-10-24T21:10:00Z"];

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
            Store::prepare(&data.database(), clock, schedule::occurrences).await.expect("a database");
        });
        Self { database: std::fs::read(data.database()).expect("the database") }
    }
}

pub(super) struct World {
    pub(super) random: Random,
    pub(super) clock: Arc<ManualClock>,
    directory: TempDir,
    /// The database seen from outside, by someone whom no crash concerns.
    records: Option<Records>,
    pub(super) post: Arc<Post>,
    pub(super) disk: Disk,
    /// Time that has passed, whatever the clock was set to.
    pub(super) elapsed: Duration,
    pub(super) audit: Audit,
    pub(super) promises: Vec<ExecutionId>,
    pub(super) projects: Vec<ProjectId>,
    /// Keys of clicks, with the execution that the first answer named.
    pub(super) keys: Vec<(WorkflowId, String, Option<ExecutionId>)>,
    /// Executions that were running when a process died, and its epoch.
    pub(super) orphans: Vec<(ExecutionId, i64)>,
    pub(super) steps_left: usize,
    pub(super) unlucky: bool,
    /// SQLite finds no room for a page.
    pub(super) database_full: bool,
    /// The database refused something, and it has not been tried again yet.
    pub(super) refused: bool,
    /// A run went on, so its log may be written just now.
    pub(super) files: bool,
    /// Nothing goes wrong any more.
    pub(super) calm: bool,
    /// The process was asked to end.
    pub(super) closing: bool,
    /// And its grace period is over.
    pub(super) abandoning: bool,
    /// What runs in this process, and has run.
    pub(super) limits: HashMap<ExecutionId, Limits>,
    /// Runs that stopped as they were told, and the time that had passed then.
    pub(super) stopped: Vec<(ExecutionId, Duration)>,
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
            Err(Stop::InGoodOrder) => {
                world.summary.stops += 1;
                world.note("ended");
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
        let unlucky = random.one_in(UNLUCKY_ONE_IN);
        let beginning = random.pick(&BEGINNINGS).parse().expect("a time");
        Self {
            random,
            clock: ManualClock::new(beginning),
            directory,
            records: None,
            post: Arc::new(Post::new(seed)),
            disk: Disk::new(),
            elapsed: Duration::ZERO,
            audit: Audit::new(usize::try_from(SLOTS).expect("few slots")),
            promises: Vec::new(),
            projects: Vec::new(),
            keys: Vec::new(),
            orphans: Vec::new(),
            steps_left: STEPS,
            unlucky,
            database_full: false,
            refused: false,
            files: false,
            calm: false,
            closing: false,
            abandoning: false,
            limits: HashMap::new(),
            stopped: Vec::new(),
            trace: Vec::new(),
            summary: Summary::default(),
        }
    }

    pub(super) fn note(&mut self, what: impl fmt::Display) {
        self.trace.push(format!("{} {what}", self.clock.now()));
    }

    pub(super) fn pass(&mut self, by: Duration) {
        self.note(format!("{by:?} pass"));
        self.elapsed += by;
        self.clock.advance(by);
    }

    /// One process, from its start to its end.
    async fn live(&mut self, idle: Arc<Idle>) -> Result<(), Stop> {
        let life = Life::begin(self.directory.path(), &self.clock, idle).await;
        let mut records = match self.records.take() {
            Some(records) => records,
            None => Records::open(&life.database()).await.map_err(|error| error.to_string())?,
        };
        self.note(format!("start {}", life.store.epoch()));
        self.refused = false;
        (self.closing, self.abandoning) = (false, false);
        self.limits.clear();
        self.stopped.clear();
        let ended = self.live_on(&life, &mut records).await;
        if matches!(ended, Err(Stop::Crash)) {
            self.audit.compare(&mut records).await?;
            let epoch = life.store.epoch();
            let running = life.script.running().into_iter().map(|(execution, _)| (execution, epoch));
            self.orphans = running.collect();
        }
        self.records = Some(records);
        ended
    }

    async fn live_on(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        let roles = self.start(life, records).await?;
        self.settle(life, records, || true).await?;
        self.check_at_rest(life, records).await?;
        while self.steps_left > 0 {
            self.steps_left -= 1;
            if self.unlucky && self.random.one_in(4) {
                self.note("killed early");
                return Err(Stop::Crash);
            }
            if self.random.one_in(30) {
                return self.stop(life, records, roles).await;
            }
            self.act(life, records).await?;
            self.check_at_rest(life, records).await?;
        }
        self.drain(life, records).await
    }

    /// What a process does before it serves.
    async fn start(&mut self, life: &Life, records: &mut Records) -> Result<Roles, Stop> {
        let rules = Rules {
            start_within: Some(START_WITHIN),
            disk_free_min_bytes: disk::NEEDED_BYTES,
            disk_free: self.disk.free_space(),
            transport: self.post.clone(),
        };
        let starting = tokio::spawn(life.start(rules));
        self.commit_until(life, records, |_| starting.is_finished()).await?;
        let roles = starting.await.expect("it does not panic").map_err(|error| {
            // The server does not start then; whoever runs it makes room and tries again.
            self.database_full = false;
            if self.refused { Stop::Crash } else { Stop::Broken(format!("no start: {error}")) }
        })?;
        let left = self.audit.unfinished(records).await?.into_iter().find(|row| row.execution.status.is_active());
        match left {
            Some(left) => Err(Stop::Broken(format!("nobody recovered {left:?}"))),
            None => Ok(roles),
        }
    }
}
