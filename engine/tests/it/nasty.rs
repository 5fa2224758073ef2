//! Files as nobody would write them and people upload them: each is refused by its name, line and column, or read as far as it
//! can be, with what cannot be in the rejects. Memory stays within a pool of a few megabytes.

use std::fs;

use model::{
    Step,
    results::{ImportSummary, Summary},
};
use serde_json::json;

use crate::support::Project;

/// Less than the larger of these files.
const MEMORY_BYTES: usize = 8 * 1024 * 1024;

fn project(bytes: &[u8]) -> Project {
    let mut project = Project::new(&[("people.csv", bytes)]);
    project.memory_bytes = MEMORY_BYTES;
    project
}

fn refused(bytes: &[u8], expected: &str) {
    let project = project(bytes);
    let message = project.failure(Step::Import, Step::Import);
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
    assert!(message.starts_with("file “people.csv”") && message.contains(expected), "{start:?}: {message}");
    assert!(message.chars().count() < 600, "{message}");
    assert!(!project.workspace().join("import/current").exists(), "{start:?}: nothing is published");
}

struct Imported {
    /// Without `_record` and `_source`: line, then values.
    rows: Vec<String>,
    /// Without the source: line, reason, text.
    rejects: Vec<(String, String, String)>,
    summary: ImportSummary,
    log: Vec<String>,
}

fn imported(bytes: &[u8]) -> Imported {
    let project = project(bytes);
    let watcher = project.run(Step::Import, Step::Import).expect("imports");
    let rows = project.rows(Step::Import, "records.parquet");
    let rows = rows.iter().map(|row| row.splitn(3, " | ").nth(2).expect("a row").to_owned()).collect();
    let rejects = fs::read(project.file(Step::Import, "rejects.csv")).unwrap_or_default();
    let rejects = csv::Reader::from_reader(rejects.as_slice()).into_records().map(|reject| {
        let reject = reject.expect("a row");
        (reject[1].to_owned(), reject[2].to_owned(), reject[3].to_owned())
    });
    let rejects: Vec<_> = rejects.collect();
    let Summary::Import(summary) = project.summary(Step::Import) else { panic!("an import summary") };
    assert_eq!(summary.rejected, rejects.len() as u64);
    let log = watcher.log.lock().expect("not poisoned").clone();
    Imported { rows, rejects, summary, log }
}

fn check(bytes: &[u8], rows: &[&str], rejects: &[(&str, &str)]) -> Imported {
    let imported = imported(bytes);
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
    assert_eq!(imported.rows, rows, "{start:?}");
    let found: Vec<_> = imported.rejects.iter().map(|(line, reason, _)| (line.as_str(), reason.as_str())).collect();
    assert_eq!(found, rejects, "{start:?}");
    imported
}

#[test]
fn files_without_records_are_refused() {
    refused(b"", "it is empty");
    refused(b"\xEF\xBB\xBF", "it is empty");
    refused(b"\xFF\xFE", "it is empty");
    refused(b"\n\r\n  \n", "it has only blank lines");
    refused(b"id,name", "line 1: it has a header but no records after it");
    refused(b"\xEF\xBB\xBFid,name\r\n\r\n", "line 1: it has a header but no records after it");
    refused(b",,,\n,,,\n,,,\n", "line 1: it has no usable column");
    refused(b"a;b\n;\n;\n", "every value of its 2 rows is empty");
    refused(b"\"", "line 1: the header cannot be read: a quoted value begins in this line and is never closed");
    refused(b"\"\"\"\"\"\"\"", "line 1: the header cannot be read: a quoted value begins in this line");
}

#[test]
fn files_that_are_no_text_are_refused() {
    let picture: Vec<u8> =
        b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR".iter().copied().chain((0..5_000).map(|n| n as u8)).collect();
    refused(&picture, "it is no text file but a picture");
    refused(b"%PDF-1.7\n", "it is no text file but a PDF file");
    refused(b"id,name\n1,A\0n\n", "line 2: it is no text file: byte 12 is zero");
    refused(b"id,name\n\x01\x02\x03\x04\x05\x06,\x07\n", "control characters");
}

#[test]
fn a_zero_byte_far_down_is_a_reject() {
    let mut text = b"id,name\n".to_vec();
    (0..20_000).for_each(|number| text.extend_from_slice(format!("{number},Ann\n").as_bytes()));
    text.extend_from_slice(b"x,A\0nn\ny,Eve\n");
    let Imported { rows, rejects, .. } = imported(&text);
    assert_eq!((rows.len(), rows.last().map(String::as_str)), (20_001, Some("20003 | y | Eve")));
    assert_eq!(rejects[0].0, "20002");
    assert_eq!(rejects[0].1, "it contains a NUL character, which is no text");
}

#[test]
fn utf16_with_an_odd_number_of_bytes_loses_its_last_row_only() {
    let units: Vec<u16> = "\u{feff}id,name\n1,Zoë\n2,Bo".encode_utf16().collect();
    for big in [false, true] {
        let bytes = units.iter().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        let bytes: Vec<u8> = bytes.chain([b'b']).collect();
        check(
            &bytes,
            &["2 | 1 | Zoë"],
            &[("3", "the value in column 2 has bytes that are no text in the file's encoding")],
        );
    }
}

#[test]
fn lone_quotes_cost_their_line_at_most() {
    check(
        b"id,name\n1,5\" pipe\n2,\"half\n3,\"a\" b\n4,\"\"\n5,\"x\"\"y\"\n6,O\"\n",
        &["2 | 1 | 5\" pipe", "4 | 3 | a b", "5 | 4 | ·", "6 | 5 | x\"y", "7 | 6 | O\""],
        &[("3", "a quoted value begins in this line and is not closed properly")],
    );
}

#[test]
fn a_quote_that_is_open_to_the_end_of_the_file_costs_one_line() {
    // As long as one record may be, and longer.
    let line = format!("12345,{}\n", "Bob and ".repeat(25));
    for lines in [10, 90_000] {
        let mut text = b"id,name\n0,\"Ann\n".to_vec();
        (0..lines).for_each(|_| text.extend_from_slice(line.as_bytes()));
        let Imported { summary, rejects, .. } = imported(&text);
        assert_eq!((summary.rows, summary.rejected), (lines, 1));
        assert!(rejects[0].1.starts_with("a quoted value begins in this line and is n"), "{rejects:?}");
        assert_eq!((rejects[0].0.as_str(), rejects[0].2.as_str()), ("2", "0,\"Ann"));
    }
    refused(
        b"id,\"name\n1,Ann\n2,Bob\n",
        "line 1: the header cannot be read: a quoted value begins in this line and is never closed",
    );
}

#[test]
fn too_many_columns_and_too_long_names_are_refused() {
    let names: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    let row = vec!["x"; 5_000].join(",");
    refused(format!("{}\n{row}\n", names.join(",")).as_bytes(), "line 1: the header has 5000 columns; at most 1000");
    let wide = format!("id,name\n1,Ann\n{row}\n");
    check(wide.as_bytes(), &["2 | 1 | Ann"], &[("3", "5000 fields where the header has 2")]);
    let name = "n".repeat(10 * 1024 * 1024);
    refused(format!("id,{name}\n1,Ann\n").as_bytes(), "line 1: the name of column 2 has 10,485,760 bytes");
}

#[test]
fn headers_name_each_column_once() {
    refused(b"id,name,id\n1,2,3\n", "line 1: the column name “id” occurs twice, in columns 1 and 3");
    refused(b"a, a \n1,2\n", "line 1: the column name “a” occurs twice, in columns 1 and 2");
    let imported = check(b"id,,\n1,Ann,Leeds\n", &["2 | 1 | Ann | Leeds"], &[]);
    assert_eq!(imported.summary.sources[0].columns, ["id", "column_2", "column_3"]);
    assert!(imported.log.iter().any(|line| line.contains("column 2 has no name")), "{:?}", imported.log);
    let imported = check(b"Name,name,\"two\nlines\"\nA,b,c\n", &["3 | A | b | c"], &[]);
    assert_eq!(imported.summary.sources[0].columns, ["Name", "name", "two\nlines"]);
    refused(b"name,__value_0\nAnn,1\n", "line 1: the column name “__value_0” is used by Millrace itself");
}

#[test]
fn line_ends_may_be_mixed() {
    check(b"id,name\r\n1,Ann\n2,Bob\r\n3,Cid", &["2 | 1 | Ann", "3 | 2 | Bob", "4 | 3 | Cid"], &[]);
    check(b"id,name\r1,Ann\r2,Bob\r", &["2 | 1 | Ann", "3 | 2 | Bob"], &[]);
    // Where there are line feeds, a lone carriage return is no line end.
    check(b"id,name\n1,Ann\r2,Bob\n3,Cid\n", &["3 | 3 | Cid"], &[("2", "3 fields where the header has 2")]);
}

#[test]
fn ragged_rows_are_rejects() {
    check(
        b"a,b,c\n1\n1,2\n1,2,3\n1,2,3,4\n,,\n",
        &["4 | 1 | 2 | 3", "6 | \u{b7} | \u{b7} | \u{b7}"],
        &[
            ("2", "1 field where the header has 3"),
            ("3", "2 fields where the header has 3"),
            ("5", "4 fields where the header has 3"),
        ],
    );
    let mut text = "a,b\n".to_owned();
    (0..30).for_each(|number| text.push_str(&format!("{number}\n")));
    refused(text.as_bytes(), "line 2: 1 field where the header has 2. None of its 30 rows can be read");
}

#[test]
fn bytes_of_another_encoding_are_named_by_line_and_column() {
    let mut text = "id,name,town\n".to_owned();
    (0..30).for_each(|number| text.push_str(&format!("{number},Zoë,Köln\n")));
    let bytes = [text.as_bytes(), b"30,Ann,K\xF6ln\n31,Ann,Bonn\n"].concat();
    let Imported { rows, rejects, .. } = imported(&bytes);
    assert_eq!((rows.len(), rejects.len()), (31, 1));
    assert_eq!(rejects[0].0, "32");
    assert_eq!(rejects[0].1, "the value in column 3 has bytes that are no text in the file's encoding");
    // Where nothing speaks for UTF-8 it is Latin-1, in which all bytes are text.
    check(b"id,name\n1,Zo\xEB\n2,Ann\n", &["2 | 1 | Zoë", "3 | 2 | Ann"], &[]);
}

/// What a spreadsheet would take for a formula is a value like any other: it comes out as it came in.
#[test]
fn formulas_are_values() {
    let formulas = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "=HYPERLINK(\"http://x\")"];
    let mut text = "id,name\n".to_owned();
    for (number, formula) in formulas.iter().enumerate() {
        text.push_str(&format!("{number},\"{}\"\n", formula.replace('"', "\"\"")));
    }
    let project = project(text.as_bytes())
        .with("match", json!({
            "blocking": [{"parts": [{"column": "name", "transform": "exact"}]}],
            "definitions": [{"name": "d", "threshold": 90, "criteria": [{"column": "name", "comparison": "exact", "weight": 1}]}],
        }))
        .with("export", json!({"targets": [{"type": "file", "name": "out.csv", "format": {"type": "csv"}}]}));
    project.run(Step::Import, Step::Export).expect("runs");
    let written = fs::read(project.outputs().join("out.csv")).expect("is there");
    let written: Vec<String> = csv::Reader::from_reader(written.as_slice())
        .into_records()
        .map(|record| record.expect("a row")[1].to_owned())
        .collect();
    assert_eq!(written, formulas);
}

/// Longer than all memory that there is: it is read in pieces, and no row is held twice.
#[test]
fn many_long_rows_need_no_more_memory_than_one() {
    let mut text = b"id,note\n".to_vec();
    for number in 0..40 {
        text.extend_from_slice(format!("{number},").as_bytes());
        text.extend(std::iter::repeat_n(b'x', 700_000));
        text.push(b'\n');
    }
    let project = project(&text);
    project.run(Step::Import, Step::Profile).expect("runs");
    let Summary::Import(summary) = project.summary(Step::Import) else { panic!("an import summary") };
    assert_eq!(summary.rows, 40);
}
