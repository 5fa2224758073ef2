//! The Configuration tab: what the workflow is told to do, in words. The form changes it.

use leptos::prelude::*;
use model::{
    Role, limits,
    schedule::{Missed, Schedule},
    workflow::Workflow,
};

use crate::{
    components::{allowed::may, icon::Icon, time::Time, workflow_actions::Action},
    format,
};

#[component]
pub fn Configuration(workflow: Workflow) -> impl IntoView {
    let steps = workflow.steps.iter().map(|step| step.label()).collect::<Vec<_>>().join(", ");
    let may_test = may(Role::Editor, workflow.project_id) && workflow.notifications.recipients().next().is_some();
    let test = may_test.then(|| {
        view! {
            <Action name="test_notifications" workflow=workflow.id icon=Icon::Mail label="Send a test" class="button quiet"/>
        }
    });
    view! {
        <dl class="sheet facts list settings">
            <div>
                <dt>"Project"</dt>
                <dd>
                    <a href=format!("/projects/{}", workflow.project_id)>{workflow.project_name.clone()}</a>
                    " holds the settings of the steps"
                </dd>
            </div>
            <Fact name="Steps" value=steps/>
            <Fact name="Schedule" value=schedule(&workflow)/>
            <Fact name="Time zone" value=workflow.time_zone.clone()/>
            <Fact name="Missed while the server was down" value=missed(workflow.missed)/>
            <Fact name="Retries" value=retries(&workflow)/>
            <Fact name="Suspend" value=suspend(workflow.suspend_after)/>
            <Fact name="Timeout" value=timeout(workflow.timeout_s)/>
            <div>
                <dt>"Notifications"</dt>
                <dd>{format::notifications(&workflow.notifications)} " " {test}</dd>
            </div>
            <div>
                <dt>"Created"</dt>
                <dd><Time at=workflow.created_at/></dd>
            </div>
            <Fact name="Version" value=workflow.version.to_string()/>
            <div>
                <dt>"Trigger address"</dt>
                <dd><a href=format!("/workflows/{}/trigger-url", workflow.id)>"For systems that can only call an address"</a></dd>
            </div>
        </dl>
    }
    .into_any()
}

#[component]
fn Fact(name: &'static str, value: String) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}

fn schedule(workflow: &Workflow) -> String {
    match &workflow.schedule {
        Schedule::Cron { expression } => format!("{} ({expression})", workflow.schedule_words),
        Schedule::Simple { .. } | Schedule::OnDemand => workflow.schedule_words.clone(),
    }
}

fn missed(missed: Missed) -> String {
    match missed {
        Missed::CatchUp => format!("one late run, if it was due in the last {} hours", limits::CATCH_UP_WITHIN_H),
        Missed::Skip => "skipped".to_owned(),
    }
}

fn retries(workflow: &Workflow) -> String {
    if workflow.retries == 0 {
        return "none".to_owned();
    }
    let delays = workflow.retry_delays_s.iter().take(usize::from(workflow.retries));
    let delays: Vec<String> = delays.map(|delay| seconds(u64::from(*delay))).collect();
    format!("{}, after {}", workflow.retries, delays.join(", "))
}

fn suspend(after: u32) -> String {
    match after {
        0 => "never".to_owned(),
        1 => "after a failed run".to_owned(),
        more => format!("after {more} failed runs in a row"),
    }
}

fn timeout(limit_s: u64) -> String {
    if limit_s == 0 { "none".to_owned() } else { format!("stopped and failed after {}", seconds(limit_s)) }
}

fn seconds(value: u64) -> String {
    format::duration(std::time::Duration::from_secs(value))
}
