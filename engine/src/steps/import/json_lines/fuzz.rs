//! Any lines as a file of JSON lines: each is one item at its place, and what an object holds comes out of it.

use std::fs;

use model::config::source::Encoding;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::EngineConfig;

/// What was read of one line.
#[derive(Debug, PartialEq)]
enum Read {
    Values(Vec<String>),
    Refused(String),
}

/// With the line's number.
type Numbered = (u64, Read);

/// An engine and a place for files, used for all cases of a test.
struct Home {
    directory: TempDir,
    engine: Engine,
}

impl Home {
    fn new(memory_bytes: usize) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let spill_directory = directory.path().join("spill");
        let engine = Engine::new(EngineConfig { threads: 1, memory_bytes, spill_directory }).expect("an engine");
        Self { directory, engine }
    }

    /// The columns, and what was read of each line.
    fn read(&self, bytes: &[u8]) -> Result<(Vec<String>, Vec<Numbered>), Failure> {
        let path = self.directory.path().join("lines");
        fs::write(&path, bytes).expect("the file is written");
        let file = SourceFile::open(&path).expect("opens");
        let format = Format::JsonLines { encoding: Some(Encoding::Utf8) };
        let mut opened = open(&file, &format, &Checkpoint::new(CancellationToken::new()), &self.engine)?;
        let mut found = Vec::new();
        opened.rows.each(&mut |item, _| {
            found.push(match item {
                Item::Row(row) => {
                    let mut scratch = String::new();
                    let values = (0..row.count()).map(|index| row.value(index, &mut scratch).to_owned()).collect();
                    (row.place(), Read::Values(values))
                }
                Item::Malformed { place, reason, .. } => (place, Read::Refused(reason)),
            });
            Ok(())
        })?;
        Ok((opened.header.names, found))
    }
}

/// A line, and the object that is in it.
#[derive(Clone, Debug)]
struct Written {
    text: String,
    object: Option<Map<String, Value>>,
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z \"\\\\/é\n\t🙂\u{2028}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-c]", inner), 0..3).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_line() -> impl Strategy<Value = Written> {
    let object = vec((select(vec!["id", "name", "a b", "é", "\"", "{"]), any_value()), 0..4).prop_map(|fields| {
        let object: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Written { text: serde_json::to_string(&object).expect("JSON"), object: Some(object) }
    });
    let other = select(vec![
        "",
        " ",
        "\r",
        "[1]",
        "1",
        "null",
        "{",
        "}",
        "{\"lost\": 1",
        "{\"lost\": }",
        "{\"lost\": 1}}",
        "{\"lost\": 1, \"lost\": 2}",
        "{\"id\": 01}",
        "{'id': 1}",
        "{\"id\": \"\\ud800\"}",
        "{\"id\": \"\\u0000\"}",
    ]);
    let other = other.prop_map(|text| Written { text: text.to_owned(), object: None });
    prop_oneof![3 => object, 1 => other]
}

/// What is written in a cell for a value.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn what_objects_hold_comes_out_and_every_line_is_accounted_for() {
    let home = Home::new(16 * 1024 * 1024);
    proptest!(config(), |(lines in vec(any_line(), 1..12), end in select(vec!["\n", "\r\n"]))| {
        let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(end);
        let sound = |line: &Written| line.object.as_ref().is_some_and(|object| !object.is_empty());
        let (names, found) = match home.read(text.as_bytes()) {
            Ok(found) => found,
            Err(Failure::Input(message)) => {
                prop_assert!(!lines.iter().any(sound), "{} of {:?}", message, text);
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        let given: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
        let blank = |text: &str| text.trim_matches([' ', '\r']).is_empty();
        let filled = (1..).zip(&lines).filter(|(_, line)| !blank(&line.text)).map(|(number, _)| number);
        prop_assert_eq!(given, filled.collect::<Vec<u64>>());
        for (number, read) in found {
            match (&lines[number as usize - 1].object, read) {
                (None, Read::Refused(reason)) => prop_assert!(!reason.is_empty()),
                (None, Read::Values(values)) => prop_assert!(false, "{:?} of line {}", values, number),
                (Some(object), Read::Values(values)) => {
                    let expected: Vec<String> =
                        names.iter().map(|name| object.get(name).map(shown).unwrap_or_default()).collect();
                    prop_assert_eq!(values, expected);
                }
                (Some(_), Read::Refused(reason)) => prop_assert!(false, "line {}: {}", number, reason),
            }
        }
    });
}

#[test]
fn no_bytes_are_lost_or_a_fault_of_ours() {
    let home = Home::new(16 * 1024 * 1024);
    let telling = select(b"{{}}\"\"::,,[]\\ \n\n\rnull01.-e\0\xFF\xC3\xA9".to_vec());
    let bytes = vec(prop_oneof![6 => telling, 1 => any::<u8>()], 0..150);
    proptest!(config(), |(bytes in bytes)| {
        let bytes = [b"{\"a\": 1}\n".as_slice(), &bytes].concat();
        if let Ok((_, found)) = home.read(&bytes) {
            let lines = bytes.split(|byte| *byte == b'\n').zip(1_u64..);
            let filled = lines.filter(|(line, _)| !line.trim_ascii().is_empty()).map(|(_, number)| number);
            prop_assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), filled.collect::<Vec<_>>());
        }
    });
}

/// A field that only a damaged line has would be a column without a value.
#[test]
fn a_line_that_breaks_off_makes_no_column() {
    let home = Home::new(1024 * 1024);
    let text = "{\"id\": 1}\n{\"id\": 2, \"lost\": 3\n{\"found\": 4}\n";
    let (names, rows) = home.read(text.as_bytes()).expect("reads");
    assert_eq!(names, ["id", "found"]);
    assert_eq!(rows[2], (3, Read::Values(vec![String::new(), "4".to_owned()])));
}

/// Deeper than any stack.
#[test]
fn endless_nesting_is_refused_or_read() {
    let home = Home::new(16 * 1024 * 1024);
    let depth = 300_000;
    let closed = format!("{{\"a\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    let open = format!("{{\"a\": {}", "{\"a\":".repeat(depth));
    let text = format!("{{\"a\": 1}}\n{closed}\n{open}\n");
    let (names, rows) = home.read(text.as_bytes()).expect("reads");
    assert_eq!((names.len(), rows.len()), (1, 3));
    assert!(matches!(&rows[2].1, Read::Refused(_)));
}

#[test]
fn names_without_end_are_refused_by_their_number_and_length_and_by_the_memory() {
    let home = Home::new(1024 * 1024);
    let many: String = (0..1_001).map(|number| format!("{{\"c{number}\": 1}}\n")).collect();
    let Err(Failure::Input(message)) = home.read(many.as_bytes()) else { panic!("a thousand and one columns") };
    assert!(message.starts_with("line 1001: with it the objects have 1,001 different fields"), "{message}");
    let long = format!("{{\"{}\": 1}}\n", "n".repeat(900_000));
    let Err(Failure::Input(message)) = home.read(long.as_bytes()) else { panic!("more than there is") };
    assert!(message.contains("needs more memory"), "{message}");
}
