//! Loads a table of PostgreSQL: by COPY into a temporary table, and from there in the same transaction, whose end is the last
//! step.

use async_trait::async_trait;
use engine::{
    Failure,
    databases::{Access, ColumnKind, TableLoad, TableWrite, TextRows, Unplaced},
};
use model::config::database::{DatabaseServer, WriteMode};
use sqlx::{AssertSqlSafe, PgConnection, query_scalar, raw_sql};

use super::{
    super::{
        failure::Place,
        load::{Load, STAGE, chunk},
        words,
    },
    QUOTE, connect,
};

/// Bytes that are sent at once.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

pub(in super::super) struct PostgresqlLoad {
    connection: PgConnection,
    load: Load,
    copy: String,
    /// What is sent.
    buffer: Vec<u8>,
}

pub(in super::super) async fn begin(
    server: &DatabaseServer,
    access: &Access,
    table: &TableWrite,
    place: Place,
) -> Result<PostgresqlLoad, Failure> {
    let mut connection = connect(server, access, &place).await?;
    place.within("cannot begin", raw_sql("BEGIN").execute(&mut connection)).await?;
    let target = words::table(table.schema.as_deref(), &table.table, QUOTE);
    let exists = query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(target).persistent(false);
    let exists: bool = place.within("cannot begin", exists.fetch_one(&mut connection)).await?;
    let load = Load::new(place, table.clone(), QUOTE, exists)?;
    let (names, target) = (load.names(), load.target());
    let stage = match load.is_new() {
        true => format!("CREATE TEMPORARY TABLE {STAGE} ({}) ON COMMIT DROP", load.definitions(column_type, false)),
        false => {
            format!("CREATE TEMPORARY TABLE {STAGE} ON COMMIT DROP AS SELECT {names} FROM {target} WITH NO DATA")
        }
    };
    let copy = format!("COPY pg_temp.{STAGE} ({names}) FROM STDIN WITH (FORMAT csv, NULL '', ENCODING 'UTF8')");
    let mut begun = PostgresqlLoad { connection, load, copy, buffer: Vec::new() };
    begun.execute(stage).await?;
    Ok(begun)
}

const fn column_type(kind: ColumnKind, _in_key: bool) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Whole => "bigint",
        ColumnKind::Fraction => "double precision",
        ColumnKind::Truth => "boolean",
    }
}

impl PostgresqlLoad {
    async fn execute(&mut self, sql: String) -> Result<(), Failure> {
        let done = raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection);
        self.load.place.within(&self.load.doing(), done).await.map(drop)
    }

    async fn copy(&mut self) -> Result<(), Failure> {
        let (connection, copy, buffer) = (&mut self.connection, &self.copy, &self.buffer);
        let sending = async {
            let mut copying = connection.copy_in_raw(copy).await?;
            copying.send(buffer.as_slice()).await?;
            copying.finish().await
        };
        self.load.place.within(&self.load.doing(), sending).await.map(drop)
    }

    async fn check_keys(&mut self) -> Result<(), Failure> {
        let stage = format!("pg_temp.{STAGE}");
        let keyless = query_scalar(AssertSqlSafe(self.load.keyless_sql(&stage))).persistent(false);
        let keyless = self.load.place.within(&self.load.doing(), keyless.fetch_one(&mut self.connection)).await?;
        let twice = query_scalar(AssertSqlSafe(self.load.duplicate_sql(&stage))).persistent(false);
        let twice = self.load.place.within(&self.load.doing(), twice.fetch_optional(&mut self.connection)).await?;
        self.load.refuse_keys(keyless, twice)
    }
}

#[async_trait]
impl TableLoad for PostgresqlLoad {
    async fn write(&mut self, rows: &TextRows) -> Result<(), Failure> {
        let mut first = 0;
        while first < rows.len() {
            let chunk = chunk(rows, first, self.load.table.batch, CHUNK_BYTES);
            first = chunk.end;
            self.buffer.clear();
            chunk.for_each(|row| csv(rows.row(row), &mut self.buffer));
            self.copy().await?;
        }
        Ok(())
    }

    async fn make_ready(&mut self) -> Result<(), Failure> {
        let (target, names) = (self.load.target(), self.load.names());
        let mode = self.load.table.mode;
        if mode == WriteMode::Upsert {
            self.check_keys().await?;
        }
        if self.load.is_new() {
            if self.load.exists {
                self.execute(format!("DROP TABLE {target}")).await?;
            }
            self.execute(format!("CREATE TABLE {target} ({})", self.load.definitions(column_type, true))).await?;
        } else if mode == WriteMode::Truncate {
            self.execute(format!("TRUNCATE TABLE {target}")).await?;
        }
        let insert = format!("INSERT INTO {target} ({names}) SELECT {names} FROM pg_temp.{STAGE}");
        let insert = match mode {
            WriteMode::Upsert => {
                let changes = self.load.changed().map(|name| format!("{name} = EXCLUDED.{name}"));
                let changes: Vec<String> = changes.collect();
                let act = match changes.is_empty() {
                    true => "NOTHING".to_owned(),
                    false => format!("UPDATE SET {}", changes.join(", ")),
                };
                format!("{insert} ON CONFLICT ({}) DO {act}", self.load.key())
            }
            WriteMode::Append | WriteMode::Truncate | WriteMode::Recreate => insert,
        };
        self.execute(insert).await?;
        // What the database would look at only at the end, it looks at now.
        self.execute("SET CONSTRAINTS ALL IMMEDIATE".to_owned()).await
    }

    async fn place(&mut self) -> Result<(), Unplaced> {
        let commit = raw_sql("COMMIT").execute(&mut self.connection);
        self.load.place.last(&self.load.doing(), commit).await.map(drop)
    }
}

/// A row of CSV: an empty value is NULL, every other one stands between quotes.
fn csv<'a>(values: impl Iterator<Item = &'a str>, into: &mut Vec<u8>) {
    for (place, value) in values.enumerate() {
        if place > 0 {
            into.push(b',');
        }
        if value.is_empty() {
            continue;
        }
        into.push(b'"');
        for byte in value.bytes() {
            if byte == b'"' {
                into.push(b'"');
            }
            into.push(byte);
        }
        into.push(b'"');
    }
    into.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn only_an_empty_value_is_null() {
        let mut text = Vec::new();
        csv(["a", "", "say \"hi\"", "x,y\nz", "\\."].into_iter(), &mut text);
        assert_eq!(String::from_utf8_lossy(&text), "\"a\",,\"say \"\"hi\"\"\",\"x,y\nz\",\"\\.\"\n");
    }
}
