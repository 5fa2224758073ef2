//! What is written down, in the transaction of the change.

mod keeping;
mod reading;

use std::{net::IpAddr, time::Duration};

use model::{
    Access, Role, Scope,
    activity::{Activity, ActivityFilter, ActivityKind, Author, AuthorIdentity, SubjectKind},
    people::{TokenDraft, UserDraft},
    project::ProjectDraft,
    schedule::Schedule,
    workflow::Notifications,
};
use serde_json::json;

use crate::{
    clock::Clock,
    store::{NewFile, NewSession, NewUser, Plan, ProjectEdit, StoredTokenDraft},
    testing::{Bench, by, plan},
};

const DAY: Duration = Duration::from_secs(86_400);
const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn everything() -> ActivityFilter {
    ActivityFilter::default()
}

/// `retries: 0 -> 2`, a line each.
fn changes(entry: &Activity) -> Vec<String> {
    entry.changes.iter().map(|it| format!("{}: {} -> {}", it.field, it.before, it.after)).collect()
}

fn kinds(entries: &[Activity]) -> Vec<String> {
    let word = |entry: &Activity| {
        let kind = serde_json::to_value(&entry.what).unwrap()["kind"].as_str().unwrap().to_owned();
        format!("{} {kind}", entry.subject.kind.as_str())
    };
    entries.iter().map(word).collect()
}

#[tokio::test]
async fn an_edit_of_a_workflow_tells_before_and_after_and_no_secret() {
    let bench = Bench::new().await;
    let (project, other) = (bench.project("customers").await, bench.project("suppliers").await);
    let told = |webhooks: &[&str]| Notifications {
        webhooks: webhooks.iter().map(|it| (*it).to_owned()).collect(),
        ..Notifications::default()
    };
    let before = Plan { notifications: told(&["https://hooks.example.com/secret-1"]), ..plan("nightly", project) };
    let workflow = bench.workflow_with(before.clone()).await;
    let after = Plan {
        project_id: other,
        schedule: Schedule::Cron { expression: "0 2 * * *".to_owned() },
        schedule_words: "At 02:00".to_owned(),
        retries: 2,
        notifications: told(&["https://hooks.example.com/secret-2"]),
        ..before
    };
    let token = AuthorIdentity::Token(model::TokenId::from_uuid(uuid::Uuid::from_u128(7)));
    let author = Author { name: "token ci".to_owned(), identity: token, address: Some(HOME) };
    bench.store.replace_workflow(workflow.id, after, 1, author).await.unwrap();
    let entry = &bench.activity(workflow.id).await[0];
    assert_eq!(entry.what, ActivityKind::Edited { version: Some(2) });
    assert_eq!((entry.by.as_deref(), entry.identity, entry.address), (Some("token ci"), Some(token), Some(HOME)));
    assert_eq!((entry.subject.name.as_deref(), entry.project_id), (Some("nightly"), Some(other)));
    assert_eq!(
        changes(entry),
        [
            &format!(r#"project_id: "{project}" -> "{other}""#),
            r#"schedule: "On demand" -> "At 02:00 (0 2 * * *)""#,
            r#"retries: 0 -> 2"#,
            concat!(
                r#"notifications.webhooks: ["https://hooks.example.com/…"] -> "#,
                r#"["https://hooks.example.com/… (another address)"]"#
            ),
        ]
    );
    let left = bench.log(ActivityFilter { project: Some(project), ..everything() }).await;
    assert_eq!(kinds(&left), ["workflow moved_away", "workflow created", "project created"]);
    let filter = ActivityFilter { workflow: Some(workflow.id), ..everything() };
    let seen = bench.store.activity(&filter, &Scope::Projects([other].into())).await.unwrap().data.items;
    assert_eq!(
        kinds(&seen),
        ["workflow edited"],
        "what it was before is not for those who see the other project alone"
    );
}

#[tokio::test]
async fn an_edit_of_a_project_is_told_at_its_path() {
    let bench = Bench::new().await;
    let id = bench.project("customers").await;
    let file = NewFile { project: id, name: "people.csv".to_owned(), file: bench.clock.new_uuid(), bytes: 4 };
    let project = bench.store.put_file(file, by("ann")).await.unwrap();
    let mut config = project.config;
    config.matching.definitions = serde_json::from_value(json!([{"name": "name", "criteria": []}])).unwrap();
    let save = async |config: &model::config::ProjectConfig, version, edit| {
        let draft = ProjectDraft { name: "clients".to_owned(), config: config.clone(), version };
        bench.store.replace_project(id, draft, edit, by("bob")).await.unwrap()
    };
    save(&config, 2, ProjectEdit::Suggestion).await;
    config.matching.definitions[0].threshold = 85.5;
    save(&config, 3, ProjectEdit::ByHand).await;
    let entries = bench.log(ActivityFilter { project: Some(id), ..everything() }).await;
    assert_eq!(kinds(&entries), ["project edited", "project suggested", "project file_uploaded", "project created"]);
    assert_eq!(changes(&entries[0]), ["match.definitions[0].threshold: 80.0 -> 85.5"]);
    assert!(changes(&entries[1]).contains(&r#"name: "customers" -> "clients""#.to_owned()));
    assert!(entries[2].changes.iter().any(|it| it.field.starts_with("sources")), "{:?}", entries[2]);
}

#[tokio::test]
async fn who_came_in_and_what_became_of_people_and_tokens_is_there_without_secrets() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let first = store.create_first_user("root".to_owned(), "hash-1".to_owned(), Some(HOME)).await.unwrap();
    let new = NewUser {
        name: "ann".to_owned(),
        access: Access::everywhere(Role::Viewer),
        password: None,
        provider: None,
        created_by: "root".to_owned(),
    };
    let ann = store.create_user(new, first.author(Some(HOME))).await.unwrap();
    store.invite(ann.id, [1; 32], bench.now().plus(DAY), first.author(None)).await.unwrap();
    store.accept_invitation([1; 32], "hash-2".to_owned(), Some(HOME)).await.unwrap();
    let session = NewSession { hash: [2; 32], user: ann.id, lasts: DAY, address: HOME, agent: None, replaces: None };
    store.open_session(session).await.unwrap();
    store.end_session([2; 32], HOME).await.unwrap();
    store.end_session([2; 32], HOME).await.unwrap();
    store.record_refused_sign_in(Some(ann.clone()), HOME).await.unwrap();
    store.record_refused_sign_in(None, HOME).await.unwrap();
    let customers = bench.project("customers").await;
    let mut access = Access::in_project(customers, Role::Editor);
    access.everywhere = None;
    let draft = UserDraft { name: "ann".to_owned(), access, disabled: true };
    store.replace_user(ann.id, draft, first.author(None)).await.unwrap();
    let draft = TokenDraft { name: "ci".to_owned(), role: Role::Operator, project_id: None, days: Some(30) };
    let id = model::TokenId::from_uuid(bench.clock.new_uuid());
    let token = StoredTokenDraft { id, hash: [3; 32], draft, owner: None, created_at: bench.now() };
    store.create_token(token, first.author(None)).await.unwrap();
    store.delete_token(id, None, first.author(None)).await.unwrap();
    store.delete_user(ann.id, first.author(None)).await.unwrap();

    let entries = bench.log(everything()).await;
    let mut oldest_first = kinds(&entries);
    oldest_first.reverse();
    assert_eq!(
        oldest_first,
        [
            "user created",
            "user created",
            "user invited",
            "user password_chosen",
            "sign_in signed_in",
            "sign_in signed_out",
            "sign_in sign_in_refused",
            "sign_in sign_in_refused",
            "project created",
            "user edited",
            "token created",
            "token deleted",
            "user deleted",
        ]
    );
    let of = |kind: &str| entries.iter().find(|entry| kinds(std::slice::from_ref(*entry)) == [kind]).unwrap();
    assert_eq!(
        changes(of("user edited")),
        ["disabled: false -> true", r#"projects: [] -> ["customers: editor"]"#, r#"role: "viewer" -> null"#]
    );
    assert_eq!(changes(of("token created")), ["days: null -> 30", r#"role: null -> "operator""#]);
    let signed_in = of("sign_in signed_in");
    assert_eq!((signed_in.identity, signed_in.address), (Some(AuthorIdentity::User(ann.id)), Some(HOME)));
    let refused = of("sign_in sign_in_refused");
    assert_eq!((&refused.by, refused.subject.id, refused.address), (&None, None, Some(HOME)), "nobody of that name");
    let root = entries.last().unwrap();
    assert_eq!((root.by.as_deref(), root.address), (Some("root"), Some(HOME)), "the first made themselves");
    let all = serde_json::to_string(&entries).unwrap();
    assert!(!all.contains("hash"), "{all}");
}

#[tokio::test]
async fn what_people_did_with_executions_is_apart_from_the_changes() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await.id;
    let queued = bench.try_run_now(workflow, Some("key")).await.unwrap();
    assert_eq!(bench.try_run_now(workflow, Some("key")).await.unwrap().id, queued.id, "asked for once");
    bench.store.cancel(queued.id, by("bob")).await.unwrap();
    assert!(bench.store.cancel(queued.id, by("bob")).await.is_err());
    bench.store.set_maintenance(true, by("ann")).await.unwrap();
    bench.store.set_maintenance(true, by("bob")).await.unwrap();
    let entries = bench.log(ActivityFilter { workflow: Some(workflow), ..everything() }).await;
    assert_eq!(kinds(&entries), ["execution cancel_requested", "execution run_requested", "workflow created"]);
    assert_eq!(entries[0].subject.id, Some(*queued.id.as_uuid()));
    assert_eq!(kinds(&bench.activity(workflow).await), ["workflow created"]);
    let switched = bench.log(ActivityFilter { subject: vec![SubjectKind::Maintenance], ..everything() }).await;
    assert_eq!(kinds(&switched), ["maintenance switched_on"], "that it was on already changed nothing");
}

/// The entry is in the transaction of the change: without the one there is not the other.
#[tokio::test]
async fn a_change_that_is_refused_leaves_no_entry_and_an_entry_that_is_refused_no_change() {
    let bench = Bench::new().await;
    let workflow = bench.workflow("nightly").await;
    let outdated = bench.store.replace_workflow(workflow.id, plan("x", workflow.project_id), 7, by("ann"));
    assert!(outdated.await.is_err());
    // The last administrator; the entry was there before that was found out.
    let root = bench.store.create_first_user("root".to_owned(), "x".to_owned(), None).await.unwrap();
    assert!(bench.store.delete_user(root.id, by("ann")).await.is_err());
    let entries = bench.log(everything()).await;
    assert_eq!(kinds(&entries), ["user created", "workflow created", "project created"]);
    bench.sql("CREATE TRIGGER full BEFORE INSERT ON activity BEGIN SELECT raise(ABORT, 'full'); END").await;
    assert!(bench.store.pause_workflow(workflow.id, by("ann")).await.is_err());
    let found = bench.store.find_workflow(workflow.id).await.unwrap();
    assert_eq!(found.state, model::workflow::WorkflowState::Active);
}
