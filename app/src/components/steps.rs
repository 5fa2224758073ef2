//! The six steps as one line in time, and small on a card: same order, same icons everywhere.

use std::time::Duration;

use leptos::prelude::*;
use model::{
    ExecutionId, Step, StepRange, Timestamp, WorkflowId,
    execution::{Execution, StepRun, StepStatus},
};

use crate::{
    api::request::backend,
    components::{icon::Icon, state::Mark, time::Elapsed},
    format::{
        self,
        execution::{Meter, bar_style, running_step},
    },
};

/// Step and progress of what a workflow runs. Its place is there while nothing runs: the first news of a run shows in it
/// before the page that tells of the run has come, and quick steps would be over by then. The browser fills it from
/// [`LiveStepsTemplate`].
#[component]
pub fn LiveSteps(workflow: WorkflowId, #[prop(optional_no_strip)] running: Option<Execution>) -> impl IntoView {
    let is_idle = running.is_none();
    let parts = running.map(|execution| view! { <StepMeter execution=execution.clone()/> <ProgressLine execution/> });
    view! { <div data-key="live-steps" data-steps-of=workflow.to_string() hidden=is_idle>{parts}</div> }.into_any()
}

/// What is in [`LiveSteps`] before anything is known of the run. Once in the document.
#[component]
pub fn LiveStepsTemplate() -> impl IntoView {
    view! {
        <template id="live-steps">
            {meter(None, Meter::default())} <p class="soft progress-line"><b></b> <span></span></p>
        </template>
    }
    .into_any()
}

/// Six short bars: done, running with its fraction, to come.
#[component]
pub fn StepMeter(execution: Execution) -> impl IntoView {
    meter(Some(execution.id), Meter::of(&execution)).into_any()
}

fn meter(execution: Option<ExecutionId>, Meter { label, classes }: Meter) -> impl IntoView {
    let segment = |(step, class): (Step, &'static str)| {
        view! { <span class=class data-step=step.as_str() style=bar_style(class) title=step.label()></span> }
    };
    view! {
        <div class="step-meter" role="img" aria-label=label data-meter=execution.map(|id| id.to_string())>
            {Step::ALL.into_iter().zip(classes).map(segment).collect_view()}
        </div>
    }
}

/// What the running step is doing, in one line: `Match · scoring 1.8 of 2.9 M pairs · about 1 s left`.
#[component]
pub fn ProgressLine(execution: Execution) -> impl IntoView {
    let started = execution.current_step().and_then(|run| run.started_at).map(|at| at.to_string());
    view! {
        <p class="soft progress-line" data-progress=execution.id.to_string() data-started=started>
            <b>{running_step(&execution).map_or("Starting", Step::label)}</b>
            <span></span>
        </p>
    }
    .into_any()
}

/// One line a step: bar in time, what it did or does, how long. `usual` is an earlier run, for what is still to come.
#[component]
pub fn StepTimeline(execution: Execution, #[prop(optional_no_strip)] usual: Option<Execution>) -> impl IntoView {
    let scale = Scale::of(&execution, usual.as_ref(), backend().now());
    let lines = execution.steps.iter().map(|run| step_line(&execution, run, usual.as_ref(), &scale));
    view! { <ol class="steps" role="list">{lines.collect_view()}</ol> }
}

/// Where instants lie on the line, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    start: Timestamp,
    /// As far as is known: now while it runs.
    reached: Timestamp,
    width: Duration,
}

impl Scale {
    fn of(execution: &Execution, usual: Option<&Execution>, now: Timestamp) -> Self {
        let now = (!execution.status.is_final()).then_some(now);
        let start = execution.started_at.unwrap_or(execution.queued_at);
        let known = execution.steps.iter().flat_map(|run| [run.started_at, run.finished_at]).flatten().max();
        let reached = execution.finished_at.or(now.max(known)).unwrap_or(start);
        let elapsed = reached.since(start);
        // While it runs, the line is as long as the last run was, so that the bars do not shrink as they grow.
        let expected = match (execution.status.is_final(), usual) {
            (false, Some(usual)) => usual.started_at.zip(usual.finished_at).map(|(from, to)| to.since(from)),
            _ => None,
        };
        let width = elapsed.max(expected.unwrap_or_default()).max(Duration::from_millis(1));
        Self { start, reached, width }
    }

    fn percent(&self, time: Duration) -> f64 {
        (time.as_secs_f64() / self.width.as_secs_f64() * 100.0).min(100.0)
    }

    fn style(&self, run: &StepRun) -> Option<String> {
        let from = run.started_at?;
        let to = run.finished_at.unwrap_or(self.reached);
        let left = self.percent(from.since(self.start));
        let width = self.percent(to.since(from)).max(0.6);
        Some(format!("inset-inline-start:{left:.1}%;inline-size:{width:.1}%"))
    }
}

fn step_line(execution: &Execution, run: &StepRun, usual: Option<&Execution>, scale: &Scale) -> impl IntoView + use<> {
    let is_kept = execution.from.is_some_and(|from| run.step < from);
    let mark = Mark::from(run.status);
    let words = if is_kept { "the result of an earlier run is used".to_owned() } else { outcome_words(run, usual) };
    let duration = match (run.started_at, run.finished_at) {
        (Some(from), Some(to)) => Some(format::duration(to.since(from)).into_any()),
        (Some(since), None) => Some(view! { <Elapsed since/> }.into_any()),
        (None, _) => None,
    };
    // While it runs, the browser says here what the step is doing.
    let live = (run.status == StepStatus::Running).then(|| execution.id.to_string());
    view! {
        <li data-key=run.step.as_str() data-status=run.status.as_str()>
            <b class=mark.class>{mark.icon.view()} {run.step.label()}</b>
            <span class="track" aria-hidden="true">{scale.style(run).map(|style| view! { <i style=style></i> })}</span>
            <span class="words">
                <span class="visually-hidden">{format!("{}: ", mark.word)}</span>
                <span data-words=live data-step=run.step.as_str() data-started=run.started_at.map(|at| at.to_string())>
                    {words}
                </span>
            </span>
            <span class="number">{duration}</span>
        </li>
    }
}

fn outcome_words(run: &StepRun, usual: Option<&Execution>) -> String {
    if let Some(words) = run.error.as_ref().or(run.summary.as_ref()) {
        return words.clone();
    }
    match run.status {
        StepStatus::Skipped => "not reached".to_owned(),
        StepStatus::Cancelled => "stopped here".to_owned(),
        StepStatus::Pending => {
            let before = usual.and_then(|usual| usual.steps.iter().find(|known| known.step == run.step));
            let took = before.and_then(|known| known.started_at.zip(known.finished_at));
            took.map(|(from, to)| format!("usually {}", format::duration(to.since(from)))).unwrap_or_default()
        }
        StepStatus::Running | StepStatus::Success | StepStatus::Failed => match (run.rows_in, run.rows_out) {
            (Some(rows_in), Some(rows_out)) if rows_in != rows_out => {
                format!("{} → {} rows", format::number(rows_in), format::number(rows_out))
            }
            (Some(rows), _) | (None, Some(rows)) => format::counted(rows, "row"),
            (None, None) => String::new(),
        },
    }
}

/// The icons of a workflow's steps, in order, for a line of text.
#[component]
pub fn StepIcons(steps: StepRange) -> impl IntoView {
    view! {
        <span class="step-icons" role="img" aria-label=format::execution::steps(steps)>
            {steps.iter().map(|step| view! { <span title=step.label()>{Icon::of_step(step).view()}</span> }).collect_view()}
        </span>
    }
    .into_any()
}
