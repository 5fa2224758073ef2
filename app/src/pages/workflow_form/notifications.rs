//! Who is told how runs end.

use leptos::prelude::*;

use super::field::{FieldProblem, NumberField, Problems};
use crate::api::workflow_form::fields::NotificationFields;

#[component]
pub fn Notifications(problems: Problems, fields: NotificationFields) -> impl IntoView {
    view! {
        <section class="sheet stack" data-key="notifications">
            <div class="field">
                <label for="notifications.emails">"Tell by e-mail"</label>
                <input
                    id="notifications.emails"
                    name="emails"
                    value=fields.emails
                    inputmode="email"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="steward@example.com, on-call@example.com"
                    aria-describedby="notifications.emails-problem"
                    aria-invalid=problems.invalid("notifications.emails")
                />
                <p class="help">"Separate several addresses by commas."</p>
                <FieldProblem problems=problems.clone() field="notifications.emails"/>
            </div>
            <div class="field">
                <label for="notifications.webhooks">"Call a webhook"</label>
                <input
                    id="notifications.webhooks"
                    name="webhooks"
                    value=fields.webhooks
                    inputmode="url"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="https://hooks.example.com/millrace"
                    aria-describedby="notifications.webhooks-problem"
                    aria-invalid=problems.invalid("notifications.webhooks")
                />
                <p class="help">
                    "JSON is posted there, with a “text” that Slack and services like it show. Nobody is told while both \
                     fields are empty."
                </p>
                <FieldProblem problems=problems.clone() field="notifications.webhooks"/>
            </div>
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
                    problems
                    field="notifications.longer_than_s"
                    name="longer_than"
                    label="Also when a run took longer than (minutes)"
                    value=fields.longer_than
                    help="Empty: however long it takes."
                />
            </div>
        </section>
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
