//! Import: files of every format become the same records.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, StringArray,
    TimestampMicrosecondArray, types::Int32Type,
};
use engine::Failure;
use model::{
    Step,
    config::source::FormatKind,
    results::{ImportedSource, Summary},
};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    files::{gzip, parquet, xls, xlsx},
    support::Project,
};

/// Two people, in every format.
fn people() -> Vec<(&'static str, Vec<u8>, FormatKind)> {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>\
                <row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\" t=\"s\"><v>2</v></c></row>\
                <row r=\"3\"><c r=\"A3\"><v>2</v></c></row>";
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("Zoë"), None]));
    vec![
        ("people.csv", "id,name\n1,Zoë\n2,\n".into(), FormatKind::Csv),
        ("people.jsonl", "{\"id\": 1, \"name\": \"Zo\\u00eb\"}\n{\"id\": 2}\n".into(), FormatKind::JsonLines),
        ("people.parquet", parquet(vec![("id", ids), ("name", names)]), FormatKind::Parquet),
        ("people.xlsx", xlsx(&[("People", false, rows)], &["id", "name", "Zoë"]), FormatKind::Xlsx),
        ("people.xls", xls(&[&["id", "name"], &["1", "Zoë"], &["2"]]), FormatKind::Xls),
    ]
}

fn imported(project: &Project) -> Vec<String> {
    project.run(Step::Import, Step::Import).expect("imports");
    project.rows(Step::Import, "records.parquet")
}

fn source(project: &Project) -> ImportedSource {
    let Summary::Import(summary) = project.summary(Step::Import) else { panic!("an import") };
    summary.sources.into_iter().next().expect("a source")
}

/// The rows without numbers of records and places.
fn values(rows: &[String]) -> Vec<String> {
    rows.iter().map(|row| row.split(" | ").skip(3).collect::<Vec<_>>().join(" | ")).collect()
}

#[test]
fn every_format_becomes_the_same_records() {
    for (name, bytes, kind) in people() {
        for (packing, bytes) in
            [("", bytes.clone()), ("gzip", gzip(&bytes)), ("zstd", zstd::encode_all(&bytes[..], 1).expect("packs"))]
        {
            // The name says nothing.
            let project = Project::new(&[("people.bin", &bytes)]);
            assert_eq!(values(&imported(&project)), ["1 | Zoë", "2 | ·"], "{name} {packing}");
            assert_eq!(source(&project).format, kind, "{name} {packing}");
        }
    }
}

#[test]
fn sources_of_several_formats_lie_side_by_side() {
    let people = people();
    let files: Vec<(&str, &[u8])> = people.iter().map(|(name, bytes, _)| (*name, &bytes[..])).collect();
    let project = Project::new(&files);
    let rows = imported(&project);
    assert_eq!(rows.len(), 10);
    assert_eq!(values(&rows), ["1 | Zoë", "2 | ·"].repeat(5));
}

#[test]
fn a_cut_or_damaged_file_is_refused_and_nothing_worse() {
    for (name, bytes, _) in people().into_iter().skip(2) {
        for kept in [5, bytes.len() / 2, bytes.len() * 3 / 4] {
            let project = Project::new(&[(name, &bytes[..kept])]);
            let message = project.failure(Step::Import, Step::Import);
            assert!(message.starts_with(&format!("file “{name}”: ")), "{message}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_changed_byte_is_a_fault_of_ours(format in 1_usize..5, place: prop::sample::Index, byte: u8) {
        let (name, mut bytes, _) = people().swap_remove(format);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let outcome = Project::new(&[(name, &bytes)]).run(Step::Import, Step::Import);
        prop_assert!(matches!(outcome, Ok(_) | Err(Failure::Input(_))), "{:?}", outcome.err());
    }
}

// JSON lines

#[test]
fn lines_that_are_no_objects_are_rejects_with_their_line_and_reason() {
    let text =
        "{\"id\": 1, \"name\": \"Ann\"}\n\n{\"id\": 2, \"name\": }\n{\"id\": 3, \"town\": {\"zip\": \"1000\"}}\n";
    let project = Project::new(&[("people.jsonl", text.as_bytes())]);
    assert_eq!(imported(&project), ["0 | people | 1 | 1 | Ann | ·", "1 | people | 4 | 3 | · | {\"zip\": \"1000\"}"]);
    let rejects = std::fs::read_to_string(project.file(Step::Import, "rejects.csv")).expect("there are rejects");
    let expected = "source,line,reason,text\n\
                    people,3,\"it is no JSON object: expected value, at character 19\",\"{\"\"id\"\": 2, \"\"name\"\": }\"\n";
    assert_eq!(rejects, expected);
}

#[test]
fn a_field_that_only_the_last_line_has_is_not_lost() {
    let mut text = "{\"id\": 1}\n".repeat(5_000);
    text.push_str("{\"id\": 2, \"name\": \"Ann\"}");
    let rows = imported(&Project::new(&[("people.jsonl", text.as_bytes())]));
    assert_eq!(rows.last().expect("a row"), "5000 | people | 5001 | 2 | Ann");
}

#[test]
fn json_lines_come_in_any_encoding_and_are_no_array() {
    let wide: Vec<u8> = "\u{feff}{\"name\": \"Zoë\"}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(values(&imported(&Project::new(&[("people.txt", &wide)]))), ["Zoë"]);
    let message = Project::new(&[("people.json", b"[{\"id\": 1}]")]).failure(Step::Import, Step::Import);
    assert!(message.starts_with("file “people.json”: it is one JSON array; save it as JSON lines"), "{message}");
}

// Parquet

#[test]
fn values_of_parquet_are_text_in_one_form() {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("whole", Arc::new(Float64Array::from(vec![90210.0, -0.5]))),
        ("truth", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("day", Arc::new(Date32Array::from(vec![18_627, 0]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![1_500_000, 0]))),
        ("old", Arc::new(BinaryArray::from(vec![&b"Zo\xC3\xAB"[..], b""]))),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), Some(2)]), None]))),
    ];
    let project = Project::new(&[("people.parquet", &parquet(columns))]);
    let expected = ["90210 | true | 2020-12-31 | 1970-01-01T00:00:01.500 | Zoë | [1, 2]"];
    assert_eq!(values(&imported(&project))[..1], expected);
    assert_eq!(values(&imported(&project))[1], "-0.5 | · | 1970-01-01 | 1970-01-01T00:00:00 | · | ·");
}

#[test]
fn bytes_of_parquet_that_are_no_text_are_a_reject_with_their_row() {
    let columns: Vec<(&str, ArrayRef)> = vec![("name", Arc::new(BinaryArray::from(vec![&b"Ann"[..], b"Zo\xEB"])))];
    let project = Project::new(&[("people.parquet", &parquet(columns))]);
    assert_eq!(imported(&project), ["0 | people | 1 | Ann"]);
    let rejects = std::fs::read_to_string(project.file(Step::Import, "rejects.csv")).expect("there are rejects");
    assert!(rejects.contains("people,2,the value of “name” has bytes that are no text,"), "{rejects}");
}

// Workbooks

fn workbook() -> Vec<u8> {
    let table = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Customers of March</t></is></c></row>\
                 <row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>id</t></is></c><c r=\"C3\" t=\"inlineStr\"><is><t>born</t></is></c></row>\
                 <row r=\"4\"><c r=\"B4\"><v>7</v></c><c r=\"C4\" s=\"1\"><v>44196</v></c></row>\
                 <row r=\"5\"><c r=\"B5\"><v>8</v></c><c r=\"C5\" t=\"e\"><v>#N/A</v></c></row>\
                 <row r=\"7\"><c r=\"A7\"><v>1</v></c><c r=\"B7\"><v>9</v></c></row>\
                 <row r=\"8\"><c r=\"B8\"><v>9</v></c><c r=\"E8\"><v>1</v></c></row>";
    xlsx(
        &[
            ("Hidden", true, "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"),
            ("Empty", false, ""),
            ("March", false, table),
        ],
        &[],
    )
}

#[test]
fn a_sheet_and_its_header_row_can_be_chosen() {
    let project = Project::new(&[("people.xlsx", &workbook())]).with(
        "sources",
        json!([{"name": "people", "file": "people.xlsx", "format": {"type": "xlsx", "sheet": "March", "header_row": 3}}]),
    );
    project.run(Step::Import, Step::Import).expect("imports");
    assert_eq!(
        project.rows(Step::Import, "records.parquet"),
        ["0 | people | 4 | 7 | 2020-12-31", "1 | people | 5 | 8 | ·"]
    );
    assert_eq!(source(&project).sheet.as_deref(), Some("March"));
    let rejects = std::fs::read_to_string(project.file(Step::Import, "rejects.csv")).expect("there are rejects");
    assert!(
        rejects.contains("people,7,\"it has a value in column 1, before the header's first column\",1"),
        "{rejects}"
    );
    assert!(rejects.contains("people,8,4 fields where the header has 2,\"9, , , 1\""), "{rejects}");
}

#[test]
fn the_first_sheet_that_people_see_with_a_value_is_taken() {
    let project = Project::new(&[("people.xlsx", &workbook())]);
    let watcher = project.run(Step::Import, Step::Import);
    // Its title is taken for the header, so what follows has too many fields.
    assert!(
        matches!(watcher, Err(Failure::Input(message)) if message.contains("row 3: 3 fields where the header has 1"))
    );
    let columns = json!([{"name": "people", "file": "people.xlsx", "format": {"type": "xlsx", "sheet": "April"}}]);
    let message =
        Project::new(&[("people.xlsx", &workbook())]).with("sources", columns).failure(Step::Import, Step::Import);
    assert_eq!(message, "file “people.xlsx”: it has no sheet “April”; its sheets are “Empty”, “March”");
}

#[test]
fn errors_in_cells_are_empty_and_said() {
    let format = json!({"type": "xlsx", "header_row": 3});
    let sources = json!([{"name": "people", "file": "people.xlsx", "format": format}]);
    let project = Project::new(&[("people.xlsx", &workbook())]).with("sources", sources);
    let watcher = project.run(Step::Import, Step::Import).expect("imports");
    let log = watcher.log.lock().expect("not poisoned").join("\n");
    assert!(log.contains("1 cells hold an error such as #N/A and are taken as empty"), "{log}");
}
