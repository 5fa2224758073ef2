//! The port: everything that pages and API may ask for. `server::backend` implements it; both doors call it.
//!
//! Server functions find it in context as [`SharedBackend`]. It is bound to whoever asks: what they may not do is refused,
//! and what they may not see is not there. No method holds a transaction across an await of the caller, and each one that
//! changes something is one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use model::{
    Actor, DeliveryId, Error, ExecutionId, Page, ProjectId, SessionId, Snapshot, Step, StepRange, Timestamp, TokenId,
    UserId, WorkflowId,
    activity::{Activity, ActivityFilter},
    bulk::{BulkOutcome, BulkRequest},
    config::{CleanseConfig, MatchConfig, MergeConfig, ProjectConfig},
    delivery::{Delivery, DeliveryFilter, TestOutcome, TestRecipients, Undelivered},
    execution::{Execution, ExecutionFilter, LogLine, Output},
    maintenance::Maintenance,
    news::News,
    overview::Overview,
    people::{Invitation, NewToken, NewTriggerUrl, Session, Token, TokenDraft, TriggerUrl, User, UserDraft},
    project::{LatestOutputs, Project, ProjectDraft, ProjectFilter, ProjectName, ProjectSummary},
    results::{
        BlockingEstimate, CleansePreview, GroupInFull, GroupPage, MatchModel, MatchQuery, MergePreview, PairExplained,
        PairPage, Sample, StepResult,
    },
    review::{ReviewChange, ReviewFilter, ReviewedRecord},
    schedule::{Preview, PreviewRequest},
    timeline::{TimelineFilter, TimelineRow},
    workflow::{Workflow, WorkflowCard, WorkflowCount, WorkflowDraft, WorkflowFilter},
};

pub type SharedBackend = Arc<dyn Backend>;

pub type SharedEntrance = Arc<dyn Entrance>;

/// What those ask who are not known yet.
#[async_trait]
pub trait Entrance: Send + Sync + 'static {
    /// With whom people may sign in besides passwords, by name; `/sign-in/provider` leads there.
    fn provider(&self) -> Option<String>;
    /// Whom the secret of a one-time link invites.
    async fn invited(&self, secret: &str) -> Result<Option<Invited>, Error>;
}

/// Whom a one-time link invites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invited {
    /// The first of all, who chooses a name, too.
    First,
    /// Someone of that name.
    User(String),
}

#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Who asks.
    fn actor(&self) -> &Actor;

    // Workflows
    async fn workflows(&self, filter: WorkflowFilter) -> Result<Snapshot<Page<WorkflowCard>>, Error>;
    /// How many there are of each kind, by the words and the project of the filter alone.
    async fn workflow_counts(&self, filter: WorkflowFilter) -> Result<Vec<WorkflowCount>, Error>;
    async fn workflow(&self, id: WorkflowId) -> Result<Snapshot<WorkflowCard>, Error>;
    async fn create_workflow(&self, draft: WorkflowDraft) -> Result<Workflow, Error>;
    /// `version` is the one that the editor started from.
    async fn replace_workflow(&self, id: WorkflowId, draft: WorkflowDraft, version: i64) -> Result<Workflow, Error>;
    async fn delete_workflow(&self, id: WorkflowId) -> Result<(), Error>;
    async fn pause_workflow(&self, id: WorkflowId) -> Result<Workflow, Error>;
    async fn resume_workflow(&self, id: WorkflowId) -> Result<Workflow, Error>;
    /// A paused copy under a free name.
    async fn duplicate_workflow(&self, id: WorkflowId) -> Result<Workflow, Error>;

    /// One action on several workflows. One that refuses does not stop the others; the outcomes are in the order of the
    /// request. `key` is that of [`Backend::run_now`] for each of them.
    async fn act_on_workflows(&self, request: BulkRequest, key: Option<String>) -> Result<Vec<BulkOutcome>, Error>;

    // Executions
    /// Queues an execution at once. The same `key` for the same workflow gives the same execution, also after it ended.
    /// Begins at `from`, when given, on the project's results of the steps before it.
    async fn run_now(&self, workflow: WorkflowId, from: Option<Step>, key: Option<String>) -> Result<Execution, Error>;
    async fn executions(&self, filter: ExecutionFilter) -> Result<Snapshot<Page<Execution>>, Error>;
    async fn execution(&self, id: ExecutionId) -> Result<Snapshot<Execution>, Error>;
    /// The first attempt of its run and all retries, in their order.
    async fn execution_attempts(&self, id: ExecutionId) -> Result<Vec<Execution>, Error>;
    /// The execution as it stands after the request: cancelled if it was queued, cancelling if it was running. A final
    /// one is a conflict that names its state.
    async fn cancel_execution(&self, id: ExecutionId) -> Result<Execution, Error>;
    /// Lines from index `first` on.
    async fn execution_logs(&self, id: ExecutionId, first: u64, limit: usize) -> Result<Vec<LogLine>, Error>;
    async fn execution_outputs(&self, id: ExecutionId) -> Result<Vec<Output>, Error>;
    /// The first rows of a table among its outputs.
    async fn output_sample(&self, id: ExecutionId, name: &str, rows: usize) -> Result<Sample, Error>;
    /// Who was told what about it, and whether it arrived.
    async fn execution_deliveries(&self, id: ExecutionId) -> Result<Vec<Delivery>, Error>;

    // The whole place
    async fn overview(&self) -> Result<Snapshot<Overview>, Error>;

    /// What happened in the last days that this person may want to know of, newest first.
    async fn news(&self) -> Result<Vec<News>, Error>;

    /// Who did what, newest first: of a workflow, of a project, or of the whole server. What was deleted keeps its log.
    async fn activity(&self, filter: ActivityFilter) -> Result<Snapshot<Page<Activity>>, Error>;
    /// The names of who did something, to choose from.
    async fn actors(&self) -> Result<Vec<String>, Error>;

    /// What ran and what will run between two moments, workflows by name.
    async fn timeline(&self, filter: TimelineFilter) -> Result<Snapshot<Page<TimelineRow>>, Error>;

    // Maintenance mode
    async fn maintenance(&self) -> Result<Maintenance, Error>;
    /// While it is on, nothing starts; clicks are accepted and queued.
    async fn set_maintenance(&self, on: bool) -> Result<Maintenance, Error>;

    // Schedules
    /// Problems of the expression or the zone come back as `Error::Invalid` at `schedule.expression`, `schedule.every`
    /// or `time_zone`.
    async fn preview_schedule(&self, request: PreviewRequest) -> Result<Preview, Error>;

    // Projects
    async fn projects(&self, filter: ProjectFilter) -> Result<Snapshot<Page<ProjectSummary>>, Error>;
    /// All of them, by name.
    async fn project_names(&self) -> Result<Vec<ProjectName>, Error>;
    async fn project(&self, id: ProjectId) -> Result<Project, Error>;
    async fn create_project(&self, name: String) -> Result<Project, Error>;
    async fn replace_project(&self, id: ProjectId, draft: ProjectDraft) -> Result<Project, Error>;
    async fn delete_project(&self, id: ProjectId) -> Result<(), Error>;
    /// Profiles the sources and fills cleanse, match, merge and export; saves and raises the version.
    async fn suggest_project(&self, id: ProjectId) -> Result<Project, Error>;
    /// Every problem that would stop `steps` from running with `config`; empty when it is ready.
    async fn check_project(&self, id: ProjectId, config: ProjectConfig, steps: StepRange) -> Result<(), Error>;
    async fn project_result(&self, id: ProjectId, step: Step) -> Result<Option<StepResult>, Error>;
    /// The first rows of the golden records of the latest merge.
    async fn golden_sample(&self, id: ProjectId, rows: usize) -> Result<Option<Sample>, Error>;
    /// What cleansing with `config` makes of the first rows of the latest import, of one source if it is named. `None` when
    /// nothing was imported yet. Changes nothing.
    ///
    /// # Errors
    /// `Invalid` at the fields of `cleanse`; `Conflict` when the records or a dictionary cannot be cleansed so.
    async fn preview_cleanse(
        &self,
        id: ProjectId,
        config: CleanseConfig,
        source: Option<String>,
        rows: usize,
    ) -> Result<Option<CleansePreview>, Error>;
    /// A page of the pairs that the latest result of Match holds; `None` before the first.
    ///
    /// # Errors
    /// `Conflict` when the records are not those that were matched any more. The same of all that is read of that result.
    async fn match_pairs(&self, id: ProjectId, query: MatchQuery) -> Result<Option<PairPage>, Error>;
    /// A page of its groups, each with its first records.
    async fn match_groups(&self, id: ProjectId, query: MatchQuery) -> Result<Option<GroupPage>, Error>;
    /// One group with its records from place `first` on; `None` where there is no such group.
    async fn match_group(
        &self,
        id: ProjectId,
        group: u32,
        first: u64,
        limit: Option<usize>,
    ) -> Result<Option<GroupInFull>, Error>;
    /// Two records by their numbers and what every definition says of them; `None` where there are no such two.
    async fn explain_pair(&self, id: ProjectId, one: u32, other: u32) -> Result<Option<PairExplained>, Error>;
    /// What the probabilistic definitions of the latest result have learned.
    async fn match_models(&self, id: ProjectId) -> Result<Option<Vec<MatchModel>>, Error>;
    /// What blocking with `config` would propose for the latest cleansed records. `None` when there are none yet. Changes
    /// nothing.
    ///
    /// # Errors
    /// `Invalid` at the fields of `match`; `Conflict` when a key cannot be made from these records.
    async fn estimate_blocking(&self, id: ProjectId, config: MatchConfig) -> Result<Option<BlockingEstimate>, Error>;
    /// A page of the records that somebody decided about.
    async fn reviewed(&self, id: ProjectId, filter: ReviewFilter) -> Result<Page<ReviewedRecord>, Error>;
    /// Those of these records that somebody decided about.
    async fn reviews_of(&self, id: ProjectId, records: Vec<String>) -> Result<Vec<ReviewedRecord>, Error>;
    /// Decides about records by hand, until it is decided otherwise; the next run takes it into account. A new master of a
    /// group takes the place of the one before. Gives those of the named records that have a flag now.
    ///
    /// # Errors
    /// `Invalid` at `records[place]` when a flag is set on a record that is in no group.
    async fn review(&self, id: ProjectId, changes: Vec<ReviewChange>) -> Result<Vec<ReviewedRecord>, Error>;
    /// What merging with `config` makes of as many groups of the latest match. `None` when nothing was matched yet. Changes
    /// nothing.
    ///
    /// # Errors
    /// `Invalid` at the fields of `merge`; `Conflict` when the matched records cannot be merged so.
    async fn preview_merge(
        &self,
        id: ProjectId,
        config: MergeConfig,
        groups: usize,
    ) -> Result<Option<MergePreview>, Error>;
    async fn latest_outputs(&self, id: ProjectId) -> Result<Option<LatestOutputs>, Error>;

    // People and programs
    /// Everyone who may sign in, by name.
    async fn users(&self) -> Result<Vec<User>, Error>;
    async fn user(&self, id: UserId) -> Result<User, Error>;
    /// Someone new, with the link with which they choose their password.
    async fn create_user(&self, draft: UserDraft) -> Result<Invitation, Error>;
    async fn replace_user(&self, id: UserId, draft: UserDraft) -> Result<User, Error>;
    async fn delete_user(&self, id: UserId) -> Result<(), Error>;
    /// A link with which they choose a new password. Until they do, the old one holds.
    async fn invite_user(&self, id: UserId) -> Result<Invitation, Error>;
    /// The browsers in which the one who asks is signed in.
    async fn sessions(&self) -> Result<Vec<Session>, Error>;
    /// Signs them out in one of them.
    async fn end_session(&self, id: SessionId) -> Result<(), Error>;
    /// Signs them out everywhere.
    async fn end_sessions(&self) -> Result<(), Error>;
    /// Those of the one who asks; an administrator sees all.
    async fn tokens(&self) -> Result<Vec<Token>, Error>;
    async fn create_token(&self, draft: TokenDraft) -> Result<NewToken, Error>;
    async fn delete_token(&self, id: TokenId) -> Result<(), Error>;
    /// The address that starts a workflow, if it has one.
    async fn trigger_url(&self, workflow: WorkflowId) -> Result<Option<TriggerUrl>, Error>;
    /// Makes one, in place of the one before.
    async fn create_trigger_url(&self, workflow: WorkflowId) -> Result<NewTriggerUrl, Error>;
    async fn delete_trigger_url(&self, workflow: WorkflowId) -> Result<(), Error>;

    /// The server's clock.
    fn now(&self) -> Timestamp;

    /// IANA name of the zone that a workflow gets when none is chosen.
    fn default_time_zone(&self) -> String;

    // Notifications
    /// Deliveries that failed or may have arrived, those that ended last first. For an administrator all of them; for
    /// others those of the projects that they may see, where only an editor sees the whole address of a webhook.
    async fn undelivered(&self, filter: DeliveryFilter) -> Result<Snapshot<Page<Undelivered>>, Error>;
    /// Queues one of those again, as a delivery of its own; asked twice, it gives the same. One that arrived or is still
    /// tried is a conflict. For an operator of its execution's project, or for a digest its workflow's.
    async fn resend_delivery(&self, id: DeliveryId) -> Result<Delivery, Error>;
    /// Sends a test at once and says what came of it at each recipient: those of the workflow, or those that are named.
    /// For an editor of the workflow's project.
    async fn test_notifications(
        &self,
        workflow: WorkflowId,
        recipients: Option<TestRecipients>,
    ) -> Result<Vec<TestOutcome>, Error>;
}
