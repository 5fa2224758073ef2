//! A server for a test, and what a client of it does.

pub(crate) mod feed;
mod history;
pub(crate) mod people;
pub(crate) mod process;
pub(crate) mod raw;
pub(crate) mod server;

use model::{
    ExecutionId, ProjectId, WorkflowId,
    execution::{Execution, Status},
    workflow::Workflow,
};
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

pub(crate) use feed::Feed;
pub(crate) use process::Process;
pub(crate) use raw::Raw;
pub(crate) use server::TestServer;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_value(self.json()).unwrap_or_else(|error| panic!("{error} in {}", self.json()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers)).to_str().unwrap()
    }

    /// The answer, if it has this status; else the test ends with what it says.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// Asserts a problem document of this status, and gives its sentence.
    #[track_caller]
    pub(crate) fn problem(self, status: u16) -> String {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["type"].is_string() && problem["title"].is_string(), "{problem}");
        problem["detail"].as_str().expect("a sentence").to_owned()
    }
}

/// Asks a server, wherever it runs.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// `http://127.0.0.1:port`
    pub(crate) base: String,
    /// What every request carries.
    shown: HeaderMap,
}

impl Client {
    pub(crate) fn new(base: String) -> Self {
        Self::of(base, reqwest::Client::builder())
    }

    /// One that is set up in a way of its own.
    pub(crate) fn of(base: String, http: reqwest::ClientBuilder) -> Self {
        let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base, shown: HeaderMap::new() }
    }

    /// The same client with one header more in every request.
    pub(crate) fn showing(&self, name: &'static str, value: &str) -> Self {
        let mut shown = self.shown.clone();
        shown.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        Self { shown, ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).headers(self.shown.clone())
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.expect("the whole answer").to_vec() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, document: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&document)).await
    }

    pub(crate) async fn put(&self, path: &str, document: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&document)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    // What tests do again and again

    pub(crate) async fn project(&self, name: &str) -> ProjectId {
        let project = self.post("/api/v1/projects", json!({ "name": name })).await.expect(201).json();
        project["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn upload(&self, project: ProjectId, name: &str, bytes: impl Into<reqwest::Body>) -> Answer {
        let path = format!("/api/v1/projects/{project}/files");
        self.send(self.request(Method::POST, &path).query(&[("name", name)]).body(bytes)).await
    }

    pub(crate) async fn suggest(&self, project: ProjectId) -> Answer {
        self.post(&format!("/api/v1/projects/{project}/suggest"), json!({})).await
    }

    /// A project that is ready to run on `csv`.
    pub(crate) async fn project_of(&self, name: &str, csv: impl Into<reqwest::Body>) -> ProjectId {
        let project = self.project(name).await;
        self.upload(project, "people.csv", csv).await.expect(201);
        self.suggest(project).await.expect(200);
        project
    }

    /// An On-Demand workflow over all six steps.
    pub(crate) async fn workflow(&self, name: &str, project: ProjectId) -> WorkflowId {
        let workflow: Workflow =
            self.post("/api/v1/workflows", draft(name, project, json!({"type": "on_demand"}))).await.expect(201).read();
        workflow.id
    }

    pub(crate) async fn run_now(&self, workflow: WorkflowId) -> Execution {
        self.post(&format!("/api/v1/workflows/{workflow}/executions"), json!({})).await.expect(202).read()
    }

    pub(crate) async fn execution(&self, id: ExecutionId) -> Execution {
        self.get(&format!("/api/v1/executions/{id}")).await.expect(200).read()
    }

    /// Every event from the first on.
    pub(crate) async fn feed(&self) -> Feed {
        Feed::open(self, json!({"watch": ["workflows"], "after": 0})).await
    }

    /// The execution when it has ended.
    pub(crate) async fn ended(&self, id: ExecutionId) -> Execution {
        self.feed().await.execution(id, |execution| execution.status.is_final()).await
    }

    /// Runs it, and gives back the execution, which must have succeeded.
    pub(crate) async fn succeeds(&self, workflow: WorkflowId) -> Execution {
        let execution = self.ended(self.run_now(workflow).await.id).await;
        assert_eq!(execution.status, Status::Success, "{:?}", execution.error);
        execution
    }
}

pub(crate) fn draft(name: &str, project: ProjectId, schedule: Value) -> Value {
    json!({
        "name": name,
        "project_id": project,
        "steps": ["import", "profile", "cleanse", "match", "merge", "export"],
        "schedule": schedule,
    })
}

/// The first rows of the demo's customers: names, addresses and duplicates as in life.
pub(crate) fn customers(rows: usize) -> Vec<u8> {
    let list = ::server::demo::customers::csv();
    let end = list.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(rows).map(|(place, _)| place + 1);
    list[..end.expect("as many rows")].to_vec()
}
