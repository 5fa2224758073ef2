use std::time::Duration;

use engine::{
    Failure,
    databases::{ColumnKind, Databases as _, TableColumn},
};
use model::config::database::WriteMode;

use super::{
    Ground, Kind,
    cut::Way,
    each,
    ground::{people, text},
};

const MODES: [WriteMode; 4] = [WriteMode::Append, WriteMode::Truncate, WriteMode::Recreate, WriteMode::Upsert];
const OLD: &str = "INSERT INTO people (id, name, note) VALUES ('1', 'Ann', 'kept'), ('2', 'Bob', 'kept')";

async fn old_people(ground: &Ground) {
    ground.execute("CREATE TABLE people (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50), note VARCHAR(20))").await;
    ground.execute(OLD).await;
}

fn refusal(done: Result<(), Failure>) -> String {
    match done {
        Err(Failure::Input(message)) => message,
        other => panic!("not refused but {other:?}"),
    }
}

/// Tables that are not the people's own.
async fn others(ground: &Ground) -> Vec<String> {
    match ground.kind {
        Kind::Postgresql => ground.query("SELECT relname FROM pg_class WHERE relname LIKE 'millrace%'").await,
        Kind::Mysql => {
            ground
                .query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_NAME LIKE 'millrace%' AND TABLE_SCHEMA = DATABASE()")
                .await
        }
        Kind::Sqlite => ground.query("SELECT name FROM sqlite_schema WHERE name LIKE 'millrace%'").await,
    }
}

#[tokio::test]
async fn each_mode_does_to_the_old_rows_what_it_says() {
    let new = [("2", "Robert"), ("3", "Cid \"x\",\ny\\."), ("4", "")];
    let cases: [(WriteMode, &[&str]); 4] = [
        (WriteMode::Append, &["1|Ann|kept", "2|Bob|kept", "3|Cid \"x\",\ny\\.|", "4||"]),
        (WriteMode::Truncate, &["2|Robert|", "3|Cid \"x\",\ny\\.|", "4||"]),
        (WriteMode::Recreate, &["2|Robert", "3|Cid \"x\",\ny\\.", "4|"]),
        (WriteMode::Upsert, &["1|Ann|kept", "2|Robert|kept", "3|Cid \"x\",\ny\\.|", "4||"]),
    ];
    each(|ground| async move {
        for (mode, expected) in cases {
            old_people(&ground).await;
            // What is there already cannot be appended.
            let new = if mode == WriteMode::Append { &new[1..] } else { &new[..] };
            ground.load_here(&people(mode, &["id"]), new).await.unwrap();
            assert_eq!(ground.query("SELECT * FROM people ORDER BY id").await, expected, "{:?} {mode:?}", ground.kind);
            assert_eq!(ground.query("SELECT count(*) FROM people WHERE name IS NULL").await, ["1"]);
            assert!(others(&ground).await.is_empty());
            ground.execute("DROP TABLE people").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_table_that_is_missing_is_made_or_refused() {
    each(|ground| async move {
        for mode in MODES {
            let key: &[&str] = if mode == WriteMode::Upsert { &["id"] } else { &[] };
            let mut table = people(mode, key);
            table.create = false;
            if mode != WriteMode::Recreate {
                let message = refusal(ground.load_here(&table, &[("1", "Ann")]).await);
                assert!(message.contains("cannot write people: there is no such table"), "{message}");
            }
            table.create = true;
            let kinds = [("whole", ColumnKind::Whole), ("score", ColumnKind::Fraction), ("truth", ColumnKind::Truth)];
            table.columns.extend(kinds.map(|(name, kind)| TableColumn { name: name.to_owned(), kind }));
            let mut rows = engine::databases::TextRows::new(5);
            ["1", "Ann", "12", "0.5", "true", "2", "", "", "", "false"].iter().for_each(|value| rows.push(value));
            let mut load = ground.databases.write(&ground.access, &table).await.unwrap();
            load.write(&rows).await.unwrap();
            load.make_ready().await.unwrap();
            load.place().await.unwrap();
            let truths = if ground.kind == Kind::Postgresql { ("true", "false") } else { ("1", "0") };
            assert_eq!(
                ground.query("SELECT id, name, whole + 1, score, truth FROM people ORDER BY id").await,
                [format!("1|Ann|13|0.5|{}", truths.0), format!("2||||{}", truths.1)],
                "{:?} {mode:?}",
                ground.kind
            );
            drop(load);
            ground.execute("DROP TABLE people").await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    each(|ground| async move {
        old_people(&ground).await;
        let before = ground.table("people").await;
        // In a table of MySQL, the database itself refuses what may not be empty.
        let keyless = if ground.kind == Kind::Mysql { "null" } else { "1 of the new rows are empty in the key" };
        let mut cases = vec![
            (people(WriteMode::Upsert, &["name"]), vec![("3", "Cid")], ""),
            (
                people(WriteMode::Upsert, &["id"]),
                vec![("3", "Cid"), ("3", "Dan")],
                "2 of the new rows have the same value",
            ),
            (people(WriteMode::Upsert, &["id"]), vec![("3", "Cid"), ("", "Dan")], keyless),
            (people(WriteMode::Append, &[]), vec![("3", "Cid"), ("1", "Dan")], ""),
        ];
        let mut unknown = people(WriteMode::Truncate, &[]);
        "nickname".clone_into(&mut unknown.columns[1].name);
        cases.push((unknown, vec![("3", "Cid")], ""));
        let long = "x".repeat(60);
        if ground.kind != Kind::Sqlite {
            cases.push((people(WriteMode::Append, &[]), vec![("3", "Cid"), ("4", &long)], ""));
        }
        for (table, rows, expected) in cases {
            let message = refusal(ground.load_here(&table, &rows).await);
            assert!(message.contains("cannot write people: ") && message.contains(expected), "{message}");
            assert_eq!(ground.table("people").await, before, "{:?} {message}", ground.kind);
        }
        assert!(others(&ground).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_load_that_is_given_up_leaves_nothing() {
    each(|ground| async move {
        for mode in MODES {
            old_people(&ground).await;
            let before = ground.table("people").await;
            for stop in 0..3 {
                let mut load = ground.databases.write(&ground.access, &people(mode, &["id"])).await.unwrap();
                if stop > 0 {
                    load.write(&text(&[("3", "Cid"), ("4", "Dan"), ("5", "Eve")])).await.unwrap();
                }
                if stop > 1 {
                    load.make_ready().await.unwrap();
                }
                drop(load);
                assert_eq!(ground.table("people").await, before, "{:?} {mode:?} {stop}", ground.kind);
            }
            // A next load goes as if those had not been, and whatever they left is gone with it.
            ground.load_here(&people(mode, &["id"]), &[("7", "Gus")]).await.unwrap();
            assert!(ground.query("SELECT name FROM people").await.contains(&"Gus".to_owned()));
            assert!(others(&ground).await.is_empty(), "{:?} {mode:?}", ground.kind);
            ground.execute("DROP TABLE people").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_nothing_came_of_is_gone() {
    let Some(ground) = Ground::new(Kind::Sqlite).await else { return };
    let path = std::path::PathBuf::from(ground.access.database.place().trim_start_matches("sqlite:"));
    let mut load = ground.databases.write(&ground.access, &people(WriteMode::Append, &[])).await.unwrap();
    load.write(&text(&[("3", "Cid")])).await.unwrap();
    drop(load);
    let gone = async {
        while path.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the empty file is removed");
}

/// At any byte on the way to the database and back: the table is the old one or the new one, and nothing lies beside it.
#[tokio::test]
async fn a_connection_that_is_cut_anywhere_leaves_the_old_rows_or_the_new() {
    let new: Vec<(String, String)> = (0..40).map(|id| (format!("n{id}"), format!("name {id}"))).collect();
    let new: Vec<(&str, &str)> = new.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    for kind in [Kind::Postgresql, Kind::Mysql] {
        let Some(ground) = Ground::new(kind).await else { continue };
        for mode in MODES {
            let table = people(mode, &["id"]);
            old_people(&ground).await;
            let old = ground.query("SELECT id, name FROM people ORDER BY id").await;
            let whole = Way::to(ground.port(), u64::MAX).await;
            ground.load(&ground.by_port(whole.port), &table, &new).await.unwrap();
            let done = ground.query("SELECT id, name FROM people ORDER BY id").await;
            let (mut kept, mut changed) = (0, 0);
            for step in 0..24 {
                ground.execute("DROP TABLE IF EXISTS people").await;
                old_people(&ground).await;
                // Most of the bytes are the rows; the end is where it is decided.
                let bytes = match step {
                    0..12 => whole.carried() * step / 12,
                    _ => whole.carried().saturating_sub((24 - step) * 9),
                };
                let way = Way::to(ground.port(), bytes).await;
                let placed = ground.load(&ground.by_port(way.port), &table, &new).await;
                drop(way);
                let found = settled(&ground).await;
                if found == old {
                    kept += 1;
                    assert!(placed.is_err(), "{kind:?} {mode:?}: it says that it is done, and it is not");
                } else {
                    changed += 1;
                    assert_eq!(found, done, "{kind:?} {mode:?} cut after {bytes} bytes");
                }
            }
            assert!(kept > 0, "{kind:?} {mode:?}: {kept} kept, {changed} changed");
            ground.execute("DROP TABLE people").await;
            // The next load removes what a cut one could not.
            ground.load_here(&people(WriteMode::Recreate, &[]), &[("1", "Ann")]).await.unwrap();
            assert!(others(&ground).await.is_empty(), "{kind:?} {mode:?}");
            ground.execute("DROP TABLE people").await;
        }
    }
}

/// What is in the table once the database has noticed that the connection is cut: before that it holds its locks.
async fn settled(ground: &Ground) -> Vec<String> {
    // A change of the table waits for all that others hold.
    match ground.kind {
        Kind::Postgresql => {
            ground.execute("BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE; COMMIT").await;
        }
        Kind::Mysql => ground.execute("LOCK TABLES people WRITE; UNLOCK TABLES").await,
        Kind::Sqlite => {}
    }
    ground.query("SELECT id, name FROM people ORDER BY id").await
}

#[tokio::test]
async fn two_loads_of_one_table_do_not_mix() {
    let Some(mut ground) = Ground::new(Kind::Mysql).await else { return };
    ground.access.timeout = Duration::from_secs(1);
    let first = ground.databases.write(&ground.access, &people(WriteMode::Recreate, &[])).await.unwrap();
    let second = refusal(ground.load_here(&people(WriteMode::Recreate, &[]), &[("1", "Ann")]).await);
    assert!(second.contains("another export is writing it"), "{second}");
    drop(first);
}
