//! Pairs, groups and models of the latest result of Match; what blocking would propose; and what people decided.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use engine::{Context, Failure, Unheard};
use model::{
    Actor, Error, FieldError, Page, ProjectId, Step, StepRange,
    config::{MatchConfig, ProjectConfig},
    limits,
    project::Project,
    results::{BlockingEstimate, GroupInFull, GroupPage, MatchModel, MatchQuery, PairExplained, PairPage},
    review::{self, ReviewChange, ReviewFilter, ReviewFlag, ReviewedRecord},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::LocalBackend;

/// What both doors ask for, without a look at who asks: [`super::Asked`] has looked.
impl LocalBackend {
    pub(crate) async fn match_pairs(&self, id: ProjectId, query: MatchQuery) -> Result<Option<PairPage>, Error> {
        self.matched(id, move |workspace| {
            engine::matches::pairs(workspace, &query.filter(), query.cursor.unwrap_or(0), page(query.limit))
        })
        .await
    }

    pub(crate) async fn match_groups(&self, id: ProjectId, query: MatchQuery) -> Result<Option<GroupPage>, Error> {
        self.matched(id, move |workspace| {
            engine::matches::groups(workspace, &query.filter(), query.cursor.unwrap_or(0), page(query.limit))
        })
        .await
    }

    pub(crate) async fn match_group(
        &self,
        id: ProjectId,
        group: u32,
        first: u64,
        limit: Option<usize>,
    ) -> Result<Option<GroupInFull>, Error> {
        self.matched(id, move |workspace| engine::matches::group(workspace, group, first, page(limit))).await
    }

    pub(crate) async fn explain_pair(
        &self,
        id: ProjectId,
        one: u32,
        other: u32,
    ) -> Result<Option<PairExplained>, Error> {
        self.matched(id, move |workspace| engine::matches::explained(workspace, one, other)).await
    }

    pub(crate) async fn match_models(&self, id: ProjectId) -> Result<Option<Vec<MatchModel>>, Error> {
        self.matched(id, engine::models).await
    }

    /// What blocking with these settings would propose; `None` when there is nothing cleansed yet.
    pub(crate) async fn estimate_blocking(
        &self,
        id: ProjectId,
        config: MatchConfig,
    ) -> Result<Option<BlockingEstimate>, Error> {
        let project = self.told(self.parts.store.project(id).await)?;
        if self.step_result(id, Step::Cleanse).await?.is_none() {
            return Ok(None);
        }
        let steps = StepRange::new(Step::Match, Step::Match).expect("a step is a range");
        let whole = ProjectConfig { matching: config.clone(), ..project.config.clone() };
        Error::from_fields(self.run_problems(&Project { config: whole, ..project }, steps).await?)?;
        let scratch = self.parts.directory.temporary().join(self.parts.clock.new_uuid().to_string());
        let clock = Arc::clone(&self.parts.clock);
        let cancel = CancellationToken::new();
        let _stop_when_the_caller_goes = cancel.clone().drop_guard();
        let context = Context {
            engine: Arc::clone(&self.parts.engine),
            workspace: self.parts.directory.workspace(id),
            outputs: scratch.join("outputs"),
            execution: None,
            cancel,
            progress: Arc::new(Unheard),
            now: Arc::new(move || clock.now()),
        };
        let task = self.parts.engine.spawn({
            let scratch = scratch.clone();
            async move { engine::estimate_blocking(&config, &context, &scratch).await }
        });
        let estimate = AbortOnDropHandle::new(task).await;
        if let Err(error) = tokio::fs::remove_dir_all(&scratch).await {
            tracing::warn!(%error, path = %scratch.display(), "is removed at the next start");
        }
        match estimate {
            Ok(estimate) => self.understood(estimate).map(Some),
            Err(stopped) => Err(self.internal(&stopped)),
        }
    }

    pub(crate) async fn reviewed(&self, id: ProjectId, filter: ReviewFilter) -> Result<Page<ReviewedRecord>, Error> {
        self.told(self.parts.store.reviewed(id, &filter).await)
    }

    pub(crate) async fn reviews_of(&self, id: ProjectId, records: Vec<String>) -> Result<Vec<ReviewedRecord>, Error> {
        self.told(self.parts.store.reviews_of(id, &records).await)
    }

    /// Keeps what was decided. A group has one master: a new one takes the place of the one before.
    pub(crate) async fn review(
        &self,
        actor: &Actor,
        id: ProjectId,
        changes: Vec<ReviewChange>,
    ) -> Result<Vec<ReviewedRecord>, Error> {
        review::check(&changes)?;
        let set: BTreeSet<String> =
            changes.iter().filter(|change| change.sets_any()).map(|change| change.record.clone()).collect();
        // Flags can be taken from records that are not there any more.
        let mates = match set.is_empty() {
            true => BTreeMap::new(),
            false => self.matched(id, move |workspace| engine::matches::mates(workspace, &set)).await?,
        };
        Error::from_fields(problems(&changes, &mates))?;
        let rivals: BTreeSet<&String> = changes
            .iter()
            .filter(|change| change.master == Some(true))
            .flat_map(|change| mates[&change.record].iter().filter(|mate| **mate != change.record))
            .collect();
        let rivals: Vec<String> = rivals.into_iter().cloned().collect();
        let reviewed = self.told(self.parts.store.reviews_of(id, &rivals).await)?;
        let changes = with_rivals(changes, reviewed.into_iter().filter(|rival| rival.master));
        self.told(self.parts.store.review(id, changes, actor.author()).await)
    }

    /// Reads the latest result of Match. What the engine says of it is for whoever asked.
    async fn matched<T: Send + 'static>(
        &self,
        id: ProjectId,
        read: impl FnOnce(&Path) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Error> {
        let workspace = self.parts.directory.workspace(id);
        match tokio::task::spawn_blocking(move || read(&workspace)).await {
            Ok(result) => self.understood(result),
            Err(stopped) => Err(self.internal(&stopped)),
        }
    }

    fn understood<T>(&self, result: Result<T, Failure>) -> Result<T, Error> {
        result.map_err(|failure| match failure {
            Failure::Input(message) => Error::conflict(message),
            failure @ (Failure::Internal(_) | Failure::Cancelled) => self.internal(&failure),
        })
    }
}

fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX)
}

/// What cannot be decided: about records that are in no group, and a second master of one group.
fn problems(changes: &[ReviewChange], mates: &BTreeMap<String, Vec<String>>) -> Vec<FieldError> {
    let mut problems = Vec::new();
    let mut masters = BTreeMap::new();
    for (place, change) in changes.iter().enumerate().filter(|(_, change)| change.sets_any()) {
        let Some(group) = mates.get(&change.record) else {
            let message = "no record of the latest groups is known by this";
            problems.push(FieldError::new(format!("records[{place}].record"), message));
            continue;
        };
        if change.master == Some(true)
            && let Some(other) = masters.insert(group.first(), place)
        {
            let message = format!("a group has one master, and records[{other}] is of the same group");
            problems.push(FieldError::new(format!("records[{place}].master"), message));
        }
    }
    problems
}

/// With the masters that others take the place of.
fn with_rivals(changes: Vec<ReviewChange>, rivals: impl Iterator<Item = ReviewedRecord>) -> Vec<ReviewChange> {
    let mut changes = changes;
    for rival in rivals {
        match changes.iter_mut().find(|change| change.record == rival.record) {
            Some(change) => change.master = Some(false),
            None => changes.push(ReviewChange::of(rival.record, ReviewFlag::Master, false)),
        }
    }
    changes
}
