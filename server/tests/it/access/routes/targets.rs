//! What the paths are asked about: a project with a workflow that has run, and new ones of what a request uses up.

use std::sync::atomic::{AtomicU64, Ordering};

use model::{DeliveryId, ExecutionId, ProjectId, WorkflowId, workflow::Workflow};
use serde_json::{Value, json};

use super::{
    askers::{self, Asker},
    table::{On, Row},
};
use crate::support::{
    Client, TestServer, customers, draft,
    people::{PASSWORD, hangs_up},
};

pub(super) const WORKFLOW: &str = "Match of the night";

pub(super) struct World {
    pub(super) server: TestServer,
    pub(super) root: Client,
    pub(super) own: ProjectId,
    pub(super) workflow: WorkflowId,
    /// An execution that succeeded, and the name of its file.
    done: ExecutionId,
    output: String,
    /// A notification that did not arrive.
    delivery: DeliveryId,
    made: AtomicU64,
}

/// What one request is about.
pub(super) struct Target {
    /// With its placeholders filled in.
    pub(super) path: String,
    pub(super) id: String,
    pub(super) project: ProjectId,
    /// One that nothing has yet.
    pub(super) name: String,
    /// The project as it stands, where that is what is changed.
    pub(super) document: Value,
}

impl World {
    /// Nothing starts in it any more, so what is queued stays queued.
    pub(super) async fn new() -> (Self, Vec<Asker>) {
        let (server, root) = TestServer::with_administrator().await;
        let own = root.project_of("Customers", customers(200)).await;
        let other = root.project("Suppliers").await;
        let mut document = draft(WORKFLOW, own, json!({"type": "on_demand"}));
        document["notifications"] = json!({"webhooks": [hangs_up().await], "on_success": true});
        let workflow: Workflow = root.post("/api/v1/workflows", document).await.expect(201).read();
        let workflow = workflow.id;
        let done = root.succeeds(workflow).await.id;
        let outputs = root.get(&format!("/api/v1/executions/{done}/outputs")).await.expect(200).json();
        let output = outputs["items"][0]["name"].as_str().unwrap().to_owned();
        root.post(&format!("/api/v1/workflows/{workflow}/trigger-url"), json!({})).await.expect(201);
        let delivery = root.undelivered(own).await;
        root.put("/api/v1/maintenance", json!({"on": true})).await.expect(200);
        let askers = askers::all(&root, &server, own, other).await;
        (Self { server, root, own, workflow, done, output, delivery, made: AtomicU64::new(0) }, askers)
    }

    /// Whoever shows nothing.
    pub(super) fn anybody(&self) -> Client {
        Client::clone(&self.server)
    }

    /// Another session of theirs, to be used up.
    pub(super) async fn signed_in_again(&self, asker: &Asker) -> Client {
        self.server.signed_in(self.server.sign_in(&asker.name, PASSWORD).await)
    }

    pub(super) async fn target(&self, row: &Row) -> Target {
        let name = format!("New {}", self.made.fetch_add(1, Ordering::Relaxed));
        let id = self.id(row, &name).await;
        let document = match row.on == On::Project && !row.reads() {
            true => self.root.get(&format!("/api/v1/projects/{}", self.own)).await.expect(200).json(),
            false => Value::Null,
        };
        let path = row.path().replace("{id}", &id).replace("{name}", &self.output);
        let path = path.replace("{step}", "import").replace("{secret}", "not-the-secret");
        let path = path.replace("{group}", "1").replace("{left}", "0").replace("{right}", "1") + row.query;
        Target { path, id, project: self.own, name, document }
    }

    async fn id(&self, row: &Row, name: &str) -> String {
        match (row.on, row.reads()) {
            (On::Nothing, _) => String::new(),
            (On::Project, _) => self.own.to_string(),
            (On::Workflow, true) => self.workflow.to_string(),
            (On::Workflow, false) => self.root.workflow(name, self.own).await.to_string(),
            (On::Delivery, _) => self.delivery.to_string(),
            (On::Execution, true) => self.done.to_string(),
            (On::Execution, false) => {
                let workflow = self.root.workflow(name, self.own).await;
                self.root.run_now(workflow).await.id.to_string()
            }
            (On::Person, _) => {
                let invited = self.root.post("/api/v1/users", json!({"name": name})).await.expect(201).json();
                invited["user"]["id"].as_str().unwrap().to_owned()
            }
            (On::Token, _) => {
                let draft = json!({"name": name, "role": "viewer"});
                let (id, _) = self.root.token(&self.server, draft).await;
                id.to_string()
            }
        }
    }
}
