//! A database of its own for each test.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use engine::{
    Failure,
    databases::{Access, ColumnKind, Databases as _, TableColumn, TableWrite, TextRows, Unplaced, Wanted},
    secrets::Password,
};
use model::config::database::{Database, DatabaseServer, SqliteFile, Tls, WriteMode};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection, SqliteConnection, raw_sql};
use tempfile::TempDir;

use super::super::SqlDatabases;

static NUMBER: AtomicU32 = AtomicU32::new(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Postgresql,
    Mysql,
    Sqlite,
}

pub(super) const ALL: [Kind; 3] = [Kind::Postgresql, Kind::Mysql, Kind::Sqlite];

/// Runs a test on each kind of database that there is.
pub(super) async fn each<F: Future<Output = ()>>(test: impl Fn(Ground) -> F) {
    for kind in ALL {
        if let Some(ground) = Ground::new(kind).await {
            test(ground).await;
        }
    }
}

/// An empty database, how to get at it, and what speaks to it.
pub(super) struct Ground {
    pub(super) kind: Kind,
    pub(super) access: Access,
    pub(super) databases: SqlDatabases,
    /// Of the user that the server was made with.
    url: String,
    _home: TempDir,
}

impl Ground {
    /// `None` where there is no such server.
    pub(super) async fn new(kind: Kind) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let variable = match kind {
            Kind::Postgresql => "MILLRACE_TEST_POSTGRESQL",
            Kind::Mysql => "MILLRACE_TEST_MYSQL",
            Kind::Sqlite => {
                let path = home.path().join("people.db");
                let file = SqliteFile { path: path.display().to_string() };
                return Some(Self::with(
                    kind,
                    Database::Sqlite(file),
                    None,
                    format!("sqlite:{}", path.display()),
                    home,
                ));
            }
        };
        let Some(url) = std::env::var_os(variable).and_then(|url| url.into_string().ok()) else {
            eprintln!("passed over: {variable} names no server (`cargo xtask test` starts one)");
            return None;
        };
        let (user, password, host, port) = parts(&url);
        execute_at(kind, &url, &format!("CREATE DATABASE {name}")).await;
        let url = format!("{}/{name}", url.rsplit_once('/').unwrap().0);
        let server = DatabaseServer {
            host,
            port: Some(port),
            database: name.clone(),
            user,
            password: Some("the-password".to_owned()),
            tls: Tls::Off,
        };
        let database = match kind {
            Kind::Postgresql => Database::Postgresql(server),
            Kind::Mysql | Kind::Sqlite => Database::Mysql(server),
        };
        Some(Self::with(kind, database, Some(Password(password)), url, home))
    }

    fn with(kind: Kind, database: Database, password: Option<Password>, url: String, home: TempDir) -> Self {
        let roots = vec![home.path().to_owned()];
        let access = Access { database, password, roots, timeout: Duration::from_secs(20) };
        Self { kind, access, databases: SqlDatabases::default(), url, _home: home }
    }

    /// The same database by another way to it.
    pub(super) fn by_port(&self, port: u16) -> Access {
        let mut access = self.access.clone();
        match &mut access.database {
            Database::Postgresql(server) | Database::Mysql(server) => {
                server.host = "127.0.0.1".to_owned();
                server.port = Some(port);
            }
            Database::Sqlite(_) => panic!("SQLite has no port"),
        }
        access
    }

    pub(super) fn port(&self) -> u16 {
        match &self.access.database {
            Database::Postgresql(server) | Database::Mysql(server) => server.port.unwrap(),
            Database::Sqlite(_) => panic!("SQLite has no port"),
        }
    }

    /// Statements of somebody else.
    pub(super) async fn execute(&self, sql: &str) {
        let url = match self.kind {
            Kind::Sqlite => format!("{}?mode=rwc", self.url),
            Kind::Postgresql | Kind::Mysql => self.url.clone(),
        };
        execute_at(self.kind, &url, sql).await;
    }

    /// All rows, their values with `|` between them.
    pub(super) async fn query(&self, sql: &str) -> Vec<String> {
        self.read(&self.access, &Wanted::Query(sql.to_owned())).await.unwrap()
    }

    pub(super) async fn table(&self, table: &str) -> Vec<String> {
        let wanted = Wanted::Table { schema: None, table: table.to_owned() };
        self.read(&self.access, &wanted).await.unwrap()
    }

    pub(super) async fn refused(&self, sql: &str) -> String {
        match self.read(&self.access, &Wanted::Query(sql.to_owned())).await {
            Err(Failure::Input(message)) => message,
            other => panic!("{sql}: not refused but {other:?}"),
        }
    }

    pub(super) async fn read(&self, access: &Access, wanted: &Wanted) -> Result<Vec<String>, Failure> {
        let mut reading = self.databases.read(access, wanted).await?;
        let mut all = Vec::new();
        while let Some(rows) = reading.next().await? {
            all.extend((0..rows.len()).map(|row| rows.row(row).collect::<Vec<_>>().join("|")));
        }
        Ok(all)
    }

    /// Loads rows of `id` and `name` from beginning to end.
    pub(super) async fn load(&self, access: &Access, table: &TableWrite, rows: &[(&str, &str)]) -> Result<(), Failure> {
        let mut load = self.databases.write(access, table).await?;
        load.write(&text(rows)).await?;
        load.make_ready().await?;
        load.place().await.map_err(|(Unplaced::Refused(failure) | Unplaced::Unknown(failure))| failure)
    }

    pub(super) async fn load_here(&self, table: &TableWrite, rows: &[(&str, &str)]) -> Result<(), Failure> {
        self.load(&self.access, table, rows).await
    }
}

/// The table `people` with `id` and `name`, both text unless it is there.
pub(super) fn people(mode: WriteMode, key: &[&str]) -> TableWrite {
    let column = |name: &str| TableColumn { name: name.to_owned(), kind: ColumnKind::Text };
    TableWrite {
        schema: None,
        table: "people".to_owned(),
        columns: vec![column("id"), column("name")],
        mode,
        key: key.iter().map(|name| (*name).to_owned()).collect(),
        create: true,
        batch: 2,
    }
}

pub(super) fn text(rows: &[(&str, &str)]) -> TextRows {
    let mut text = TextRows::new(2);
    for (id, name) in rows {
        text.push(id);
        text.push(name);
    }
    text
}

async fn execute_at(kind: Kind, url: &str, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    let done = match kind {
        Kind::Postgresql => raw_sql(sql).execute(&mut PgConnection::connect(url).await.unwrap()).await.map(drop),
        Kind::Mysql => raw_sql(sql).execute(&mut MySqlConnection::connect(url).await.unwrap()).await.map(drop),
        Kind::Sqlite => raw_sql(sql).execute(&mut SqliteConnection::connect(url).await.unwrap()).await.map(drop),
    };
    done.unwrap();
}

/// User, password, host and port of `kind://user:password@host:port/database`.
fn parts(url: &str) -> (String, String, String, u16) {
    let rest = url.split_once("://").unwrap().1;
    let (who, place) = rest.split_once('@').unwrap();
    let (user, password) = who.split_once(':').unwrap();
    let (host, port) = place.split_once('/').unwrap().0.rsplit_once(':').unwrap();
    (user.to_owned(), password.to_owned(), host.to_owned(), port.parse().unwrap())
}
