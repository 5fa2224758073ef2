//! Workbooks, JSON lines, Parquet and packed files as nobody would write them: refused by their name and place, or read as far
//! as they can be, within a small pool.

use std::{fs, sync::Arc};

use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
use engine::Failure;
use model::Step;
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    files::{gzip, parquet, xls, xlsx},
    support::Project,
};

const MEMORY_BYTES: usize = 8 * 1024 * 1024;

fn project(name: &str, bytes: &[u8]) -> Project {
    let mut project = Project::new(&[(name, bytes)]);
    project.memory_bytes = MEMORY_BYTES;
    project
}

fn refused(name: &str, bytes: &[u8], expected: &str) {
    let project = project(name, bytes);
    let message = project.failure(Step::Import, Step::Import);
    assert!(message.contains(expected), "{name}: {message}");
    assert!(message.chars().count() < 600, "{message}");
    assert!(!project.workspace().join("import/current").exists(), "{name}: nothing is published");
    let left = fs::read_dir(project.workspace().join("import")).map_or(0, |entries| entries.count());
    assert_eq!(left, 0, "{name}: nothing is left behind");
}

/// Place and values of each record, and line and reason of each reject.
fn check(name: &str, bytes: &[u8], rows: &[&str], rejects: &[(&str, &str)]) {
    let project = project(name, bytes);
    project.run(Step::Import, Step::Import).unwrap_or_else(|failure| panic!("{name}: {failure}"));
    let found = project.rows(Step::Import, "records.parquet");
    let found: Vec<&str> = found.iter().map(|row| row.splitn(3, " | ").nth(2).expect("a row")).collect();
    assert_eq!(found, rows, "{name}");
    let text = fs::read(project.file(Step::Import, "rejects.csv")).unwrap_or_default();
    let found: Vec<(String, String)> = csv::Reader::from_reader(text.as_slice())
        .into_records()
        .map(|reject| reject.expect("a row"))
        .map(|reject| (reject[1].to_owned(), reject[2].to_owned()))
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(line, reason)| (line.as_str(), reason.as_str())).collect();
    assert_eq!(found, rejects, "{name}");
}

fn sheet(rows: &str) -> Vec<u8> {
    xlsx(&[("People", false, rows)], &["id", "name"])
}

const HEADER: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>";

// Packed files

#[test]
fn packed_files_that_are_cut_or_packed_twice_are_refused() {
    let text = (0..20_000).map(|number| format!("{number},Name {number}\n")).collect::<String>();
    let text = format!("id,name\n{text}");
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).expect("packs");
    for (packed, packing) in [(gzip(text.as_bytes()), "gzip"), (zstd(text.as_bytes()), "zstd")] {
        for kept in [packed.len() / 2, packed.len() - 1] {
            refused("people.csv", &packed[..kept], &format!("its {packing} data is damaged or cut off"));
        }
        let mut damaged = packed.clone();
        damaged[packed.len() / 2..].fill(0xAA);
        refused("people.csv", &damaged, &format!("its {packing} data is damaged or cut off"));
        refused("people.csv", &gzip(&packed), "inside a packed one; pack it once");
    }
    refused("people.csv.gz", &gzip(b""), "it is empty");
    refused("people.csv.zst", &zstd(b""), "it is empty");
    refused("people.gz", b"\x1F\x8B", "its gzip data is damaged or cut off");
    refused("people.zip", &sheet("")[..40], "it is damaged or no workbook");
}

// JSON lines

#[test]
fn json_lines_without_a_field_are_refused() {
    for text in ["{}", "{}\n{}\n\n", "{}\r\n"] {
        refused("people.jsonl", text.as_bytes(), "it is empty: it has no object with a field");
    }
    refused("people.jsonl", b"{\n\"id\": 1\n}\n", "line 1: it is no JSON object: EOF while parsing an object");
    refused("people.jsonl", b"{\"\": 1}\n", "it has no usable column");
    let fields: Vec<String> = (0..1_001).map(|number| format!("\"c{number}\": 1")).collect();
    let wide = format!("{{{}}}\n", fields.join(", "));
    refused("people.jsonl", wide.as_bytes(), "line 1: with it the objects have 1,001 different fields");
    let name = "n".repeat(2_000);
    refused("people.jsonl", format!("{{\"{name}\": 1}}\n").as_bytes(), "the name of column 1 has 2,000 bytes");
    refused("people.jsonl", b"{\"_record\": 1}\n", "the column name “_record” is used by Millrace itself");
}

#[test]
fn json_lines_that_cannot_be_read_are_rejects() {
    check(
        "people.jsonl",
        b"{\"id\": 1}\n{\"id\": 1, \"id\": 2}\n{\"id\": \"\\u0000\"}\n{\"id\": \"A\xC3nn\"}\n{\"lost\": 1\n{\"id\": 6}",
        // Where nothing speaks for UTF-8 all bytes are Latin-1.
        &["1 | 1", "4 | AÃnn", "6 | 6"],
        &[
            ("2", "it is no JSON object: the field “id” occurs twice, at character 18"),
            ("3", "the value of “id” contains a NUL character, which is no text"),
            ("5", "it is no JSON object: EOF while parsing an object, at character 10"),
        ],
    );
}

#[test]
fn a_json_line_longer_than_all_memory_is_a_reject() {
    let long = format!("{{\"id\": \"{}\"}}", "x".repeat(17 * 1024 * 1024));
    let text = format!("{{\"id\": 1}}\n{long}\n{{\"id\": 3}}\n");
    check("people.jsonl", text.as_bytes(), &["1 | 1", "3 | 3"], &[("2", "the line is longer than 16 MB")]);
}

// Parquet

#[test]
fn parquet_without_records_or_columns_is_refused() {
    let none: ArrayRef = Arc::new(Int64Array::from(Vec::<i64>::new()));
    refused("people.parquet", &parquet(vec![("id", Arc::clone(&none))]), "it has a header but no records after it");
    let empty: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>, None]));
    refused("people.parquet", &parquet(vec![("id", empty)]), "every value of its 2 rows is empty");
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let twice = parquet(vec![("id", Arc::clone(&one)), (" id", Arc::clone(&one))]);
    refused("people.parquet", &twice, "the column name “id” occurs twice, in columns 1 and 2");
    let names: Vec<String> = (0..1_001).map(|number| format!("c{number}")).collect();
    let wide = parquet(names.iter().map(|name| (name.as_str(), Arc::clone(&one))).collect());
    refused("people.parquet", &wide, "the header has 1001 columns; at most 1000");
    refused("people.parquet", b"PAR1", "its Parquet data is damaged");
    refused("people.parquet", b"PAR1\xFF\xFF\xFF\x7FPAR1", "its Parquet data is damaged");
}

/// Written once and meant a hundred times: a few bytes of a file that are hundreds of megabytes of values.
#[test]
fn long_values_of_parquet_are_read_a_few_at_a_time() {
    let value = "x".repeat(500_000);
    let values: ArrayRef = Arc::new(StringArray::from(vec![value.as_str(); 400]));
    let file = parquet(vec![("note", values)]);
    assert!(file.len() < 4 * 1024 * 1024, "{}", file.len());
    let mut project = project("people.parquet", &file);
    project.memory_bytes = 96 * 1024 * 1024;
    let watcher = project.run(Step::Import, Step::Import).expect("imports");
    let finished = watcher.finished.lock().expect("not poisoned");
    assert_eq!(finished[0].1.rows_out, 400);
}

// Workbooks

#[test]
fn workbooks_that_make_no_table_are_refused() {
    refused("people.xlsx", &sheet(""), "it is empty: no visible sheet has a value");
    refused("people.xlsx", &sheet(HEADER), "it has a header but no records after it");
    let twice = xlsx(&[("People", false, HEADER)], &["id", "id"]);
    refused("people.xlsx", &twice, "sheet “People”, row 1: the column name “id” occurs twice");
    let far = format!("{HEADER}<row r=\"2\"><c r=\"ZZZZ2\"><v>1</v></c></row>");
    refused("people.xlsx", &sheet(&far), "is");
    let back =
        format!("{HEADER}<row r=\"9\"><c r=\"A9\"><v>1</v></c></row><row r=\"3\"><c r=\"A3\"><v>1</v></c></row>");
    refused("people.xlsx", &sheet(&back), "its rows are not in order");
    let shared = format!("{HEADER}<row r=\"2\"><c r=\"A2\" t=\"s\"><v>99</v></c></row>");
    let outcome = project("people.xlsx", &sheet(&shared)).run(Step::Import, Step::Import);
    assert!(matches!(outcome, Err(Failure::Input(_))), "a text that is not there");
    let zeros = format!("{HEADER}<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>a&#0;b</t></is></c></row>");
    refused("people.xlsx", &sheet(&zeros), "");
    let wide: String = (0..1_100)
        .map(|column| {
            let letters = [column / 676, column / 26 % 26, column % 26].map(|place| char::from(b'A' + place as u8));
            format!(
                "<c r=\"{}1\"><v>{column}</v></c>",
                if column < 676 { String::from_iter(&letters[1..]) } else { String::from_iter(letters) }
            )
        })
        .collect();
    let outcome = project("people.xlsx", &sheet(&format!("<row r=\"1\">{wide}</row>"))).run(Step::Import, Step::Import);
    assert!(matches!(outcome, Err(Failure::Input(_))), "more columns than a table may have");
}

/// Small workbooks lie elsewhere in their container than those of 4 kB and more.
#[test]
fn workbooks_of_excel_97_are_read_whatever_their_size() {
    for rows in [10, 50, 500, 20_000] {
        let names: Vec<String> = (0..rows).map(|row| format!("name {row}")).collect();
        let rows: Vec<[&str; 1]> = names.iter().map(|name| [name.as_str()]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
        let project = Project::new(&[("people.xls", &xls(&rows))]);
        project.run(Step::Import, Step::Import).expect("imports");
        let found = project.rows(Step::Import, "records.parquet");
        assert_eq!(found.len(), rows.len() - 1);
        assert_eq!(
            found.last(),
            Some(&format!("{0} | people | {1} | name {2}", rows.len() - 2, rows.len(), rows.len() - 1))
        );
    }
}

/// What cells share has to be held, whatever it is packed to.
#[test]
fn texts_that_do_not_fit_into_memory_are_refused_before_they_are_read() {
    let texts = vec!["a text that many cells share"; 200_000];
    let file = xlsx(&[("People", false, HEADER)], &texts);
    assert!(file.len() < 200_000, "{}", file.len());
    refused("people.xlsx", &file, "the step needs more memory than the engine may use");
}

/// Pieces of sheets, sound and not.
fn any_rows() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "<row>",
        "<row r=\"2\">",
        "<row r=\"1\">",
        "<row r=\"0\">",
        "<row r=\"99999999999\">",
        "<row r=\"x\">",
        "</row>",
        "<c>",
        "<c r=\"A2\">",
        "<c r=\"B2\">",
        "<c r=\"XFD2\">",
        "<c r=\"AAAAAAAA2\">",
        "<c r=\"2\">",
        "<c r=\"\">",
        "<c t=\"s\">",
        "<c t=\"b\">",
        "<c t=\"d\">",
        "<c t=\"str\">",
        "<c t=\"inlineStr\">",
        "<c t=\"e\">",
        "<c t=\"?\">",
        "<c s=\"1\">",
        "<c s=\"999999999\">",
        "</c>",
        "<v>",
        "</v>",
        "<v/>",
        "<is>",
        "</is>",
        "<t>",
        "</t>",
        "<f>",
        "<f t=\"shared\" si=\"4000000000\" ref=\"A1:B2\">",
        "</f>",
        "0",
        "1",
        "-1",
        "1e400",
        "NaN",
        "44196.5",
        "99999999999999999999",
        "#N/A",
        "2020-12-31T10:00:00",
        "é",
        "&amp;",
        "&lt",
        "&#0;",
        "&#x110000;",
        "&x;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<",
        ">",
        "\"",
        "</sheetData>",
        "<sheetData>",
    ]);
    let cell = prop_oneof![
        2 => Just("<c><v>1</v></c>".to_owned()),
        1 => Just("<c t=\"inlineStr\"><is><t>Ann</t></is></c>".to_owned()),
        2 => vec(pieces, 1..6).prop_map(|pieces| pieces.concat()),
    ];
    vec(vec(cell, 0..4).prop_map(|cells| format!("<row>{}</row>", cells.concat())), 1..5).prop_map(|rows| rows.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// The archive is sound, the sheet in it is not: it is refused by its name, or rows come out of it.
    #[test]
    fn no_sheet_is_a_fault_of_ours(rows in any_rows()) {
        let project = project("people.xlsx", &sheet(&format!("{HEADER}{rows}")));
        match project.run(Step::Import, Step::Import) {
            Ok(_) => prop_assert!(!project.rows(Step::Import, "records.parquet").is_empty()),
            Err(Failure::Input(message)) => {
                prop_assert!(message.starts_with("file “people.xlsx”"), "{}", message);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
