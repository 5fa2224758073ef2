//! Reads a table or a query of MySQL, in a transaction that sees one state and cannot write.

use std::str;

use engine::{
    Failure,
    databases::{Access, TableRows, Wanted},
};
use futures::TryStreamExt as _;
use model::config::database::DatabaseServer;
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, MySql, MySqlConnection, Row as _, SqlSafeStr as _,
    Statement as _, Type, TypeInfo as _,
    mysql::{MySqlRow, MySqlStatement, MySqlTypeInfo},
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

const BEGIN: [&str; 2] = [
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
];
/// The columns of a table's primary key, in its order.
const PRIMARY_KEY: &str = "SELECT CAST(COLUMN_NAME AS CHAR) FROM information_schema.KEY_COLUMN_USAGE
    WHERE CONSTRAINT_NAME = 'PRIMARY' AND TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?
    ORDER BY ORDINAL_POSITION";

/// How the text of a column becomes ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    AsItIs,
    Bytes,
    /// A number in as many bytes as it needs.
    Bits,
    /// Asked for as a double, for the database writes only six of its digits.
    Single,
    Date,
    Time,
    DateTime,
    /// In UTC, for the session is.
    Timestamp,
}

/// What is read, and in which transaction.
struct Opened {
    connection: MySqlConnection,
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
    let Opened { connection, sql, columns, forms } = open(server, access, wanted, &place).await?;
    let names = columns.clone();
    Ok(batches::spawn(columns, permit, |batches| fetch(connection, sql, names, forms, place, batches)))
}

async fn open(server: &DatabaseServer, access: &Access, wanted: &Wanted, place: &Place) -> Result<Opened, Failure> {
    let mut connection = connect(server, access, place).await?;
    for begin in BEGIN {
        place.within("cannot begin", raw_sql(begin).execute(&mut connection)).await?;
    }
    let (sql, order) = match wanted {
        Wanted::Query(sql) => (sql.clone(), String::new()),
        Wanted::Table { schema, table } => {
            let key = query(PRIMARY_KEY).bind(schema.as_deref()).bind(table).fetch_all(&mut connection);
            let key: Vec<MySqlRow> = place.within("cannot read", key).await?;
            let key: Vec<String> = key.iter().filter_map(|row| row.try_get(0).ok()).collect();
            let order = match key.is_empty() {
                true => String::new(),
                false => format!(" ORDER BY {}", words::list(key.iter().map(String::as_str), QUOTE)),
            };
            (format!("SELECT * FROM {}", words::table(schema.as_deref(), table, QUOTE)), order)
        }
    };
    // It is prepared for its columns, and because only one statement can be: what comes later may hold several. What makes
    // or drops tables has no columns, and it has to be refused here: a transaction that cannot write does not stop it.
    let prepared = connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str());
    let prepared: MySqlStatement = place.within("cannot read", prepared).await?;
    if prepared.columns().is_empty() {
        return Err(place.problem("cannot read", "the query gives no columns"));
    }
    let columns: Vec<String> = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
    let mut forms: Vec<Form> = prepared.columns().iter().map(|column| form(column.type_info())).collect();
    let sql = match wanted {
        Wanted::Table { schema, table } => {
            let values = columns.iter().zip(&forms).map(|(name, form)| match form {
                Form::Single => format!("({0} + 0e0) AS {0}", words::quoted(name, QUOTE)),
                _ => words::quoted(name, QUOTE),
            });
            let values: Vec<String> = values.collect();
            format!("SELECT {} FROM {}{order}", values.join(", "), words::table(schema.as_deref(), table, QUOTE))
        }
        Wanted::Query(_) => {
            // What it gives cannot be asked for in another way.
            forms.iter_mut().filter(|form| **form == Form::Single).for_each(|form| *form = Form::AsItIs);
            sql
        }
    };
    Ok(Opened { connection, sql, columns, forms })
}

/// A text is one whatever its collation: those that compare bytes have the flag of binary values, too.
fn form(kind: &MySqlTypeInfo) -> Form {
    if <str as Type<MySql>>::compatible(kind) {
        return Form::AsItIs;
    }
    match kind.name() {
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "GEOMETRY" => Form::Bytes,
        "BIT" => Form::Bits,
        "FLOAT" => Form::Single,
        "DATE" => Form::Date,
        "TIME" => Form::Time,
        "DATETIME" => Form::DateTime,
        "TIMESTAMP" => Form::Timestamp,
        _ => Form::AsItIs,
    }
}

async fn fetch(
    mut connection: MySqlConnection,
    sql: String,
    names: Vec<String>,
    forms: Vec<Form>,
    place: Place,
    mut batches: Batches,
) -> Result<(), Failure> {
    {
        // By the text protocol: every value comes as the database itself writes it, row by row as they are taken.
        let mut rows = raw_sql(AssertSqlSafe(sql)).fetch(&mut connection);
        while let Some(row) = place.within("reading stopped", rows.try_next()).await? {
            if row.len() != forms.len() {
                return Err(place.problem("reading stopped", "its columns have changed since the import began"));
            }
            for (index, form) in forms.iter().enumerate() {
                let value: Option<&[u8]> =
                    row.try_get_unchecked(index).map_err(|error| place.failure("cannot read a row", &error))?;
                let taken = match value {
                    None => {
                        batches.rows().push("");
                        Ok(())
                    }
                    Some(bytes) => take(bytes, *form, &mut batches),
                };
                taken.map_err(|_| {
                    let problem = format!("a value of the column “{}” is no text in UTF-8", names[index]);
                    place.problem("cannot read a row", &problem)
                })?;
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

fn take(bytes: &[u8], form: Form, batches: &mut Batches) -> Result<(), str::Utf8Error> {
    match form {
        Form::Bytes => {
            batches.rows().push_with(|into| words::hexadecimal(bytes, into));
            return Ok(());
        }
        Form::Bits => {
            let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            batches.rows().push(&number.to_string());
            return Ok(());
        }
        _ => {}
    }
    let text = str::from_utf8(bytes)?;
    match form {
        // A year, month or day that is zero is this database's way to say that there is none.
        Form::Date | Form::DateTime | Form::Timestamp if text.starts_with("0000-") => batches.rows().push(""),
        Form::DateTime => batches.rows().push_with(|into| words::timestamp(text, "", into)),
        Form::Timestamp => batches.rows().push_with(|into| words::timestamp(text, "Z", into)),
        Form::Time => batches.rows().push(words::without_empty_fraction(text)),
        Form::Single => match text.parse::<f64>() {
            // The shortest digits that mean the same number.
            Ok(number) => batches.rows().push(&(number as f32).to_string()),
            Err(_) => batches.rows().push(text),
        },
        Form::AsItIs | Form::Date | Form::Bytes | Form::Bits => batches.rows().push(text),
    }
    Ok(())
}
