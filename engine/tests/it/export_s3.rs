//! Exports to a bucket of an S3-compatible server.

use std::sync::Mutex;

use engine::{Failure, Secrets, export_mark};
use model::{Step, results::Summary};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    export::people,
    s3_server::S3Server,
    support::{Project, Watcher},
};

/// Merged; the export goes to a bucket of its own.
fn project(server: &S3Server, bucket: &str, records: usize, name: &str) -> Project {
    server.ask("PUT", &format!("/{bucket}"));
    let mut text = "id,mail,name\n".to_owned();
    for number in 0..records {
        text.push_str(&format!("{number},m{}@x.org,Name {number}\n", number / 2));
    }
    let mut project = people(json!({"action": "flag_duplicates", "targets": [
        {"type": "file", "name": "a.csv", "format": {"type": "csv"}},
        {"type": "object_storage", "url": format!("s3://{bucket}/exports/crm"), "name": name, "format": {"type": "csv"},
            "endpoint": server.url, "credentials": "bucket", "keep": name.contains('{').then_some(2)},
    ]}));
    let path = project.home.path().join("people.csv");
    std::fs::write(&path, text).expect("written");
    let keys = "access_key_id=test\nsecret_access_key=test\n".to_owned();
    project.spec.secrets = Secrets::from_iter([("bucket".to_owned(), keys)]);
    project.run(Step::Import, Step::Merge).expect("runs");
    project
}

#[test]
fn an_export_to_a_bucket_is_what_is_downloaded_and_the_last_so_many_stay() {
    let Some(server) = S3Server::start() else { return };
    let mut project = project(&server, "millrace-kept", 300, "golden {execution}.csv");
    let mut names = Vec::new();
    for run in 0..3 {
        project.start_micros = 1_700_000_000_000_000 + run * 1_000_000;
        project.run(Step::Export, Step::Export).expect("runs");
        let Summary::Export(summary) = project.summary(Step::Export) else { panic!("an export summary") };
        let delivered = &summary.delivered[0];
        let name = delivered.location.rsplit('/').next().expect("a name").to_owned();
        assert_eq!(delivered.location, format!("s3://millrace-kept/exports/crm/{name}"));
        let there = server.object("millrace-kept", &format!("exports/crm/{name}"));
        let downloaded = std::fs::read_to_string(project.outputs().join("a.csv")).expect("written");
        assert_eq!(there, Some(downloaded));
        assert_eq!(delivered.removed, names.iter().rev().nth(1).cloned().into_iter().collect::<Vec<String>>());
        names.push(name);
        std::fs::remove_dir_all(project.outputs()).expect("removed for the next run");
    }
}

#[test]
fn a_run_that_is_cancelled_anywhere_leaves_the_object_as_it_was() {
    let Some(server) = S3Server::start() else { return };
    // Large enough for several parts.
    let project = Mutex::new(project(&server, "millrace-whole", 400_000, "golden.csv"));
    let (bucket, key) = ("millrace-whole", "exports/crm/golden.csv");
    let run = |watcher| {
        let project = project.lock().expect("not poisoned");
        let result = project.run_watched(Step::Export, Step::Export, watcher);
        let _ = std::fs::remove_dir_all(project.outputs());
        assert!(!export_mark(&project.outputs()).exists());
        result
    };
    run(Watcher::default()).expect("runs");
    let whole = server.object(bucket, key).expect("there");
    assert!(whole.len() > 9 << 20, "{} bytes", whole.len());
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(reports in 0_u64..60, earlier in any::<bool>())| {
        server.ask("DELETE", &format!("/{bucket}/{key}"));
        if earlier {
            run(Watcher::default()).expect("runs");
        }
        match run(Watcher::cancelling_after(reports)) {
            Err(Failure::Cancelled) => prop_assert!(server.object(bucket, key) == earlier.then(|| whole.clone())),
            Ok(_) => prop_assert!(server.object(bucket, key).as_ref() == Some(&whole)),
            Err(other) => prop_assert!(false, "{other}"),
        }
    });
    // What was sent in parts was given up.
    let pending = server.ask("GET", "/millrace-whole?uploads");
    assert!(!pending.contains("<UploadId>"), "{pending}");
}

#[test]
fn a_bucket_that_refuses_says_where() {
    let Some(server) = S3Server::start() else { return };
    let project = project(&server, "millrace-there", 10, "golden.csv");
    let target = json!({"type": "object_storage", "url": "s3://millrace-nowhere", "name": "a.csv", "endpoint": server.url,
        "format": {"type": "csv"}, "credentials": "bucket"});
    let project = project.with("export", json!({"targets": [target.clone()]}));
    let refused = project.failure(Step::Export, Step::Export);
    assert!(refused.starts_with("cannot write s3://millrace-nowhere/a.csv: "), "{refused}");
    let mut nameless = target;
    nameless["credentials"] = json!("other");
    let project = project.with("export", json!({"targets": [nameless]}));
    let refused = project.failure(Step::Export, Step::Export);
    assert!(refused.starts_with("there is no secret \"other\""), "{refused}");
}
