//! What happens when a run fails, hangs or was missed.

use leptos::prelude::*;
use model::limits;

use super::field::NumberField;
use crate::{
    api::workflow_form::fields::WorkflowFields,
    components::field_problem::{FieldProblem, Problems},
    format,
};

#[component]
pub fn Reliability(problems: Problems, fields: WorkflowFields) -> impl IntoView {
    view! {
        <section class="sheet reliability-fields" data-key="if-it-fails">
            <RetryFields problems=problems.clone() retries=fields.retries delays=fields.delays/>
            <NumberField
                problems=problems.clone()
                field="suspend_after"
                name="suspend_after"
                label="Suspend after failed runs in a row"
                value=fields.suspend_after
                help="0 never suspends. A run counts with all its retries."
            />
            <NumberField
                problems
                field="timeout_s"
                name="timeout"
                label="Stop a run after (hours)"
                value=fields.timeout
                help="0 lets it take as long as it takes."
            />
        </section>
    }
    .into_any()
}

/// Only as many delays are shown as there are retries; the style sheet does that, so it works without JavaScript.
#[component]
fn RetryFields(problems: Problems, retries: String, delays: [String; 3]) -> impl IntoView {
    let options = (0..=limits::RETRIES_MAX)
        .map(|count| {
            let selected = retries.trim() == count.to_string();
            let words = if count == 0 {
                "none".to_owned()
            } else {
                format::counted(u64::from(count), "retry").replace("retrys", "retries")
            };
            view! {
                <option value=count.to_string() selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    let delays = delays
        .into_iter()
        .zip(1..)
        .map(|(delay, number)| {
            view! {
                <label class="retry-delay">
                    {format!("{}: after", format::ordinal(number))}
                    <input
                        name=format!("delay_{number}")
                        value=delay
                        inputmode="decimal"
                        autocomplete="off"
                        aria-describedby="retry_delays_s-problem"
                    />
                    "min"
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="retries">"When it fails, try again"</label>
            <select id="retries" name="retries" aria-invalid=problems.invalid("retries")>
                {options}
            </select>
            <div id="retry_delays_s" class="retry-delays">{delays}</div>
            <FieldProblem problems=problems.clone() field="retries"/>
            <FieldProblem problems field="retry_delays_s"/>
        </div>
    }
    .into_any()
}
