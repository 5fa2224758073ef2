//! Databases in a configuration: what is refused before anything is asked of them.

use model::{Step, StepRange, config::ProjectConfig};
use serde_json::{Value, json};

fn problems(config: Value, step: Step) -> Vec<String> {
    let config: ProjectConfig = serde_json::from_value(config).expect("a configuration");
    let steps = StepRange::new(step, step).expect("a step is a range");
    let found = engine::validate(&config, steps, None).into_iter();
    found.map(|problem| problem.field).collect()
}

fn server(change: Value) -> Value {
    let mut server =
        json!({"type": "postgresql", "host": "db", "database": "crm", "user": "millrace", "password": "crm"});
    for (name, value) in change.as_object().expect("fields") {
        server[name] = value.clone();
    }
    server
}

#[test]
fn a_source_names_a_database_and_a_table_or_a_query() {
    let of = |location: Value| problems(json!({"sources": [{"name": "crm", "location": location}]}), Step::Import);
    let at = |field: &str| vec![format!("sources[0].location.{field}")];
    assert!(of(json!({"type": "database", "database": server(json!({})), "table": "people"})).is_empty());
    let sqlite =
        |path: &str| json!({"type": "database", "database": {"type": "sqlite", "path": path}, "query": "SELECT 1"});
    assert!(of(sqlite("/srv/crm.db")).is_empty());
    for (path, field) in [("crm.db", "database.path"), ("/srv/../crm.db", "database.path")] {
        assert_eq!(of(sqlite(path)), at(field));
    }
    for (change, field) in [
        (json!({"host": ""}), "database.host"),
        (json!({"host": "postgresql://db"}), "database.host"),
        (json!({"host": "ann:secret@db"}), "database.host"),
        (json!({"database": " "}), "database.database"),
        (json!({"user": ""}), "database.user"),
        (json!({"port": 0}), "database.port"),
        (json!({"password": ""}), "database.password"),
    ] {
        assert_eq!(of(json!({"type": "database", "database": server(change), "table": "people"})), at(field));
    }
    for (more, field) in [
        (json!({}), "table"),
        (json!({"table": "a", "query": "SELECT 1"}), "query"),
        (json!({"query": " "}), "query"),
        (json!({"query": "SELECT 1", "schema": "a"}), "schema"),
        (json!({"table": ""}), "table"),
        (json!({"table": "a", "timeout_s": 0}), "timeout_s"),
    ] {
        let mut location = json!({"type": "database", "database": server(json!({}))});
        more.as_object().expect("fields").iter().for_each(|(name, value)| location[name] = value.clone());
        assert_eq!(of(location), at(field), "{more}");
    }
}

#[test]
fn a_target_names_a_table_and_what_becomes_of_its_rows() {
    let of = |more: Value| {
        let mut target =
            json!({"type": "database", "database": server(json!({})), "table": "people", "mode": "append"});
        more.as_object().expect("fields").iter().for_each(|(name, value)| target[name] = value.clone());
        problems(json!({"export": {"targets": [target]}}), Step::Export)
    };
    let at = |field: &str| vec![format!("export.targets[0].{field}")];
    for fine in [json!({}), json!({"mode": "upsert", "key": ["id"]}), json!({"schema": "mdm", "timeout_s": 600})] {
        assert!(of(fine.clone()).is_empty(), "{fine}");
    }
    for (more, field) in [
        (json!({"mode": "upsert"}), "key"),
        (json!({"key": ["id"]}), "key"),
        (json!({"mode": "upsert", "key": ["id", "id"]}), "key[1]"),
        (json!({"table": ""}), "table"),
        (json!({"batch": 0}), "batch"),
        (json!({"timeout_s": 0}), "timeout_s"),
    ] {
        assert_eq!(of(more.clone()), at(field), "{more}");
    }
}

#[test]
fn a_table_is_written_once_by_an_export() {
    let postgresql = |table: &str, schema: Option<&str>| {
        let mut target = json!({"type": "database", "database": server(json!({})), "table": table, "mode": "append"});
        if let Some(schema) = schema {
            target["schema"] = json!(schema);
        }
        target
    };
    let sqlite = |path: &str, table: &str| json!({"type": "database", "database": {"type": "sqlite", "path": path}, "table": table, "mode": "append"});
    let of = |targets: Value| problems(json!({"export": {"targets": targets}}), Step::Export);
    let several =
        json!([postgresql("a", None), postgresql("b", None), postgresql("a", Some("mdm")), sqlite("/x/a.db", "a")]);
    assert!(of(several).is_empty());
    assert_eq!(of(json!([postgresql("a", None), postgresql("a", None)])), ["export.targets[1].table"]);
    let file = json!([sqlite("/x/a.db", "a"), sqlite("/x/b.db", "a"), sqlite("/x/a.db", "b")]);
    assert_eq!(of(file), ["export.targets[2].database.path"]);
}

#[test]
fn no_password_stands_in_a_document() {
    let database = server(json!({"password": "crm"}));
    let config =
        json!({"sources": [{"name": "crm", "location": {"type": "database", "database": database, "table": "t"}}]});
    let config: ProjectConfig = serde_json::from_value(config).expect("a configuration");
    assert_eq!(config.sources[0].place(), "postgresql://millrace@db:5432/crm, table t");
    let mistyped = server(json!({"passwort": "x"}));
    let config =
        json!({"sources": [{"name": "crm", "location": {"type": "database", "database": mistyped, "table": "t"}}]});
    assert!(serde_json::from_value::<ProjectConfig>(config).is_err());
}
