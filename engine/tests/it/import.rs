//! Import on real and on bad files.

use model::{Step, results::Summary};
use serde_json::json;

use crate::{files::gzip, support::Project};

fn imported(bytes: &[u8]) -> Vec<String> {
    let project = Project::new(&[("people.csv", bytes)]);
    project.run(Step::Import, Step::Import).expect("imports");
    project.rows(Step::Import, "records.parquet")
}

fn refused(bytes: &[u8]) -> String {
    Project::new(&[("people.csv", bytes)]).failure(Step::Import, Step::Import)
}

#[test]
fn records_keep_their_order_line_and_text() {
    let text = b"id, name ,city\r\n1, Ann ,\"New\nYork\"\r\n\r\n2,\"O\"\"Hara\",\r\n";
    assert_eq!(imported(text), ["0 | people | 2 | 1 | Ann | New\nYork", "1 | people | 5 | 2 | O\"Hara | ·"]);
}

#[test]
fn encodings_are_found() {
    let expected = ["0 | people | 2 | 1 | Zoë"];
    assert_eq!(imported("id;name\n1;Zoë\n".as_bytes()), expected);
    assert_eq!(imported("\u{feff}id;name\n1;Zoë\n".as_bytes()), expected);
    assert_eq!(imported(b"id;name\n1;Zo\xEB\n"), expected);
    for big in [false, true] {
        for mark in ["\u{feff}", ""] {
            let units: Vec<u16> = format!("{mark}id;name\n1;Zoë\n").encode_utf16().collect();
            let bytes = units.iter().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            assert_eq!(imported(&bytes.collect::<Vec<_>>()), expected);
        }
    }
}

#[test]
fn latin1_is_found_even_when_its_first_letter_comes_last() {
    let mut bytes = b"id,name\n".to_vec();
    for number in 0..60_000 {
        bytes.extend_from_slice(format!("{number},Ann\n").as_bytes());
    }
    bytes.extend_from_slice(b"60000,Zo\xEB\n");
    assert_eq!(imported(&bytes).last().map(String::as_str), Some("60000 | people | 60002 | 60000 | Zoë"));
}

#[test]
fn malformed_rows_are_rejects_and_the_others_are_kept() {
    let text = "id,name\n1,Ann\n2\n3,Cid,x\n4,\"Dan\n5,Eve\n";
    let project = Project::new(&[("people.csv", text.as_bytes())]);
    project.run(Step::Import, Step::Import).expect("imports");
    assert_eq!(project.rows(Step::Import, "records.parquet"), ["0 | people | 2 | 1 | Ann", "1 | people | 6 | 5 | Eve"]);
    let rejects = std::fs::read_to_string(project.file(Step::Import, "rejects.csv")).expect("there are rejects");
    assert_eq!(
        rejects,
        "source,line,reason,text\n\
         people,3,1 field where the header has 2,2\n\
         people,4,3 fields where the header has 2,\"3,Cid,x\"\n\
         people,5,a quoted value begins in this line and is never closed,\"4,\"\"Dan\"\n"
    );
    let Summary::Import(summary) = project.summary(Step::Import) else { panic!("an import summary") };
    assert_eq!((summary.rows, summary.rejected), (2, 3));
}

#[test]
fn too_many_rejects_fail_the_step() {
    let mut text = "id,name\n".to_owned();
    for number in 0..11 {
        text.push_str(&format!("{number},Ann\n{number}\n"));
    }
    let message = refused(text.as_bytes());
    assert!(
        message.starts_with("file “people.csv”, line 3: 1 field where the header has 2. In all 11 of 22"),
        "{message}"
    );
}

#[test]
fn bad_files_are_refused_by_name_and_line() {
    for (bytes, expected) in [
        (&b""[..], "file “people.csv”: it is empty"),
        (b"\xEF\xBB\xBF", "file “people.csv”: it is empty"),
        (b"\n\n  \n", "file “people.csv”: it is empty: it has only blank lines"),
        (b"id,name\n", "file “people.csv”, line 1: it has a header but no records after it"),
        (b"id,name", "file “people.csv”, line 1: it has a header but no records after it"),
        (
            b"id,name,id\n1,2,3\n",
            "file “people.csv”: line 1: the column name “id” occurs twice, in columns 1 and 3; give each column its own \
             name",
        ),
        (
            b",,\n1,2,3\n",
            "file “people.csv”: line 1: it has no usable column: the header must name the columns, and every name is empty",
        ),
        (b"a,b\n,\n , \n", "file “people.csv”: it has no usable column: every value of its 2 rows is empty"),
        (b"id,na\x00me\n1,2\n", "file “people.csv”: line 1: it is no text file: byte 6 is zero"),
        (
            b"PK\x03\x04....",
            "file “people.csv”: it is damaged or no workbook: invalid Zip archive: Could not find EOCD",
        ),
        (
            b"_record,name\n1,2\n",
            "file “people.csv”: line 1: the column name “_record” is used by Millrace itself; rename the column or leave \
             it out in the source’s column list",
        ),
    ] {
        assert_eq!(refused(bytes), expected);
    }
    let garbage: Vec<u8> = (0..50_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    assert!(refused(&garbage).contains("it is no text file"));
}

#[test]
fn packed_files_are_read_like_unpacked_ones() {
    let text: Vec<u8> = "\u{feff}id;name\n1;Zoë\nbad\n2;Ann\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&text[..], b"id;name\n1;Zo\xEB\nbad\n2;Ann\n"] {
        for packed in [gzip(bytes), zstd::encode_all(bytes, 3).expect("packs")] {
            // Neither of them is told by the name.
            let project = Project::new(&[("people.csv", &packed)]);
            project.run(Step::Import, Step::Import).expect("imports");
            let rows = project.rows(Step::Import, "records.parquet");
            assert_eq!(rows, ["0 | people | 2 | 1 | Zoë", "1 | people | 4 | 2 | Ann"]);
            let Summary::Import(summary) = project.summary(Step::Import) else { panic!("an import") };
            assert_eq!((summary.rows, summary.rejected), (2, 1));
        }
    }
}

#[test]
fn packed_files_that_cannot_be_read_are_refused_by_name() {
    let long: String = (0..5_000).map(|n| format!("{n},{}\n", n * 7919 % 4099)).collect();
    let packed = gzip(format!("id,name\n{long}").as_bytes());
    let message = refused(&packed[..packed.len() / 2]);
    assert!(
        message.starts_with("file “people.csv”: it cannot be read: its gzip data is damaged or cut off"),
        "{message}"
    );
    assert_eq!(refused(&gzip(b"")), "file “people.csv”: it is empty");
    assert_eq!(
        refused(&gzip(&gzip(b"id,name\n1,2\n"))),
        "file “people.csv”: it is no text file but a gzip file inside a packed one; pack it once"
    );
}

#[test]
fn ten_megabytes_in_one_cell_are_a_reject() {
    let big = "x".repeat(10 * 1024 * 1024);
    for cell in [big.clone(), format!("\"{big}\"")] {
        let message = refused(format!("id,name\n1,{cell}\n").as_bytes());
        assert_eq!(
            message,
            "file “people.csv”, line 2: the value in column 2 has 10,485,760 bytes; at most 1,048,576 are allowed. None \
             of its 1 rows can be read"
        );
        assert_eq!(imported(format!("id,name\n1,{cell}\n2,Ann\n").as_bytes()), ["0 | people | 3 | 2 | Ann"]);
    }
    let endless = "x".repeat(40 * 1024 * 1024);
    for cell in [endless.clone(), format!("\"{endless}\"")] {
        assert_eq!(imported(format!("id,name\n1,{cell}\n2,Ann\n").as_bytes()), ["0 | people | 3 | 2 | Ann"]);
    }
    assert!(refused(big.as_bytes()).starts_with("file “people.csv”"));
}

#[test]
fn bytes_that_a_configured_encoding_does_not_allow_are_rejects() {
    let mut project = Project::new(&[("people.csv", b"id,name\n1,Ann\n2,Zo\xEB\n")]);
    project.spec.config.sources[0].format =
        serde_json::from_value(json!({"type": "csv", "encoding": "utf-8"})).expect("a format");
    project.run(Step::Import, Step::Import).expect("imports");
    assert_eq!(project.rows(Step::Import, "records.parquet"), ["0 | people | 2 | 1 | Ann"]);
    let rejects = std::fs::read_to_string(project.file(Step::Import, "rejects.csv")).expect("there are rejects");
    assert!(rejects.contains("people,3,the value in column 2 has bytes that are no text"), "{rejects}");
}

#[test]
fn sources_are_united_by_column_name() {
    let project = Project::new(&[("a.csv", b"id,name\n1,Ann\n"), ("b.csv", b"name;town\nBob;Rome\n")]);
    project.run(Step::Import, Step::Import).expect("imports");
    assert_eq!(
        project.rows(Step::Import, "records.parquet"),
        ["0 | a | 2 | 1 | Ann | ·", "1 | b | 2 | · | Bob | Rome"]
    );
}

#[test]
fn columns_are_picked_and_renamed_and_a_changed_schema_is_named() {
    let columns = json!([{"column": "name", "rename": "full_name"}, {"column": "id", "enabled": false}]);
    let sources = |columns| json!([{"name": "people", "file": "people.csv", "columns": columns}]);
    let project = Project::new(&[("people.csv", b"id,name\n1,Ann\n")]).with("sources", sources(columns));
    project.run(Step::Import, Step::Import).expect("imports");
    assert_eq!(project.rows(Step::Import, "records.parquet"), ["0 | people | 2 | Ann"]);

    let columns = json!([{"column": "name"}, {"column": "mail"}]);
    let project = Project::new(&[("people.csv", b"id,name\n1,Ann\n")]).with("sources", sources(columns));
    assert_eq!(
        project.failure(Step::Import, Step::Import),
        "file “people.csv”: line 1: its columns have changed: the column “mail” is missing, and it has the new columns “id”"
    );
}
