//! Databases of every earlier version, as a server of that time left them, opened by this one.
//!
//! A level is a migration: at each, the migrations up to it are applied, then the parts of a story that a server of that
//! version could write. A migration that changes a table in such a way that a part no longer fits ends that part
//! (`until`) and begins another; one that adds a table adds a part, or the test says that the table is empty.

mod recorder;

use std::path::Path;

use ::server::{audit::Audit, directory::DataDirectory, store::audit::Records};
use model::{
    ProjectId,
    execution::{Execution, Status, Trigger},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use uuid::Uuid;

use crate::support::{Client, TestServer};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Rows as servers of some versions wrote them.
struct Part {
    /// The first level that it fits.
    since: i64,
    /// The first that it no longer does.
    until: i64,
    sql: &'static str,
}

/// In the order in which they happened.
const STORY: [Part; 11] = [
    Part { since: 1, until: i64::MAX, sql: include_str!("upgrade/0001_history.sql") },
    Part { since: 2, until: i64::MAX, sql: include_str!("upgrade/0002_history.sql") },
    Part { since: 2, until: 11, sql: include_str!("upgrade/0002_deliveries.sql") },
    Part { since: 11, until: i64::MAX, sql: include_str!("upgrade/0011_deliveries.sql") },
    Part { since: 2, until: 10, sql: include_str!("upgrade/0002_activity.sql") },
    Part { since: 10, until: i64::MAX, sql: include_str!("upgrade/0010_activity.sql") },
    Part { since: 13, until: i64::MAX, sql: include_str!("upgrade/0013_review.sql") },
    Part { since: 5, until: i64::MAX, sql: include_str!("upgrade/0005_history.sql") },
    Part { since: 9, until: i64::MAX, sql: include_str!("upgrade/0009_access.sql") },
    Part { since: 1, until: i64::MAX, sql: include_str!("upgrade/0001_open.sql") },
    Part { since: 2, until: i64::MAX, sql: include_str!("upgrade/0002_open.sql") },
];

/// The content of every uploaded file; the story says how long it is.
const PEOPLE: &str = "name,town\nAnn,Ghent\nBob,Paris\nEva,Liege\n";

/// `0199a000-0000-7000-8000-0000000000` and these two digits.
fn id(end: u8) -> Uuid {
    Uuid::from_u128(0x0199_a000_0000_7000_8000_0000_0000_0000 | u128::from(end))
}

/// Makes the data directory of a server of this level.
async fn make(data: &Path, level: i64) {
    let directory = DataDirectory::open(data).unwrap();
    for (project, file) in [(0xa1, 0xf1), (0xa2, 0xf2), (0xa3, 0xf3)] {
        let project = ProjectId::from_uuid(id(project));
        std::fs::create_dir_all(directory.files(project)).unwrap();
        std::fs::write(directory.file(project, id(file)), PEOPLE).unwrap();
    }
    let options = SqliteConnectOptions::new().filename(directory.database()).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).foreign_keys(true);
    let mut database = options.connect().await.unwrap();
    let then = MIGRATIONS.iter().filter(|migration| migration.version <= level).cloned().collect();
    Migrator::with_migrations(then).run(&mut database).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(recorder::triggers(level))).execute(&mut database).await.unwrap();
    for part in STORY.iter().filter(|part| (part.since..part.until).contains(&level)) {
        if let Err(error) = sqlx::raw_sql(part.sql).execute(&mut database).await {
            panic!("level {level}: {error}\nin the part that begins: {}", part.sql.lines().next().unwrap_or_default());
        }
    }
    check_no_table_is_empty(&mut database, level).await;
    database.close().await.unwrap();
}

async fn check_no_table_is_empty(database: &mut SqliteConnection, level: i64) {
    // The word index has tables of its own; it is filled by triggers.
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL TABLE%'
         AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'execution!_errors%' ESCAPE '!'",
    )
    .fetch_all(&mut *database)
    .await
    .unwrap();
    assert!(tables.len() >= 7, "{tables:?}");
    for table in tables {
        let count = format!("SELECT count(*) FROM \"{table}\"");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *database).await.unwrap();
        assert!(rows > 0, "level {level}: no part of the story fills the table {table}");
    }
}

/// Reads all that there is through every door: each answer is one that shows it.
async fn read_everything(client: &Client, executions: &[Execution]) {
    let mut paths: Vec<String> = [
        "/",
        "/workflows",
        "/executions",
        "/projects",
        "/deliveries",
        "/api/v1/deliveries",
        "/api/v1/maintenance",
        "/metrics",
    ]
    .into_iter()
    .chain(["/api/v1/executions.csv", "/api/v1/executions?q=header", "/executions?view=timeline"])
    .map(str::to_owned)
    .collect();
    for (list, others) in [("workflows", &["/activity"][..]), ("projects", &[])] {
        let items = client.get(&format!("/api/v1/{list}?limit=200")).await.expect(200).json();
        for item in items["items"].as_array().expect("a list") {
            let id = item["id"].as_str().or(item["workflow"]["id"].as_str()).expect("an id");
            paths.extend([format!("/{list}/{id}"), format!("/api/v1/{list}/{id}")]);
            paths.extend(others.iter().map(|other| format!("/api/v1/{list}/{id}{other}")));
        }
    }
    for execution in executions {
        paths.extend(
            ["", "/logs", "/outputs", "/deliveries"].map(|o| format!("/api/v1/executions/{}{o}", execution.id)),
        );
        paths.push(format!("/executions/{}", execution.id));
    }
    for path in paths {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    }
}

/// What was under way then is dealt with as after a crash, and what waited has run.
fn check_continued(level: i64, executions: &[Execution]) {
    let of = |end| executions.iter().find(|execution| *execution.id.as_uuid() == id(end)).expect("it was kept");
    let running = of(0xd1);
    assert_eq!(running.status, Status::Interrupted, "level {level}");
    let recovery = executions.iter().find(|execution| execution.recovery_of == Some(running.id)).expect("recovered");
    assert_eq!((recovery.trigger, recovery.status), (Trigger::Recovery, Status::Success), "{:?}", recovery.error);
    assert_eq!(of(0xd2).status, Status::Cancelled, "level {level}");
    for waiting in [0xd3, 0xd4] {
        assert_eq!(of(waiting).status, Status::Success, "level {level}: {:?}", of(waiting).error);
    }
    let failed = of(0xe4);
    assert!(failed.status == Status::Failed && failed.error.as_ref().is_some_and(|error| error.contains("line 3")));
}

async fn check_level(level: i64) {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    make(&data, level).await;
    let server = TestServer::with(|config| config.data = data.clone()).await;
    server.idle().await;
    let executions = server.all_executions().await;
    println!("level {level}: {} executions", executions.len());
    check_continued(level, &executions);
    let found = server.get("/api/v1/executions?q=header").await.expect(200).json();
    assert!(!found["items"].as_array().expect("a list").is_empty(), "level {level}: the words of errors are lost");
    read_everything(&server, &executions).await;
    server.stop().await;
    let mut records = Records::open(&DataDirectory::at(&data).database()).await.unwrap();
    let mut audit = Audit::new(2);
    audit.follow(&mut records).await.unwrap_or_else(|broken| panic!("level {level}: {broken}"));
    audit.compare(&mut records).await.unwrap_or_else(|broken| panic!("level {level}: {broken}"));
    assert_eq!(records.integrity().await.unwrap(), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_each_earlier_version_goes_on_where_it_was() {
    for migration in MIGRATIONS.iter() {
        check_level(migration.version).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_later_version_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    make(&data, 1).await;
    let options = SqliteConnectOptions::new().filename(DataDirectory::at(&data).database());
    let mut database = options.connect().await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 9999").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--auth", "none", "--data"].map(AsRef::as_ref);
    let told = crate::support::process::command(&[&args[..], &[data.as_os_str()]].concat()).await;
    assert!(!told.done && told.errors.contains("was written by a newer version of Millrace"), "{told:?}");
}
