//! Cleanse on imported records.

use model::{Step, results::Summary};
use serde_json::json;

use crate::support::Project;

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
fn a_column_that_is_not_there_is_named() {
    let operations = json!({"operations": [{"column": "mail", "operation": "trim"}]});
    let project = Project::new(&[("people.csv", PEOPLE)]).with("cleanse", operations);
    let message = project.failure(Step::Import, Step::Cleanse);
    assert!(
        message.starts_with("operation 1 (trim of “mail”): there is no such column; the records have"),
        "{message}"
    );
}
