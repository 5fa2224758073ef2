//! Reads a table or a query of PostgreSQL, by a cursor in a transaction that sees one state and cannot write.

use engine::{
    Failure,
    databases::{Access, TableRows, Wanted},
};
use futures::TryStreamExt as _;
use model::config::database::DatabaseServer;
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, PgConnection, Row as _, SqlSafeStr as _,
    Statement as _, TypeInfo as _, ValueRef as _,
    postgres::{PgRow, PgStatement},
    query, raw_sql,
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

/// Rows that are fetched at once: few at first, then as many as come to about `FETCH_BYTES`.
const FETCH_ROWS_FIRST: usize = 100;
const FETCH_ROWS_MAX: usize = 10_000;
const FETCH_BYTES: usize = 1024 * 1024;

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// The columns of a table's primary key, in its order.
const PRIMARY_KEY: &str = "SELECT a.attname::text FROM pg_index i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = to_regclass($1) AND i.indisprimary ORDER BY k.place";

/// How the text of a column becomes ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    AsItIs,
    Truth,
    Bytes,
    Timestamp,
    /// In UTC, for the session is.
    TimestampWithZone,
}

/// What is read, and in which transaction.
struct Opened {
    connection: PgConnection,
    sql: String,
    columns: Vec<String>,
    forms: Vec<Form>,
}

pub(in super::super) async fn columns(
    server: &DatabaseServer,
    access: &Access,
    wanted: &Wanted,
    place: &Place,
) -> Result<Vec<String>, Failure> {
    let opened = open(server, access, wanted, place).await?;
    // It was only asked; that it may not be able to say good-bye changes nothing.
    let _ = opened.connection.close().await;
    Ok(opened.columns)
}

pub(in super::super) async fn rows(
    server: &DatabaseServer,
    access: &Access,
    wanted: &Wanted,
    place: Place,
    permit: OwnedSemaphorePermit,
) -> Result<TableRows, Failure> {
    let mut opened = open(server, access, wanted, &place).await?;
    // By the extended protocol, which takes one statement and no second one.
    let declare = format!("DECLARE millrace NO SCROLL CURSOR WITHOUT HOLD FOR {}", opened.sql);
    let declare = query(AssertSqlSafe(declare)).persistent(false).execute(&mut opened.connection);
    place.within("cannot read", declare).await?;
    let columns = opened.columns;
    let (connection, forms) = (opened.connection, opened.forms);
    Ok(batches::spawn(columns, permit, |batches| fetch(connection, forms, place, batches)))
}

async fn open(server: &DatabaseServer, access: &Access, wanted: &Wanted, place: &Place) -> Result<Opened, Failure> {
    let mut connection = connect(server, access, place).await?;
    place.within("cannot begin", raw_sql(BEGIN).execute(&mut connection)).await?;
    let sql = match wanted {
        Wanted::Query(sql) => sql.clone(),
        Wanted::Table { schema, table } => {
            let table = words::table(schema.as_deref(), table, QUOTE);
            let key = query(PRIMARY_KEY).bind(&table).persistent(false).fetch_all(&mut connection);
            let key: Vec<PgRow> = place.within("cannot read", key).await?;
            let key: Vec<String> = key.iter().filter_map(|row| row.try_get(0).ok()).collect();
            match key.is_empty() {
                true => format!("SELECT * FROM {table}"),
                false => {
                    format!("SELECT * FROM {table} ORDER BY {}", words::list(key.iter().map(String::as_str), QUOTE))
                }
            }
        }
    };
    let prepared = connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str());
    let prepared: PgStatement = place.within("cannot read", prepared).await?;
    if prepared.columns().is_empty() {
        return Err(place.problem("cannot read", "the query gives no columns"));
    }
    let columns = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
    let forms = prepared.columns().iter().map(|column| form(column.type_info().name())).collect();
    Ok(Opened { connection, sql, columns, forms })
}

fn form(name: &str) -> Form {
    match name {
        "BOOL" => Form::Truth,
        "BYTEA" => Form::Bytes,
        "TIMESTAMP" => Form::Timestamp,
        "TIMESTAMPTZ" => Form::TimestampWithZone,
        _ => Form::AsItIs,
    }
}

async fn fetch(
    mut connection: PgConnection,
    forms: Vec<Form>,
    place: Place,
    mut batches: Batches,
) -> Result<(), Failure> {
    let mut ask = FETCH_ROWS_FIRST;
    loop {
        // By the simple protocol, in which every value comes as the text that the database itself makes of it.
        let sql = format!("FETCH FORWARD {ask} FROM millrace");
        let (mut count, mut bytes) = (0, 0);
        {
            let mut rows = raw_sql(AssertSqlSafe(sql)).fetch(&mut connection);
            while let Some(row) = place.within("reading stopped", rows.try_next()).await? {
                bytes +=
                    take(&row, &forms, &mut batches).map_err(|error| place.failure("cannot read a row", &error))?;
                count += 1;
                if batches.row_done().await.is_err() {
                    return Ok(());
                }
            }
        }
        if count < ask {
            break;
        }
        ask = (FETCH_BYTES / (bytes / count).max(1)).clamp(1, FETCH_ROWS_MAX);
    }
    if batches.send().await.is_ok() {
        let _ = connection.close().await;
    }
    Ok(())
}

/// Gives the bytes of the row's values.
fn take(row: &PgRow, forms: &[Form], batches: &mut Batches) -> Result<usize, sqlx::Error> {
    let mut bytes = 0;
    for (index, form) in forms.iter().enumerate() {
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            batches.rows().push("");
            continue;
        }
        let text = value.as_str().map_err(sqlx::Error::Decode)?;
        bytes += text.len();
        batches.rows().push_with(|into| write(text, *form, into));
    }
    Ok(bytes)
}

fn write(text: &str, form: Form, into: &mut String) {
    match (form, text) {
        (Form::Truth, "t") => into.push_str("true"),
        (Form::Truth, "f") => into.push_str("false"),
        (Form::Bytes, _) => into.push_str(text.strip_prefix("\\x").unwrap_or(text)),
        (Form::Timestamp, _) => words::timestamp(text, "", into),
        (Form::TimestampWithZone, _) => match text.strip_suffix("+00") {
            Some(text) => words::timestamp(text, "Z", into),
            None => into.push_str(text),
        },
        (Form::Truth | Form::AsItIs, _) => into.push_str(text),
    }
}
