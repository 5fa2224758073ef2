//! Who is told how runs end.

use leptos::prelude::*;

use super::field::NumberField;
use crate::{
    api::workflow_form::fields::{NotificationFields, Tested},
    components::{
        deliveries::TestOutcomes,
        field_problem::{FieldProblem, Problems},
    },
};

#[component]
pub fn Notifications(
    problems: Problems,
    fields: NotificationFields,
    tested: Tested,
    /// A workflow that is not there yet has nothing to send in its name.
    may_test: bool,
) -> impl IntoView {
    view! {
        <section class="sheet stack" data-key="notifications">
            <Recipients
                problems=problems.clone()
                field="notifications.emails"
                name="emails"
                label="Tell by e-mail"
                value=fields.emails
                inputmode="email"
                placeholder="steward@example.com, on-call@example.com"
                help="Separate several addresses by commas."
            />
            <Recipients
                problems=problems.clone()
                field="notifications.webhooks"
                name="webhooks"
                label="Call a webhook"
                value=fields.webhooks
                inputmode="url"
                placeholder="https://hooks.example.com/millrace"
                help="JSON is posted there, with a “text” that Slack and services like it show. Nobody is told while both \
                      fields are empty."
            />
            {may_test.then(|| view! { <Test tested/> })}
            <fieldset class="field">
                <legend>"When"</legend>
                <div class="row">
                    <Occasion name="on_failure" checked=fields.on_failure label="it failed, after its last attempt"/>
                    <Occasion name="on_success" checked=fields.on_success label="it succeeded"/>
                    <Occasion name="on_recovery" checked=fields.on_recovery label="it succeeded after a failed run"/>
                </div>
                <p class="help">"“Failed” also tells when the workflow is suspended, or a run could not start in time."</p>
            </fieldset>
            <div class="short">
                <NumberField
                    problems=problems.clone()
                    field="notifications.longer_than_s"
                    name="longer_than"
                    label="Also when a run took longer than (minutes)"
                    value=fields.longer_than
                    help="Empty: however long it takes."
                />
            </div>
            <DigestHour problems chosen=fields.digest_hour/>
        </section>
    }
    .into_any()
}

/// A test goes to what is typed, so that a mistake is seen before it is saved.
#[component]
fn Test(tested: Tested) -> impl IntoView {
    let Tested { outcomes, refusal, .. } = tested;
    view! {
        <div class="stack" data-key="test">
            <div class="row">
                <button class="button" name="intent" value="test">"Send a test"</button>
                <span class="soft">"to these recipients, as they are typed"</span>
            </div>
            <div role="status">
                {(!outcomes.is_empty()).then(|| view! { <TestOutcomes outcomes/> })}
                {refusal.map(|refusal| view! { <p class="cause">{refusal}</p> })}
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn DigestHour(problems: Problems, chosen: String) -> impl IntoView {
    let hours = (0..24_u8).map(|hour| {
        let value = hour.to_string();
        let selected = value == chosen;
        view! { <option value=value selected=selected>{format!("at {hour:02}:00")}</option> }
    });
    let field = "notifications.digest_hour";
    view! {
        <div class="field short">
            <label for=field>"Daily digest"</label>
            <select
                id=field
                name="digest_hour"
                aria-describedby=format!("{field}-problem")
                aria-invalid=problems.invalid(field)
            >
                <option value="">"none"</option>
                {hours.collect_view()}
            </select>
            <p class="help">
                "One message a day, in the workflow’s time zone: how many runs succeeded and failed since the last, and why."
            </p>
            <FieldProblem problems field/>
        </div>
    }
    .into_any()
}

/// A field for addresses, separated by commas.
#[component]
fn Recipients(
    problems: Problems,
    field: &'static str,
    name: &'static str,
    label: &'static str,
    value: String,
    inputmode: &'static str,
    placeholder: &'static str,
    help: &'static str,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=field>{label}</label>
            <input
                id=field
                name=name
                value=value
                inputmode=inputmode
                autocomplete="off"
                spellcheck="false"
                placeholder=placeholder
                aria-describedby=format!("{field}-problem")
                aria-invalid=problems.invalid(field)
            />
            <p class="help">{help}</p>
            <FieldProblem problems field/>
        </div>
    }
    .into_any()
}

#[component]
fn Occasion(name: &'static str, checked: bool, label: &'static str) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name checked=checked/>
            {label}
        </label>
    }
}
