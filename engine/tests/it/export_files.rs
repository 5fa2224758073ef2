//! The formats of files, their names, and where they go.

use std::{fs, io::Read as _, path::Path};

use engine::read::output_sample;
use model::{Step, results::Summary};
use serde_json::{Value, json};

use crate::{export::people, support::Project};

const AWKWARD: &[u8] = "id,mail,name\n1,ann@x.org,\"Zoë; \"\"Z\"\"\"\n2,bob@x.org,=1+1\n3,cid@x.org,-5\n".as_bytes();

/// Runs all steps with these targets; all records go out.
fn run(source: &[u8], targets: Value) -> Project {
    let mut project = people(json!({"action": "flag_duplicates", "targets": targets}));
    let path = project.home.path().join("source.csv");
    fs::write(&path, source).expect("written");
    project.spec.files.insert("people.csv".to_owned(), path);
    let root = project.home.path().join("exports");
    fs::create_dir_all(&root).expect("made");
    project.spec.export.roots.push(root);
    project.spec.export.project = "CRM".to_owned();
    project.run(Step::Import, Step::Export).expect("runs");
    project
}

fn output(project: &Project, name: &str) -> Vec<u8> {
    fs::read(project.outputs().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn file(name: &str, format: Value) -> Value {
    json!({"type": "file", "name": name, "format": format})
}

#[test]
fn csv_as_the_other_end_wants_it() {
    let project = run(
        AWKWARD,
        json!([
            file("plain.csv", json!({"type": "csv"})),
            file("other.csv", json!({"type": "csv", "delimiter": ";", "quote": "'", "bom": true, "line_end": "cr_lf"})),
            file(
                "latin.csv",
                json!({"type": "csv", "encoding": "latin-1", "header": false, "neutralise_formulas": true})
            ),
        ]),
    );
    assert_eq!(
        String::from_utf8(output(&project, "plain.csv")).expect("UTF-8"),
        "id,mail,name,_groupId,_isMasterRecord\n1,ann@x.org,\"Zoë; \"\"Z\"\"\",,false\n2,bob@x.org,=1+1,,false\n\
         3,cid@x.org,-5,,false\n"
    );
    assert_eq!(
        String::from_utf8(output(&project, "other.csv")).expect("UTF-8"),
        "\u{feff}id;mail;name;_groupId;_isMasterRecord\r\n1;ann@x.org;'Zoë; \"Z\"';;false\r\n2;bob@x.org;=1+1;;false\r\n\
         3;cid@x.org;-5;;false\r\n"
    );
    assert_eq!(
        output(&project, "latin.csv"),
        b"1,ann@x.org,\"Zo\xeb; \"\"Z\"\"\",,false\n2,bob@x.org,'=1+1,,false\n3,cid@x.org,-5,,false\n"
    );
}

#[test]
fn what_an_encoding_lacks_is_refused_with_its_place() {
    let source = "id,mail,name\n1,a@x.org,Ann\n2,b@x.org,Łucja\n".as_bytes();
    let latin = |unencodable: &str| {
        json!([file(
            "a.csv",
            json!({"type": "csv", "encoding": "latin-1", "unencodable": unencodable, "header": false})
        )])
    };
    let project = run(source, latin("replace"));
    assert_eq!(output(&project, "a.csv"), b"1,a@x.org,Ann,,false\n2,b@x.org,?ucja,,false\n");
    let project = project.with("export", json!({"targets": latin("refuse")}));
    fs::remove_dir_all(project.outputs()).expect("removed for the next run");
    assert_eq!(
        project.failure(Step::Export, Step::Export),
        "cannot write the output “a.csv”: row 2, column “name”: Latin-1 does not have 'Ł' (U+0141); choose UTF-8 or \
         “replace”"
    );
    assert!(!project.outputs().exists());
}

#[test]
fn packed_and_structured_formats() {
    let project = run(
        AWKWARD,
        json!([
            file("a.jsonl", json!({"type": "json_lines"})),
            file("b.jsonl", json!({"type": "json_lines", "compression": "zstd"})),
            file("c.csv", json!({"type": "csv", "compression": "gzip"})),
            file("d.xlsx", json!({"type": "xlsx"})),
        ]),
    );
    let lines = String::from_utf8(output(&project, "a.jsonl")).expect("UTF-8");
    let first = lines.lines().next().expect("a line");
    let expected = r#"{"id":"1","mail":"ann@x.org","name":"Zoë; \"Z\"","_groupId":null,"_isMasterRecord":false}"#;
    assert_eq!((first, lines.lines().count()), (expected, 3));
    assert_eq!(zstd::decode_all(&output(&project, "b.jsonl.zst")[..]).expect("zstd"), lines.as_bytes());
    let mut csv = String::new();
    flate2::read::GzDecoder::new(&output(&project, "c.csv.gz")[..]).read_to_string(&mut csv).expect("gzip");
    assert!(csv.starts_with("id,mail,name,_groupId,_isMasterRecord\n1,"), "{csv}");
    // What a page shows of them.
    for name in ["a.jsonl", "b.jsonl.zst", "c.csv.gz"] {
        let sample = output_sample(&project.outputs().join(name), 2).expect("readable");
        assert_eq!(sample.columns, ["id", "mail", "name", "_groupId", "_isMasterRecord"], "{name}");
        let cells: Vec<_> = sample.rows[1].iter().map(Option::as_deref).collect();
        assert_eq!(cells, [Some("2"), Some("bob@x.org"), Some("=1+1"), None, Some("false")], "{name}");
    }
    let book = output(&project, "d.xlsx");
    assert!(book.starts_with(b"PK"));
    assert_eq!(output_sample(&project.outputs().join("d.xlsx"), 2).expect("readable").rows.len(), 0);
    let Summary::Export(summary) = project.summary(Step::Export) else { panic!("an export summary") };
    assert_eq!(summary.outputs[3].rows, Some(3));
    assert!(summary.elapsed_ms > 0);
}

#[test]
fn every_format_has_the_same_bytes_again() {
    let targets = json!([
        file("a.jsonl", json!({"type": "json_lines", "compression": "gzip"})),
        file("b.csv", json!({"type": "csv", "compression": "zstd"})),
        file("c.xlsx", json!({"type": "xlsx"})),
    ]);
    let bytes = || {
        let project = run(AWKWARD, targets.clone());
        ["a.jsonl.gz", "b.csv.zst", "c.xlsx"].map(|name| output(&project, name))
    };
    assert_eq!(bytes(), bytes());
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("readable");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[test]
fn files_go_to_a_directory_of_the_server_and_the_last_so_many_stay() {
    let mut project = run(AWKWARD, json!([file("a.csv", json!({"type": "csv"}))]));
    let crm = project.spec.export.roots[0].join("crm");
    project.spec.export.time_zone = chrono_tz::Asia::Tokyo;
    project = project.with(
        "export",
        json!({"targets": [{"type": "directory", "path": crm, "name": "{project} {date} {execution}.csv", "keep": 2,
            "format": {"type": "csv"}}]}),
    );
    let mut summaries = Vec::new();
    for run in 0..3 {
        fs::remove_dir_all(project.outputs()).expect("removed for the next run");
        // Outside a scheduler a run is named after its start.
        project.start_micros = 1_700_000_000_000_000 + run * 1_000_000;
        project.run(Step::Export, Step::Export).expect("runs");
        let Summary::Export(summary) = project.summary(Step::Export) else { panic!("an export summary") };
        summaries.push(summary.delivered[0].clone());
    }
    let names = names(&crm);
    assert_eq!(names.len(), 2, "{names:?}");
    // 22:13 UTC is the next day in Tokyo.
    assert!(names.iter().all(|name| name.starts_with("CRM 2023-11-15 ") && name.ends_with(".csv")), "{names:?}");
    let last = &summaries[2];
    assert_eq!((last.rows, last.removed.len()), (3, 1));
    assert_eq!(last.location, crm.join(&names[1]).display().to_string());
    assert!(summaries[0].location.ends_with(&last.removed[0]));
}

#[test]
fn an_export_outside_of_the_allowed_roots_is_refused() {
    let project = run(AWKWARD, json!([file("a.csv", json!({"type": "csv"}))]));
    let outside = project.home.path().join("outside");
    fs::remove_dir_all(project.outputs()).expect("removed for the next run");
    let project = project.with(
        "export",
        json!({"targets": [{"type": "directory", "path": outside, "name": "a.csv", "format": {"type": "csv"}}]}),
    );
    let refused = project.failure(Step::Export, Step::Export);
    assert!(
        refused
            .ends_with("lies under none of the directories that the server's settings allow for exports (files_roots)"),
        "{refused}"
    );
    assert!(!outside.exists() && !project.outputs().exists());
}

#[test]
fn reports_tell_of_matches_and_sources() {
    let hostile = b"id,mail,<script>alert(1)</script>\n1,ann@x.org,<b>\n2,ann@x.org,<b>\n";
    let mut project = people(json!({"reports": true, "targets": [file("a.csv", json!({"type": "csv"}))]}));
    let path = project.home.path().join("source.csv");
    fs::write(&path, hostile).expect("written");
    project.spec.files.insert("people.csv".to_owned(), path);
    project = project.with("merge", json!({}));
    project.run(Step::Import, Step::Export).expect("runs");
    let Summary::Export(summary) = project.summary(Step::Export) else { panic!("an export summary") };
    let names: Vec<&str> = summary.outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["a.csv", "match-quality.json", "match-quality.html", "profile.json", "profile.html"]);
    let quality: Value = serde_json::from_slice(&output(&project, "match-quality.json")).expect("JSON");
    assert_eq!((&quality["match"]["matching_pairs"], &quality["export"]["exported"]), (&json!(1), &json!(1)));
    let profile: Value = serde_json::from_slice(&output(&project, "profile.json")).expect("JSON");
    assert_eq!(profile["sources"][0]["name"], "people");
    let page = String::from_utf8(output(&project, "profile.html")).expect("UTF-8");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script"), "{page}");
    let page = String::from_utf8(output(&project, "match-quality.html")).expect("UTF-8");
    assert!(page.contains("<td>Pairs that match</td><td class=\"number\">1</td>"), "{page}");
}
