//! Few bytes that would be many: sources are unpacked while they are read and never kept so; nothing else is unpacked.

use std::{io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};
use reqwest::Method;

use crate::support::{TestServer, customers};

/// Thirty megabytes of nothing, in as many kilobytes.
fn bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let nothing = vec![0; 1 << 20];
    for _ in 0..30 {
        packed.write_all(&nothing).unwrap();
    }
    packed.finish().unwrap()
}

/// What all files under a directory take.
fn bytes_in(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { bytes_in(&path) } else { path.metadata().unwrap().len() }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn zip_bomb_in_an_upload_is_kept_as_it_is_and_not_unpacked_to_disk() {
    let server = TestServer::with(|config| config.upload_max_bytes = 1 << 20).await;
    let project = server.project("Customers").await;
    let bomb = bomb();
    let uploaded = server.upload(project, "people.csv.gz", bomb.clone()).await.expect(201).json();
    assert_eq!(uploaded["files"][0]["bytes"], bomb.len());
    let refused = server.suggest(project).await;
    assert!(refused.status.is_client_error());
    let detail = String::from_utf8(refused.body).unwrap();
    assert!(detail.contains("people.csv.gz"), "{detail}");
    let kept = bytes_in(&server.data());
    assert!(kept < 10 << 20, "{kept} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn zip_bomb_as_a_run_fails_in_its_import() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let workflow = server.workflow("On demand", project).await;
    server.upload(project, "people.csv", bomb()).await.expect(201);
    let ended = server.ended(server.run_now(workflow).await.id).await;
    let error = ended.steps[0].error.as_deref().expect("the import fails");
    assert!(error.contains("people.csv"), "{error}");
    let kept = bytes_in(&server.data());
    assert!(kept < 10 << 20, "{kept} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn zip_bomb_as_content_encoding_is_refused() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let bomb = bomb();
    for path in [
        "/api/v1/projects".to_owned(),
        format!("/api/v1/projects/{project}/files?name=people.csv"),
        "/_fn/run_now".to_owned(),
        "/projects/upload".to_owned(),
    ] {
        for coding in ["gzip", "br", "identity, zstd"] {
            let packed = server.request(Method::POST, &path).header("content-encoding", coding);
            let answer = server.send(packed.header("content-type", "application/json").body(bomb.clone())).await;
            assert_eq!(answer.header("accept-encoding"), "identity");
            let detail = answer.problem(415);
            assert!(detail.contains("send it as it is"), "{path}: {detail}");
        }
    }
    let plain = server.request(Method::POST, "/api/v1/projects").header("content-encoding", "identity");
    server.send(plain.json(&serde_json::json!({"name": "Plain"}))).await.expect(201);
}
