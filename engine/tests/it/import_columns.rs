//! Import: which columns are taken, of which types they are, and what records are known by.

use model::{Step, results::Summary};
use serde_json::{Value, json};

use crate::support::{Project, table};

fn project(file: &str, bytes: &[u8], settings: Value) -> Project {
    let mut source = json!({"name": "people", "file": file});
    for (name, value) in settings.as_object().expect("settings") {
        source[name] = value.clone();
    }
    Project::new(&[(file, bytes)]).with("sources", json!([source]))
}

fn rejects(project: &Project) -> String {
    std::fs::read_to_string(project.file(Step::Import, "rejects.csv")).expect("there are rejects")
}

#[test]
fn values_of_a_column_with_a_type_have_its_form_or_are_rejects() {
    let text = "id,born,paid,active\n1,31.12.2020,\"1,234.50\",yes\n2,soon,5,no\n3,,x,no\n4,,,\n";
    let columns = json!([
        {"column": "id", "type": "text"},
        {"column": "born", "type": "date"},
        {"column": "paid", "type": "number", "rename": "amount"},
        {"column": "active", "type": "boolean"},
    ]);
    let project = project("people.csv", text.as_bytes(), json!({"columns": columns}));
    project.run(Step::Import, Step::Import).expect("imports");
    let rows = project.rows(Step::Import, "records.parquet");
    assert_eq!(rows, ["0 | people | 2 | 1 | 2020-12-31 | 1234.5 | true", "1 | people | 5 | 4 | · | · | ·"]);
    let rejects = rejects(&project);
    let expected =
        "people,3,the value of “born” is “soon” and no date that can be read in one way only,\"2,soon,5,no\"";
    assert!(rejects.contains(expected), "{rejects}");
    assert!(rejects.contains("people,4,the value of “amount” is “x” and no number,\"3,,x,no\""), "{rejects}");
}

#[test]
fn records_are_known_by_their_key_through_all_steps() {
    let text = b"id,name\n7,Ann Smith\n8,Ann Smith\n9,Bob Jones\n";
    let project = project("people.csv", text, json!({"key": "id"}))
        .with(
            "match",
            json!({
                "blocking": [{"parts": [{"column": "name", "transform": "prefix", "length": 3}]}],
                "definitions": [
                    {"name": "same", "threshold": 80, "criteria": [{"column": "name", "comparison": "similar_text"}]},
                ],
            }),
        )
        .with("export", json!({"targets": [{"type": "file", "name": "a.csv", "format": {"type": "csv"}}]}));
    project.run(Step::Import, Step::Export).expect("runs");
    let (names, rows) = table(&project.file(Step::Import, "records.parquet"));
    assert_eq!(names, ["_record", "_source", "_row", "_record_id", "id", "name"]);
    assert_eq!(rows[0], "0 | people | 2 | people/7 | 7 | Ann Smith");
    let (names, rows) = table(&project.file(Step::Match, "groups.parquet"));
    let place = names.iter().position(|name| name == "_record_id").expect("an id");
    let ids: Vec<&str> = rows.iter().map(|row| row.split(" | ").nth(place).expect("an id")).collect();
    assert_eq!(ids, ["people/7", "people/8"]);
    let exported = std::fs::read_to_string(project.outputs().join("a.csv")).expect("an export");
    assert!(exported.starts_with("id,name\n"), "{exported}");
}

#[test]
fn a_source_without_a_key_beside_one_with_it() {
    let project = Project::new(&[("a.csv", b"id\n1\n"), ("b.csv", b"id\n1\n")])
        .with("sources", json!([{"name": "a", "file": "a.csv", "key": "id"}, {"name": "b", "file": "b.csv"}]));
    project.run(Step::Import, Step::Import).expect("imports");
    assert_eq!(project.rows(Step::Import, "records.parquet"), ["0 | a | 2 | a/1 | 1", "1 | b | 2 | · | 1"]);
}

#[test]
fn a_key_belongs_to_one_record() {
    let project_of = |text: &[u8], key: &str| project("people.csv", text, json!({"key": key}));
    assert_eq!(
        project_of(b"id\n1\n2\n1\n", "id").failure(Step::Import, Step::Import),
        "file “people.csv”: the key column “id” has “1” twice, in lines 2 and 4; a key belongs to one record"
    );
    assert_eq!(
        project_of(b"id,name\n1,a\n", "number").failure(Step::Import, Step::Import),
        "file “people.csv”: its key is the column “number”, which it does not have; it has id, name"
    );
    let empty = project_of(b"id,name\n,a\n2,b\n", "id");
    empty.run(Step::Import, Step::Import).expect("imports");
    assert!(
        rejects(&empty).contains("people,2,\"its key, the value of “id”, is empty\",\",a\""),
        "{}",
        rejects(&empty)
    );
}

#[test]
fn a_changed_schema_is_named_in_every_format() {
    let columns = json!({"columns": [{"column": "name"}, {"column": "mail"}]});
    let message = project("people.jsonl", b"{\"name\": \"Ann\", \"e_mail\": \"a@b.org\"}\n", columns)
        .failure(Step::Import, Step::Import);
    assert_eq!(
        message,
        "file “people.jsonl”: its columns have changed: the column “mail” is missing, and it has the new columns “e_mail”"
    );
}

#[test]
fn without_a_column_list_a_changed_schema_is_said() {
    let mut project = project("people.csv", b"id,name,mail\n1,Ann,a@b.org\n", json!({}));
    project.run(Step::Import, Step::Import).expect("imports");
    let other = project.home.path().join("other.csv");
    std::fs::write(&other, "id,name,e_mail\n1,Ann,a@b.org\n").expect("a file");
    project.spec.files.insert("people.csv".to_owned(), other);
    let watcher = project.run(Step::Import, Step::Import).expect("imports");
    let log = watcher.log.lock().expect("not poisoned").join("\n");
    let expected = "file “people.csv”: since the last run the columns “mail” are missing, and “e_mail” are new";
    assert!(log.contains(expected), "{log}");
}

#[test]
fn rows_that_are_still_to_come_excuse_rejects() {
    // A file that is read at once: 14 of 15,000 rows, and all of them at its beginning.
    let mut text = "id,name\n".to_owned();
    text.push_str(&"bad\n".repeat(14));
    text.push_str(&"1,Ann\n".repeat(14_986));
    let project = project("people.csv", text.as_bytes(), json!({}));
    project.run(Step::Import, Step::Import).expect("imports");
    let Summary::Import(summary) = project.summary(Step::Import) else { panic!("an import") };
    assert_eq!((summary.rows, summary.rejected), (14_986, 14));
}

#[test]
fn settings_that_cannot_work_are_refused_at_their_place() {
    let problems = |source: Value| {
        let project = Project::new(&[]).with("sources", json!([source]));
        let import = model::StepRange::new(Step::Import, Step::Import).expect("one step");
        let found = engine::validate(&project.spec.config, import, None);
        found.into_iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect::<Vec<_>>()
    };
    for (source, expected) in [
        (json!({"name": "a"}), "sources[0].file: choose an uploaded file"),
        (
            json!({"name": "a", "file": "a.csv", "location": {"type": "path", "path": "/a"}}),
            "sources[0].location: says where the file is, and so does `file`; leave one of them out",
        ),
        (
            json!({"name": "a", "location": {"type": "path", "path": "a"}}),
            "sources[0].location.path: has to be absolute",
        ),
        (
            json!({"name": "a", "location": {"type": "url", "url": "https://ann:secret@host/a"}}),
            "sources[0].location.url: may hold no password; it belongs into a secret",
        ),
        (
            json!({"name": "a", "location": {"type": "object_storage", "url": "http://host/a"}}),
            "sources[0].location.url: has to begin with s3://, gs:// or az://",
        ),
        (
            json!({"name": "a", "file": "a.xlsx", "format": {"type": "xlsx", "header_row": 0}}),
            "sources[0].format.header_row: must be a row from 1 to 1048576",
        ),
        (
            json!({"name": "a", "file": "a.csv", "key": "id", "columns": [{"column": "id", "rename": "number"}]}),
            "sources[0].key: the source's column list has no column “id”",
        ),
    ] {
        assert_eq!(problems(source), [expected]);
    }
}
