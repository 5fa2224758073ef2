//! The workflow's pulse: the last outcomes as bars. Height is duration, look is outcome, each opens its execution.

use leptos::prelude::*;
use model::{
    ExecutionId,
    execution::{Execution, Status},
    limits::STRIP_OUTCOMES,
    workflow::Outcome,
};

use crate::{
    browser,
    components::{clock::use_clock, state::Mark},
    format,
};

/// The lowest bar, in percent of the strip: one that is still seen and hit.
const LOWEST_PERCENT: f64 = 14.0;

#[derive(Clone, Debug, PartialEq)]
struct Bar {
    execution: ExecutionId,
    class: &'static str,
    height_percent: u32,
    title: String,
}

#[component]
pub fn Strip(
    #[prop(into)] outcomes: Signal<Vec<Outcome>>,
    /// The execution that is running; it is the last bar.
    #[prop(into)]
    running: Signal<Option<Execution>>,
) -> impl IntoView {
    let clock = use_clock();
    let hydrated = Memo::new(move |_| clock.now().is_some());
    let bars = Memo::new(move |_| {
        let running = running.get();
        outcomes.with(|outcomes| bars(outcomes, running.as_ref(), hydrated.get()))
    });
    let label = move || outcomes.with(|outcomes| format::execution::strip(outcomes));
    let bar = |bar: Bar| {
        view! {
            <li>
                // Reachable by keyboard through the history; twenty stops a card would be a wall.
                <a
                    class=bar.class
                    href=format!("/executions/{}", bar.execution)
                    title=bar.title
                    tabindex="-1"
                    style=format!("--height:{}%", bar.height_percent)
                ></a>
            </li>
        }
    };
    view! {
        <ol class="strip" role="list" aria-label=label>
            {move || bars.get().into_iter().map(bar).collect_view()}
        </ol>
    }
    .into_any()
}

fn bars(outcomes: &[Outcome], running: Option<&Execution>, hydrated: bool) -> Vec<Bar> {
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
                title: title(outcome, hydrated),
            }
        })
        .collect();
    if let Some(execution) = running {
        bars.push(Bar {
            execution: execution.id,
            class: "running",
            height_percent: 60,
            title: format!("{}: {}", execution.status.label(), format::execution::trigger(execution)),
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

fn title(outcome: &Outcome, hydrated: bool) -> String {
    let at =
        if hydrated { browser::wall_time(outcome.queued_at).exact() } else { format::time::utc(outcome.queued_at) };
    let duration = outcome
        .duration_ms
        .map(|ms| format!(" in {}", format::duration(std::time::Duration::from_millis(ms))))
        .unwrap_or_default();
    format!("{}{duration}, {}, {at}", outcome.status.label(), outcome.trigger.label())
}
