//! An execution beside the one that succeeded before it: what took longer, and where the rows went.

use std::time::Duration;

use leptos::prelude::*;
use model::execution::{Execution, StepRun};

use crate::{
    components::time::{Saying, Time},
    format,
};

#[component]
pub fn Comparison(execution: Execution, before: Execution) -> impl IntoView {
    let earlier = |run: &StepRun| before.steps.iter().find(|it| it.step == run.step).cloned();
    let rows = execution.steps.iter().map(|run| row(run, earlier(run)));
    let whole = (ran(execution.started_at, execution.finished_at), ran(before.started_at, before.finished_at));
    view! {
        <section class="sheet" aria-labelledby="compared">
            <div class="sheet-head">
                <h2 id="compared">"Compared with the success before"</h2>
                <a class="soft" href=format!("/executions/{}", before.id)>
                    <Time at=before.queued_at saying=Saying::Moment/>
                </a>
            </div>
            <table class="table close">
                <thead>
                    <tr>
                        <th scope="col">"Step"</th>
                        <th scope="col" class="number">"Duration"</th>
                        <th scope="col" class="number">"Before"</th>
                        <th scope="col" class="number">"Rows out"</th>
                        <th scope="col" class="number">"Before"</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.collect_view()}
                    <tr>
                        <td class="lead"><b>"Whole run"</b></td>
                        <td class="number" data-name="Duration">{duration(whole.0, whole.1)}</td>
                        <td class="number" data-name="before">{whole.1.map(format::duration)}</td>
                        <td class="number" data-name="Records">{count(execution.records, before.records)}</td>
                        <td class="number" data-name="before">{before.records.map(format::number)}</td>
                    </tr>
                </tbody>
            </table>
        </section>
    }
    .into_any()
}

fn ran(start: Option<model::Timestamp>, end: Option<model::Timestamp>) -> Option<Duration> {
    start.zip(end).map(|(start, end)| end.since(start))
}

fn row(run: &StepRun, before: Option<StepRun>) -> impl IntoView + use<> {
    let took = ran(run.started_at, run.finished_at);
    let took_before = before.as_ref().and_then(|it| ran(it.started_at, it.finished_at));
    let rows_before = before.and_then(|it| it.rows_out);
    view! {
        <tr>
            <td class="lead">{run.step.label()}</td>
            <td class="number" data-name="Duration">{duration(took, took_before)}</td>
            <td class="number" data-name="before">{took_before.map(format::duration)}</td>
            <td class="number" data-name="Rows">{count(run.rows_out, rows_before)}</td>
            <td class="number" data-name="before">{rows_before.map(format::number)}</td>
        </tr>
    }
}

/// The value, marked when it differs by half or more; tiny times differ by chance.
fn duration(now: Option<Duration>, before: Option<Duration>) -> Option<AnyView> {
    const BY_CHANCE: Duration = Duration::from_secs(2);

    let now = now?;
    let slower = before.is_some_and(|before| now > before.mul_f64(1.5) && now - before > BY_CHANCE);
    Some(marked(format::duration(now), slower.then_some("slower")))
}

fn count(now: Option<u64>, before: Option<u64>) -> Option<AnyView> {
    let now = now?;
    let differs = before.and_then(|before| match (now * 2 <= before, now >= before * 2 && before > 0) {
        (true, _) if before > 0 => Some("fewer"),
        (_, true) => Some("more"),
        _ => None,
    });
    Some(marked(format::number(now), differs))
}

fn marked(text: String, word: Option<&'static str>) -> AnyView {
    view! { {word.map(|word| view! { <span class="waiting">{word}</span> " " })} {text} }.into_any()
}
