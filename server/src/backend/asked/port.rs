//! The port as whoever asks may use it: for each method the role that it needs, and then the server's own.

use app::backend::Backend;
use async_trait::async_trait;
use model::{
    Actor, DeliveryId, Error, ExecutionId, Identity, Page, ProjectId, Role, SessionId, Snapshot, Step, StepRange,
    Timestamp, TokenId, UserId, WorkflowId,
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

use super::Asked;

#[async_trait]
impl Backend for Asked {
    fn actor(&self) -> &Actor {
        &self.actor
    }

    // Workflows

    async fn workflows(&self, filter: WorkflowFilter) -> Result<Snapshot<Page<WorkflowCard>>, Error> {
        self.require_any()?;
        let mut page = self.server.workflows(filter, self.actor.access.scope()).await?;
        let cards = page.data.items.into_iter();
        page.data.items = cards.map(|card| WorkflowCard { workflow: self.shown(card.workflow), ..card }).collect();
        Ok(page)
    }

    async fn workflow_counts(&self, filter: WorkflowFilter) -> Result<Vec<WorkflowCount>, Error> {
        self.require_any()?;
        self.server.workflow_counts(filter, self.actor.access.scope()).await
    }

    async fn workflow(&self, id: WorkflowId) -> Result<Snapshot<WorkflowCard>, Error> {
        self.require_for_workflow(id, Role::Viewer).await?;
        let mut snapshot = self.server.workflow(id).await?;
        snapshot.data.workflow = self.shown(snapshot.data.workflow);
        Ok(snapshot)
    }

    async fn create_workflow(&self, draft: WorkflowDraft) -> Result<Workflow, Error> {
        self.require_in_project(draft.project_id, Role::Editor)?;
        self.server.create_workflow(&self.actor, draft).await
    }

    async fn replace_workflow(&self, id: WorkflowId, draft: WorkflowDraft, version: i64) -> Result<Workflow, Error> {
        self.require_for_workflow(id, Role::Editor).await?;
        self.require_in_project(draft.project_id, Role::Editor)?;
        self.server.replace_workflow(&self.actor, id, draft, version).await
    }

    async fn delete_workflow(&self, id: WorkflowId) -> Result<(), Error> {
        self.require_for_workflow(id, Role::Editor).await?;
        self.server.delete_workflow(&self.actor, id).await
    }

    async fn pause_workflow(&self, id: WorkflowId) -> Result<Workflow, Error> {
        self.require_for_workflow(id, Role::Operator).await?;
        Ok(self.shown(self.server.pause_workflow(&self.actor, id).await?))
    }

    async fn resume_workflow(&self, id: WorkflowId) -> Result<Workflow, Error> {
        self.require_for_workflow(id, Role::Operator).await?;
        Ok(self.shown(self.server.resume_workflow(&self.actor, id).await?))
    }

    async fn duplicate_workflow(&self, id: WorkflowId) -> Result<Workflow, Error> {
        self.require_for_workflow(id, Role::Editor).await?;
        self.server.duplicate_workflow(&self.actor, id).await
    }

    async fn act_on_workflows(&self, request: BulkRequest, key: Option<String>) -> Result<Vec<BulkOutcome>, Error> {
        self.require_any()?;
        self.act_on_all(request, key).await
    }

    // Executions

    async fn run_now(&self, workflow: WorkflowId, from: Option<Step>, key: Option<String>) -> Result<Execution, Error> {
        self.require_for_workflow(workflow, Role::Operator).await?;
        self.server.run_now(&self.actor, workflow, from, key).await
    }

    async fn executions(&self, filter: ExecutionFilter) -> Result<Snapshot<Page<Execution>>, Error> {
        self.require_any()?;
        self.server.executions(filter, self.actor.access.scope()).await
    }

    async fn execution(&self, id: ExecutionId) -> Result<Snapshot<Execution>, Error> {
        self.require_for_execution(id, Role::Viewer).await?;
        self.server.execution(id).await
    }

    async fn execution_attempts(&self, id: ExecutionId) -> Result<Vec<Execution>, Error> {
        self.require_for_execution(id, Role::Viewer).await?;
        self.server.execution_attempts(id).await
    }

    async fn cancel_execution(&self, id: ExecutionId) -> Result<Execution, Error> {
        self.require_for_execution(id, Role::Operator).await?;
        self.server.cancel_execution(&self.actor, id).await
    }

    async fn execution_logs(&self, id: ExecutionId, first: u64, limit: usize) -> Result<Vec<LogLine>, Error> {
        self.require_for_execution(id, Role::Viewer).await?;
        self.server.execution_logs(id, first, limit).await
    }

    async fn execution_outputs(&self, id: ExecutionId) -> Result<Vec<Output>, Error> {
        self.require_for_execution(id, Role::Viewer).await?;
        self.server.execution_outputs(id).await
    }

    async fn output_sample(&self, id: ExecutionId, name: &str, rows: usize) -> Result<Sample, Error> {
        self.require_for_execution(id, Role::Viewer).await?;
        self.server.output_sample(id, name, rows).await
    }

    async fn execution_deliveries(&self, id: ExecutionId) -> Result<Vec<Delivery>, Error> {
        self.require_for_execution(id, Role::Viewer).await?;
        let deliveries = self.server.execution_deliveries(id).await?.into_iter();
        // The address of a webhook may hold a secret.
        let may_edit = self.require_for_execution(id, Role::Editor).await.is_ok();
        let shown = |delivery: Delivery| if may_edit { delivery } else { delivery.without_secrets() };
        Ok(deliveries.map(shown).collect())
    }

    // The whole place

    async fn overview(&self) -> Result<Snapshot<Overview>, Error> {
        self.require_any()?;
        self.server.overview(self.actor.access.scope()).await
    }

    async fn news(&self) -> Result<Vec<News>, Error> {
        self.require_any()?;
        self.server.news(&self.actor, self.actor.access.scope()).await
    }

    async fn activity(&self, filter: ActivityFilter) -> Result<Snapshot<Page<Activity>>, Error> {
        match (filter.workflow, filter.project) {
            (Some(workflow), _) => self.require_for_workflow(workflow, Role::Viewer).await?,
            (None, Some(project)) => self.require_in_project(project, Role::Viewer)?,
            (None, None) => self.require(Role::Administrator)?,
        }
        self.server.activity(filter, self.actor.access.scope()).await
    }

    async fn actors(&self) -> Result<Vec<String>, Error> {
        self.require(Role::Administrator)?;
        self.server.actors().await
    }

    async fn timeline(&self, filter: TimelineFilter) -> Result<Snapshot<Page<TimelineRow>>, Error> {
        self.require_any()?;
        self.server.timeline(filter, self.actor.access.scope()).await
    }

    async fn maintenance(&self) -> Result<Maintenance, Error> {
        self.require_any()?;
        self.server.maintenance().await
    }

    async fn set_maintenance(&self, on: bool) -> Result<Maintenance, Error> {
        self.require(Role::Administrator)?;
        self.server.set_maintenance(&self.actor, on).await
    }

    async fn preview_schedule(&self, request: PreviewRequest) -> Result<Preview, Error> {
        self.require_any()?;
        self.server.preview_schedule(request)
    }

    // Projects

    async fn projects(&self, filter: ProjectFilter) -> Result<Snapshot<Page<ProjectSummary>>, Error> {
        self.require_any()?;
        self.server.projects(filter, self.actor.access.scope()).await
    }

    async fn project_names(&self) -> Result<Vec<ProjectName>, Error> {
        self.require_any()?;
        let mut names = self.server.project_names().await?;
        let scope = self.actor.access.scope();
        names.retain(|project| scope.includes(project.id));
        Ok(names)
    }

    async fn project(&self, id: ProjectId) -> Result<Project, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.project(id).await
    }

    async fn create_project(&self, name: String) -> Result<Project, Error> {
        self.require(Role::Editor)?;
        self.server.create_project(&self.actor, name).await
    }

    async fn replace_project(&self, id: ProjectId, draft: ProjectDraft) -> Result<Project, Error> {
        self.require_in_project(id, Role::Editor)?;
        self.server.replace_project(&self.actor, id, draft).await
    }

    async fn delete_project(&self, id: ProjectId) -> Result<(), Error> {
        self.require_in_project(id, Role::Editor)?;
        self.server.delete_project(&self.actor, id).await
    }

    async fn suggest_project(&self, id: ProjectId) -> Result<Project, Error> {
        self.require_in_project(id, Role::Editor)?;
        self.server.suggest_project(&self.actor, id).await
    }

    async fn check_project(&self, id: ProjectId, config: ProjectConfig, steps: StepRange) -> Result<(), Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.check_project(id, config, steps).await
    }

    async fn project_result(&self, id: ProjectId, step: Step) -> Result<Option<StepResult>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.project_result(id, step).await
    }

    async fn golden_sample(&self, id: ProjectId, rows: usize) -> Result<Option<Sample>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.golden_sample(id, rows).await
    }

    async fn preview_cleanse(
        &self,
        id: ProjectId,
        config: CleanseConfig,
        source: Option<String>,
        rows: usize,
    ) -> Result<Option<CleansePreview>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.preview_cleanse(id, config, source, rows).await
    }

    async fn match_pairs(&self, id: ProjectId, query: MatchQuery) -> Result<Option<PairPage>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.match_pairs(id, query).await
    }

    async fn match_groups(&self, id: ProjectId, query: MatchQuery) -> Result<Option<GroupPage>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.match_groups(id, query).await
    }

    async fn match_group(
        &self,
        id: ProjectId,
        group: u32,
        first: u64,
        limit: Option<usize>,
    ) -> Result<Option<GroupInFull>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.match_group(id, group, first, limit).await
    }

    async fn explain_pair(&self, id: ProjectId, one: u32, other: u32) -> Result<Option<PairExplained>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.explain_pair(id, one, other).await
    }

    async fn match_models(&self, id: ProjectId) -> Result<Option<Vec<MatchModel>>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.match_models(id).await
    }

    async fn estimate_blocking(&self, id: ProjectId, config: MatchConfig) -> Result<Option<BlockingEstimate>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.estimate_blocking(id, config).await
    }

    async fn reviewed(&self, id: ProjectId, filter: ReviewFilter) -> Result<Page<ReviewedRecord>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.reviewed(id, filter).await
    }

    async fn reviews_of(&self, id: ProjectId, records: Vec<String>) -> Result<Vec<ReviewedRecord>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.reviews_of(id, records).await
    }

    async fn review(&self, id: ProjectId, changes: Vec<ReviewChange>) -> Result<Vec<ReviewedRecord>, Error> {
        self.require_in_project(id, Role::Editor)?;
        self.server.review(&self.actor, id, changes).await
    }

    async fn preview_merge(
        &self,
        id: ProjectId,
        config: MergeConfig,
        groups: usize,
    ) -> Result<Option<MergePreview>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.preview_merge(id, config, groups).await
    }

    async fn latest_outputs(&self, id: ProjectId) -> Result<Option<LatestOutputs>, Error> {
        self.require_in_project(id, Role::Viewer)?;
        self.server.latest_outputs(id).await
    }

    // People and programs

    async fn users(&self) -> Result<Vec<User>, Error> {
        self.require(Role::Administrator)?;
        self.server.users().await
    }

    async fn user(&self, id: UserId) -> Result<User, Error> {
        self.require(Role::Administrator)?;
        self.server.user(id).await
    }

    async fn create_user(&self, draft: UserDraft) -> Result<Invitation, Error> {
        self.require(Role::Administrator)?;
        self.server.create_user(&self.actor, draft).await
    }

    async fn replace_user(&self, id: UserId, draft: UserDraft) -> Result<User, Error> {
        self.require(Role::Administrator)?;
        self.server.replace_user(&self.actor, id, draft).await
    }

    async fn delete_user(&self, id: UserId) -> Result<(), Error> {
        self.require(Role::Administrator)?;
        self.server.delete_user(&self.actor, id).await
    }

    async fn invite_user(&self, id: UserId) -> Result<Invitation, Error> {
        self.require(Role::Administrator)?;
        self.server.invite_user(&self.actor, id).await
    }

    async fn sessions(&self) -> Result<Vec<Session>, Error> {
        let Identity::User { user, session, .. } = self.actor.identity else { return Ok(Vec::new()) };
        let sessions = self.server.sessions(user).await?.into_iter();
        Ok(sessions.map(|one| Session { current: one.id == session, ..one }).collect())
    }

    async fn end_session(&self, id: SessionId) -> Result<(), Error> {
        self.server.end_session(&self.actor, self.require_person()?, id).await
    }

    async fn end_sessions(&self) -> Result<(), Error> {
        self.server.end_sessions(&self.actor, self.require_person()?).await
    }

    async fn tokens(&self) -> Result<Vec<Token>, Error> {
        self.server.tokens(self.whose_tokens()?).await
    }

    async fn create_token(&self, draft: TokenDraft) -> Result<NewToken, Error> {
        // A token that makes tokens would live on in them when it is deleted.
        if matches!(self.actor.identity, Identity::Token(_)) {
            return Err(Error::Forbidden { message: "A token cannot make tokens. Sign in to make one.".to_owned() });
        }
        match draft.project_id {
            Some(project) => self.require_in_project(project, draft.role)?,
            // Of a person with roles in some projects only, such a token does there what they may.
            None if self.actor.access.highest() >= Some(draft.role) => {}
            None => self.require(draft.role)?,
        }
        self.server.create_token(&self.actor, draft).await
    }

    async fn delete_token(&self, id: TokenId) -> Result<(), Error> {
        self.server.delete_token(&self.actor, id, self.whose_tokens()?).await
    }

    async fn trigger_url(&self, workflow: WorkflowId) -> Result<Option<TriggerUrl>, Error> {
        self.require_for_workflow(workflow, Role::Viewer).await?;
        self.server.trigger_url(workflow).await
    }

    async fn create_trigger_url(&self, workflow: WorkflowId) -> Result<NewTriggerUrl, Error> {
        self.require_for_workflow(workflow, Role::Editor).await?;
        self.server.create_trigger_url(&self.actor, workflow).await
    }

    async fn delete_trigger_url(&self, workflow: WorkflowId) -> Result<(), Error> {
        self.require_for_workflow(workflow, Role::Editor).await?;
        self.server.delete_trigger_url(&self.actor, workflow).await
    }

    fn now(&self) -> Timestamp {
        self.server.now()
    }

    fn default_time_zone(&self) -> String {
        self.server.default_time_zone()
    }

    // Notifications

    async fn undelivered(&self, filter: DeliveryFilter) -> Result<Snapshot<Page<Undelivered>>, Error> {
        self.require_any()?;
        let mut snapshot = self.server.undelivered(filter, self.actor.access.scope()).await?;
        for Undelivered { delivery, project_id } in &mut snapshot.data.items {
            if self.actor.access.role_in(*project_id) < Some(Role::Editor) {
                *delivery = delivery.clone().without_secrets();
            }
        }
        Ok(snapshot)
    }

    async fn resend_delivery(&self, id: DeliveryId) -> Result<Delivery, Error> {
        let project = self.server.project_of_delivery(id).await?;
        self.actor.access.require_in(project, Role::Operator, "notification")?;
        let again = self.server.resend_delivery(&self.actor, id).await?;
        let may_edit = self.actor.access.role_in(project) >= Some(Role::Editor);
        Ok(if may_edit { again } else { again.without_secrets() })
    }

    async fn test_notifications(
        &self,
        workflow: WorkflowId,
        recipients: Option<TestRecipients>,
    ) -> Result<Vec<TestOutcome>, Error> {
        self.require_for_workflow(workflow, Role::Editor).await?;
        self.server.test_notifications(workflow, recipients).await
    }
}
