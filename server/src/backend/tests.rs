use std::sync::Arc;

use engine::{Engine, EngineConfig};
use model::{
    Actor, Door, Error, Step, StepRange,
    execution::Trigger,
    project::ProjectDraft,
    schedule::{Missed, Schedule},
    workflow::{Notifications, WorkflowDraft},
};

use crate::{
    backend::{LocalBackend, Parts},
    outbox::LogTransport,
    testing::{Bench, SLOTS, by},
};

fn backend(bench: &Bench) -> LocalBackend {
    let config = EngineConfig { threads: 1, memory_bytes: 64 << 20, spill_directory: bench.directory.spill() };
    LocalBackend::new(Parts {
        store: bench.store.clone(),
        clock: bench.clock.clone(),
        directory: bench.directory.clone(),
        engine: Arc::new(Engine::new(config).unwrap()),
        import: engine::ImportSettings::default(),
        samples: bench.samples.clone(),
        transport: Arc::new(LogTransport),
        slots: SLOTS,
        default_time_zone: "Europe/Brussels".to_owned(),
    })
}

fn draft(name: &str, project_id: model::ProjectId, steps: StepRange) -> WorkflowDraft {
    WorkflowDraft {
        name: name.to_owned(),
        project_id,
        steps,
        schedule: Schedule::OnDemand,
        time_zone: None,
        retries: 0,
        retry_delays_s: None,
        suspend_after: None,
        missed: Missed::CatchUp,
        timeout_s: None,
        notifications: Notifications::default(),
    }
}

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid { fields } => fields.into_iter().map(|problem| problem.field).collect(),
        other => panic!("{other}"),
    }
}

async fn upload(
    bench: &Bench,
    backend: &LocalBackend,
    project: model::ProjectId,
    text: &str,
) -> model::project::Project {
    let temporary = bench.directory.temporary().join("upload");
    std::fs::write(&temporary, text).unwrap();
    let bytes = text.len() as u64;
    backend.add_file(&Actor::local(Door::Api), project, "people.csv", &temporary, bytes).await.unwrap()
}

#[tokio::test]
async fn every_problem_of_a_draft_is_told_at_once() {
    let bench = Bench::new().await;
    let backend = backend(&bench);
    let taken = bench.workflow("nightly").await;
    let broken = WorkflowDraft {
        schedule: Schedule::Cron { expression: "0 25 * * *".to_owned() },
        time_zone: Some("Mars/Olympus".to_owned()),
        retries: 4,
        ..draft(" nightly ", model::ProjectId::from_uuid(uuid::Uuid::nil()), StepRange::ALL)
    };
    let actor = Actor::local(Door::Browser);
    let problems = fields(backend.create_workflow(&actor, broken).await.unwrap_err());
    assert_eq!(problems, ["retries", "time_zone", "schedule.expression", "name", "project_id"]);
    // Starting later needs what the steps before would have left.
    let later = StepRange::new(Step::Merge, Step::Merge).unwrap();
    let problems = fields(backend.create_workflow(&actor, draft("x", taken.project_id, later)).await.unwrap_err());
    assert!(problems.iter().any(|field| field == "steps"), "{problems:?}");
}

#[tokio::test]
async fn the_door_decides_the_trigger() {
    let bench = Bench::new().await;
    let backend = backend(&bench);
    let workflow = bench.workflow("nightly").await.id;
    for (door, trigger) in [(Door::Browser, Trigger::Manual), (Door::Api, Trigger::Api)] {
        let execution = backend.run_now(&Actor::local(door), workflow, None, None).await.unwrap();
        assert_eq!(execution.trigger, trigger);
        assert!(execution.queue_position.is_some());
    }
}

#[tokio::test]
async fn an_upload_becomes_a_source_and_a_second_one_replaces_its_content() {
    let bench = Bench::new().await;
    let backend = backend(&bench);
    let project = bench.project("customers").await;
    let first = upload(&bench, &backend, project, "name\nAnn\n").await;
    assert_eq!((first.version, first.config.sources[0].name.as_str()), (2, "people"));
    let old = bench.store.project_files(project).await.unwrap()["people.csv"];
    let second = upload(&bench, &backend, project, "name\nBob\n").await;
    assert_eq!((second.version, second.config.sources.len(), second.files.len()), (3, 1, 1));
    let new = bench.store.project_files(project).await.unwrap()["people.csv"];
    let read = |file| std::fs::read_to_string(bench.directory.file(project, file)).unwrap();
    assert_eq!((read(old).as_str(), read(new).as_str()), ("name\nAnn\n", "name\nBob\n"), "what runs keeps the old one");
    let temporary = bench.directory.temporary().join("upload");
    std::fs::write(&temporary, "x").unwrap();
    let actor = Actor::local(Door::Api);
    assert!(backend.add_file(&actor, project, "../people.csv", &temporary, 1).await.is_err());
}

#[tokio::test]
async fn saving_an_outdated_project_is_refused() {
    let bench = Bench::new().await;
    let backend = backend(&bench);
    let actor = Actor::local(Door::Browser);
    let project = backend.create_project(&actor, " customers ".to_owned()).await.unwrap();
    assert_eq!(project.name, "customers");
    let draft = ProjectDraft { name: "clients".to_owned(), config: project.config, version: project.version };
    assert_eq!(backend.replace_project(&actor, project.id, draft.clone()).await.unwrap().version, 2);
    let refused = backend.replace_project(&actor, project.id, draft).await.unwrap_err();
    assert_eq!(refused, Error::OutdatedVersion { current: 2 });
}

#[tokio::test]
async fn a_project_or_workflow_that_is_in_use_is_not_deleted() {
    let bench = Bench::new().await;
    let backend = backend(&bench);
    let actor = Actor::local(Door::Browser);
    let workflow = bench.workflow("nightly").await;
    assert!(matches!(backend.delete_project(&actor, workflow.project_id).await, Err(Error::Conflict { .. })));
    let execution = bench.run_now(workflow.id).await;
    assert!(matches!(backend.delete_workflow(&actor, workflow.id).await, Err(Error::Conflict { .. })));
    bench.store.cancel(execution.id, by("ann")).await.unwrap();
    backend.delete_workflow(&actor, workflow.id).await.unwrap();
    backend.delete_project(&actor, workflow.project_id).await.unwrap();
    assert!(matches!(backend.workflow(workflow.id).await, Err(Error::NotFound { .. })));
    assert_eq!(bench.execution(execution.id).await.workflow_name, "nightly", "its history stays");
}

#[tokio::test]
async fn a_copy_is_paused_and_has_a_name_of_its_own() {
    let bench = Bench::new().await;
    let backend = backend(&bench);
    let actor = Actor::local(Door::Browser);
    let workflow = bench.workflow("nightly").await.id;
    let names = [
        backend.duplicate_workflow(&actor, workflow).await.unwrap(),
        backend.duplicate_workflow(&actor, workflow).await.unwrap(),
    ];
    assert_eq!(names.each_ref().map(|copy| copy.name.as_str()), ["nightly (copy)", "nightly (copy 2)"]);
    assert_eq!(names[0].state, model::workflow::WorkflowState::Paused);
}
