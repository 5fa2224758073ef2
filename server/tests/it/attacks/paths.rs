//! Names that lead out of the directory that they belong to.

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::json;

use crate::support::{Raw, TestServer, customers};

/// Ways to the server's own database, and to a file that every machine has.
const WAYS_OUT: [&str; 10] = [
    "../../millrace.db",
    "../../../../../../../../etc/passwd",
    "..%2f..%2fmillrace.db",
    "..%2F..%2F..%2F..%2F..%2F..%2F..%2F..%2Fetc%2Fpasswd",
    "%2e%2e/%2e%2e/millrace.db",
    "%2e%2e%2f%2e%2e%2fmillrace.db",
    "%252e%252e%252fmillrace.db",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..%5c..%5cmillrace.db",
];

#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_in_downloads_finds_nothing() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let execution = server.succeeds(server.workflow("On demand", project).await).await.id;
    let host = server.base.trim_start_matches("http://");
    for directory in ["/pkg".to_owned(), format!("/api/v1/executions/{execution}/outputs"), String::new()] {
        for way in WAYS_OUT {
            // As it stands: a client with manners would resolve the dots itself.
            let mut request = Raw::open(&server.base).await;
            request.send(format!("GET {directory}/{way} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")).await;
            let answer = request.rest().await;
            let refused = answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400");
            assert!(refused && !answer.contains("root:"), "{directory}/{way}: {answer}");
        }
    }
}

/// Every file under a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_in_uploads_stays_in_the_project() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let names = ["../evil.csv", "../../../evil.csv", "/tmp/millrace/evil.csv", "..\\..\\evil.csv", "C:\\evil.csv"];
    for name in names {
        let uploaded = server.upload(project, name, "a,b\n1,2\n").await.expect(201).json();
        assert_eq!(uploaded["files"][0]["name"], "evil.csv", "{name}");
        let form = format!(
            "--cut\r\ncontent-disposition: form-data; name=\"project\"\r\n\r\n{project}\r\n--cut\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\na,b\r\n1,2\r\n--cut--\r\n",
            name.replace('\\', "\\\\")
        );
        let form = server.request(Method::POST, "/projects/upload").body(form);
        server.send(form.header("content-type", "multipart/form-data; boundary=cut")).await.expect(201);
    }
    for name in ["..", ".", "../", "..\\", "\u{0}"] {
        server.upload(project, name, "a,b\n1,2\n").await.problem(422);
    }
    // On disk it has a name of the server's, in the project's directory.
    let above = server.data().parent().unwrap().to_owned();
    let strangers =
        files(&above).into_iter().filter(|path| path.ends_with("evil.csv") || !path.starts_with(server.data()));
    assert_eq!(strangers.collect::<Vec<_>>(), Vec::<PathBuf>::new());
    let read = server.get(&format!("/api/v1/projects/{project}")).await.expect(200).json();
    assert_eq!(read["files"].as_array().unwrap().len(), 1, "{read}");
}

/// A source is one of the project's uploads by its name, never a path.
#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_in_imports_reads_nothing() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let workflow = server.workflow("On demand", project).await;
    let path = format!("/api/v1/projects/{project}");
    for file in ["/etc/passwd", "../../../../../../../../etc/passwd", "../../millrace.db"] {
        let mut document = server.get(&path).await.expect(200).json();
        document["config"]["sources"][0]["file"] = json!(file);
        let answer = server.put(&path, document).await;
        if answer.status.is_success() {
            let ended = server.ended(server.run_now(workflow).await.id).await;
            let error = ended.steps[0].error.as_deref().expect("the import fails");
            assert!(error.contains(file) && !error.contains("root:"), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_in_exports_is_refused() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let path = format!("/api/v1/projects/{project}");
    for name in ["../golden.csv", "/tmp/golden.csv", "a/b.csv", "..", "..\\golden.csv", "a\u{0}.csv"] {
        let mut document = server.get(&path).await.expect(200).json();
        document["config"]["export"]["targets"][0]["name"] = json!(name);
        let problem = server.put(&path, document).await.expect(422).json();
        let field = problem["errors"][0]["field"].as_str().unwrap();
        assert!(field.starts_with("export.targets"), "{name:?}: {problem}");
    }
}
