//! Cleanse on imported records.

use model::{Step, results::Summary};
use serde_json::json;

use crate::support::{Project, table};

const PEOPLE: &[u8] = b"name,born,Phone no.\n  ann  lee ,31.12.2020,(415) 555-2671\nBOB,never,call me\n,,\n";

#[test]
fn operations_run_in_order_and_are_counted() {
    let project = Project::new(&[("people.csv", PEOPLE)]).with(
        "cleanse",
        json!({"operations": [
            {"column": "name", "operation": "collapse"},
            {"column": "name", "operation": "title"},
            {"column": "name", "operation": "upper", "enabled": false},
            {"column": "born", "operation": "date"},
            {"column": "Phone no.", "operation": "phone", "country": "US"},
            {"column": "name", "operation": "lower", "source": "others"},
        ]}),
    );
    let watcher = project.run(Step::Import, Step::Cleanse).expect("cleanses");
    assert_eq!(
        project.rows(Step::Cleanse, "records.parquet"),
        [
            "0 | people | 2 | Ann Lee | 2020-12-31 | +14155552671",
            "1 | people | 3 | Bob | · | ·",
            "2 | people | 4 | · | · | ·",
        ]
    );
    let Summary::Cleanse(summary) = project.summary(Step::Cleanse) else { panic!("a cleanse summary") };
    assert_eq!((summary.rows, summary.cells_changed), (3, 6));
    let counts: Vec<_> =
        summary.operations.iter().map(|count| (count.operation.as_str(), count.changed, count.invalid)).collect();
    assert_eq!(counts, [("collapse", 1, 0), ("title", 2, 0), ("date", 2, 1), ("phone", 2, 1), ("lower", 0, 0)]);
    let log = watcher.log.lock().expect("not poisoned").join("\n");
    assert!(log.contains("1 values of “born” are no dates and became empty"), "{log}");
}

#[test]
fn without_operations_the_records_stay_as_they_are() {
    let project = Project::new(&[("people.csv", PEOPLE)]);
    project.run(Step::Import, Step::Cleanse).expect("cleanses");
    assert_eq!(project.rows(Step::Import, "records.parquet"), project.rows(Step::Cleanse, "records.parquet"));
}

#[test]
fn many_rows_stay_in_their_order() {
    // Several row groups, and more bytes than are read as one piece.
    let mut text = "name\n".to_owned();
    (0..300_000).for_each(|number| text.push_str(&format!("  {number:040}\n")));
    let project = Project::new(&[("people.csv", text.as_bytes())])
        .with("cleanse", json!({"operations": [{"column": "name", "operation": "trim"}]}));
    project.run(Step::Import, Step::Cleanse).expect("cleanses");
    let rows = project.rows(Step::Cleanse, "records.parquet");
    assert_eq!(rows.len(), 300_000);
    for (number, row) in rows.iter().enumerate() {
        assert_eq!(*row, format!("{number} | people | {} | {number:040}", number + 2));
    }
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let operations = json!({"operations": [{"column": "mail", "operation": "trim"}]});
    let project = Project::new(&[("people.csv", PEOPLE)]).with("cleanse", operations);
    let message = project.failure(Step::Import, Step::Cleanse);
    assert!(
        message.starts_with("operation 1 (trim of “mail”): there is no column “mail”; the records have"),
        "{message}"
    );
}

const CUSTOMERS: &[u8] = "name,street,town,tags\nDOE. JANE,\"Hauptstraße 12a, 10115 Berlin\",,a; b; c\n\
    \"O'BRIEN, PAT\",see file,Rome,d\n"
    .as_bytes();

#[test]
fn operations_make_columns_and_later_ones_read_them() {
    let project = Project::new(&[("people.csv", CUSTOMERS)]).with(
        "cleanse",
        json!({"operations": [
            {"column": "name", "operation": "replace", "from": ".", "to": ","},
            {"column": "name", "operation": "person_name", "prefix": "n "},
            {"column": "street", "operation": "address"},
            {"column": "town", "operation": "fill_empty", "value": "?"},
            {"column": "tags", "operation": "split", "separator": ";", "into": ["first tag", "others"]},
            {"column": "n first", "operation": "concatenate", "columns": ["n last", "others"], "separator": "_", "into": "key"},
            {"column": "key", "operation": "lower"},
            {"column": "town", "operation": "copy", "into": "tags", "source": "nobody"},
        ]}),
    );
    let watcher = project.run(Step::Import, Step::Cleanse).expect("cleanses");
    let (names, rows) = table(&project.file(Step::Cleanse, "records.parquet"));
    let new = [
        "n title",
        "n first",
        "n middle",
        "n last",
        "n suffix",
        "street_number",
        "street_street",
        "street_unit",
        "street_city",
        "street_region",
        "street_postal_code",
        "first tag",
        "others",
        "key",
    ];
    assert_eq!(names[..7], ["_record", "_source", "_row", "name", "street", "town", "tags"]);
    assert_eq!(names[7..], new);
    assert_eq!(
        rows,
        [
            "0 | people | 2 | DOE, JANE | Hauptstraße 12a, 10115 Berlin | ? | a; b; c | · | Jane | · | Doe | · | 12a | \
             Hauptstraße | · | Berlin | · | 10115 | a | b; c | jane_doe_b; c",
            "1 | people | 3 | O'BRIEN, PAT | see file | Rome | d | · | Pat | · | O'Brien | · | · | · | · | · | · | · | d | · | \
             pat_o'brien",
        ]
    );
    let Summary::Cleanse(summary) = project.summary(Step::Cleanse) else { panic!("a cleanse summary") };
    assert_eq!((summary.cells_changed, summary.new_columns), (2, new.map(str::to_owned).to_vec()));
    let counts: Vec<_> = summary.operations.iter().map(|count| (count.changed, count.invalid)).collect();
    assert_eq!(counts, [(1, 0), (2, 0), (1, 1), (1, 0), (2, 0), (2, 0), (2, 0), (0, 0)]);
    let log = watcher.log.lock().expect("not poisoned").join("\n");
    assert!(log.contains("1 values of “street” are no addresses and gave no parts"), "{log}");
}

#[test]
fn a_dictionary_is_an_uploaded_file() {
    let operations = json!({"operations": [{"column": "name", "operation": "dictionary", "file": "words.tsv"}]});
    let mut project = Project::new(&[("people.csv", b"name\nBob Lee\nAnn St Lee\n")]).with("cleanse", operations);
    let message = project.failure(Step::Import, Step::Cleanse);
    assert_eq!(message, "operation 1 (dictionary of “name”): the project has no uploaded file “words.tsv”");

    let path = project.home.path().join("words.tsv");
    project.spec.files.insert("words.tsv".to_owned(), path.clone());
    for (text, problem) in [
        ("bob\n", "has in line 1 1 fields"),
        ("# nicknames\nbob\tRobert\thigh\n", "has in line 2 the priority “high”"),
        ("word\treplacement\n", "has no words"),
        ("..\tx\n", "has in line 1 “..”, which is no word"),
    ] {
        std::fs::write(&path, text).expect("written");
        let message = project.failure(Step::Cleanse, Step::Cleanse);
        assert!(message.contains(problem) && message.contains("“words.tsv”"), "{message}");
    }
    std::fs::write(&path, "\u{feff}word\treplacement\tpriority\nbob\tRobert\nst\tStreet\nst\tSaint\t2\n")
        .expect("written");
    project.run(Step::Cleanse, Step::Cleanse).expect("cleanses");
    assert_eq!(
        project.rows(Step::Cleanse, "records.parquet"),
        ["0 | people | 2 | Robert Lee", "1 | people | 3 | Ann Saint Lee"]
    );
}

#[test]
fn a_preview_marks_what_changes_and_writes_nothing() {
    let project = Project::new(&[("people.csv", PEOPLE)]).with(
        "cleanse",
        json!({"operations": [
            {"column": "name", "operation": "collapse"},
            {"column": "born", "operation": "date"},
            {"column": "name", "operation": "copy", "into": "alias"},
        ]}),
    );
    let preview = |rows| project.preview(rows);
    assert_eq!(preview(2).expect("nothing is imported yet"), None);
    project.run(Step::Import, Step::Import).expect("imports");
    let preview = preview(2).expect("previews").expect("there is an import");
    assert_eq!(preview.columns, ["name", "born", "Phone no.", "alias"]);
    assert_eq!(preview.new_columns, ["alias"]);
    let cells = |row: usize| -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "·".to_owned());
        let cells = preview.rows[row].cells.iter();
        cells
            .map(|cell| {
                format!("{} {} {}", text(&cell.before), if cell.changed { "→" } else { "=" }, text(&cell.after))
            })
            .collect()
    };
    assert_eq!((preview.rows.len(), preview.rows[1].row, preview.rows[1].source.as_str()), (2, 3, "people"));
    assert_eq!(
        cells(0),
        ["ann  lee → ann lee", "31.12.2020 → 2020-12-31", "(415) 555-2671 = (415) 555-2671", "· → ann lee",]
    );
    assert_eq!(cells(1)[1], "never → ·");
    let counts: Vec<_> = preview.operations.iter().map(|count| (count.changed, count.invalid)).collect();
    assert_eq!(counts, [(1, 0), (2, 1), (2, 0)]);
    assert!(!engine::read::has_result(&project.workspace(), Step::Cleanse));
}
