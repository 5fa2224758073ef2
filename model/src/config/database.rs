//! Databases: where one is, which of its tables or queries is read, and how a table is written.

use serde::{Deserialize, Serialize};

use super::yes;
use crate::limits;

/// Where a database is, and as whom it is asked. Passwords are secrets: the document names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Database {
    /// PostgreSQL, 12 or later.
    Postgresql(DatabaseServer),
    /// MySQL, 8 or later, or MariaDB, 10.5 or later.
    Mysql(DatabaseServer),
    /// A file on the server, which has to lie under a directory that its settings allow.
    Sqlite(SqliteFile),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DatabaseServer {
    /// Name or address; a path is that of a Unix socket, or for PostgreSQL of the directory that it lies in.
    pub host: String,
    /// 5432 or 3306 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    pub database: String,
    pub user: String,
    /// Name of the secret with the password; without it, none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(default)]
    pub tls: Tls,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SqliteFile {
    /// Absolute.
    pub path: String,
}

/// Whether the way to the database is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    Off,
    /// Where the database offers it.
    #[default]
    Preferred,
    /// Whatever certificate the database shows.
    Required,
    /// With a certificate of that host from an authority that this machine knows.
    Verified,
}

/// What is read of a database: a table or what a query gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DatabaseSource {
    pub database: Database,
    /// Of the table; the one that the database takes by itself when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The table or view. Read in the order of its primary key, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// In place of a table: one statement that only reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Seconds that the database may take to answer, or to bring the next rows.
    #[serde(default = "read_timeout_s")]
    pub timeout_s: u32,
}

/// A table that an export writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DatabaseTarget {
    pub database: Database,
    /// Of the table; the one that the database takes by itself when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    pub table: String,
    pub mode: WriteMode,
    /// For `upsert`: the columns by which rows are found again. They need a unique index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Makes the table when it is missing.
    #[serde(default = "yes")]
    pub create: bool,
    /// Seconds that one statement may take.
    #[serde(default = "write_timeout_s")]
    pub timeout_s: u32,
    /// Rows that go to the database together.
    #[serde(default = "batch_rows")]
    pub batch: u32,
}

/// What becomes of the rows that a table has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WriteMode {
    /// They stay; the new ones come after them.
    Append,
    /// They go; the table stays as it is defined.
    Truncate,
    /// They go, and the table is made anew with the columns of the export.
    Recreate,
    /// Those with the key of a new one are changed, the others stay.
    Upsert,
}

impl Database {
    /// As people know it, without a password: `postgresql://millrace@db.example.com:5432/crm`.
    pub fn place(&self) -> String {
        let server = |kind: &str, port: u16, server: &DatabaseServer| {
            let DatabaseServer { host, user, database, .. } = server;
            match host.starts_with('/') {
                true => format!("{kind}://{user}@{host}/{database}"),
                false => format!("{kind}://{user}@{host}:{}/{database}", server.port.unwrap_or(port)),
            }
        };
        match self {
            Self::Postgresql(one) => server("postgresql", 5432, one),
            Self::Mysql(one) => server("mysql", 3306, one),
            Self::Sqlite(file) => format!("sqlite:{}", file.path),
        }
    }

    /// The name of the secret with its password.
    pub fn password(&self) -> Option<&str> {
        match self {
            Self::Postgresql(server) | Self::Mysql(server) => server.password.as_deref(),
            Self::Sqlite(_) => None,
        }
    }
}

impl DatabaseSource {
    /// Where it is, as people know it, without a password.
    pub fn place(&self) -> String {
        match &self.table {
            Some(table) => format!("{}, table {}", self.database.place(), qualified(self.schema.as_deref(), table)),
            None => format!("{}, a query", self.database.place()),
        }
    }
}

impl DatabaseTarget {
    /// Where it is, as people know it, without a password: `postgresql://millrace@db:5432/crm, table public.people`.
    pub fn place(&self) -> String {
        format!("{}, table {}", self.database.place(), qualified(self.schema.as_deref(), &self.table))
    }
}

/// `schema.table`, as people write it.
pub fn qualified(schema: Option<&str>, table: &str) -> String {
    schema.map_or_else(|| table.to_owned(), |schema| format!("{schema}.{table}"))
}

const fn read_timeout_s() -> u32 {
    limits::DATABASE_READ_TIMEOUT_DEFAULT_S
}

const fn write_timeout_s() -> u32 {
    limits::DATABASE_WRITE_TIMEOUT_DEFAULT_S
}

const fn batch_rows() -> u32 {
    limits::DATABASE_BATCH_DEFAULT_ROWS
}
