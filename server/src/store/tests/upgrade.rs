//! Databases of earlier versions, with rows in them.

use std::path::Path;

use model::{
    Scope, WorkflowId,
    activity::{ActivityFilter, ActivityKind, AuthorIdentity, SubjectKind},
    delivery::{DeliveryFilter, DeliveryStatus, Occasion},
    event::{Change, Event},
    workflow::WorkflowFilter,
};
use sqlx::{Connection, SqliteConnection, migrate::Migrator};

use crate::{
    clock::{Clock as _, ManualClock},
    schedule,
    store::Store,
    testing::{SLOTS, by},
};

/// The schema as it was after the migration of that number.
async fn as_of(file: &Path, version: i64) -> SqliteConnection {
    let all = sqlx::migrate!("./migrations");
    let migrations: Vec<_> = all.iter().filter(|migration| migration.version <= version).cloned().collect();
    let mut connection = sqlx::ConnectOptions::connect(&super::super::options(file)).await.unwrap();
    Migrator::with_migrations(migrations).run(&mut connection).await.unwrap();
    connection
}

/// Two executions of one workflow, with deliveries in every state.
const BEFORE_RESENDS: &str = "
    INSERT INTO server_starts (started_at) VALUES (1);
    INSERT INTO projects (id, name, config, created_at, created_by)
    VALUES (x'00000000000000000000000000000001', 'Customers', '{\"sources\": []}', 1, 'ann');
    INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words,
        state, anchor, retries, suspend_after, missed, timeout_s, created_at, created_by)
    VALUES (x'00000000000000000000000000000002', 'Nightly', x'00000000000000000000000000000001', '[\"import\"]',
        '{\"type\": \"on_demand\"}', '[]', '{\"emails\": [\"ann@example.com\"], \"on_failure\": true}', 'UTC', 'On demand',
        'active', 1, 0, 0, 'skip', 0, 1, 'ann');
    INSERT INTO executions (id, workflow_id, project_id, status, \"trigger\", original_trigger, attempt, attempts, queued_at,
        ready_at, started_at, finished_at, epoch, steps)
    SELECT id, x'00000000000000000000000000000002', x'00000000000000000000000000000001', 'failed', 'manual', 'manual', 1, 1,
        1, 1, 1, 2, 1, '[]'
    FROM (SELECT x'00000000000000000000000000000003' AS id UNION ALL SELECT x'00000000000000000000000000000004');
    INSERT INTO deliveries (number, id, execution_id, occasion, recipient, notification, status, attempts, created_at,
        next_attempt_at, epoch, finished_at, error)
    SELECT column1, column2, column3, 'failure', column4, json_object('occasion', 'failure',
            'workflow_id', '00000000-0000-0000-0000-000000000002', 'workflow_name', 'Nightly', 'project_name', 'Customers',
            'execution_id', '00000000-0000-0000-0000-000000000003', 'at', '2026-01-05T10:00:00Z', 'started_at', NULL,
            'duration_ms', 5, 'records', NULL, 'failed_step', 'match', 'reason', 'no such column'),
        column5, column6, 3, column7, column8, column9, column10
    FROM (VALUES
        (4, x'00000000000000000000000000000005', x'00000000000000000000000000000003', 'ann', 'waiting', 1, 9, 1, NULL, 'no'),
        (5, x'00000000000000000000000000000006', x'00000000000000000000000000000003', 'bob', 'sending', 1, NULL, 1, NULL, NULL),
        (7, x'00000000000000000000000000000007', x'00000000000000000000000000000003', 'eve', 'delivered', 1, NULL, 1, 6, NULL),
        (8, x'00000000000000000000000000000008', x'00000000000000000000000000000004', 'ann', 'failed', 10, NULL, 1, 7, 'no'),
        (9, x'00000000000000000000000000000009', x'00000000000000000000000000000004', 'bob', 'unknown', 2, NULL, 1, 8, 'no'));
    INSERT INTO events (at, change)
    SELECT 1, json_object('kind', 'delivery', 'delivery', json_object('id', '00000000-0000-0000-0000-000000000005',
        'execution_id', column1, 'occasion', 'failure', 'recipient', 'ann', 'status', 'waiting', 'attempts', 0,
        'created_at', '2026-01-05T10:00:00Z', 'next_attempt_at', '2026-01-05T10:00:00Z', 'finished_at', NULL, 'error', NULL))
    FROM (VALUES ('00000000-0000-0000-0000-000000000003'), ('00000000-0000-0000-0000-00000000000f'));
";

#[tokio::test]
async fn deliveries_outlive_the_upgrade_that_makes_their_table_anew() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("millrace.db");
    let mut connection = as_of(&file, 10).await;
    sqlx::raw_sql(BEFORE_RESENDS).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
    let store = Store::open(&file, clock.clone(), schedule::occurrences).await.unwrap();
    let execution = |text: &str| format!("00000000-0000-0000-0000-00000000000{text}").parse().unwrap();
    let of = async |text| store.deliveries(execution(text)).await.unwrap();
    let first: Vec<_> = of("3").await.into_iter().map(|it| (it.recipient, it.status, it.attempts)).collect();
    let expected =
        [("ann", DeliveryStatus::Waiting), ("bob", DeliveryStatus::Sending), ("eve", DeliveryStatus::Delivered)];
    assert_eq!(first, expected.map(|(recipient, status)| (recipient.to_owned(), status, 1)));
    let second = of("4").await;
    assert_eq!(
        second.iter().map(|it| it.status).collect::<Vec<_>>(),
        [DeliveryStatus::Failed, DeliveryStatus::Unknown]
    );
    let ann = &second[0];
    assert_eq!(
        (ann.occasion, ann.workflow_name.as_str(), ann.error.as_deref()),
        (Occasion::Failure, "Nightly", Some("no"))
    );
    let workflows = store.cards(&WorkflowFilter::default(), &Scope::All, SLOTS, clock.now()).await.unwrap().data.items;
    assert_eq!(ann.workflow_id, workflows[0].workflow.id);

    // What is dead can be sent again, what an earlier process was sending is lost, and what waits is sent.
    let again = store.resend_delivery(ann.id, by("ann")).await.unwrap();
    assert_eq!(store.lose_deliveries().await.unwrap(), 1);
    let taken = store.take_due_deliveries(10).await.unwrap().outgoing;
    assert_eq!(taken.iter().map(|it| it.letter.recipient.as_str()).collect::<Vec<_>>(), ["ann", "ann"]);
    assert_eq!(taken[1].letter.id, ann.id, "the message is the same");
    assert_eq!(taken[1].delivery, again.id);
    let dead = store.dead_deliveries(&DeliveryFilter::default(), &Scope::All).await.unwrap();
    assert_eq!(dead.data.items.len(), 3);

    // Events of before can be read, also of an execution that is gone.
    let events = store.events_after(0, 2).await.unwrap().unwrap();
    let of = |event: &Event| match &event.change {
        Change::Delivery { delivery } => (delivery.workflow_id, delivery.workflow_name.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(of(&events[0]), (ann.workflow_id, "Nightly".to_owned()));
    assert_eq!(of(&events[1]), (WorkflowId::from_uuid(uuid::Uuid::nil()), String::new()));
}

/// The schema refuses what must never be, also in the table that was made anew.
#[tokio::test]
async fn what_became_of_a_delivery_is_final_and_each_is_sent_again_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("millrace.db");
    let mut connection = as_of(&file, 10).await;
    sqlx::raw_sql(BEFORE_RESENDS).execute(&mut connection).await.unwrap();
    drop(as_of(&file, i64::MAX).await);
    let insert = |of: &str, resend_of: &str, by: &str| {
        format!(
            "INSERT INTO deliveries (id, workflow_id, execution_id, occasion, recipient, notification, message_id, resend_of,
                requested_by, status, created_at, next_attempt_at)
            SELECT randomblob(16), workflow_id, execution_id, occasion, recipient, notification, message_id, {resend_of}, {by},
                'waiting', 1, 1 FROM deliveries WHERE number = {of}"
        )
    };
    let dead = "x'00000000000000000000000000000008'";
    let refused = [
        "UPDATE deliveries SET status = 'waiting', finished_at = NULL, next_attempt_at = 1 WHERE number = 8".to_owned(),
        insert("8", "NULL", "NULL"),
        // Of one that arrived, one that waits, and none.
        insert("7", "x'00000000000000000000000000000007'", "'ann'"),
        insert("4", "x'00000000000000000000000000000005'", "'ann'"),
        insert("8", "x'00000000000000000000000000000042'", "'ann'"),
        // By nobody.
        insert("8", dead, "NULL"),
        // Twice.
        format!("{}; {}", insert("8", dead, "'ann'"), insert("8", dead, "'bob'")),
    ];
    for statement in refused {
        sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
        let outcome = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await;
        assert!(outcome.is_err(), "{statement}");
        sqlx::query("ROLLBACK").execute(&mut connection).await.unwrap();
    }
    let again = insert("8", dead, "'ann'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(again)).execute(&mut connection).await.unwrap();
    let broken: Vec<String> =
        sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
}

/// A workflow with a timeline.
const BEFORE_THE_LOG: &str = "
    INSERT INTO projects (id, name, config, created_at, created_by)
    VALUES (x'00000000000000000000000000000001', 'Customers', '{\"sources\": []}', 1, 'local');
    INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words,
        state, anchor, retries, suspend_after, missed, timeout_s, created_at, created_by)
    VALUES (x'00000000000000000000000000000002', 'Nightly', x'00000000000000000000000000000001', '[\"import\"]',
        '{\"type\": \"on_demand\"}', '[]', '{}', 'UTC', 'On demand', 'active', 1, 0, 0, 'skip', 0, 1, 'local');
    INSERT INTO activity (workflow_id, at, actor, what)
    SELECT id, column1, column2, column3 FROM workflows, (VALUES (1, 'demo', '{\"kind\": \"created\"}'),
        (2, 'local', '{\"kind\": \"edited\", \"version\": 2}'), (3, NULL, '{\"kind\": \"no_next_run\"}'));
";

#[tokio::test]
async fn the_timelines_of_workflows_go_on_in_the_log_of_activity() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("millrace.db");
    let mut connection = as_of(&file, 9).await;
    sqlx::raw_sql(BEFORE_THE_LOG).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
    let store = Store::open(&file, clock, schedule::occurrences).await.unwrap();
    store.set_maintenance(true, by("ann")).await.unwrap();
    let entries = store.activity(&ActivityFilter::default(), &Scope::All).await.unwrap().data.items;
    let [maintenance, no_next_run, edited, created] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((maintenance.number, no_next_run.number), (4, 3), "no number is used twice");
    assert_eq!(edited.what, ActivityKind::Edited { version: Some(2) });
    assert_eq!((edited.by.as_deref(), edited.identity), (Some("local"), Some(AuthorIdentity::Local)));
    assert_eq!((no_next_run.by.as_deref(), created.identity), (None, Some(AuthorIdentity::Demo)));
    assert_eq!((edited.subject.kind, edited.subject.name.as_deref()), (SubjectKind::Workflow, Some("Nightly")));
    assert!(entries[1..].iter().all(|entry| entry.workflow_id.is_some() && entry.project_id.is_some()));

    let mut connection = as_of(&file, i64::MAX).await;
    let horizons: Vec<String> = sqlx::query_scalar("SELECT subject FROM activity_horizons ORDER BY 1")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let mut known = SubjectKind::ALL.map(SubjectKind::as_str);
    known.sort_unstable();
    assert_eq!(horizons, known, "each kind of subject has its horizon");
}
