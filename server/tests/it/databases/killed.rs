//! Databases that end what a run asks of them: in the middle of an import, and in the middle of an export.

use model::{
    Step,
    execution::{Execution, Status, StepStatus},
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection, query_scalar, raw_sql};

use super::{PEOPLE, config, replace};
use crate::support::TestServer;

enum Connection {
    Postgresql(PgConnection),
    Mysql(MySqlConnection),
}

use Connection::{Mysql, Postgresql};

impl Connection {
    async fn open(url: &str) -> Self {
        match url.starts_with("postgresql") {
            true => Postgresql(PgConnection::connect(url).await.unwrap()),
            false => Mysql(MySqlConnection::connect(url).await.unwrap()),
        }
    }

    async fn execute(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Postgresql(connection) => raw_sql(sql).execute(connection).await.map(drop),
            Mysql(connection) => raw_sql(sql).execute(connection).await.map(drop),
        }
        .unwrap();
    }

    async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Postgresql(connection) => query_scalar(sql).fetch_all(connection).await,
            Mysql(connection) => query_scalar(sql).fetch_all(connection).await,
        }
        .unwrap()
    }

    /// The names of golden records.
    async fn golden(&mut self) -> Vec<String> {
        self.texts("SELECT name FROM golden ORDER BY id").await
    }

    /// Waits until a statement of the run stands where `waiting` says, and ends its connection as the server does when it
    /// goes down.
    async fn kill(&mut self, waiting: &str) {
        let find = match self {
            Postgresql(_) => format!(
                "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'millrace'
                 AND {waiting}"
            ),
            Mysql(_) => format!(
                "SELECT CAST(ID AS CHAR) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND {waiting}"
            ),
        };
        let found = loop {
            if let Some(found) = self.texts(&find).await.pop() {
                break found;
            }
        };
        match self {
            Postgresql(_) => self.execute(&format!("SELECT pg_terminate_backend({found})")).await,
            Mysql(_) => self.execute(&format!("KILL {found}")).await,
        }
    }
}

/// What differs.
struct Kind {
    variable: &'static str,
    name: &'static str,
    /// A query that stops before the last row, and what its statement waits for then.
    slow: (&'static str, &'static str),
    /// Lets others read the table and not write it, and what their statements wait for.
    lock: (&'static str, &'static str),
    unlock: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        variable: "MILLRACE_TEST_POSTGRESQL",
        name: "postgresql",
        slow: (
            "SELECT id, name, email, born, pg_sleep(CASE id WHEN 8 THEN 600 ELSE 0 END)::text AS slept FROM people",
            "wait_event = 'PgSleep'",
        ),
        lock: ("BEGIN; LOCK TABLE golden IN SHARE MODE", "wait_event_type = 'Lock'"),
        unlock: "ROLLBACK",
    },
    Kind {
        variable: "MILLRACE_TEST_MYSQL",
        name: "mysql",
        slow: (
            "SELECT id, name, email, born, SLEEP(IF(id = 8, 600, 0)) AS slept FROM people",
            "INFO LIKE '%SLEEP%' AND STATE = 'User sleep'",
        ),
        lock: ("LOCK TABLES golden READ", "STATE LIKE 'Waiting for table%'"),
        unlock: "UNLOCK TABLES",
    },
];

fn failed_in(run: &Execution, step: Step) -> String {
    assert_eq!(run.status, Status::Failed);
    let failed = run.steps.iter().find(|run| run.status == StepStatus::Failed).expect("a step that failed");
    assert_eq!(failed.step, step);
    run.error.clone().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_dies_under_a_run_leaves_everything_as_it_was() {
    for kind in &KINDS {
        let Some(url) = std::env::var_os(kind.variable).and_then(|url| url.into_string().ok()) else {
            eprintln!("passed over: {} names no server (`cargo xtask test` starts one)", kind.variable);
            continue;
        };
        let name = format!("killed_{}", std::process::id());
        let mut admin = Connection::open(&url).await;
        admin.execute(&format!("CREATE DATABASE {name}")).await;
        let own = format!("{}/{name}", url.rsplit_once('/').unwrap().0);
        let (mut people, mut killer) = (Connection::open(&own).await, Connection::open(&own).await);
        people.execute(PEOPLE).await;
        let (who, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
        let (user, password) = who.split_once(':').unwrap();
        let (host, port) = place.split_once('/').unwrap().0.split_once(':').unwrap();
        let database = json!({
            "type": kind.name, "host": host, "port": port.parse::<u16>().unwrap(), "database": name, "user": user, "tls": "off",
        });

        let server = TestServer::with(|config| config.source_private = true).await;
        let project = server.project("Customers").await;
        let secret = format!("/api/v1/projects/{project}/secrets/crm-password");
        server.put(&secret, json!({"value": password})).await.expect(204);
        let usual = config(&database, "crm-password");
        replace(&server, project, &usual).await;
        let workflow = server.workflow("Nightly", project).await;
        server.succeeds(workflow).await;
        let before = people.golden().await;
        assert_eq!(before.len(), 4);
        let imported = server.get(&format!("/api/v1/projects/{project}/results/import")).await.expect(200).text();
        people.execute("UPDATE people SET name = CONCAT('New ', name)").await;

        let mut slow = usual.clone();
        slow["sources"][0]["location"]["query"] = Value::from(kind.slow.0);
        replace(&server, project, &slow).await;
        let run = server.run_now(workflow).await;
        killer.kill(kind.slow.1).await;
        let error = failed_in(&server.ended(run.id).await, Step::Import);
        assert!(error.contains(&format!("source “crm”: the database {}://", kind.name)), "{error}");
        assert!(error.contains("reading stopped: ") && !error.contains(password), "{error}");
        let still = server.get(&format!("/api/v1/projects/{project}/results/import")).await.expect(200).text();
        assert_eq!(still, imported, "{}: the records of the run before stay", kind.name);
        assert_eq!(people.golden().await, before);

        replace(&server, project, &usual).await;
        people.execute(kind.lock.0).await;
        let run = server.run_now(workflow).await;
        killer.kill(kind.lock.1).await;
        let error = failed_in(&server.ended(run.id).await, Step::Export);
        people.execute(kind.unlock).await;
        assert!(error.contains("cannot write golden: ") && !error.contains(password), "{error}");
        assert_eq!(people.golden().await, before, "{}", kind.name);

        // The next run finds nothing in its way.
        server.succeeds(workflow).await;
        let after = people.golden().await;
        assert!(after.len() == 4 && after.iter().all(|name| name.starts_with("New ")), "{after:?}");
        server.stop().await;
        drop((people, killer));
        admin.execute(&format!("DROP DATABASE {name}")).await;
    }
}
