//! Who is told how runs end.

use leptos::prelude::*;

use super::field::{FieldProblem, NumberField, Problems};
use crate::api::workflow_form::fields::NotificationFields;

#[component]
pub fn Notifications(problems: Problems, fields: NotificationFields) -> impl IntoView {
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
