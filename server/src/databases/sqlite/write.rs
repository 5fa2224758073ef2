//! Loads a table of SQLite: into a temporary table, which lies in a file of its own, and from there in one transaction, whose
//! end is the last step.

use std::{fs, path::PathBuf};

use async_trait::async_trait;
use engine::{
    Failure,
    databases::{Access, ColumnKind, TableLoad, TableWrite, TextRows, Unplaced},
    roots::Use,
};
use model::config::database::{SqliteFile, WriteMode};
use sqlx::{
    AssertSqlSafe, Connection as _, SqliteConnection, query_scalar, query_with, raw_sql,
    sqlite::{SqliteArguments, SqliteConnectOptions},
};

use super::{
    super::{
        failure::Place,
        load::{Load, STAGE, chunk},
    },
    QUOTE, allowed, connect,
};

/// Values that one statement may have.
const VALUES_MAX: usize = 32_000;
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

pub(in super::super) struct SqliteLoad {
    connection: Option<SqliteConnection>,
    load: Load,
    /// A file that was not there and is of no use if nothing is placed.
    made: Option<PathBuf>,
}

pub(in super::super) async fn begin(
    file: &SqliteFile,
    access: &Access,
    table: &TableWrite,
    place: Place,
) -> Result<SqliteLoad, Failure> {
    let path = allowed(&access.roots, file.path.as_ref(), Use::Exports)
        .map_err(|why| place.problem("cannot open it", &why))?;
    let made = (!path.exists()).then_some(path);
    let may_make = table.create || table.mode == WriteMode::Recreate;
    if made.is_some() && !may_make {
        // It says that there is no such table.
        Load::new(place.clone(), table.clone(), QUOTE, false)?;
    }
    let options = SqliteConnectOptions::new().create_if_missing(may_make);
    let mut connection = connect(file, access, &place, Use::Exports, options).await?;
    let schema = table.schema.as_deref().unwrap_or("main");
    let exists =
        query_scalar("SELECT count(*) FROM pragma_table_list WHERE name = ? AND schema = ? AND type = 'table'");
    let exists = exists.bind(&table.table).bind(schema).fetch_one(&mut connection);
    let exists: i64 = place.within("cannot begin", exists).await?;
    let load = Load::new(place, table.clone(), QUOTE, exists > 0)?;
    let mut begun = SqliteLoad { connection: Some(connection), load, made };
    let (names, target) = (begun.load.names(), begun.load.target());
    if !begun.load.is_new() {
        // A name between quotes that is no column would be a text: so it is asked for as one of the table.
        let columns = begun
            .load
            .table
            .columns
            .iter()
            .map(|column| format!("t.{}", super::super::words::quoted(&column.name, QUOTE)));
        let columns = columns.collect::<Vec<_>>().join(", ");
        begun.execute(format!("SELECT {columns} FROM {target} t LIMIT 0")).await?;
    }
    begun.execute(format!("CREATE TEMPORARY TABLE {STAGE} ({names})")).await?;
    Ok(begun)
}

const fn column_type(kind: ColumnKind, _in_key: bool) -> &'static str {
    match kind {
        ColumnKind::Text => "TEXT",
        ColumnKind::Whole | ColumnKind::Truth => "INTEGER",
        ColumnKind::Fraction => "REAL",
    }
}

impl SqliteLoad {
    fn connection(&mut self) -> Result<&mut SqliteConnection, Failure> {
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
}

#[async_trait]
impl TableLoad for SqliteLoad {
    async fn write(&mut self, rows: &TextRows) -> Result<(), Failure> {
        let width = rows.width();
        let most = self.load.table.batch.min(VALUES_MAX / width).max(1);
        let kinds: Vec<ColumnKind> = self.load.table.columns.iter().map(|column| column.kind).collect();
        let row = format!("({})", vec!["?"; width].join(", "));
        let insert = format!("INSERT INTO temp.{STAGE} ({}) VALUES ", self.load.names());
        let mut first = 0;
        while first < rows.len() {
            let chunk = chunk(rows, first, most, CHUNK_BYTES);
            first = chunk.end;
            let sql = format!("{insert}{}", vec![row.as_str(); chunk.len()].join(", "));
            let mut arguments = SqliteArguments::default();
            for (value, kind) in chunk.flat_map(|row| rows.row(row).zip(&kinds)) {
                let value = match (value, kind) {
                    ("", _) => None,
                    ("true", ColumnKind::Truth) => Some("1"),
                    ("false", ColumnKind::Truth) => Some("0"),
                    (value, _) => Some(value),
                };
                let added = sqlx::Arguments::add(&mut arguments, value.map(str::to_owned));
                added.map_err(|error| self.load.failure(&sqlx::Error::Encode(error)))?;
            }
            let (place, doing) = (self.load.place.clone(), self.load.doing());
            let done = query_with(AssertSqlSafe(sql), arguments).persistent(false).execute(self.connection()?);
            place.within(&doing, done).await?;
        }
        Ok(())
    }

    async fn make_ready(&mut self) -> Result<(), Failure> {
        let (target, names, mode) = (self.load.target(), self.load.names(), self.load.table.mode);
        if mode == WriteMode::Upsert {
            let stage = format!("temp.{STAGE}");
            let keyless = self.count(self.load.keyless_sql(&stage)).await?.unwrap_or_default();
            let twice = self.count(self.load.duplicate_sql(&stage)).await?;
            self.load.refuse_keys(keyless, twice)?;
        }
        self.execute("BEGIN IMMEDIATE".to_owned()).await?;
        if self.load.is_new() {
            if self.load.exists {
                self.execute(format!("DROP TABLE {target}")).await?;
            }
            self.execute(format!("CREATE TABLE {target} ({})", self.load.definitions(column_type, true))).await?;
        } else if mode == WriteMode::Truncate {
            self.execute(format!("DELETE FROM {target}")).await?;
        }
        let insert = format!("INSERT INTO {target} ({names}) SELECT {names} FROM temp.{STAGE} WHERE true");
        let insert = match mode {
            WriteMode::Upsert => {
                let changes: Vec<String> =
                    self.load.changed().map(|name| format!("{name} = excluded.{name}")).collect();
                let act = match changes.is_empty() {
                    true => "NOTHING".to_owned(),
                    false => format!("UPDATE SET {}", changes.join(", ")),
                };
                format!("{insert} ON CONFLICT ({}) DO {act}", self.load.key())
            }
            WriteMode::Append | WriteMode::Truncate | WriteMode::Recreate => insert,
        };
        self.execute(insert).await
    }

    async fn place(&mut self) -> Result<(), Unplaced> {
        let (place, doing) = (self.load.place.clone(), self.load.doing());
        let connection = self.connection().map_err(Unplaced::Refused)?;
        place.last(&doing, raw_sql("COMMIT").execute(connection)).await?;
        self.made = None;
        if let Some(connection) = self.connection.take() {
            let _ = connection.close().await;
        }
        Ok(())
    }
}

impl Drop for SqliteLoad {
    fn drop(&mut self) {
        let (Some(path), Some(connection)) = (self.made.take(), self.connection.take()) else { return };
        let remove = move || {
            // Somebody else may have made something of it meanwhile.
            if fs::metadata(&path).is_ok_and(|about| about.len() == 0)
                && let Err(error) = fs::remove_file(&path)
            {
                tracing::warn!(%error, file = %path.display(), "an empty file that an export began could not be removed");
            }
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = connection.close().await;
                remove();
            });
        }
    }
}
