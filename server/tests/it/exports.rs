//! Exports that go elsewhere than to the downloads.

use std::path::Path;

use model::execution::Status;
use serde_json::json;

use crate::support::{TestServer, customers};

#[tokio::test(flavor = "multi_thread")]
async fn files_go_to_directories_that_the_settings_allow_and_nowhere_else() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("exports");
    std::fs::create_dir(&root).unwrap();
    let roots = vec![root.clone()];
    let server = TestServer::with(|config| config.files_roots = roots).await;
    let project = server.project_of("Customers", customers(50)).await;
    let workflow = server.workflow("Nightly", project).await;
    let exports_to = async |directory: &Path| {
        let path = format!("/api/v1/projects/{project}");
        let mut document = server.get(&path).await.expect(200).json();
        document["config"]["export"]["targets"] = json!([
            {"type": "file", "name": "golden.csv", "format": {"type": "csv"}},
            {"type": "directory", "path": directory, "name": "{workflow} {project} {execution}.csv",
                "format": {"type": "csv"}},
        ]);
        server.put(&path, document).await.expect(200);
        server.ended(server.run_now(workflow).await.id).await
    };

    let done = exports_to(&root.join("crm")).await;
    assert_eq!((done.status, done.error), (Status::Success, None));
    let written = std::fs::read(root.join(format!("crm/Nightly Customers {}.csv", done.id))).unwrap();
    let downloaded = server.get(&format!("/api/v1/executions/{}/outputs/golden.csv", done.id)).await.expect(200);
    assert!(!written.is_empty() && written == downloaded.body);

    let elsewhere = home.path().join("elsewhere");
    let failed = exports_to(&elsewhere).await;
    assert_eq!((failed.status, failed.destination_unchanged), (Status::Failed, Some(true)));
    assert!(failed.error.unwrap().contains("lies under none of the directories"));
    assert!(!elsewhere.exists());
    assert_eq!(std::fs::read_dir(root.join("crm")).unwrap().count(), 1);
}
