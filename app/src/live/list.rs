//! A page of executions, kept as a reload would show it.

use leptos::prelude::*;
use model::{
    event::Change,
    execution::{Execution, ExecutionFilter},
};

use super::{LiveExecution, Message};

/// The newest page takes new executions in at its top; an older page only changes the rows it has.
#[derive(Clone, Copy)]
pub struct LiveExecutions {
    rows: RwSignal<Vec<LiveExecution>>,
    filter: StoredValue<ExecutionFilter>,
}

impl LiveExecutions {
    /// `items` newest first, as the server lists them for `filter`.
    pub fn new(items: Vec<Execution>, filter: ExecutionFilter) -> Self {
        let rows = items.into_iter().map(LiveExecution::new).collect();
        Self { rows: RwSignal::new(rows), filter: StoredValue::new(filter) }
    }

    pub fn rows(self) -> RwSignal<Vec<LiveExecution>> {
        self.rows
    }

    /// `reload` is called when only the server can tell what the page looks like now.
    pub fn hear(self, message: Message<'_>, reload: Callback<()>) {
        match message {
            Message::Reload => reload.run(()),
            Message::Change(Change::Execution { execution }) => self.take(execution, message),
            Message::Change(_) | Message::Sample(_) => {
                for row in self.rows.get_untracked() {
                    row.hear(message);
                }
            }
        }
    }

    fn take(self, execution: &Execution, message: Message<'_>) {
        let known = self.rows.with_untracked(|rows| rows.iter().find(|row| row.id == execution.id).copied());
        let (fits, grows) = self.filter.with_value(|filter| (fits(filter, execution), grows(filter)));
        match (known, fits && grows) {
            (Some(row), _) if fits => row.hear(message),
            (Some(row), _) => self.rows.update(|rows| rows.retain(|other| other.id != row.id)),
            (None, true) => self.rows.update(|rows| {
                let newer = |row: &LiveExecution| {
                    row.execution.with_untracked(|it| (it.queued_at, it.id) > (execution.queued_at, execution.id))
                };
                let place = rows.partition_point(newer);
                rows.insert(place, LiveExecution::new(execution.clone()));
            }),
            (None, false) => {}
        }
    }
}

/// Words in the error are searched by the server's index, so such a list stays as it was loaded; an older page does too.
fn grows(filter: &ExecutionFilter) -> bool {
    filter.q.is_none() && filter.cursor.is_none()
}

/// Whether the execution has what the filter asks for, as far as a page can tell.
fn fits(filter: &ExecutionFilter, execution: &Execution) -> bool {
    let ExecutionFilter { workflow, project, status, trigger, from, to, q: _, cursor: _, limit: _ } = filter;
    workflow.is_none_or(|id| id == execution.workflow_id)
        && project.is_none_or(|id| id == execution.project_id)
        && status.is_none_or(|status| status == execution.status)
        && trigger.is_none_or(|trigger| trigger == execution.trigger)
        && from.is_none_or(|from| execution.queued_at >= from)
        && to.is_none_or(|to| execution.queued_at < to)
}
