//! When the workflow runs by itself: the three kinds, the time zone, and what they mean.

use leptos::{either::EitherOf3, prelude::*};
use model::schedule::{Missed, Unit};

use crate::{
    api::workflow_form::fields::{Preview, PreviewTime, ScheduleKind, WorkflowFields},
    components::{
        field_problem::{FieldProblem, Problems},
        time::{Saying, Time},
    },
    islands::cron_builder::CronBuilder,
};

#[component]
pub fn ScheduleFields(
    problems: Problems,
    fields: WorkflowFields,
    time_zones: Vec<String>,
    preview: Preview,
) -> impl IntoView {
    let kinds = ScheduleKind::ALL
        .into_iter()
        .map(|kind| {
            view! {
                <label class="check">
                    <input
                        type="radio"
                        name="schedule"
                        value=kind.as_str()
                        checked=kind == fields.schedule
                    />
                    {kind.label()}
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="sheet schedule-fields" data-key="when">
            <div class="stack">
                <fieldset class="field">
                    <legend>"Schedule"</legend>
                    <div class="row">{kinds}</div>
                </fieldset>
                <SimpleFields problems=problems.clone() every=fields.every unit=fields.unit/>
                <CronField problems=problems.clone() expression=fields.expression/>
                <p class="soft for-on-demand">
                    "It never runs by itself: Run Now and the API start it."
                </p>
                <TimeZoneField problems time_zone=fields.time_zone time_zones/>
                <MissedField missed=fields.missed/>
            </div>
            <NextRuns preview/>
        </section>
    }
    .into_any()
}

#[component]
fn SimpleFields(problems: Problems, every: String, unit: Unit) -> impl IntoView {
    let units = Unit::ALL
        .into_iter()
        .map(|each| {
            view! {
                <option value=each.as_str() selected=each == unit>
                    {each.as_str()}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field for-simple">
            <label for="schedule.every">"Every"</label>
            <div class="row nowrap">
                <input
                    id="schedule.every"
                    class="figure-input"
                    name="every"
                    inputmode="numeric"
                    autocomplete="off"
                    value=every
                    aria-describedby="schedule.every-problem"
                    aria-invalid=problems.invalid("schedule.every")
                />
                <select class="unit-input" name="unit" aria-label="Unit">
                    {units}
                </select>
            </div>
            <p class="help">"Counted from the moment it is saved, whatever the runs take. A day is 24 hours."</p>
            <FieldProblem problems field="schedule.every"/>
        </div>
    }
    .into_any()
}

#[component]
fn CronField(problems: Problems, expression: String) -> impl IntoView {
    view! {
        <div class="field for-cron">
            <CronBuilder expression=expression.clone()/>
            <label for="schedule.expression">"Cron expression"</label>
            <input
                id="schedule.expression"
                class="code short"
                name="expression"
                value=expression
                maxlength=model::limits::CRON_CHARS_MAX
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="schedule.expression-problem cron-help"
                aria-invalid=problems.invalid("schedule.expression")
            />
            <FieldProblem problems field="schedule.expression"/>
            <p id="cron-help" class="help">
                "minute hour day month weekday: " <code>"0 2 * * *"</code> " every night at 02:00, "
                <code>"0 2 * * 1-5"</code> " Monday to Friday, " <code>"*/15 9-17 * * *"</code>
                " every 15 minutes from 09:00 to 17:45, " <code>"0 6 1 * *"</code> " on the first of the month."
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn TimeZoneField(problems: Problems, time_zone: String, time_zones: Vec<String>) -> impl IntoView {
    view! {
        <div class="field for-clock">
            <label for="time_zone">"Time zone"</label>
            <input
                id="time_zone"
                class="short"
                name="time_zone"
                list="time-zones"
                value=time_zone
                autocomplete="off"
                spellcheck="false"
                aria-describedby="time_zone-problem"
                aria-invalid=problems.invalid("time_zone")
            />
            <datalist id="time-zones">
                {time_zones.into_iter().map(|zone| view! { <option value=zone></option> }).collect_view()}
            </datalist>
            <FieldProblem problems field="time_zone"/>
        </div>
    }
    .into_any()
}

#[component]
fn MissedField(missed: Missed) -> impl IntoView {
    view! {
        <div class="field for-clock">
            <label for="missed">"Runs missed while the server was down"</label>
            <select id="missed" class="short" name="missed">
                <option value="catch_up" selected=missed == Missed::CatchUp>
                    "One late run for the newest of them"
                </option>
                <option value="skip" selected=missed == Missed::Skip>
                    "Skip them"
                </option>
            </select>
        </div>
    }
    .into_any()
}

/// The schedule in words and its next times.
#[component]
fn NextRuns(preview: Preview) -> impl IntoView {
    let Preview { next, words, time_zone, note, problems } = preview;
    let content = if !problems.is_empty() {
        EitherOf3::A(view! { <p class="soft">"The next runs appear here when the schedule is right."</p> })
    } else if next.is_empty() {
        EitherOf3::B(view! { <p class="soft">"Runs only when asked."</p> })
    } else {
        EitherOf3::C(view! {
            <p>
                <strong>{words}</strong>
                " "
                <span class="soft">{time_zone}</span>
            </p>
            <ol role="list">{next.into_iter().map(next_run).collect_view()}</ol>
            {note.map(|note| view! { <p class="cause mild">{note}</p> })}
        })
    };
    view! {
        <div class="schedule-preview" role="status" aria-label="Next runs">
            <h2>"Next runs"</h2>
            {content}
            <button class="button without-script" name="intent" value="preview">
                "Preview"
            </button>
        </div>
    }
    .into_any()
}

fn next_run(PreviewTime { at, in_zone }: PreviewTime) -> impl IntoView {
    view! {
        <li>
            <span>{in_zone}</span>
            <span class="soft">
                <Time at saying=Saying::Due/>
            </span>
        </li>
    }
    .into_any()
}
