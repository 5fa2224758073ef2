//! The Results tab: what each step did, the golden records, the files, the workflows.

use leptos::prelude::*;
use model::{ProjectId, Step, project::LatestOutputs};

use super::{run::NextStep, workflow_rows::WorkflowRows};
use crate::{
    api::projects::{LatestResults, ProjectHead, StepFact},
    components::{
        icon::Icon,
        outputs::OutputList,
        sample_table::SampleTable,
        time::{Saying, Time},
    },
    format,
};

#[component]
pub fn ResultsTab(head: ProjectHead, results: LatestResults) -> impl IntoView {
    let id = head.id;
    let LatestResults { facts, outputs, golden, golden_records } = results;
    let nothing_yet = facts.iter().all(|fact| fact.at.is_none());
    let golden = golden.map(|sample| {
        let shown = sample.rows.len() as u64;
        let heading = if shown < golden_records {
            format!("The first {shown} of {}", format::counted(golden_records, "golden record"))
        } else {
            format::counted(shown, "golden record")
        };
        view! {
            <section class="section" aria-labelledby="sample" data-key="sample">
                <h2 id="sample">{heading}</h2>
                <SampleTable sample/>
            </section>
        }
    });
    view! {
        <div class="sections" data-key="results">
            {nothing_yet.then(|| view! { <NextStep head=head.clone()/> })}
            <ol class="step-facts" role="list" data-key="facts">
                {facts.into_iter().map(|fact| view! { <Fact id fact/> }).collect_view()}
            </ol>
            {outputs.map(|outputs| view! { <Outputs outputs/> })}
            {golden}
            <section class="section" aria-labelledby="workflows-heading" data-key="workflows">
                <h2 id="workflows-heading">"Workflows"</h2>
                <WorkflowRows id=head.id workflows=head.workflows/>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Fact(id: ProjectId, fact: StepFact) -> impl IntoView {
    let StepFact { step, figure, words, at } = fact;
    let planned = at.is_none();
    let way_in = (step == Step::Match && !planned).then(|| {
        view! { " · " <a href=format!("/projects/{id}/matches")>"look at them"</a> }
    });
    let at = at.map(|at| {
        view! {
            <p class="help">
                <Time at saying=Saying::Distance/>
            </p>
        }
    });
    view! {
        <li class="step-fact" class:planned=planned data-key=step.as_str()>
            <h3>{Icon::of_step(step).view()} {step.label()}</h3>
            {figure.map(|figure| view! { <p class="figure">{figure}</p> })}
            <p>{words} {way_in}</p>
            {at}
        </li>
    }
    .into_any()
}

#[component]
fn Outputs(outputs: LatestOutputs) -> impl IntoView {
    let LatestOutputs { execution, items } = outputs;
    view! {
        <section class="section" aria-labelledby="outputs-heading" data-key="outputs">
            <h2 id="outputs-heading">"Files of the latest run"</h2>
            <OutputList execution files=items/>
        </section>
    }
    .into_any()
}
