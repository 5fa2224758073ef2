//! `--demo`: something to click in an empty data directory — one project with a list of customers, and a workflow of
//! each schedule.

pub mod customers;

use model::{
    Access, Actor, Door, Error, Identity, Role, StepRange,
    schedule::{Missed, Schedule, Unit},
    workflow::{Notifications, WorkflowDraft},
};

use crate::backend::LocalBackend;

const FILE: &str = "customers.csv";

/// Fills the data directory if nothing was ever stored in it.
pub async fn seed(backend: &LocalBackend) -> Result<(), Error> {
    // The number of the last event: deleting the demo does not bring it back.
    if *backend.committed().borrow() > 0 {
        return Ok(());
    }
    let actor = Actor {
        name: "demo".to_owned(),
        door: Door::Api,
        identity: Identity::Demo,
        access: Access::everywhere(Role::Editor),
        address: None,
    };
    let list = customers::csv();
    let path = backend.directory().temporary().join(FILE);
    tokio::fs::write(&path, &list)
        .await
        .map_err(|error| Error::Unavailable { message: format!("{}: {error}", path.display()) })?;
    let project = backend.create_project(&actor, "Customers".to_owned()).await?;
    backend.add_file(&actor, project.id, FILE, &path, list.len() as u64).await?;
    backend.suggest_project(&actor, project.id).await?;
    let schedules = [
        ("Nightly clean-up", Schedule::Cron { expression: "0 2 * * *".to_owned() }),
        ("Every six hours", Schedule::Simple { every: 6, unit: Unit::Hours }),
        ("Customers on demand", Schedule::OnDemand),
    ];
    for (name, schedule) in schedules {
        let draft = WorkflowDraft {
            name: name.to_owned(),
            project_id: project.id,
            steps: StepRange::ALL,
            schedule,
            time_zone: None,
            retries: 0,
            retry_delays_s: None,
            suspend_after: None,
            missed: Missed::default(),
            timeout_s: None,
            notifications: Notifications::default(),
        };
        backend.create_workflow(&actor, draft).await?;
    }
    Ok(())
}
