//! A server with something to be asked about: a project, a hundred workflows, a history. And how each kind of request is
//! made of it.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, Method, header};
use serde_json::{Value, json};

use super::load::Kind;
use crate::{client::create, remote::Result};

const WORKFLOWS: usize = 100;
/// Executions that ended before the bench begins.
const HISTORY: usize = 2_000;
/// A request that takes longer has failed.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Place {
    http: Client,
    api: String,
    project: String,
    workflows: Vec<String>,
    /// Executions that have ended.
    history: Vec<String>,
    /// Executions that wait, for those who cancel.
    waiting: Shelf<String>,
    /// Workflows as they are stored, for those who edit.
    editable: Shelf<Value>,
    /// Workflows that were made, for those who delete.
    made: Shelf<String>,
}

/// What one request leaves for a later one.
struct Shelf<T>(Mutex<VecDeque<T>>);

impl<T> Shelf<T> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn put(&self, one: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(one);
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Place {
    pub(crate) async fn prepare(address: &str, token: &str) -> Result<Self> {
        let bearer = header::HeaderValue::try_from(format!("Bearer {token}"))?;
        let headers = header::HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]);
        let http = Client::builder().default_headers(headers).timeout(TIMEOUT).build()?;
        let api = format!("http://{address}/api/v1");
        let project = create(&http, &format!("{api}/projects"), &json!({"name": "API"})).await?;
        let upload = http.post(format!("{api}/projects/{project}/files?name=one.csv"));
        upload.body("name\nAda\n").send().await?.error_for_status()?;
        http.put(format!("{api}/maintenance")).json(&json!({"on": true})).send().await?.error_for_status()?;
        let (waiting, editable, made) = (Shelf::new(), Shelf::new(), Shelf::new());
        let mut place =
            Self { http, api, project, workflows: Vec::new(), history: Vec::new(), waiting, editable, made };
        place.fill().await?;
        Ok(place)
    }

    async fn fill(&mut self) -> Result<()> {
        for number in 0..WORKFLOWS {
            let workflow = self.send(Method::POST, "/workflows", Some(self.draft(&format!("API {number}")))).await?;
            self.workflows.push(id(&workflow)?);
            // The second half is edited, so that nobody runs into another's version.
            if number >= WORKFLOWS / 2 {
                self.editable.put(workflow);
            }
        }
        for number in 0..HISTORY {
            let workflow = &self.workflows[number % WORKFLOWS];
            let queued = self.send(Method::POST, &format!("/workflows/{workflow}/executions"), None).await?;
            let queued = id(&queued)?;
            self.send(Method::POST, &format!("/executions/{queued}/cancel"), None).await?;
            self.history.push(queued);
        }
        Ok(())
    }

    fn draft(&self, name: &str) -> Value {
        json!({
            "name": name, "project_id": self.project, "steps": ["import"],
            "schedule": {"type": "cron", "expression": "0 2 * * 1-5"},
        })
    }

    /// One request of this kind, on one thing after the other.
    pub(crate) async fn ask(&self, kind: Kind, number: u64) -> Result<()> {
        let turn = (number / 7) as usize;
        let workflow = &self.workflows[turn % WORKFLOWS];
        let ended = &self.history[turn % HISTORY];
        match kind {
            Kind::ListWorkflows => self.get("/workflows?limit=50").await,
            Kind::Workflow => self.get(&format!("/workflows/{workflow}")).await,
            Kind::ListExecutions => self.get("/executions?limit=50").await,
            Kind::ExecutionsOfWorkflow => self.get(&format!("/executions?workflow={workflow}&limit=20")).await,
            Kind::Execution => self.get(&format!("/executions/{ended}")).await,
            Kind::Log => self.get(&format!("/executions/{ended}/logs")).await,
            Kind::ListProjects => self.get("/projects").await,
            Kind::Project => self.get(&format!("/projects/{}", self.project)).await,
            Kind::Me => self.get("/me").await,
            Kind::Preview => {
                let schedule =
                    json!({"schedule": {"type": "cron", "expression": "0 2 * * 1-5"}, "time_zone": "Europe/Brussels"});
                self.send(Method::POST, "/schedules/preview", Some(schedule)).await.map(drop)
            }
            Kind::RunNow => self.run(workflow).await,
            Kind::Cancel => match self.waiting.take() {
                Some(waiting) => {
                    self.send(Method::POST, &format!("/executions/{waiting}/cancel"), None).await.map(drop)
                }
                None => self.run(workflow).await,
            },
            Kind::Edit => self.edit().await,
            Kind::Pause => self.send(Method::POST, &format!("/workflows/{workflow}/pause"), None).await.map(drop),
            Kind::Resume => self.send(Method::POST, &format!("/workflows/{workflow}/resume"), None).await.map(drop),
            Kind::Create => {
                let draft = self.draft(&format!("Made {number}"));
                self.made.put(id(&self.send(Method::POST, "/workflows", Some(draft)).await?)?);
                Ok(())
            }
            Kind::Delete => match self.made.take() {
                Some(made) => self.send(Method::DELETE, &format!("/workflows/{made}"), None).await.map(drop),
                None => self.get("/workflows?limit=1").await,
            },
        }
    }

    async fn run(&self, workflow: &str) -> Result<()> {
        let queued = self.send(Method::POST, &format!("/workflows/{workflow}/executions"), None).await?;
        self.waiting.put(id(&queued)?);
        Ok(())
    }

    /// Nobody pauses or resumes while it is edited: that does not raise the version.
    async fn edit(&self) -> Result<()> {
        let mut workflow = self.editable.take().ok_or("more edits at once than workflows to edit")?;
        workflow["retries"] = json!((workflow["retries"].as_u64().unwrap_or_default() + 1) % 4);
        let path = format!("/workflows/{}", id(&workflow)?);
        self.editable.put(self.send(Method::PUT, &path, Some(workflow)).await?);
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<()> {
        self.send(Method::GET, path, None).await.map(drop)
    }

    /// The answer, read whole; null for none.
    async fn send(&self, method: Method, path: &str, document: Option<Value>) -> Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.api));
        if let Some(document) = document {
            request = request.json(&document);
        }
        let answer = request.send().await?;
        let (status, body) = (answer.status(), answer.bytes().await?);
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&body)?) }
    }
}

fn id(of: &Value) -> Result<String> {
    Ok(of["id"].as_str().ok_or("it has an id")?.to_owned())
}
