//! From a database through the pipeline into a database, with a password from the secrets, over HTTP and by executions.

mod killed;

use model::execution::Status;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection, raw_sql};

use crate::support::{Client, TestServer};

const VARIABLE: &str = "MILLRACE_TEST_POSTGRESQL";

/// Eight people in the table `people`, of which each two are one.
const PEOPLE: &str = "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(50), email VARCHAR(50), born DATE);
    INSERT INTO people VALUES
    (1, 'Ann Smith', 'ann@example.com', '1980-02-01'), (2, 'Ann Smyth', 'ann@example.com', '1980-02-01'),
    (3, 'Bob Jones', 'bob@example.com', '1975-12-31'), (4, 'Bob Jones', 'bob@example.com', '1975-12-31'),
    (5, 'Cid Brown', 'cid@example.com', '1990-06-15'), (6, 'Cid Browne', 'cid@example.com', '1990-06-15'),
    (7, 'Eve Miller', 'eve@example.com', '2001-01-01'), (8, 'Eve Miller', 'eve@example.com', '2001-01-01')";

/// Pairs with the same address are one person; golden records go to the table `golden`.
fn config(database: &Value, password: &str) -> Value {
    let mut source = database.clone();
    source["password"] = json!(password);
    if database["type"] == "sqlite" {
        source = database.clone();
    }
    json!({
        "sources": [{
            "name": "crm",
            "location": {"type": "database", "database": source, "query": "SELECT * FROM people WHERE id < 9 ORDER BY id"},
        }],
        "match": {
            "blocking": [{"parts": [{"column": "email", "transform": "exact"}]}],
            "definitions": [{"name": "same address", "criteria": [{"column": "email", "comparison": "exact"}]}],
        },
        "export": {"targets": [
            {"type": "database", "database": source, "table": "golden", "mode": "upsert", "key": ["id"]},
        ]},
    })
}

async fn replace(client: &Client, project: impl std::fmt::Display, config: &Value) {
    let path = format!("/api/v1/projects/{project}");
    let stored = client.get(&path).await.expect(200).json();
    let draft = json!({"name": stored["name"], "version": stored["version"], "config": config});
    client.put(&path, draft).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_becomes_golden_records_in_another_table() {
    let Some(url) = std::env::var_os(VARIABLE).and_then(|url| url.into_string().ok()) else {
        eprintln!("passed over: {VARIABLE} names no server (`cargo xtask test` starts one)");
        return;
    };
    let name = format!("it_{}", std::process::id());
    let mut admin = PgConnection::connect(&url).await.unwrap();
    raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    let own = format!("{}/{name}", url.rsplit_once('/').unwrap().0);
    let mut people = PgConnection::connect(&own).await.unwrap();
    raw_sql(PEOPLE).execute(&mut people).await.unwrap();
    let (who, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let (user, password) = who.split_once(':').unwrap();
    let (host, port) = place.split_once('/').unwrap().0.split_once(':').unwrap();
    let port: u16 = port.parse().unwrap();
    let database =
        json!({"type": "postgresql", "host": host, "port": port, "database": name, "user": user, "tls": "off"});

    let server = TestServer::with(|config| config.source_private = true).await;
    let project = server.project("Customers").await;
    replace(&server, project, &config(&database, "crm-password")).await;
    let workflow = server.workflow("Nightly", project).await;
    // The document names a secret that is not kept yet.
    let run = server.run_now(workflow).await;
    let run = server.ended(run.id).await;
    assert_eq!(run.status, Status::Failed);
    let error = run.error.unwrap();
    assert!(error.contains("there is no secret \"crm-password\""), "{error}");

    let secret = format!("/api/v1/projects/{project}/secrets/crm-password");
    server.put(&secret, json!({"value": "wrong-wrong-wrong"})).await.expect(204);
    let run = server.run_now(workflow).await;
    let error = server.ended(run.id).await.error.unwrap();
    assert!(error.contains("source “crm”: the database postgresql://") && !error.contains("wrong-wrong"), "{error}");

    server.put(&secret, json!({"value": password})).await.expect(204);
    for expected in [4_i64, 4] {
        let run = server.succeeds(workflow).await;
        assert_eq!(run.records, Some(8));
        let golden = sqlx::query("SELECT count(*), min(born) FROM golden").fetch_one(&mut people).await.unwrap();
        assert_eq!((golden.get::<i64, _>(0), golden.get::<String, _>(1)), (expected, "1975-12-31".to_owned()));
        let log = server.get(&format!("/api/v1/executions/{}/log.txt", run.id)).await.expect(200).text();
        assert!(!log.contains(password), "{log}");
    }
    people.close().await.unwrap();
    server.stop().await;
    raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut admin).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_sqlite_has_to_lie_under_an_allowed_directory() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("crm.db");
    let url = format!("sqlite:{}", path.display());
    let mut people = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
    raw_sql(PEOPLE).execute(&mut people).await.unwrap();
    people.close().await.unwrap();
    let database = json!({"type": "sqlite", "path": path.display().to_string()});
    for (roots, allowed) in [(Vec::new(), false), (vec![home.path().to_owned()], true)] {
        let server = TestServer::with(|config| config.files_roots = roots).await;
        let project = server.project("Customers").await;
        replace(&server, project, &config(&database, "")).await;
        let workflow = server.workflow("Nightly", project).await;
        let run = server.run_now(workflow).await;
        let run = server.ended(run.id).await;
        match allowed {
            true => assert_eq!((run.status, run.error), (Status::Success, None)),
            false => assert!(run.error.unwrap().contains("the server's settings name no directory")),
        }
        server.stop().await;
    }
    let mut people = SqliteConnection::connect(&url).await.unwrap();
    let golden: i64 = sqlx::query_scalar("SELECT count(*) FROM golden").fetch_one(&mut people).await.unwrap();
    assert_eq!(golden, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn ssrf_in_databases_the_server_does_not_connect_to_its_own_network() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    for (kind, host, expected) in [
        ("postgresql", "127.0.0.1", "127.0.0.1 is in a private network"),
        (
            "mysql",
            "localhost",
            "localhost is in a private network. Such databases are allowed by the setting source_private",
        ),
        ("postgresql", "/run/postgresql", "a socket of this machine is not allowed"),
    ] {
        let database = json!({"type": kind, "host": host, "database": "crm", "user": "millrace"});
        let mut config = config(&database, "");
        config["sources"][0]["location"]["database"] = database;
        config["export"]["targets"] = json!([{"type": "file", "name": "golden.csv", "format": {"type": "csv"}}]);
        replace(&server, project, &config).await;
        let workflow = server.workflow(&format!("From {host}"), project).await;
        let run = server.run_now(workflow).await;
        let error = server.ended(run.id).await.error.unwrap();
        assert!(error.contains("source “crm”: the database ") && error.contains(expected), "{error}");
    }
    // For a suggestion, too.
    let refused = server.suggest(project).await.problem(409);
    assert!(refused.contains("a socket of this machine is not allowed"), "{refused}");
}
