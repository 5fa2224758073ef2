//! Files that are not what they should be: the step says what is wrong, in which file and where, and nothing else is
//! harmed.

use model::execution::{Execution, Status, StepStatus};
use serde_json::json;

use crate::support::{TestServer, customers};

/// Runs a workflow on `file`, and asserts that its import fails naming the file and every one of `parts`.
async fn check(name: &str, file: Vec<u8>, parts: &[&str]) {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let workflow = server.workflow("On demand", project).await;
    server.upload(project, "people.csv", file).await.expect(201);
    let ended = server.ended(server.run_now(workflow).await.id).await;
    assert_eq!(ended.status, Status::Failed, "{name}");
    let import = &ended.steps[0];
    assert_eq!(import.status, StepStatus::Failed, "{name}: {:?}", ended.error);
    let error = import.error.as_deref().expect("a reason");
    println!("{name}: {error}");
    for part in ["people.csv"].iter().chain(parts) {
        assert!(error.contains(part), "{name}: “{part}” is not in “{error}”");
    }
    healthy(&server, &ended).await;
}

/// The server goes on: the same workflow succeeds with a good file.
async fn healthy(server: &TestServer, failed: &Execution) {
    server.get("/readyz").await.expect(200);
    server.upload(failed.project_id, "people.csv", customers(60)).await.expect(201);
    assert_eq!(server.succeeds(failed.workflow_id).await.records, Some(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file() {
    check("empty", Vec::new(), &["empty"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_header() {
    check("header only", b"customer_number,first_name\n".to_vec(), &["people.csv", "line 1", "no records"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn binary_garbage() {
    let garbage = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    check("binary", garbage, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_columns_of_one_name() {
    check("duplicate columns", b"name,town,name\nAda,London,Lovelace\n".to_vec(), &["line 1", "name"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_column_that_can_be_used() {
    check("no usable column", b" , ,\n1,2,3\n".to_vec(), &["line 1"]).await;
}

/// One bad row does not stop the others: it is set aside, with its line and the reason.
#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_in_one_cell() {
    let server = TestServer::start().await;
    let mut file = customers(20);
    file.extend_from_slice(b"C-1,\"");
    file.extend(std::iter::repeat_n(b'x', 10 << 20));
    file.extend_from_slice(b"\",Lovelace,,,,,,,\nC-2,Ada,Lovelace,,,,,,,\n");
    let project = server.project_of("Customers", customers(20)).await;
    let workflow = server.workflow("On demand", project).await;
    server.upload(project, "people.csv", file).await.expect(201);
    let ended = server.succeeds(workflow).await;
    assert_eq!(ended.records, Some(21));
    let rejects = server.get(&format!("/api/v1/executions/{}/outputs/rejects.csv", ended.id)).await.expect(200).body;
    let rejects = String::from_utf8(rejects).unwrap();
    let row = rejects.lines().nth(1).expect("one reject");
    println!("10 MB cell: {}", &row[..row.len().min(200)]);
    assert!(row.starts_with("people") && row.contains(",22,"), "{}", &row[..row.len().min(200)]);
    assert!(rejects.len() < 100_000, "{} bytes", rejects.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_encoding_than_was_set() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(600)).await;
    let workflow = server.workflow("On demand", project).await;
    let path = format!("/api/v1/projects/{project}");
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["sources"][0]["format"] = json!({"type": "csv", "encoding": "utf-8"});
    server.put(&path, document).await.expect(200);
    let text = String::from_utf8(customers(600)).unwrap().replace("Street", "Stra\u{df}e");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    server.upload(project, "people.csv", latin).await.expect(201);
    let ended = server.ended(server.run_now(workflow).await.id).await;
    assert_eq!(ended.status, Status::Failed);
    let error = ended.steps[0].error.as_deref().unwrap_or_else(|| panic!("not the import: {:?}", ended.error));
    println!("encoding: {error}");
    assert!(error.contains("people.csv") && error.contains("line "), "{error}");
    healthy(&server, &ended).await;
}
