//! The workflow's pulse: the last outcomes as bars. Height is duration, look is outcome, each opens its execution.

use leptos::prelude::*;
use model::{
    ExecutionId, Timestamp,
    execution::{Execution, Status},
    limits::STRIP_OUTCOMES,
    workflow::Outcome,
};

use crate::{components::state::Mark, format};

/// The lowest bar, in percent of the strip: one that is still seen and hit.
const LOWEST_PERCENT: f64 = 14.0;

#[derive(Clone, Debug, PartialEq)]
struct Bar {
    execution: ExecutionId,
    class: &'static str,
    height_percent: u32,
    title: String,
    at: Timestamp,
}

#[component]
pub fn Strip(
    outcomes: Vec<Outcome>,
    /// The execution that is running; it is the last bar.
    running: Option<Execution>,
) -> impl IntoView {
    let bars: String = bars(&outcomes, running.as_ref()).iter().map(Bar::html).collect();
    view! {
        <div class="strip" role="group" aria-label=format::execution::strip(&outcomes) inner_html=bars></div>
    }
    .into_any()
}

impl Bar {
    /// As text, for it is two thirds of a list of cards: a hundred of them have two thousand bars. Nothing in it comes from a
    /// person, so nothing is to be escaped.
    fn html(&self) -> String {
        let Self { execution, class, height_percent, title, at } = self;
        // Reachable by keyboard through the history; twenty stops a card would be a wall.
        format!(
            "<a class=\"{class}\" href=\"/executions/{execution}\" title=\"{title}\" data-at=\"{at}\" tabindex=\"-1\" \
             style=\"--height:{height_percent}%\"></a>"
        )
    }
}

fn bars(outcomes: &[Outcome], running: Option<&Execution>) -> Vec<Bar> {
    let kept = STRIP_OUTCOMES - usize::from(running.is_some());
    let outcomes = &outcomes[outcomes.len().saturating_sub(kept)..];
    let longest_ms = outcomes.iter().filter_map(|outcome| outcome.duration_ms).max().unwrap_or(1).max(1);
    let mut bars: Vec<Bar> = outcomes
        .iter()
        .map(|outcome| {
            let share = outcome.duration_ms.unwrap_or(0) as f64 / longest_ms as f64;
            Bar {
                execution: outcome.execution,
                class: class(outcome.status),
                height_percent: (LOWEST_PERCENT + (100.0 - LOWEST_PERCENT) * share).round() as u32,
                title: title(outcome),
                at: outcome.queued_at,
            }
        })
        .collect();
    if let Some(execution) = running {
        bars.push(Bar {
            execution: execution.id,
            class: "running",
            height_percent: 60,
            title: format!("{}: {}", execution.status.label(), format::execution::trigger(execution)),
            at: execution.queued_at,
        });
    }
    bars
}

fn class(status: Status) -> &'static str {
    match status {
        Status::Cancelled => "cancelled",
        _ => Mark::from(status).class,
    }
}

/// The moment is added in the viewer's words, by the browser.
fn title(outcome: &Outcome) -> String {
    let duration = outcome
        .duration_ms
        .map(|ms| format!(" in {}", format::duration(std::time::Duration::from_millis(ms))))
        .unwrap_or_default();
    format!("{}{duration}, {}", outcome.status.label(), outcome.trigger.label())
}
