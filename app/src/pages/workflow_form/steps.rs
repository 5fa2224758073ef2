//! Which steps run: six boxes, kept one block by the island around them. Without JavaScript the server checks the same
//! when the form is saved.

use leptos::prelude::*;
use model::Step;

use crate::{
    components::{
        field_problem::{FieldProblem, Problems},
        icon::Icon,
    },
    islands::step_boxes::StepBoxes,
};

#[component]
pub fn Steps(problems: Problems, steps: Vec<Step>, later_start: bool) -> impl IntoView {
    let step_box = |step: Step| {
        let checked = steps.contains(&step);
        view! {
            <label class="check step-box">
                <input type="checkbox" name="step" value=step.as_str() checked=checked/>
                {Icon::of_step(step).view()}
                {step.label()}
            </label>
        }
    };
    let boxes = Step::ALL.map(step_box).collect_view();
    view! {
        <fieldset id="steps" class="field" aria-describedby="steps-problem">
            <legend>"Steps"</legend>
            <StepBoxes>
                <div class="step-boxes">{boxes}</div>
                <details open=later_start>
                    <summary class="help">"Start from a later step"</summary>
                    <label class="check">
                        <input type="checkbox" name="later_start" checked=later_start/>
                        "The earlier steps are left out; the project’s latest results of them are used."
                    </label>
                </details>
            </StepBoxes>
            <FieldProblem problems field="steps"/>
        </fieldset>
    }
    .into_any()
}
