//! Reads a table or a query of SQLite, in a transaction that sees one state; the file is opened for reading only.

use engine::{
    Failure,
    databases::{Access, TableRows, Wanted},
    roots::Use,
};
use futures::TryStreamExt as _;
use model::config::database::SqliteFile;
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _, SqliteConnection,
    Statement as _, TypeInfo as _, ValueRef as _, query, raw_sql,
    sqlite::{SqliteConnectOptions, SqliteRow, SqliteStatement},
};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    super::{
        batches::{self, Batches},
        failure::Place,
        words,
    },
    QUOTE, connect,
};

/// What is read, and in which transaction.
struct Opened {
    connection: SqliteConnection,
    sql: String,
    columns: Vec<String>,
}

pub(in super::super) async fn columns(
    file: &SqliteFile,
    access: &Access,
    wanted: &Wanted,
    place: &Place,
) -> Result<Vec<String>, Failure> {
    let opened = open(file, access, wanted, place).await?;
    let _ = opened.connection.close().await;
    Ok(opened.columns)
}

pub(in super::super) async fn rows(
    file: &SqliteFile,
    access: &Access,
    wanted: &Wanted,
    place: Place,
    permit: OwnedSemaphorePermit,
) -> Result<TableRows, Failure> {
    let Opened { connection, sql, columns } = open(file, access, wanted, &place).await?;
    let names = columns.clone();
    Ok(batches::spawn(columns, permit, |batches| fetch(connection, sql, names, place, batches)))
}

async fn open(file: &SqliteFile, access: &Access, wanted: &Wanted, place: &Place) -> Result<Opened, Failure> {
    let options = SqliteConnectOptions::new().read_only(true).create_if_missing(false);
    let mut connection = connect(file, access, place, Use::Sources, options).await?;
    place.within("cannot begin", raw_sql("BEGIN").execute(&mut connection)).await?;
    let sql = match wanted {
        Wanted::Table { schema, table } => format!("SELECT * FROM {}", words::table(schema.as_deref(), table, QUOTE)),
        Wanted::Query(sql) => {
            // One statement that gives rows fits between parentheses. ATTACH, which could open another file, does not;
            // nor do two statements; and what closes the parentheses itself is none before.
            let sql = sql.trim_end().trim_end_matches(';');
            prepare(&mut connection, sql, place).await?;
            format!("SELECT * FROM ({sql}\n)")
        }
    };
    let prepared = prepare(&mut connection, &sql, place).await?;
    let columns: Vec<String> = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
    if columns.is_empty() {
        return Err(place.problem("cannot read", "the query gives no columns"));
    }
    Ok(Opened { connection, sql, columns })
}

async fn prepare(connection: &mut SqliteConnection, sql: &str, place: &Place) -> Result<SqliteStatement, Failure> {
    let prepared = connection.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str());
    place.within("cannot read", prepared).await
}

async fn fetch(
    mut connection: SqliteConnection,
    sql: String,
    names: Vec<String>,
    place: Place,
    mut batches: Batches,
) -> Result<(), Failure> {
    {
        let mut rows = query(AssertSqlSafe(sql)).persistent(false).fetch(&mut connection);
        while let Some(row) = place.within("reading stopped", rows.try_next()).await? {
            for (index, name) in names.iter().enumerate() {
                take(&row, index, &mut batches)
                    .map_err(|error| place.failure(&format!("cannot read a value of the column “{name}”"), &error))?;
            }
            if batches.row_done().await.is_err() {
                return Ok(());
            }
        }
    }
    if batches.send().await.is_ok() {
        let _ = connection.close().await;
    }
    Ok(())
}

/// A value has a type of its own, whatever its column is declared as.
fn take(row: &SqliteRow, index: usize, batches: &mut Batches) -> Result<(), sqlx::Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        batches.rows().push("");
        return Ok(());
    }
    let kind = value.type_info();
    match kind.name() {
        "INTEGER" => batches.rows().push(&row.try_get_unchecked::<i64, _>(index)?.to_string()),
        "REAL" => batches.rows().push(&row.try_get_unchecked::<f64, _>(index)?.to_string()),
        "BLOB" => {
            let bytes: &[u8] = row.try_get_unchecked(index)?;
            batches.rows().push_with(|into| words::hexadecimal(bytes, into));
        }
        _ => batches.rows().push(row.try_get_unchecked::<&str, _>(index)?),
    }
    Ok(())
}
