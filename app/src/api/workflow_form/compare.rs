//! Two versions of a workflow side by side, for the one whose save came second.

use model::{Step, project::ProjectName, schedule::Missed, workflow::Workflow};

use super::{preview, read};
use crate::{
    api::workflow_form::fields::{Conflict, Difference, WorkflowFields},
    backend::Backend,
    format,
};

/// Where what was typed differs from what is stored now.
pub(super) async fn conflict(
    backend: &dyn Backend,
    stored: &Workflow,
    typed: &WorkflowFields,
    projects: &[ProjectName],
) -> Conflict {
    let theirs = read::of_workflow(stored);
    let typed_words = preview::words(backend, typed).await;
    let typed_project = projects.iter().find(|choice| choice.id.to_string() == typed.project);
    let typed_project = typed_project.map_or("none", |choice| choice.name.as_str());
    let typed_notifications = read::draft(typed).draft.notifications;
    let rows = [
        ("Name", stored.name.clone(), typed.name.trim().to_owned()),
        ("Project", stored.project_name.clone(), typed_project.to_owned()),
        ("Steps", steps(&theirs.steps), steps(&typed.steps)),
        ("Schedule", stored.schedule_words.clone(), typed_words),
        ("Time zone", theirs.time_zone.clone(), typed.time_zone.trim().to_owned()),
        ("Retries", retries(&theirs), retries(typed)),
        ("Suspend after", theirs.suspend_after.clone(), typed.suspend_after.clone()),
        ("Missed runs", missed(theirs.missed).to_owned(), missed(typed.missed).to_owned()),
        ("Timeout", format!("{} hours", theirs.timeout), format!("{} hours", typed.timeout)),
        ("Notifications", format::notifications(&stored.notifications), format::notifications(&typed_notifications)),
    ];
    let differences = rows
        .into_iter()
        .filter(|(_, stored, typed)| stored != typed)
        .map(|(label, stored, typed)| Difference { label: label.to_owned(), stored, typed })
        .collect();
    Conflict { version: stored.version, differences }
}

fn steps(steps: &[Step]) -> String {
    let labels: Vec<&str> = steps.iter().map(|step| step.label()).collect();
    labels.join(", ")
}

fn retries(fields: &WorkflowFields) -> String {
    match fields.retries.trim().parse::<usize>() {
        Ok(0) => "none".to_owned(),
        Ok(count) => {
            let delays: Vec<&str> = fields.delays.iter().take(count).map(|delay| delay.trim()).collect();
            format!("{count}, after {} min", delays.join(", "))
        }
        Err(_) => fields.retries.clone(),
    }
}

const fn missed(missed: Missed) -> &'static str {
    match missed {
        Missed::CatchUp => "catch up once",
        Missed::Skip => "skip",
    }
}
