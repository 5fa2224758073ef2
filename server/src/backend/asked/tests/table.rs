//! Who may call each method of the port. A new method needs a row here.

use app::backend::Backend as _;
use futures::{FutureExt as _, future::BoxFuture};
use model::{
    Access, Error,
    Role::{self, Administrator, Editor, Operator, Viewer},
    Step, StepRange, Timestamp,
    activity::ActivityFilter,
    bulk::{BulkAction, BulkRequest},
    config::{CleanseConfig, MatchConfig, MergeConfig, ProjectConfig},
    people::{TokenDraft, UserDraft},
    project::ProjectDraft,
    results::MatchQuery,
    review::{ReviewChange, ReviewFilter, ReviewFlag},
    schedule::{PreviewRequest, Schedule},
    timeline::TimelineFilter,
};

use super::ground::Ground;
use crate::backend::Asked;
use Rule::{EachHere, Everywhere, Here, Known, OthersOwn, Somewhere};

/// The least that whoever asks needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// To be known: it concerns what is their own.
    Known,
    /// This role in any project.
    Somewhere(Role),
    /// This role for the whole server.
    Everywhere(Role),
    /// This role in the first project; without any there, there is no such thing.
    Here(Role, &'static str),
    /// The same of each of several things.
    EachHere(Role, &'static str),
    /// Whose own it is; to all but administrators there is no such thing.
    OthersOwn(&'static str),
}

/// Which tokens may call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tokens {
    AsPeople,
    Administrators,
    Never,
}

type Call = for<'a> fn(&'a Asked, &'a Ground) -> BoxFuture<'a, Result<(), Error>>;

pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) rule: Rule,
    pub(super) tokens: Tokens,
    pub(super) call: Call,
}

impl Row {
    fn tokens(self, tokens: Tokens) -> Self {
        Self { tokens, ..self }
    }
}

/// `row!(method, rule, |asked, ground| (arguments))`
macro_rules! row {
    ($method:ident, $rule:expr, |$asked:ident, $ground:ident| ($($argument:expr),*)) => {{
        let call: Call = |$asked, $ground| async move { $asked.$method($($argument),*).await.map(drop) }.boxed();
        Row { method: stringify!($method), rule: $rule, tokens: Tokens::AsPeople, call }
    }};
}

pub(super) fn table() -> Vec<Row> {
    let rows = [workflows(), executions(), the_whole_place(), projects(), people(), programs(), notifications()];
    rows.into_iter().flatten().collect()
}

fn workflows() -> Vec<Row> {
    vec![
        row!(workflows, Somewhere(Viewer), |asked, _ground| (Default::default())),
        row!(workflow_counts, Somewhere(Viewer), |asked, _ground| (Default::default())),
        row!(workflow, Here(Viewer, "workflow"), |asked, ground| (ground.workflow().await)),
        row!(create_workflow, Here(Editor, "project"), |asked, ground| (ground.draft(ground.own))),
        row!(replace_workflow, Here(Editor, "workflow"), |asked, ground| (
            ground.workflow().await,
            ground.draft(ground.own),
            1
        )),
        row!(delete_workflow, Here(Editor, "workflow"), |asked, ground| (ground.workflow().await)),
        row!(pause_workflow, Here(Operator, "workflow"), |asked, ground| (ground.workflow().await)),
        row!(resume_workflow, Here(Operator, "workflow"), |asked, ground| (ground.workflow().await)),
        row!(duplicate_workflow, Here(Editor, "workflow"), |asked, ground| (ground.workflow().await)),
        Row {
            method: "act_on_workflows",
            rule: EachHere(Operator, "workflow"),
            tokens: Tokens::AsPeople,
            call: |asked, ground| act_on_workflows(asked, ground).boxed(),
        },
        row!(activity, Here(Viewer, "workflow"), |asked, ground| (ActivityFilter {
            workflow: Some(ground.workflow().await),
            ..ActivityFilter::default()
        })),
    ]
}

/// What came of the one that it was asked for.
async fn act_on_workflows(asked: &Asked, ground: &Ground) -> Result<(), Error> {
    let request = BulkRequest { action: BulkAction::Pause, workflows: vec![ground.workflow().await] };
    let outcome = asked.act_on_workflows(request, None).await?.remove(0);
    outcome.error.map_or(Ok(()), Err)
}

fn executions() -> Vec<Row> {
    vec![
        row!(run_now, Here(Operator, "workflow"), |asked, ground| (ground.workflow().await, None, None)),
        row!(executions, Somewhere(Viewer), |asked, _ground| (Default::default())),
        row!(execution, Here(Viewer, "execution"), |asked, ground| (ground.execution().await)),
        row!(execution_attempts, Here(Viewer, "execution"), |asked, ground| (ground.execution().await)),
        row!(cancel_execution, Here(Operator, "execution"), |asked, ground| (ground.execution().await)),
        row!(execution_logs, Here(Viewer, "execution"), |asked, ground| (ground.execution().await, 0, 10)),
        row!(execution_outputs, Here(Viewer, "execution"), |asked, ground| (ground.execution().await)),
        row!(output_sample, Here(Viewer, "execution"), |asked, ground| (ground.execution().await, "people.csv", 10)),
        row!(execution_deliveries, Here(Viewer, "execution"), |asked, ground| (ground.execution().await)),
    ]
}

fn the_whole_place() -> Vec<Row> {
    vec![
        row!(overview, Somewhere(Viewer), |asked, _ground| ()),
        row!(news, Somewhere(Viewer), |asked, _ground| ()),
        row!(timeline, Somewhere(Viewer), |asked, _ground| (TimelineFilter {
            from: Timestamp::from_micros(0),
            to: Timestamp::from_micros(1_000_000),
            q: None,
            cursor: None,
        })),
        row!(activity, Everywhere(Administrator), |asked, _ground| (Default::default())),
        row!(activity, Here(Viewer, "project"), |asked, ground| (ActivityFilter {
            project: Some(ground.own),
            ..ActivityFilter::default()
        })),
        row!(actors, Everywhere(Administrator), |asked, _ground| ()),
        row!(maintenance, Somewhere(Viewer), |asked, _ground| ()),
        row!(set_maintenance, Everywhere(Administrator), |asked, _ground| (true)),
        row!(preview_schedule, Somewhere(Viewer), |asked, _ground| (PreviewRequest {
            schedule: Schedule::OnDemand,
            time_zone: None,
            after: None,
            count: None,
        })),
    ]
}

fn projects() -> Vec<Row> {
    let here = |role| Here(role, "project");
    vec![
        row!(projects, Somewhere(Viewer), |asked, _ground| (Default::default())),
        row!(project_names, Somewhere(Viewer), |asked, _ground| ()),
        row!(project, here(Viewer), |asked, ground| (ground.own)),
        row!(create_project, Everywhere(Editor), |asked, ground| (ground.name())),
        row!(replace_project, here(Editor), |asked, ground| (
            ground.own,
            ProjectDraft { name: ground.name(), config: ProjectConfig::default(), version: 0 }
        )),
        row!(delete_project, here(Editor), |asked, ground| ({
            // One that a workflow uses stays.
            ground.workflow().await;
            ground.own
        })),
        row!(suggest_project, here(Editor), |asked, ground| (ground.own)),
        row!(check_project, here(Viewer), |asked, ground| (ground.own, ProjectConfig::default(), StepRange::ALL)),
        row!(project_result, here(Viewer), |asked, ground| (ground.own, Step::Import)),
        row!(golden_sample, here(Viewer), |asked, ground| (ground.own, 10)),
        row!(preview_cleanse, here(Viewer), |asked, ground| (ground.own, CleanseConfig::default(), None, 10)),
        row!(match_pairs, here(Viewer), |asked, ground| (ground.own, MatchQuery::default())),
        row!(match_groups, here(Viewer), |asked, ground| (ground.own, MatchQuery::default())),
        row!(match_group, here(Viewer), |asked, ground| (ground.own, 1, 0, None)),
        row!(explain_pair, here(Viewer), |asked, ground| (ground.own, 0, 1)),
        row!(match_models, here(Viewer), |asked, ground| (ground.own)),
        row!(estimate_blocking, here(Viewer), |asked, ground| (ground.own, MatchConfig::default())),
        row!(reviewed, here(Viewer), |asked, ground| (ground.own, ReviewFilter::default())),
        row!(reviews_of, here(Viewer), |asked, ground| (ground.own, Vec::new())),
        row!(review, here(Editor), |asked, ground| (
            ground.own,
            vec![ReviewChange::of("people/1", ReviewFlag::Master, false)]
        )),
        row!(preview_merge, here(Viewer), |asked, ground| (ground.own, MergeConfig::default(), 10)),
        row!(latest_outputs, here(Viewer), |asked, ground| (ground.own)),
    ]
}

fn people() -> Vec<Row> {
    vec![
        row!(users, Everywhere(Administrator), |asked, _ground| ()),
        row!(user, Everywhere(Administrator), |asked, ground| (ground.user(&Access::default()).await)),
        row!(create_user, Everywhere(Administrator), |asked, ground| (UserDraft {
            name: ground.name(),
            access: Access::default(),
            disabled: false,
        })),
        row!(replace_user, Everywhere(Administrator), |asked, ground| (
            ground.user(&Access::everywhere(Administrator)).await,
            UserDraft { name: ground.name(), access: Access::everywhere(Administrator), disabled: false }
        )),
        row!(delete_user, Everywhere(Administrator), |asked, ground| ({
            // Of two administrators one may go.
            ground.user(&Access::everywhere(Administrator)).await;
            ground.user(&Access::default()).await
        })),
        row!(invite_user, Everywhere(Administrator), |asked, ground| (ground.user(&Access::default()).await)),
    ]
}

fn notifications() -> Vec<Row> {
    vec![
        row!(undelivered, Somewhere(Viewer), |asked, _ground| (Default::default())),
        row!(resend_delivery, Here(Operator, "notification"), |asked, ground| (ground.delivery().await)),
        row!(test_notifications, Here(Editor, "workflow"), |asked, ground| (ground.workflow().await, None)),
    ]
}

/// What people have to do with what is their own.
fn programs() -> Vec<Row> {
    vec![
        row!(sessions, Known, |asked, _ground| ()),
        row!(end_session, Known, |asked, ground| (ground.session(asked.actor.user()).await)).tokens(Tokens::Never),
        row!(end_sessions, Known, |asked, _ground| ()).tokens(Tokens::Never),
        row!(tokens, Known, |asked, _ground| ()).tokens(Tokens::Administrators),
        row!(create_token, Somewhere(Viewer), |asked, ground| (token(ground, Viewer, false))).tokens(Tokens::Never),
        row!(create_token, Somewhere(Editor), |asked, ground| (token(ground, Editor, false))).tokens(Tokens::Never),
        row!(create_token, Here(Operator, "project"), |asked, ground| (token(ground, Operator, true)))
            .tokens(Tokens::Never),
        row!(delete_token, OthersOwn("token"), |asked, ground| (ground.token_of_the_server().await))
            .tokens(Tokens::Administrators),
        row!(trigger_url, Here(Viewer, "workflow"), |asked, ground| (ground.workflow().await)),
        row!(create_trigger_url, Here(Editor, "workflow"), |asked, ground| (ground.workflow().await)),
        row!(delete_trigger_url, Here(Editor, "workflow"), |asked, ground| (ground.workflow().await)),
    ]
}

fn token(ground: &Ground, role: Role, here: bool) -> TokenDraft {
    TokenDraft { name: ground.name(), role, project_id: here.then_some(ground.own), days: None }
}
