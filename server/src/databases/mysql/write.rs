//! Loads a table of MySQL: into a temporary table, and from there in one transaction. Making a table ends a transaction there;
//! so a new one is made under another name, filled, and takes its name by one RENAME.
//!
//! A lock of the database by the table's name keeps two loads of one table apart; so what lies under our names belongs to a
//! process that died, and goes.

use async_trait::async_trait;
use engine::{
    Failure,
    databases::{Access, ColumnKind, TableLoad, TableWrite, TextRows, Unplaced},
};
use model::config::database::{DatabaseServer, WriteMode};
use sha2::{Digest as _, Sha256};
use sqlx::{
    AssertSqlSafe, Connection as _, MySqlConnection, Row as _,
    mysql::{MySqlArguments, MySqlRow},
    query, query_scalar, query_with, raw_sql,
};

use super::{
    super::{
        failure::Place,
        load::{Load, STAGE, chunk},
        words,
    },
    QUOTE, connect,
};

/// Values that one statement may have.
const VALUES_MAX: usize = 65_535;
const CHUNK_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(in super::super) struct MysqlLoad {
    /// `None` only while dropping.
    connection: Option<MySqlConnection>,
    load: Load,
    chunk_bytes: usize,
    /// The new table under its other name, and the old one; while they may be there.
    aside: Option<Aside>,
}

/// Names of tables, in SQL.
#[derive(Clone, Debug)]
struct Aside {
    new: String,
    old: String,
}

pub(in super::super) async fn begin(
    server: &DatabaseServer,
    access: &Access,
    table: &TableWrite,
    place: Place,
) -> Result<MysqlLoad, Failure> {
    let mut connection = connect(server, access, &place).await?;
    let begin = "cannot begin";
    let timeout = access.timeout.as_secs().max(1);
    // A value that does not fit is an error, whatever this database does else.
    let settings = format!(
        "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES'), \
         SESSION lock_wait_timeout = {timeout}, SESSION innodb_lock_wait_timeout = {timeout}"
    );
    place.within(begin, raw_sql(AssertSqlSafe(settings)).execute(&mut connection)).await?;
    let packet = query_scalar("SELECT CAST(@@max_allowed_packet AS SIGNED)").fetch_one(&mut connection);
    let packet: i64 = place.within(begin, packet).await?;
    let found = query(
        "SELECT CAST(TABLE_TYPE AS CHAR), CAST(ENGINE AS CHAR) FROM information_schema.TABLES
         WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?",
    );
    let found = found.bind(table.schema.as_deref()).bind(&table.table).fetch_optional(&mut connection);
    let found: Option<MySqlRow> = place.within(begin, found).await?;
    let load = Load::new(place, table.clone(), QUOTE, found.is_some())?;
    let chunk_bytes = usize::try_from(packet / 4).unwrap_or(CHUNK_BYTES_MAX).clamp(1024, CHUNK_BYTES_MAX);
    let mut begun = MysqlLoad { connection: Some(connection), load, chunk_bytes, aside: None };
    if let Some(found) = found {
        begun.refuse_table(&found)?;
    }
    begun.lock(server, timeout).await?;
    begun.make_stage().await?;
    Ok(begun)
}

/// A column of a key has to have a length.
const fn column_type(kind: ColumnKind, in_key: bool) -> &'static str {
    match kind {
        ColumnKind::Text if in_key => "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        ColumnKind::Text => "LONGTEXT CHARACTER SET utf8mb4",
        ColumnKind::Whole => "BIGINT",
        ColumnKind::Fraction => "DOUBLE",
        ColumnKind::Truth => "BOOLEAN",
    }
}

impl MysqlLoad {
    fn connection(&mut self) -> Result<&mut MySqlConnection, Failure> {
        self.connection.as_mut().ok_or_else(|| Failure::Internal("the connection was given away".to_owned()))
    }

    async fn execute(&mut self, sql: String) -> Result<(), Failure> {
        let (place, doing) = (self.load.place.clone(), self.load.doing());
        let done = raw_sql(AssertSqlSafe(sql)).execute(self.connection()?);
        place.within(&doing, done).await.map(drop)
    }

    async fn count(&mut self, sql: String) -> Result<Option<i64>, Failure> {
        let (place, doing) = (self.load.place.clone(), self.load.doing());
        let found = query_scalar(AssertSqlSafe(sql)).fetch_optional(self.connection()?);
        place.within(&doing, found).await
    }

    /// What cannot be written as a whole, or not at all, is refused before anything is sent.
    fn refuse_table(&self, found: &MySqlRow) -> Result<(), Failure> {
        let kind: String = found.try_get(0).map_err(|error| self.load.failure(&error))?;
        let engine: Option<String> = found.try_get(1).map_err(|error| self.load.failure(&error))?;
        let engine = engine.unwrap_or_default();
        if kind.contains("VIEW") {
            return Err(self.load.problem("it is a view, and not a table"));
        }
        if !self.load.is_new() && !engine.eq_ignore_ascii_case("innodb") {
            return Err(self.load.problem(&format!(
                "its storage engine is {engine}, which cannot undo what was done in part; make it InnoDB, or have it made \
                 anew (recreate)"
            )));
        }
        Ok(())
    }

    /// Keeps others from loading the same table; given back by the database when the connection ends.
    async fn lock(&mut self, server: &DatabaseServer, timeout: u64) -> Result<(), Failure> {
        let schema = self.load.table.schema.clone().unwrap_or_else(|| server.database.clone());
        let digest = Sha256::digest(format!("{schema}\0{}", self.load.table.table));
        let mut name = String::new();
        words::hexadecimal(&digest[..8], &mut name);
        let (place, doing) = (self.load.place.clone(), self.load.doing());
        let lock = query_scalar("SELECT CAST(GET_LOCK(?, ?) AS SIGNED)").bind(format!("millrace.{name}")).bind(timeout);
        let got: Option<i64> = place.within(&doing, lock.fetch_one(self.connection()?)).await?;
        if got != Some(1) {
            return Err(self.load.problem(&format!("another export is writing it, and has been for {timeout} s")));
        }
        if self.load.is_new() {
            let schema = self.load.table.schema.as_deref();
            let table = |kind: &str| words::table(schema, &format!("millrace_{kind}_{name}"), QUOTE);
            let aside = Aside { new: table("new"), old: table("old") };
            self.execute(format!("DROP TABLE IF EXISTS {}, {}", aside.new, aside.old)).await?;
            self.aside = Some(aside);
        }
        Ok(())
    }

    async fn make_stage(&mut self) -> Result<(), Failure> {
        let (names, target) = (self.load.names(), self.load.target());
        let sql = match self.load.is_new() {
            true => format!("CREATE TEMPORARY TABLE {STAGE} ({})", self.load.definitions(column_type, false)),
            false => format!("CREATE TEMPORARY TABLE {STAGE} AS SELECT {names} FROM {target} LIMIT 0"),
        };
        self.execute(sql).await
    }

    async fn check_keys(&mut self) -> Result<(), Failure> {
        if !self.load.is_new() {
            self.refuse_key_without_index().await?;
        }
        let keyless = self.count(self.load.keyless_sql(STAGE)).await?.unwrap_or_default();
        let twice = self.count(self.load.duplicate_sql(STAGE)).await?;
        self.load.refuse_keys(keyless, twice)
    }

    async fn refuse_key_without_index(&mut self) -> Result<(), Failure> {
        let indexes = query_scalar(
            "SELECT CAST(GROUP_CONCAT(COLUMN_NAME ORDER BY COLUMN_NAME SEPARATOR '\n') AS CHAR)
             FROM information_schema.STATISTICS
             WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND NON_UNIQUE = 0 GROUP BY INDEX_NAME",
        );
        let (place, doing) = (self.load.place.clone(), self.load.doing());
        let (schema, table) = (self.load.table.schema.clone(), self.load.table.table.clone());
        let indexes = indexes.bind(schema).bind(table).fetch_all(self.connection()?);
        let indexes: Vec<String> = place.within(&doing, indexes).await?;
        let wanted = sorted(self.load.table.key.iter().map(|name| name.to_lowercase()));
        match indexes.iter().any(|index| sorted(index.split('\n').map(str::to_lowercase)) == wanted) {
            true => Ok(()),
            false => Err(self
                .load
                .problem(&format!("it has no unique index over just the key ({})", self.load.table.key.join(", ")))),
        }
    }

    /// Fills the new table, which nobody knows yet.
    async fn fill_new(&mut self, aside: &Aside) -> Result<(), Failure> {
        if self.load.exists {
            self.refuse_if_referred_to().await?;
        }
        let (new, names) = (&aside.new, self.load.names());
        let definitions = self.load.definitions(column_type, true);
        self.execute(format!("CREATE TABLE {new} ({definitions}) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4"))
            .await?;
        self.execute(format!("INSERT INTO {new} ({names}) SELECT {names} FROM {STAGE}")).await
    }

    /// A table that others refer to cannot be taken away, and it would be noticed too late.
    async fn refuse_if_referred_to(&mut self) -> Result<(), Failure> {
        let others = query_scalar(
            "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.KEY_COLUMN_USAGE
             WHERE REFERENCED_TABLE_SCHEMA = COALESCE(?, DATABASE()) AND REFERENCED_TABLE_NAME = ? LIMIT 1",
        );
        let (place, doing) = (self.load.place.clone(), self.load.doing());
        let (schema, table) = (self.load.table.schema.clone(), self.load.table.table.clone());
        let others = others.bind(schema).bind(table).fetch_optional(self.connection()?);
        let other: Option<String> = place.within(&doing, others).await?;
        match other {
            None => Ok(()),
            Some(other) => Err(self.load.problem(&format!(
                "the table {other} refers to it, so it cannot be made anew; choose truncate in place of recreate"
            ))),
        }
    }

    /// Changes the table in a transaction that is not ended yet.
    async fn change(&mut self) -> Result<(), Failure> {
        let (target, names) = (self.load.target(), self.load.names());
        self.execute("START TRANSACTION".to_owned()).await?;
        match self.load.table.mode {
            WriteMode::Append | WriteMode::Recreate => {}
            // TRUNCATE would end the transaction.
            WriteMode::Truncate => self.execute(format!("DELETE FROM {target}")).await?,
            WriteMode::Upsert => return self.upsert(&target).await,
        }
        self.execute(format!("INSERT INTO {target} ({names}) SELECT {names} FROM {STAGE}")).await
    }

    /// In two statements: ON DUPLICATE KEY UPDATE would also change the rows that any other unique index finds.
    async fn upsert(&mut self, target: &str) -> Result<(), Failure> {
        let key: Vec<String> = self.load.table.key.iter().map(|name| words::quoted(name, QUOTE)).collect();
        let same = key.iter().map(|name| format!("t.{name} = s.{name}")).collect::<Vec<_>>().join(" AND ");
        let changes: Vec<String> = self.load.changed().map(|name| format!("t.{name} = s.{name}")).collect();
        if !changes.is_empty() {
            let changes = changes.join(", ");
            self.execute(format!("UPDATE {target} t JOIN {STAGE} s ON {same} SET {changes}")).await?;
        }
        let names = self.load.names();
        let columns = self.load.table.columns.iter().map(|column| format!("s.{}", words::quoted(&column.name, QUOTE)));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let missing = format!("t.{} IS NULL", key.first().map_or("", String::as_str));
        self.execute(format!(
            "INSERT INTO {target} ({names}) SELECT {columns} FROM {STAGE} s LEFT JOIN {target} t ON {same} WHERE {missing}"
        ))
        .await
    }
}

#[async_trait]
impl TableLoad for MysqlLoad {
    async fn write(&mut self, rows: &TextRows) -> Result<(), Failure> {
        let width = rows.width();
        let most = self.load.table.batch.min(VALUES_MAX / width).max(1);
        let truths: Vec<bool> = self.load.table.columns.iter().map(|column| column.kind == ColumnKind::Truth).collect();
        let row = format!("({})", vec!["?"; width].join(", "));
        let insert = format!("INSERT INTO {STAGE} ({}) VALUES ", self.load.names());
        let mut first = 0;
        while first < rows.len() {
            let chunk = chunk(rows, first, most, self.chunk_bytes);
            first = chunk.end;
            let sql = format!("{insert}{}", vec![row.as_str(); chunk.len()].join(", "));
            let mut arguments = MySqlArguments::default();
            for value in chunk.flat_map(|row| rows.row(row).zip(&truths)) {
                let value = match value {
                    ("", _) => None,
                    ("true", true) => Some("1"),
                    ("false", true) => Some("0"),
                    (value, _) => Some(value),
                };
                let added = sqlx::Arguments::add(&mut arguments, value);
                added.map_err(|error| self.load.failure(&sqlx::Error::Encode(error)))?;
            }
            let (place, doing) = (self.load.place.clone(), self.load.doing());
            let done = query_with(AssertSqlSafe(sql), arguments).persistent(false).execute(self.connection()?);
            place.within(&doing, done).await?;
        }
        Ok(())
    }

    async fn make_ready(&mut self) -> Result<(), Failure> {
        if self.load.table.mode == WriteMode::Upsert {
            self.check_keys().await?;
        }
        match self.aside.clone() {
            Some(aside) => self.fill_new(&aside).await,
            None => self.change().await,
        }
    }

    async fn place(&mut self) -> Result<(), Unplaced> {
        let target = self.load.target();
        let (sql, old) = match &self.aside {
            None => ("COMMIT".to_owned(), None),
            Some(Aside { new, .. }) if !self.load.exists => (format!("RENAME TABLE {new} TO {target}"), None),
            Some(Aside { new, old }) => {
                (format!("RENAME TABLE {target} TO {old}, {new} TO {target}"), Some(old.clone()))
            }
        };
        let (place, doing) = (self.load.place.clone(), self.load.doing());
        let connection = self.connection().map_err(Unplaced::Refused)?;
        place.last(&doing, raw_sql(AssertSqlSafe(sql)).execute(connection)).await?;
        self.aside = None;
        if let Some(old) = old
            && let Err(error) = self.execute(format!("DROP TABLE {old}")).await
        {
            // The export is done; the next one removes it.
            tracing::warn!(%error, "the table from before an export could not be removed");
        }
        if let Some(connection) = self.connection.take() {
            let _ = connection.close().await;
        }
        Ok(())
    }
}

impl Drop for MysqlLoad {
    /// A new table that has not got its name is removed; everything else the database does itself.
    fn drop(&mut self) {
        let (Some(aside), Some(mut connection)) = (self.aside.take(), self.connection.take()) else { return };
        let place = self.load.place.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let sql = format!("DROP TABLE IF EXISTS {}", aside.new);
                let dropped = raw_sql(AssertSqlSafe(sql)).execute(&mut connection);
                if let Err(error) = place.within("cannot tidy", dropped).await {
                    tracing::warn!(%error, "a table that an export began could not be removed; the next one removes it");
                }
            });
        }
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}
