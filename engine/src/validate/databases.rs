//! Databases: where they are, and what is read or written there.

use std::collections::HashSet;

use model::{
    config::{
        database::{Database, DatabaseServer, DatabaseSource, DatabaseTarget, WriteMode},
        export::Target,
    },
    limits,
};

use super::Problems;

pub(super) fn check_source(source: &DatabaseSource, at: &str, problems: &mut Problems) {
    check_database(&source.database, &format!("{at}.database"), problems);
    match (&source.table, &source.query) {
        (None, None) => problems.add(format!("{at}.table"), "name a table, or write a query"),
        (Some(_), Some(_)) => problems.add(format!("{at}.query"), "stands in place of a table; leave one of them out"),
        (Some(table), None) => check_name(table, &format!("{at}.table"), problems),
        (None, Some(query)) if query.trim().is_empty() => problems.add(format!("{at}.query"), "is empty"),
        (None, Some(query)) if query.chars().count() > limits::QUERY_CHARS_MAX => {
            problems.add(format!("{at}.query"), format!("has more than {} characters", limits::QUERY_CHARS_MAX));
        }
        (None, Some(_)) => {}
    }
    if source.query.is_some() && source.schema.is_some() {
        problems.add(format!("{at}.schema"), "is for a table; in a query, name it before the table");
    }
    check_schema(source.schema.as_deref(), at, problems);
    check_timeout(source.timeout_s, at, problems);
}

pub(super) fn check_target(target: &DatabaseTarget, at: &str, problems: &mut Problems) {
    check_database(&target.database, &format!("{at}.database"), problems);
    check_schema(target.schema.as_deref(), at, problems);
    check_name(&target.table, &format!("{at}.table"), problems);
    check_timeout(target.timeout_s, at, problems);
    if !(1..=limits::DATABASE_BATCH_MAX_ROWS).contains(&target.batch) {
        problems.add(format!("{at}.batch"), format!("has to be 1 to {}", limits::DATABASE_BATCH_MAX_ROWS));
    }
    let is_upsert = target.mode == WriteMode::Upsert;
    if is_upsert == target.key.is_empty() {
        let message = match is_upsert {
            true => "name the columns by which rows are found again",
            false => "is for the mode “upsert” alone",
        };
        problems.add(format!("{at}.key"), message);
    }
    for (place, name) in target.key.iter().enumerate() {
        if target.key[..place].contains(name) {
            problems.add(format!("{at}.key[{place}]"), format!("“{name}” is in the key already"));
        }
    }
}

/// Two loads of one table would wait for each other, and so would two of one file of SQLite.
pub(super) fn check_once(targets: &[Target], problems: &mut Problems) {
    let mut tables = HashSet::new();
    for (place, target) in targets.iter().enumerate() {
        let Target::Database(target) = target else { continue };
        match &target.database {
            Database::Sqlite(file) if !tables.insert(file.path.clone()) => problems.add(
                format!("export.targets[{place}].database.path"),
                "is the file of an earlier target already; an export writes one table of a file of SQLite",
            ),
            Database::Postgresql(_) | Database::Mysql(_) if !tables.insert(target.place()) => {
                problems.add(format!("export.targets[{place}].table"), "is the table of an earlier target already");
            }
            Database::Sqlite(_) | Database::Postgresql(_) | Database::Mysql(_) => {}
        }
    }
}

fn check_database(database: &Database, at: &str, problems: &mut Problems) {
    match database {
        Database::Postgresql(server) | Database::Mysql(server) => check_server(server, at, problems),
        Database::Sqlite(file) => {
            if !file.path.starts_with('/') {
                problems.add(format!("{at}.path"), "has to be an absolute path on the server");
            } else if file.path.split('/').any(|part| matches!(part, "." | "..")) {
                problems.add(format!("{at}.path"), "may not hold “.” or “..”");
            }
        }
    }
}

fn check_server(server: &DatabaseServer, at: &str, problems: &mut Problems) {
    for (field, value, message) in [
        ("host", &server.host, "say where the database is"),
        ("database", &server.database, "name the database"),
        ("user", &server.user, "say as whom to come in"),
    ] {
        if value.trim().is_empty() {
            problems.add(format!("{at}.{field}"), message);
        } else if value.contains('\0') {
            problems.add(format!("{at}.{field}"), "holds a sign that it may not");
        }
    }
    if server.host.contains('@') || server.host.contains("://") {
        problems
            .add(format!("{at}.host"), "is a name or an address alone; what else an address has, has its own field");
    }
    if server.port == Some(0) {
        problems.add(format!("{at}.port"), "has to be at least 1");
    }
    if server.password.as_deref() == Some("") {
        problems.add(format!("{at}.password"), "name a secret, or leave it out for a database that asks for none");
    }
}

fn check_schema(schema: Option<&str>, at: &str, problems: &mut Problems) {
    if let Some(schema) = schema {
        check_name(schema, &format!("{at}.schema"), problems);
    }
}

fn check_name(name: &str, at: &str, problems: &mut Problems) {
    if name.is_empty() {
        problems.add(at, "is empty");
    } else if name.contains('\0') {
        problems.add(at, "holds a sign that it may not");
    }
}

fn check_timeout(seconds: u32, at: &str, problems: &mut Problems) {
    if !(1..=limits::DATABASE_TIMEOUT_MAX_S).contains(&seconds) {
        problems.add(format!("{at}.timeout_s"), format!("has to be 1 to {}", limits::DATABASE_TIMEOUT_MAX_S));
    }
}
