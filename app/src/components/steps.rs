//! The six steps as one line in time, and small on a card: same order, same icons everywhere.

use std::time::Duration;

use leptos::prelude::*;
use model::{
    Step, Timestamp,
    event::Progress,
    execution::{Execution, StepRun, StepStatus},
};

use crate::{
    components::{clock::use_clock, icon::Icon, state::Mark},
    format,
    live::running_step,
};

/// Six short bars: done, running with its fraction, to come.
#[component]
pub fn StepMeter(
    #[prop(into)] execution: Signal<Execution>,
    #[prop(into)] progress: Signal<Option<Progress>>,
) -> impl IntoView {
    let label = move || {
        execution.with(|execution| {
            let total = execution.steps.len();
            match execution.steps.iter().position(|run| run.status == StepStatus::Running) {
                Some(place) => format!("Step {} of {total}: {}", place + 1, execution.steps[place].step),
                None => format!("{total} steps"),
            }
        })
    };
    let segment = move |step: Step| {
        let status = move || {
            execution.with(|execution| execution.steps.iter().find(|run| run.step == step).map(|run| run.status))
        };
        let class = Memo::new(move |_| match status() {
            None => "outside",
            Some(StepStatus::Success) => "done",
            Some(StepStatus::Running) => "now",
            Some(StepStatus::Failed) => "failed",
            Some(StepStatus::Pending | StepStatus::Cancelled | StepStatus::Skipped) => "",
        });
        let fraction = move || {
            let fraction = progress.with(|progress| {
                progress.as_ref().filter(|progress| progress.step == step).and_then(|progress| progress.fraction)
            });
            match class.get() {
                "done" => "--done:100%".to_owned(),
                "now" => format!("--done:{:.0}%", fraction.unwrap_or(0.08).clamp(0.0, 1.0) * 100.0),
                _ => "--done:0%".to_owned(),
            }
        };
        view! { <span class=class style=fraction title=step.label()></span> }
    };
    view! { <div class="step-meter" role="img" aria-label=label>{Step::ALL.map(segment).collect_view()}</div> }
}

/// What the running step is doing, in one line: `Match · scoring 1.8 of 2.9 M pairs · about 1 s left`.
#[component]
pub fn ProgressLine(
    #[prop(into)] execution: Signal<Execution>,
    #[prop(into)] progress: Signal<Option<Progress>>,
) -> impl IntoView {
    let clock = use_clock();
    let step = Memo::new(move |_| execution.with(running_step));
    let started = Memo::new(move |_| execution.with(|it| it.current_step().and_then(|run| run.started_at)));
    let words = move || {
        let words = progress.with(|progress| {
            progress
                .as_ref()
                .filter(|progress| Some(progress.step) == step.get())
                .map(|progress| format::execution::progress(progress, started.get(), clock.now()))
        });
        words.filter(|words| !words.is_empty()).map(|words| format!(" · {words}"))
    };
    view! {
        <p class="soft progress-line">
            <b>{move || step.get().map_or("Starting", Step::label)}</b>
            {words}
        </p>
    }
    .into_any()
}

/// One line a step: bar in time, what it did or does, how long. `usual` is an earlier run, for what is still to come.
#[component]
pub fn StepTimeline(
    #[prop(into)] execution: Signal<Execution>,
    #[prop(into)] progress: Signal<Option<Progress>>,
    #[prop(optional, into)] usual: Option<Signal<Option<Execution>>>,
) -> impl IntoView {
    let clock = use_clock();
    // Which steps an execution has is settled when it is queued.
    let steps = execution.with_untracked(|it| it.steps.iter().map(|run| run.step).collect::<Vec<_>>());
    let usual = usual.unwrap_or_else(|| Signal::stored(None));
    let scale = Memo::new(move |_| {
        let now = execution.with(|it| !it.status.is_final()).then(|| clock.now()).flatten();
        execution.with(|execution| usual.with(|usual| Scale::of(execution, usual.as_ref(), now)))
    });
    view! {
        <ol class="steps" role="list">
            {steps.into_iter().map(|step| view! { <StepLine step execution progress usual scale/> }).collect_view()}
        </ol>
    }
    .into_any()
}

/// Where instants lie on the line, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    start: Timestamp,
    /// As far as is known: now while it runs, the last known instant before the clock ticks.
    reached: Timestamp,
    width: Duration,
}

impl Scale {
    fn of(execution: &Execution, usual: Option<&Execution>, now: Option<Timestamp>) -> Self {
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

#[component]
fn StepLine(
    step: Step,
    execution: Signal<Execution>,
    progress: Signal<Option<Progress>>,
    usual: Signal<Option<Execution>>,
    scale: Memo<Scale>,
) -> impl IntoView {
    let clock = use_clock();
    let run = Memo::new(move |_| {
        execution.with(|it| it.steps.iter().find(|run| run.step == step).cloned()).unwrap_or(StepRun::pending(step))
    });
    let mark = Memo::new(move |_| Mark::from(run.read().status));
    let bar = move || scale.with(|scale| run.with(|run| scale.style(run)));
    let duration = move || {
        let run = run.get();
        match (run.started_at, run.finished_at) {
            (Some(from), Some(to)) => format::duration(to.since(from)),
            (Some(from), None) => clock.now().map(|now| format::time::whole(now.since(from))).unwrap_or_default(),
            (None, _) => String::new(),
        }
    };
    let words = move || {
        let run = run.get();
        let sample = progress.with(|progress| {
            let sample = progress.as_ref().filter(|sample| sample.step == step && run.status == StepStatus::Running);
            sample.map(|sample| format::execution::progress(sample, run.started_at, clock.now()))
        });
        sample.unwrap_or_else(|| usual.with(|usual| outcome_words(&run, usual.as_ref())))
    };
    view! {
        <li data-status=move || run.read().status.as_str()>
            <b class=move || mark.get().class>{move || mark.get().icon.view()} {step.label()}</b>
            <span class="track" aria-hidden="true">
                {move || bar().map(|style| view! { <i style=style></i> })}
            </span>
            <span class="words">
                <span class="visually-hidden">{move || format!("{}: ", mark.get().word)}</span>
                {words}
            </span>
            <span class="number">{duration}</span>
        </li>
    }
    .into_any()
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
pub fn StepIcons(steps: model::StepRange) -> impl IntoView {
    view! {
        <span class="step-icons" role="img" aria-label=format::execution::steps(steps)>
            {steps.iter().map(|step| view! { <span title=step.label()>{Icon::of_step(step).view()}</span> }).collect_view()}
        </span>
    }
    .into_any()
}
