//! A scheduler in a box for unit tests: a real database in a temporary directory, a clock that the test moves, and runs
//! that do what the test says.

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use engine::{Failure, PipelineError, Progress, StepCounts};
use model::{
    Author, ExecutionId, ProjectId, Scope, Step, StepRange, Timestamp, WorkflowId,
    activity::{self, Activity, ActivityFilter, ActivityKind, AuthorIdentity, SubjectKind},
    execution::{Execution, ExecutionFilter, Output, Status, Trigger},
    limits,
    schedule::{Missed, Schedule, Unit},
    workflow::{Notifications, Workflow},
};
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{Clock, ManualClock},
    directory::DataDirectory,
    executor::{Executor, Setup},
    live_samples::LiveSamples,
    runner::{Job, Runner},
    schedule,
    store::{Plan, Request, Store, StoreResult},
};

/// A test that waits longer than this for something has found that it does not happen.
const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const SLOTS: u32 = 2;

pub(crate) struct Bench {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
    pub(crate) directory: DataDirectory,
    pub(crate) samples: LiveSamples,
    pub(crate) executor: Executor,
    runs: Mutex<mpsc::UnboundedReceiver<Run>>,
    _temporary: Arc<TempDir>,
}

/// A run that has started and waits for the test to say how it goes on.
pub(crate) struct Run {
    pub(crate) job: Job,
    pub(crate) cancel: CancellationToken,
    pub(crate) progress: Arc<dyn Progress>,
    end: oneshot::Sender<Result<Vec<Output>, PipelineError>>,
}

struct Script {
    started: mpsc::UnboundedSender<Run>,
}

#[async_trait]
impl Runner for Script {
    async fn run(
        &self,
        job: Job,
        cancel: CancellationToken,
        progress: Arc<dyn Progress>,
    ) -> Result<Vec<Output>, PipelineError> {
        let (end, ended) = oneshot::channel();
        let run = Run { job, cancel, progress, end };
        assert!(self.started.send(run).is_ok(), "the test is over while something runs");
        ended.await.expect("the test drops a run to make it panic")
    }
}

impl Run {
    pub(crate) fn id(&self) -> ExecutionId {
        self.job.execution
    }

    pub(crate) fn succeed(self) {
        self.steps_done();
        self.end(Ok(Vec::new()));
    }

    pub(crate) fn fail(self, error: &str) {
        self.progress.step_started(Step::Import);
        let failure = Failure::Input(error.to_owned());
        self.end(Err(PipelineError { step: Step::Import, failure }));
    }

    /// Ends as the engine does at the checkpoint after its token fired.
    pub(crate) async fn stop_when_told(self) {
        patiently(self.cancel.cancelled()).await;
        self.end(Err(PipelineError { step: Step::Import, failure: Failure::Cancelled }));
    }

    pub(crate) fn steps_done(&self) {
        for step in self.job.steps.iter() {
            self.progress.step_started(step);
            let counts = StepCounts { rows_in: 10, rows_out: 10 };
            self.progress.step_finished(step, counts, format!("{step} is done"));
        }
    }

    pub(crate) fn end(self, result: Result<Vec<Output>, PipelineError>) {
        assert!(self.end.send(result).is_ok(), "the executor waits for its runs");
    }
}

/// The wait itself; a test that waits for what never comes fails instead of hanging.
pub(crate) async fn patiently<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("this happens at once, or never")
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let temporary = Arc::new(tempfile::tempdir().unwrap());
        let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
        Self::open(temporary, clock).await
    }

    /// A new process on the same data directory, as after a crash: the old one is not told.
    pub(crate) async fn restarted(&self) -> Self {
        Self::open(Arc::clone(&self._temporary), Arc::clone(&self.clock)).await
    }

    async fn open(temporary: Arc<TempDir>, clock: Arc<ManualClock>) -> Self {
        let directory = DataDirectory::open(temporary.path()).unwrap();
        let store = Store::open(&directory.database(), clock.clone(), schedule::occurrences).await.unwrap();
        let (started, runs) = mpsc::unbounded_channel();
        let samples = LiveSamples::default();
        let executor = Executor::new(Setup {
            store: store.clone(),
            runner: Arc::new(Script { started }),
            clock: clock.clone(),
            directory: directory.clone(),
            samples: samples.clone(),
            slots: SLOTS,
            export: engine::ExportSettings::default(),
        });
        Self { clock, store, directory, samples, executor, runs: Mutex::new(runs), _temporary: temporary }
    }

    /// Starts the executor's loop.
    pub(crate) fn working(self) -> Self {
        let executor = self.executor.clone();
        tokio::spawn(async move { executor.run().await });
        self
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn project(&self, name: &str) -> ProjectId {
        self.store.create_project(name.to_owned(), by("ann")).await.unwrap().id
    }

    /// A workflow of a project of its own.
    pub(crate) async fn workflow(&self, name: &str) -> Workflow {
        let project = self.project(name).await;
        self.workflow_with(plan(name, project)).await
    }

    pub(crate) async fn workflow_with(&self, plan: Plan) -> Workflow {
        self.store.create_workflow(plan, by("ann")).await.unwrap()
    }

    pub(crate) async fn run_now(&self, workflow: WorkflowId) -> Execution {
        self.try_run_now(workflow, None).await.unwrap()
    }

    pub(crate) async fn try_run_now(&self, workflow: WorkflowId, key: Option<&str>) -> StoreResult<Execution> {
        let key = key.map(str::to_owned);
        self.store.enqueue(Request { workflow, trigger: Trigger::Manual, by: by("ann"), from: None, key }).await
    }

    /// The next run that starts.
    pub(crate) async fn next_run(&self) -> Run {
        patiently(self.runs.lock().await.recv()).await.expect("the executor lives")
    }

    /// A run that has started already, if one has.
    pub(crate) async fn started_run(&self) -> Option<Run> {
        self.runs.lock().await.try_recv().ok()
    }

    pub(crate) async fn execution(&self, id: ExecutionId) -> Execution {
        self.store.execution(id, SLOTS, self.now()).await.unwrap().data
    }

    /// Newest first.
    pub(crate) async fn history(&self, workflow: WorkflowId) -> Vec<Execution> {
        let filter = ExecutionFilter { workflow: Some(workflow), limit: Some(200), ..ExecutionFilter::default() };
        self.store.executions(&filter, &Scope::All, SLOTS, self.now()).await.unwrap().data.items
    }

    pub(crate) async fn statuses(&self, workflow: WorkflowId) -> Vec<(Trigger, Status)> {
        self.history(workflow).await.iter().rev().map(|execution| (execution.trigger, execution.status)).collect()
    }

    /// A workflow's timeline, newest first.
    pub(crate) async fn activity(&self, workflow: WorkflowId) -> Vec<Activity> {
        self.log(ActivityFilter {
            workflow: Some(workflow),
            subject: vec![SubjectKind::Workflow],
            ..ActivityFilter::default()
        })
        .await
    }

    /// As much of the log of activity as a page holds, newest first.
    pub(crate) async fn log(&self, filter: ActivityFilter) -> Vec<Activity> {
        let filter = ActivityFilter { limit: Some(limits::PAGE_ITEMS_MAX), ..filter };
        self.store.activity(&filter, &Scope::All).await.unwrap().data.items
    }

    /// What its timeline says was missed, newest first.
    pub(crate) async fn missed(&self, workflow: WorkflowId) -> Vec<activity::Missed> {
        let entries = self.activity(workflow).await.into_iter();
        entries
            .filter_map(|entry| match entry.what {
                ActivityKind::Missed(missed) => Some(missed),
                _ => None,
            })
            .collect()
    }

    /// Changes the database behind the store's back.
    pub(crate) async fn sql(&self, statement: &'static str) {
        self.store.execute(statement).await.unwrap();
    }

    /// Waits until the next one to wake is woken at `at`.
    pub(crate) async fn asleep_until(&self, at: Timestamp) {
        patiently(async {
            while self.clock.next_wake() != Some(at) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    pub(crate) async fn until_workflow(&self, id: WorkflowId, is_so: impl Fn(&Workflow) -> bool) -> Workflow {
        let mut committed = self.store.committed();
        patiently(async {
            loop {
                committed.borrow_and_update();
                let workflow = self.store.find_workflow(id).await.unwrap();
                if is_so(&workflow) {
                    return workflow;
                }
                committed.changed().await.unwrap();
            }
        })
        .await
    }

    /// Waits until the execution is in a state.
    pub(crate) async fn until(&self, id: ExecutionId, status: Status) -> Execution {
        self.until_it(id, |execution| execution.status == status).await
    }

    pub(crate) async fn until_it(&self, id: ExecutionId, is_so: impl Fn(&Execution) -> bool) -> Execution {
        let mut committed = self.store.committed();
        patiently(async {
            loop {
                committed.borrow_and_update();
                let execution = self.execution(id).await;
                if is_so(&execution) {
                    return execution;
                }
                committed.changed().await.unwrap();
            }
        })
        .await
    }
}

/// Someone at this machine.
pub(crate) fn by(name: &str) -> Author {
    Author { name: name.to_owned(), identity: AuthorIdentity::Local, address: Some([127, 0, 0, 1].into()) }
}

/// All steps, on demand, no retries, never suspended.
pub(crate) fn plan(name: &str, project_id: ProjectId) -> Plan {
    Plan {
        name: name.to_owned(),
        project_id,
        steps: StepRange::ALL,
        schedule: Schedule::OnDemand,
        time_zone: "UTC".to_owned(),
        schedule_words: "On demand".to_owned(),
        retries: 0,
        retry_delays_s: vec![60, 300, 900],
        suspend_after: 0,
        missed: Missed::CatchUp,
        timeout_s: 0,
        notifications: Notifications::default(),
    }
}

pub(crate) fn hourly() -> Schedule {
    Schedule::Simple { every: 1, unit: Unit::Hours }
}
