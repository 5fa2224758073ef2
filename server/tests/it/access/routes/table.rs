//! Who may use each path. A new path needs a row here.

use model::{
    Access, ProjectId,
    Role::{self, Administrator, Editor, Operator, Viewer},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::targets::Target;
use crate::support::{Answer, draft, people::PASSWORD};
use Least::{Everywhere, Known, Open, Project, SomeRole, Somewhere};

/// The least that whoever asks needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Least {
    /// Nothing.
    Open,
    /// To be known.
    Known,
    /// Any role in any project.
    SomeRole,
    /// This role in any project.
    Somewhere(Role),
    /// This role for the whole server.
    Everywhere(Role),
    /// This role in the project that it is about.
    Project(Role),
}

impl Least {
    pub(super) fn allows(self, access: &Access, project: ProjectId) -> bool {
        let here = access.projects.get(&project).copied().max(access.everywhere);
        let best = access.projects.values().copied().max().max(access.everywhere);
        match self {
            Open | Known => true,
            SomeRole => best.is_some(),
            Somewhere(role) => best >= Some(role),
            Everywhere(role) => access.everywhere >= Some(role),
            Project(role) => here >= Some(role),
        }
    }
}

/// What a path is about: its `{id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    Nothing,
    Project,
    Workflow,
    Execution,
    Person,
    Token,
    Delivery,
}

/// Which tokens may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tokens {
    AsPeople,
    /// What people do with what is their own, and administrators with all.
    Administrators,
    Never,
}

pub(super) enum Sends {
    Nothing,
    Json(fn(&Target) -> Value),
    Form(fn(&Target) -> Vec<(&'static str, String)>),
    /// A file as the body.
    File,
    /// A form with a file.
    Parts(fn(&Target) -> Vec<(&'static str, String)>),
    Upgrade,
}

pub(super) struct Row {
    pub(super) route: &'static str,
    pub(super) on: On,
    pub(super) least: Least,
    pub(super) query: &'static str,
    pub(super) sends: Sends,
    /// The status for whoever may.
    pub(super) gives: u16,
    pub(super) tokens: Tokens,
    /// One request for several things: each of them is refused in an answer that is fine itself.
    pub(super) refuses_inside: bool,
    /// Whoever did it has to sign in again.
    pub(super) ends_the_session: bool,
}

const fn row(route: &'static str, on: On, least: Least) -> Row {
    let (query, sends, gives) = ("", Sends::Nothing, 200);
    let tokens = Tokens::AsPeople;
    Row { route, on, least, query, sends, gives, tokens, refuses_inside: false, ends_the_session: false }
}

impl Row {
    const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn sends(self, sends: Sends) -> Self {
        Self { sends, ..self }
    }

    const fn json(self, document: fn(&Target) -> Value) -> Self {
        self.sends(Sends::Json(document))
    }

    const fn form(self, fields: fn(&Target) -> Vec<(&'static str, String)>) -> Self {
        self.sends(Sends::Form(fields))
    }

    const fn gives(self, gives: u16) -> Self {
        Self { gives, ..self }
    }

    const fn tokens(self, tokens: Tokens) -> Self {
        Self { tokens, ..self }
    }

    const fn refuses_inside(self) -> Self {
        Self { refuses_inside: true, ..self }
    }

    const fn ends_the_session(self) -> Self {
        Self { ends_the_session: true, ..self }
    }

    pub(super) fn method(&self) -> Method {
        self.route.split_once(' ').unwrap().0.parse().unwrap()
    }

    pub(super) fn path(&self) -> &'static str {
        self.route.split_once(' ').unwrap().1
    }

    pub(super) fn reads(&self) -> bool {
        self.method() == Method::GET
    }

    /// A person's browser shows the answer; everything else is asked for by programs.
    pub(super) fn is_page(&self) -> bool {
        let programs = ["/api/v1/", "/_fn/", "/metrics", "/projects/upload"];
        !programs.iter().any(|path| self.path().starts_with(path))
    }

    pub(super) fn is_refused_inside(&self, answer: &Answer) -> bool {
        // A server function says it with the notice for the next page.
        let notice = answer.headers.get_all("set-cookie").iter().any(|cookie| {
            cookie.as_bytes().starts_with(b"millrace-notice=")
                && cookie.to_str().unwrap().contains("is_error%22%3Atrue")
        });
        let codes = ["\"code\":\"forbidden\"", "\"code\":\"not_found\""];
        self.refuses_inside && (notice || codes.iter().any(|code| answer.text().contains(code)))
    }
}

fn id(name: &'static str, target: &Target) -> Vec<(&'static str, String)> {
    vec![(name, target.id.clone())]
}

fn on_demand(target: &Target) -> Value {
    draft(&target.name, target.project, json!({"type": "on_demand"}))
}

/// The workflow form, to be saved.
fn workflow_form(target: &Target) -> Vec<(&'static str, String)> {
    let fields = [
        ("intent", "save"),
        ("name", &target.name),
        ("project_id", &target.project.to_string()),
        ("step", "import"),
        ("schedule", "on_demand"),
        ("time_zone", "UTC"),
        ("retries", "0"),
        ("suspend_after", "3"),
        ("missed", "catch_up"),
        ("timeout", "24"),
        ("version", "1"),
    ];
    fields.map(|(name, value)| (name, value.to_owned())).to_vec()
}

fn project_form(target: &Target) -> Vec<(&'static str, String)> {
    let document = &target.document;
    let name = document["name"].as_str().unwrap().to_owned();
    vec![("name", name), ("document", document["config"].to_string()), ("version", document["version"].to_string())]
}

pub(super) const TABLE: &[Row] = &[
    // The API
    row("GET /api/v1/workflows", On::Nothing, SomeRole),
    row("POST /api/v1/workflows", On::Nothing, Project(Editor)).json(on_demand).gives(201),
    row("GET /api/v1/workflows/{id}", On::Workflow, Project(Viewer)),
    row("PUT /api/v1/workflows/{id}", On::Workflow, Project(Editor)).json(|target| {
        let mut document = on_demand(target);
        document["version"] = 1.into();
        document
    }),
    row("DELETE /api/v1/workflows/{id}", On::Workflow, Project(Editor)).gives(204),
    row("POST /api/v1/workflows/{id}/pause", On::Workflow, Project(Operator)),
    row("POST /api/v1/workflows/{id}/resume", On::Workflow, Project(Operator)),
    row("POST /api/v1/workflows/{id}/duplicate", On::Workflow, Project(Editor)).gives(201),
    row("GET /api/v1/workflows/{id}/activity", On::Workflow, Project(Viewer)),
    row("POST /api/v1/workflows/bulk", On::Workflow, Project(Operator))
        .json(|target| json!({"action": "pause", "workflows": [target.id]}))
        .refuses_inside(),
    row("POST /api/v1/workflows/{id}/executions", On::Workflow, Project(Operator)).gives(202),
    row("GET /api/v1/workflows/{id}/trigger-url", On::Workflow, Project(Viewer)),
    row("POST /api/v1/workflows/{id}/trigger-url", On::Workflow, Project(Editor)).gives(201),
    row("DELETE /api/v1/workflows/{id}/trigger-url", On::Workflow, Project(Editor)).gives(204),
    row("GET /api/v1/executions", On::Nothing, SomeRole),
    row("GET /api/v1/executions.csv", On::Nothing, SomeRole),
    row("GET /api/v1/executions/{id}", On::Execution, Project(Viewer)),
    row("POST /api/v1/executions/{id}/cancel", On::Execution, Project(Operator)).gives(202),
    row("GET /api/v1/executions/{id}/logs", On::Execution, Project(Viewer)),
    row("GET /api/v1/executions/{id}/log.txt", On::Execution, Project(Viewer)),
    row("GET /api/v1/executions/{id}/outputs", On::Execution, Project(Viewer)),
    row("GET /api/v1/executions/{id}/outputs/{name}", On::Execution, Project(Viewer)),
    row("GET /api/v1/executions/{id}/deliveries", On::Execution, Project(Viewer)),
    row("GET /api/v1/me", On::Nothing, Known),
    row("GET /api/v1/users", On::Nothing, Everywhere(Administrator)),
    row("POST /api/v1/users", On::Nothing, Everywhere(Administrator))
        .json(|target| json!({"name": target.name}))
        .gives(201),
    row("GET /api/v1/users/{id}", On::Person, Everywhere(Administrator)),
    row("PUT /api/v1/users/{id}", On::Person, Everywhere(Administrator)).json(|target| json!({"name": target.name})),
    row("DELETE /api/v1/users/{id}", On::Person, Everywhere(Administrator)).gives(204),
    row("POST /api/v1/users/{id}/invitation", On::Person, Everywhere(Administrator)),
    row("GET /api/v1/tokens", On::Nothing, Known).tokens(Tokens::Administrators),
    row("POST /api/v1/tokens", On::Nothing, SomeRole)
        .json(|target| json!({"name": target.name, "role": "viewer"}))
        .gives(201)
        .tokens(Tokens::Never),
    // Of somebody else.
    row("DELETE /api/v1/tokens/{id}", On::Token, Everywhere(Administrator)).gives(204),
    row("GET /api/v1/deliveries", On::Nothing, SomeRole),
    row("POST /api/v1/deliveries/{id}/resend", On::Delivery, Project(Operator)).gives(202),
    row("POST /api/v1/workflows/{id}/notifications/test", On::Workflow, Project(Editor))
        .json(|_| json!({"emails": ["ann@example.com"]})),
    row("GET /api/v1/activity", On::Nothing, Everywhere(Administrator)),
    row("GET /api/v1/maintenance", On::Nothing, SomeRole),
    row("PUT /api/v1/maintenance", On::Nothing, Everywhere(Administrator)).json(|_| json!({"on": true})),
    row("POST /api/v1/schedules/preview", On::Nothing, SomeRole).json(|_| json!({"schedule": {"type": "on_demand"}})),
    row("GET /api/v1/projects", On::Nothing, SomeRole),
    row("POST /api/v1/projects", On::Nothing, Everywhere(Editor))
        .json(|target| json!({"name": target.name}))
        .gives(201),
    row("GET /api/v1/projects/{id}", On::Project, Project(Viewer)),
    row("PUT /api/v1/projects/{id}", On::Project, Project(Editor)).json(|target| {
        let document = &target.document;
        json!({"name": document["name"], "config": document["config"], "version": document["version"]})
    }),
    // It is in use, which only whoever may delete it is told.
    row("DELETE /api/v1/projects/{id}", On::Project, Project(Editor)).gives(409),
    row("GET /api/v1/projects/{id}/activity", On::Project, Project(Viewer)),
    row("POST /api/v1/projects/{id}/suggest", On::Project, Project(Editor)),
    row("GET /api/v1/projects/{id}/secrets", On::Project, Project(Editor)),
    row("PUT /api/v1/projects/{id}/secrets/{name}", On::Project, Project(Editor))
        .json(|_| json!({"value": "hunter2"}))
        .gives(204),
    row("DELETE /api/v1/projects/{id}/secrets/{name}", On::Project, Project(Editor)).gives(204),
    row("POST /api/v1/projects/{id}/cleanse/preview", On::Project, Project(Viewer)).json(|_| json!({})),
    row("GET /api/v1/projects/{id}/pairs", On::Project, Project(Viewer)),
    row("GET /api/v1/projects/{id}/pairs/{left}/{right}", On::Project, Project(Viewer)),
    row("GET /api/v1/projects/{id}/groups", On::Project, Project(Viewer)),
    row("GET /api/v1/projects/{id}/groups/{group}", On::Project, Project(Viewer)),
    row("GET /api/v1/projects/{id}/models", On::Project, Project(Viewer)),
    row("POST /api/v1/projects/{id}/match/estimate", On::Project, Project(Viewer)).json(|_| json!({})),
    row("GET /api/v1/projects/{id}/review", On::Project, Project(Viewer)),
    row("POST /api/v1/projects/{id}/review", On::Project, Project(Editor))
        .json(|_| json!({"records": [{"record": "people/1", "selected": false}]})),
    row("POST /api/v1/projects/{id}/merge/preview", On::Project, Project(Viewer)).json(|_| json!({})),
    row("GET /api/v1/projects/{id}/results/{step}", On::Project, Project(Viewer)),
    row("POST /api/v1/projects/{id}/files", On::Project, Project(Editor))
        .query("?name=people.csv")
        .sends(Sends::File)
        .gives(201),
    row("GET /api/v1/events", On::Nothing, SomeRole).sends(Sends::Upgrade).gives(101),
    row("GET /api/v1/openapi.json", On::Nothing, Known),
    // What server functions do
    row("POST /_fn/run_now", On::Workflow, Project(Operator)).form(|target| id("workflow", target)),
    row("POST /_fn/cancel_execution", On::Execution, Project(Operator)).form(|target| id("id", target)),
    row("POST /_fn/resend_delivery", On::Delivery, Project(Operator)).form(|target| id("id", target)),
    // It has no recipients.
    row("POST /_fn/test_notifications", On::Workflow, Project(Editor)).form(|target| id("id", target)).gives(422),
    row("POST /_fn/set_maintenance", On::Nothing, Everywhere(Administrator)).form(|_| vec![("on", "true".to_owned())]),
    row("POST /_fn/look_at_news", On::Nothing, Known).form(|_| vec![("until", "2026-01-05T10:00:00Z".to_owned())]),
    row("POST /_fn/create_project", On::Nothing, Everywhere(Editor)).form(|target| vec![("name", target.name.clone())]),
    row("POST /_fn/suggest_project", On::Project, Project(Editor)).form(|target| id("id", target)),
    row("POST /_fn/keep_secret", On::Project, Project(Editor))
        .form(|target| vec![("id", target.id.clone()), ("name", "crm".to_owned()), ("value", "hunter2".to_owned())]),
    row("POST /_fn/remove_secret", On::Project, Project(Editor))
        .form(|target| vec![("id", target.id.clone()), ("name", "crm".to_owned())]),
    row("POST /_fn/delete_project", On::Project, Project(Editor)).form(|target| id("id", target)).gives(409),
    row("POST /_fn/run_project", On::Project, Project(Operator)).form(|target| id("id", target)),
    row("POST /_fn/review_record", On::Project, Project(Editor)).form(|target| {
        let flag = [("record", "people/1"), ("flag", "selected"), ("on", "false")];
        let flag = flag.map(|(name, value)| (name, value.to_owned()));
        id("id", target).into_iter().chain(flag).collect()
    }),
    row("POST /_fn/pause_workflow", On::Workflow, Project(Operator)).form(|target| id("id", target)),
    row("POST /_fn/resume_workflow", On::Workflow, Project(Operator)).form(|target| id("id", target)),
    row("POST /_fn/duplicate_workflow", On::Workflow, Project(Editor)).form(|target| id("id", target)),
    row("POST /_fn/delete_workflow", On::Workflow, Project(Editor)).form(|target| id("id", target)),
    row("POST /_fn/act_on_workflows", On::Workflow, Project(Operator))
        .form(|target| vec![("action", "pause".to_owned()), ("workflows[0]", target.id.clone())])
        .refuses_inside(),
    row("POST /_fn/delete_user", On::Person, Everywhere(Administrator)).form(|target| id("id", target)),
    row("POST /_fn/delete_token", On::Token, Everywhere(Administrator)).form(|target| id("id", target)),
    // None of theirs has this id.
    row("POST /_fn/end_session", On::Nothing, Known)
        .form(|_| vec![("id", uuid::Uuid::from_u128(7).to_string())])
        .gives(404)
        .tokens(Tokens::Never),
    row("POST /_fn/end_sessions", On::Nothing, Known).ends_the_session().tokens(Tokens::Never),
    row("POST /_fn/set_theme", On::Nothing, Open).form(|_| vec![("theme", "dark".to_owned())]),
    // Pages
    row("GET /", On::Nothing, SomeRole),
    row("GET /workflows", On::Nothing, SomeRole),
    row("GET /workflows/new", On::Nothing, Somewhere(Editor)),
    row("POST /workflows/new", On::Nothing, Project(Editor)).form(workflow_form).gives(302),
    row("GET /workflows/{id}", On::Workflow, Project(Viewer)),
    row("GET /workflows/{id}/edit", On::Workflow, Project(Editor)),
    row("POST /workflows/{id}/edit", On::Workflow, Project(Editor)).form(workflow_form).gives(302),
    row("GET /workflows/{id}/trigger-url", On::Workflow, Project(Viewer)),
    row("POST /workflows/{id}/trigger-url", On::Workflow, Project(Editor))
        .form(|_| vec![("intent", "create".to_owned())]),
    row("GET /executions", On::Nothing, SomeRole),
    row("GET /executions/{id}", On::Execution, Project(Viewer)),
    row("GET /deliveries", On::Nothing, SomeRole),
    row("GET /projects", On::Nothing, SomeRole),
    row("GET /projects/new", On::Nothing, Everywhere(Editor)),
    row("GET /projects/{id}", On::Project, Project(Viewer)),
    row("GET /projects/{id}/matches", On::Project, Project(Viewer)),
    row("GET /projects/{id}/groups/{group}", On::Project, Project(Viewer)),
    row("GET /projects/{id}/pairs/{left}/{right}", On::Project, Project(Viewer)),
    row("POST /projects/{id}", On::Project, Project(Editor)).query("?tab=configuration").form(project_form).gives(302),
    row("GET /api", On::Nothing, Known),
    row("GET /account", On::Nothing, Known).tokens(Tokens::Administrators),
    row("POST /account", On::Nothing, SomeRole)
        .form(|target| vec![("name", target.name.clone()), ("role", "viewer".to_owned())])
        .tokens(Tokens::Never),
    row("GET /activity", On::Nothing, Everywhere(Administrator)),
    row("GET /people", On::Nothing, Everywhere(Administrator)),
    row("POST /people", On::Nothing, Everywhere(Administrator)).form(|target| vec![("name", target.name.clone())]),
    row("GET /people/{id}", On::Person, Everywhere(Administrator)),
    row("POST /people/{id}", On::Person, Everywhere(Administrator)).form(|target| vec![("name", target.name.clone())]),
    row("POST /projects/upload", On::Nothing, Everywhere(Editor))
        .sends(Sends::Parts(|target| vec![("name", target.name.clone())]))
        .gives(201),
    row("POST /projects/upload", On::Project, Project(Editor))
        .sends(Sends::Parts(|target| id("project", target)))
        .gives(201),
    // What everybody may reach, and what those who watch the server do
    row("GET /healthz", On::Nothing, Open),
    row("GET /readyz", On::Nothing, Open),
    row("GET /metrics", On::Nothing, Everywhere(Viewer)),
    row("GET /pkg/{name}", On::Nothing, Open).gives(404),
    row("GET /favicon.ico", On::Nothing, Open),
    row("GET /favicon.svg", On::Nothing, Open),
    // The secret in the address decides.
    row("GET /trigger/{id}/{secret}", On::Workflow, Open).gives(404),
    row("POST /trigger/{id}/{secret}", On::Workflow, Open).gives(404),
    row("GET /welcome/{secret}", On::Nothing, Open).gives(404),
    row("POST /welcome/{secret}", On::Nothing, Open)
        .form(|target| vec![("name", target.name.clone()), ("password", "not of anybody".to_owned())])
        .gives(303),
    // In and out; wrong passwords at the end.
    row("POST /account/password", On::Nothing, Known)
        .form(|_| vec![("current", PASSWORD.to_owned()), ("password", PASSWORD.to_owned())])
        .ends_the_session()
        .gives(303),
    row("POST /sign-out", On::Nothing, Known).ends_the_session().gives(303),
    row("GET /sign-in", On::Nothing, Open),
    // There is no identity provider.
    row("GET /sign-in/provider", On::Nothing, Open).gives(404),
    row("GET /sign-in/callback", On::Nothing, Open).gives(404),
    row("POST /sign-in", On::Nothing, Open)
        .form(|target| vec![("name", target.name.clone()), ("password", "not of anybody".to_owned())])
        .gives(303),
];
