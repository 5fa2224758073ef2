//! The Results tab: what each step did, the golden records, the files, the workflows.

use leptos::prelude::*;
use model::{ExecutionId, execution::Output, project::LatestOutputs};

use super::{run::NextStep, sample_table::SampleTable, workflow_rows::WorkflowRows};
use crate::{
    api::{
        self,
        projects::{LatestResults, ProjectHead, StepFact},
    },
    components::{
        icon::Icon,
        loaded::Loaded,
        time::{Saying, Time},
    },
    format,
};

#[component]
pub(super) fn ResultsTab(head: Signal<ProjectHead>, #[prop(into)] news: Signal<u32>) -> impl IntoView {
    let id = head.with_untracked(|head| head.id);
    let results = Resource::new(move || news.get(), move |_| api::projects::project_results(id));
    view! {
        <div class="stack">
            <Loaded data=move || async move { results.await } let:results>
                <Results head results/>
            </Loaded>
            <section class="stack" aria-labelledby="workflows-heading">
                <h2 id="workflows-heading">"Workflows"</h2>
                <WorkflowRows head/>
            </section>
        </div>
    }
}

#[component]
fn Results(head: Signal<ProjectHead>, results: LatestResults) -> impl IntoView {
    let LatestResults { facts, outputs, golden, golden_records } = results;
    let nothing_yet = facts.iter().all(|fact| fact.at.is_none());
    let golden = golden.map(|sample| {
        let shown = sample.rows.len() as u64;
        let heading = if shown < golden_records {
            format!("The first {shown} of {}", format::counted(golden_records, "golden record"))
        } else {
            format::counted(shown, "golden record")
        };
        view! { <SampleTable heading sample/> }
    });
    view! {
        <div class="stack">
            {nothing_yet.then(|| view! { <NextStep head/> })}
            <ol class="step-facts" role="list">
                {facts.into_iter().map(|fact| view! { <Fact fact/> }).collect_view()}
            </ol>
            {outputs.map(|outputs| view! { <Outputs outputs/> })}
            {golden}
        </div>
    }
}

#[component]
fn Fact(fact: StepFact) -> impl IntoView {
    let StepFact { step, figure, words, at } = fact;
    view! {
        <li class="step-fact" class:planned=at.is_none()>
            <h3>{Icon::of_step(step).view()} {step.label()}</h3>
            {figure.map(|figure| view! { <p class="figure">{figure}</p> })}
            <p>{words}</p>
            {at.map(|at| {
                view! {
                    <p class="help">
                        <Time at saying=Saying::Distance/>
                    </p>
                }
            })}
        </li>
    }
}

#[component]
fn Outputs(outputs: LatestOutputs) -> impl IntoView {
    let LatestOutputs { execution, items } = outputs;
    view! {
        <section class="stack" aria-labelledby="outputs-heading">
            <h2 id="outputs-heading">"Files of the latest run"</h2>
            <ul class="outputs" role="list">
                {items.into_iter().map(|output| view! { <OutputLink execution output/> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn OutputLink(execution: ExecutionId, output: Output) -> impl IntoView {
    let Output { name, bytes, rows } = output;
    let rows = rows.map(|rows| format!("{} · ", format::counted(rows, "record")));
    let address = format!("/api/v1/executions/{execution}/outputs/{}", path_segment(&name));
    view! {
        <li>
            <a class="button" href=address download>
                {Icon::Download.view()}
                {name}
            </a>
            <span class="soft">{rows} {format::bytes(bytes)}</span>
        </li>
    }
}

/// RFC 3986: everything but unreserved characters is percent-encoded, so that any file name is one segment.
fn path_segment(name: &str) -> String {
    let mut segment = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::path_segment;

    #[test]
    fn any_file_name_is_one_segment() {
        assert_eq!(path_segment("golden-records.csv"), "golden-records.csv");
        assert_eq!(path_segment("März 1/2?.csv"), "M%C3%A4rz%201%2F2%3F.csv");
    }
}
