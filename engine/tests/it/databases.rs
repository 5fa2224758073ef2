//! Sources and targets that are tables: what the steps ask of databases, and what they do when one fails. The databases here
//! are made up; the server has the tests with real ones.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use engine::{
    Failure, Secrets,
    databases::{Access, Databases, TableLoad, TableRows, TableWrite, TextRows, Unplaced, Wanted},
    export_mark,
};
use model::{Step, results::Summary};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Project, Watcher};

const PEOPLE: [[&str; 3]; 4] =
    [["1", "ann@x.org", "Ann"], ["2", "bob@x.org", ""], ["", "", ""], ["4", "ann@x.org", "Anna, \"the second\""]];

/// What the database says to the last step of a load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Answer {
    #[default]
    Done,
    Refused,
    NotHeard,
}

/// How a read goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reading {
    #[default]
    Whole,
    /// The database dies after the first rows.
    Dies,
    /// After the first rows nothing comes any more.
    Stalls,
}

/// One database with the table of people, and one table that is loaded.
#[derive(Clone, Debug, Default)]
struct MadeUp {
    reading: Reading,
    answer: Answer,
    asked: Arc<Mutex<Vec<String>>>,
    placed: Arc<Mutex<Vec<String>>>,
}

impl MadeUp {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }

    fn placed(&self) -> Vec<String> {
        self.placed.lock().expect("not poisoned").clone()
    }

    fn note(&self, access: &Access, what: &dyn fmt::Debug) {
        let password = access.password.as_ref().map_or("none", |password| password.0.as_str());
        let asked = format!("{} with {password}, {:?}: {what:?}", access.database.place(), access.timeout);
        self.asked.lock().expect("not poisoned").push(asked);
    }
}

#[async_trait]
impl Databases for MadeUp {
    async fn columns(&self, access: &Access, wanted: &Wanted) -> Result<Vec<String>, Failure> {
        self.note(access, wanted);
        Ok(["id", "mail", "name"].map(str::to_owned).to_vec())
    }

    async fn read(&self, access: &Access, wanted: &Wanted) -> Result<TableRows, Failure> {
        let (sender, receiver) = mpsc::channel(1);
        let reading = self.reading;
        let task = tokio::spawn(async move {
            for (place, row) in PEOPLE.iter().enumerate() {
                match reading {
                    Reading::Dies if place == 2 => {
                        return Err(Failure::Input("the database made-up: the connection is lost".to_owned()));
                    }
                    Reading::Stalls if place == 2 => std::future::pending::<()>().await,
                    Reading::Whole | Reading::Dies | Reading::Stalls => {}
                }
                let mut rows = TextRows::new(3);
                row.iter().for_each(|value| rows.push(value));
                let _ = sender.send(rows).await;
            }
            Ok(())
        });
        Ok(TableRows::new(self.columns(access, wanted).await?, receiver, task))
    }

    async fn write(&self, access: &Access, table: &TableWrite) -> Result<Box<dyn TableLoad>, Failure> {
        let columns: Vec<String> =
            table.columns.iter().map(|column| format!("{} {:?}", column.name, column.kind)).collect();
        self.note(access, &(&table.table, table.mode, columns));
        Ok(Box::new(Load { database: self.clone(), rows: Vec::new(), is_ready: false }))
    }
}

struct Load {
    database: MadeUp,
    rows: Vec<String>,
    is_ready: bool,
}

#[async_trait]
impl TableLoad for Load {
    async fn write(&mut self, rows: &TextRows) -> Result<(), Failure> {
        self.rows.extend((0..rows.len()).map(|row| rows.row(row).collect::<Vec<_>>().join("|")));
        Ok(())
    }

    async fn make_ready(&mut self) -> Result<(), Failure> {
        self.is_ready = true;
        Ok(())
    }

    async fn place(&mut self) -> Result<(), Unplaced> {
        assert!(self.is_ready);
        let no = || Failure::Input("the database made-up: cannot write golden: no".to_owned());
        match self.database.answer {
            Answer::Done => {
                self.database.placed.lock().expect("not poisoned").append(&mut self.rows);
                Ok(())
            }
            Answer::Refused => Err(Unplaced::Refused(no())),
            Answer::NotHeard => Err(Unplaced::Unknown(no())),
        }
    }
}

fn database() -> Value {
    json!({"type": "postgresql", "host": "db", "database": "crm", "user": "millrace", "password": "crm-password"})
}

/// Golden records of the people go to a table, and before it to a file of a directory.
fn project(made_up: &MadeUp) -> Project {
    let mut project = Project::new(&[])
        .with(
            "sources",
            json!([{"name": "crm", "location": {"type": "database", "database": database(), "table": "people"}}]),
        )
        .with(
            "match",
            json!({
                "blocking": [{"parts": [{"column": "mail", "transform": "exact"}]}],
                "definitions": [{"name": "mail", "criteria": [{"column": "mail", "comparison": "exact"}]}],
            }),
        );
    let root = project.home.path().join("exports");
    std::fs::create_dir(&root).expect("made");
    project = project.with(
        "export",
        json!({"include_scores": true, "targets": [
            {"type": "directory", "path": root, "name": "golden.csv", "format": {"type": "csv"}},
            {"type": "database", "database": database(), "table": "golden", "mode": "truncate", "timeout_s": 7},
        ]}),
    );
    project.spec.export.roots.push(root);
    project.spec.secrets = [("crm-password".to_owned(), "hunter2".to_owned())].into_iter().collect();
    project.databases = Some(Arc::new(made_up.clone()));
    project
}

fn beside(project: &Project) -> (PathBuf, PathBuf) {
    (project.home.path().join("exports/golden.csv"), export_mark(&project.outputs()))
}

#[test]
fn a_table_becomes_records_and_golden_records_become_a_table() {
    let made_up = MadeUp::default();
    let project = project(&made_up);
    project.run(Step::Import, Step::Export).expect("runs");
    assert_eq!(
        project.rows(Step::Import, "records.parquet"),
        [
            "0 | crm | 1 | 1 | ann@x.org | Ann",
            "1 | crm | 2 | 2 | bob@x.org | ·",
            "2 | crm | 4 | 4 | ann@x.org | Anna, \"the second\"",
        ]
    );
    let at = "postgresql://millrace@db:5432/crm with hunter2";
    let table = "Table { schema: None, table: \"people\" }";
    assert_eq!(
        made_up.asked(),
        [
            format!("{at}, 300s: {table}"),
            format!("{at}, 300s: {table}"),
            format!(
                "{at}, 7s: (\"golden\", Truncate, [\"id Text\", \"mail Text\", \"name Text\", \"_score Fraction\"])"
            ),
        ]
    );
    assert_eq!(made_up.placed(), ["1|ann@x.org|Ann|100.00", "2|bob@x.org||"]);
    let Summary::Export(summary) = project.summary(Step::Export) else { panic!("not of an export") };
    let delivered: Vec<(&str, u64)> = summary.delivered.iter().map(|one| (one.location.as_str(), one.rows)).collect();
    let file = beside(&project).0.display().to_string();
    assert_eq!(delivered, [(file.as_str(), 2), ("postgresql://millrace@db:5432/crm, table golden", 2)]);
}

#[test]
fn a_secret_that_is_missing_is_named_before_anything_is_asked() {
    let made_up = MadeUp::default();
    let mut project = project(&made_up);
    project.spec.secrets = Secrets::default();
    let message = project.failure(Step::Import, Step::Import);
    assert!(message.contains("source “crm”: there is no secret \"crm-password\""), "{message}");
    project.spec.secrets = Secrets::opened([("crm-password".to_owned(), Err("is lost".to_owned()))]);
    let message = project.failure(Step::Import, Step::Import);
    assert!(message.contains("source “crm”: the secret \"crm-password\" is lost"), "{message}");
    assert!(made_up.asked().is_empty());
}

#[test]
fn a_database_that_dies_while_it_is_read_leaves_the_records_of_the_run_before() {
    let mut project = project(&MadeUp::default());
    project.run(Step::Import, Step::Import).expect("runs");
    let before = project.file(Step::Import, "records.parquet");
    project.databases = Some(Arc::new(MadeUp { reading: Reading::Dies, ..MadeUp::default() }));
    let message = project.failure(Step::Import, Step::Import);
    assert_eq!(message, "source “crm”: the database made-up: the connection is lost");
    assert_eq!(project.file(Step::Import, "records.parquet"), before);
}

#[test]
fn a_database_that_is_waited_for_can_be_cancelled() {
    let made_up = MadeUp { reading: Reading::Stalls, ..MadeUp::default() };
    let project = project(&made_up);
    let watcher = Watcher::default();
    let (cancel, waiting) = (watcher.cancel.clone(), made_up.clone());
    let cancelling = std::thread::spawn(move || {
        // The columns, and then the rows.
        while waiting.asked().len() < 2 {
            std::thread::yield_now();
        }
        cancel.cancel();
    });
    let cancelled = project.run_watched(Step::Import, Step::Import, watcher);
    assert!(matches!(cancelled, Err(Failure::Cancelled)));
    cancelling.join().expect("cancels");
}

#[test]
fn a_table_that_refuses_leaves_everything_as_it_was_and_one_that_does_not_answer_is_marked() {
    for (answer, is_marked) in [(Answer::Refused, false), (Answer::NotHeard, true)] {
        let made_up = MadeUp { answer, ..MadeUp::default() };
        let project = project(&made_up);
        let message = project.failure(Step::Import, Step::Export);
        assert_eq!(message, "the database made-up: cannot write golden: no");
        let (file, mark) = beside(&project);
        assert!(!file.exists(), "{answer:?}: the file that was placed before is taken back");
        assert_eq!(mark.exists(), is_marked, "{answer:?}");
        assert!(!project.outputs().exists() && made_up.placed().is_empty());
    }
}

#[test]
fn a_program_that_speaks_to_no_database_says_so() {
    let mut project = project(&MadeUp::default());
    project.databases = None;
    let message = project.failure(Step::Import, Step::Import);
    assert_eq!(message, "source “crm”: this program cannot speak to databases");
}
