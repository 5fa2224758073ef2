//! Sources of other formats and places, through the API.

use model::{ProjectId, execution::Status, project::Project};
use serde_json::{Value, json};

use crate::support::{TestServer, customers};

/// Customers as JSON lines.
fn json_lines(rows: usize) -> Vec<u8> {
    let text = customers(rows);
    let mut reader = csv::Reader::from_reader(&text[..]);
    let names = reader.headers().unwrap().clone();
    let objects = reader.records().map(|record| {
        let record = record.unwrap();
        let fields = names.iter().zip(&record).map(|(name, value)| (name.to_owned(), json!(value)));
        format!("{}\n", Value::Object(fields.collect()))
    });
    objects.collect::<String>().into_bytes()
}

/// The project with these sources instead of its own.
async fn with_sources(server: &TestServer, project: ProjectId, sources: Value) {
    let path = format!("/api/v1/projects/{project}");
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["sources"] = sources;
    server.put(&path, document).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_another_format_becomes_a_source_and_runs_as_it_was_suggested() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let packed = zstd::encode_all(&json_lines(200)[..], 1).unwrap();
    server.upload(project, "people.jsonl.zst", packed).await.expect(201);
    let suggested: Project = server.suggest(project).await.expect(200).read();
    assert_eq!(suggested.config.sources[0].name, "people");
    let execution = server.succeeds(server.workflow("On demand", project).await).await;
    assert_eq!(execution.records, Some(200));
    let result = server.get(&format!("/api/v1/projects/{project}/results/import")).await.expect(200).json();
    assert_eq!(result["sources"][0]["format"], "json_lines", "{result}");
    assert_eq!(result["sources"][0]["delimiter"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_server_are_read_where_its_settings_allow_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("customers.csv");
    std::fs::write(&path, customers(100)).unwrap();
    let location = json!({"type": "path", "path": path});
    for allowed in [true, false] {
        let roots = if allowed { vec![home.path().to_owned()] } else { Vec::new() };
        let server = TestServer::with(|config| config.files_roots = roots.clone()).await;
        let project = server.project_of("Customers", customers(50)).await;
        with_sources(&server, project, json!([{"name": "people", "location": location}])).await;
        let workflow = server.workflow("On demand", project).await;
        let execution = server.ended(server.run_now(workflow).await.id).await;
        match allowed {
            true => assert_eq!((execution.status, execution.records), (Status::Success, Some(100))),
            false => assert!(
                execution.error.unwrap().contains("name no directory that sources may be read from (files_roots)")
            ),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ssrf_in_sources_the_server_does_not_fetch_from_its_own_network() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let web = json!({"type": "url", "url": format!("{}/people.csv", server.base)});
    let bucket = json!({"type": "object_storage", "url": "s3://crm/people.csv", "endpoint": server.base});
    let ftp = json!({"type": "url", "url": "ftp://localhost/people.csv"});
    let workflow = server.workflow("On demand", project).await;
    for location in [web, bucket, ftp] {
        with_sources(&server, project, json!([{"name": "people", "location": location}])).await;
        let execution = server.ended(server.run_now(workflow).await.id).await;
        let error = execution.error.unwrap();
        assert!(
            error.contains("is in a private network. Such sources are allowed by the setting source_private"),
            "{error}"
        );
    }
    // For a suggestion, too.
    let refused = server.suggest(project).await.problem(409);
    assert!(refused.contains("is in a private network"), "{refused}");
}
