//! The list of workflows, which more people keep open than any other page.

use std::time::Duration;

use model::{
    Error, Page, Scope, Snapshot,
    workflow::{Workflow, WorkflowCard, WorkflowCount, WorkflowFilter},
};

use super::{
    LocalBackend,
    known::{Known, Moment},
};

/// Why an execution waits depends on the clock.
const CARDS_LAST: Duration = Duration::from_secs(1);

pub(super) struct KnownLists {
    cards: Known<(WorkflowFilter, Scope), Snapshot<Page<WorkflowCard>>>,
    /// They read all workflows.
    counts: Known<(WorkflowFilter, Scope), Vec<WorkflowCount>>,
}

impl Default for KnownLists {
    fn default() -> Self {
        Self { cards: Known::lasting(CARDS_LAST), counts: Known::lasting(Duration::MAX) }
    }
}

impl LocalBackend {
    pub(super) async fn cards(
        &self,
        filter: WorkflowFilter,
        scope: Scope,
    ) -> Result<Snapshot<Page<WorkflowCard>>, Error> {
        let (moment, question) = (self.moment(), (filter, scope));
        if let Some(cards) = self.lists.cards.find(moment, &question) {
            return Ok(cards);
        }
        let (filter, scope) = &question;
        let cards = self.told(self.parts.store.cards(filter, scope, self.parts.slots, moment.at).await)?;
        self.lists.cards.keep(moment, question, cards.clone());
        Ok(cards)
    }

    /// A page of the list as programs read it.
    pub(super) async fn workflow_page(&self, filter: &WorkflowFilter, scope: &Scope) -> Result<Page<Workflow>, Error> {
        self.told(self.parts.store.workflow_page(filter, scope).await)
    }

    pub(super) async fn counts(&self, filter: WorkflowFilter, scope: Scope) -> Result<Vec<WorkflowCount>, Error> {
        // The only parts of the filter that they depend on.
        let filter = WorkflowFilter { q: filter.q, project: filter.project, ..WorkflowFilter::default() };
        let (moment, question) = (self.moment(), (filter, scope));
        if let Some(counts) = self.lists.counts.find(moment, &question) {
            return Ok(counts);
        }
        let (filter, scope) = &question;
        let counts = self.told(self.parts.store.workflow_counts(filter, scope).await)?;
        self.lists.counts.keep(moment, question, counts.clone());
        Ok(counts)
    }

    fn moment(&self) -> Moment {
        Moment { number: *self.parts.store.committed().borrow(), at: self.parts.clock.now() }
    }
}
