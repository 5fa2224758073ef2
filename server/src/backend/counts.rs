//! How many workflows there are of each kind. Every rendering of the list shows it, and it reads all workflows; so it is
//! kept as long as nothing happened, for however many look.

use std::sync::{Mutex, PoisonError};

use model::{
    Error, ProjectId,
    workflow::{WorkflowCount, WorkflowFilter},
};

use super::LocalBackend;

/// The answer to the last question.
#[derive(Default)]
pub(super) struct KnownCounts(Mutex<Option<Known>>);

struct Known {
    /// Number of the last event when it was asked.
    number: i64,
    q: Option<String>,
    project: Option<ProjectId>,
    counts: Vec<WorkflowCount>,
}

impl KnownCounts {
    fn find(&self, number: i64, filter: &WorkflowFilter) -> Option<Vec<WorkflowCount>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref()?;
        let is_it = known.number == number && known.q == filter.q && known.project == filter.project;
        is_it.then(|| known.counts.clone())
    }

    fn keep(&self, known: Known) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

impl LocalBackend {
    pub(super) async fn counts(&self, filter: WorkflowFilter) -> Result<Vec<WorkflowCount>, Error> {
        // Before the question: an answer that is newer than its number is only asked for once more.
        let number = *self.parts.store.committed().borrow();
        if let Some(counts) = self.counts.find(number, &filter) {
            return Ok(counts);
        }
        let counts = self.told(self.parts.store.workflow_counts(&filter).await)?;
        self.counts.keep(Known { number, q: filter.q, project: filter.project, counts: counts.clone() });
        Ok(counts)
    }
}
