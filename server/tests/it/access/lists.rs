//! Lists, pages, searches and downloads show what one may see: to someone with a role in one project, everything reads as
//! if there were no other.

use std::collections::BTreeMap;

use model::{ExecutionId, ProjectId, WorkflowId};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Client, TestServer, customers, draft,
    people::{Person, hangs_up, within},
};

/// A word of the other project's names, files, errors and recipients.
const FOREIGN: &str = "irkonia";

/// What there is in a project.
struct Home {
    project: ProjectId,
    workflow: WorkflowId,
    done: ExecutionId,
    failed: ExecutionId,
    /// A retry that waits for a week.
    queued: ExecutionId,
}

impl Home {
    /// With a run that succeeded, and two that failed: of one it was told, the other is tried again.
    async fn new(root: &Client, name: &str) -> Self {
        let file = format!("{name}.csv");
        let project = root.project(name).await;
        root.upload(project, &file, customers(40)).await.expect(201);
        root.suggest(project).await.expect(200);
        let schedule = json!({"type": "simple", "every": 7, "unit": "hours"});
        let mut document = draft(&format!("{name} at night"), project, schedule);
        document["retries"] = 1.into();
        document["retry_delays_s"] = json!([604_800]);
        document["notifications"] = json!({"emails": [format!("{name}@example.com")], "on_success": true});
        let workflow = created(root, document).await;
        let mut document = draft(&format!("{name} by day"), project, json!({"type": "on_demand"}));
        document["suspend_after"] = 1.into();
        let webhook = format!("{}/{name}", hangs_up().await);
        let recipients = json!({"emails": [format!("{name}@example.com")], "webhooks": [webhook], "on_failure": true});
        document["notifications"] = recipients;
        let by_day = created(root, document).await;
        let done = root.succeeds(workflow).await.id;
        root.upload(project, &file, "name,town,name\nAda,London,Lovelace\n").await.expect(201);
        let failed = root.ended(root.run_now(by_day).await.id).await;
        assert!(failed.error.unwrap().contains(&file));
        root.ended(root.run_now(workflow).await.id).await;
        root.undelivered(project).await;
        let queued =
            root.get(&format!("/api/v1/executions?status=queued&workflow={workflow}")).await.expect(200).json();
        let queued = queued["items"][0]["id"].as_str().expect("a retry").parse().unwrap();
        Self { project, workflow, done, failed: failed.id, queued }
    }

    fn ids(&self) -> [String; 5] {
        [
            self.project.to_string(),
            self.workflow.to_string(),
            self.done.to_string(),
            self.failed.to_string(),
            self.queued.to_string(),
        ]
    }
}

async fn created(root: &Client, workflow: Value) -> WorkflowId {
    let created = root.post("/api/v1/workflows", workflow).await.expect(201).json();
    created["id"].as_str().unwrap().parse().unwrap()
}

/// Everything that can be read, with what is in it of the own project, and asked for of the other by these ids.
fn views(own: &Home, foreign: &[String; 5]) -> Vec<String> {
    let Home { project, workflow, done, failed, queued } = own;
    let [their_project, their_workflow, their_done, their_failed, _] = foreign;
    let mut views = Vec::new();
    for list in [
        "/",
        "/workflows",
        "/workflows?state=active",
        "/workflows?outcome=failed",
        "/workflows?sort=last_run",
        "/workflows/new",
        "/executions",
        "/executions?status=failed",
        "/executions?status=queued",
        "/executions?view=timeline",
        "/projects",
        "/nowhere",
        "/api/v1/workflows",
        "/api/v1/executions",
        "/api/v1/executions?status=failed",
        "/api/v1/executions.csv",
        "/api/v1/projects",
        "/deliveries",
        "/deliveries?status=unknown",
        "/api/v1/deliveries",
        "/account",
        "/people",
        "/api/v1/tokens",
        "/api/v1/users",
        "/activity",
        "/api/v1/activity",
        "/api/v1/maintenance",
        "/api/v1/me",
        "/metrics",
    ] {
        views.push(list.to_owned());
    }
    // What is searched for is repeated in the page, so a word is looked for that is no trace.
    for search in
        ["/workflows?q=IRKON", "/executions?q=IRKON", "/executions?view=timeline&q=IRKON", "/projects?q=IRKON"]
    {
        views.push(search.to_owned());
        let of_api = search.replace("view=timeline&", "");
        views.push(format!("/api/v1{of_api}"));
    }
    views.push("/api/v1/executions.csv?q=IRKON".to_owned());
    for id in [workflow.to_string(), their_workflow.clone()] {
        for rest in [
            "",
            "?tab=history",
            "?tab=activity",
            "?tab=activity&show=runs",
            "?tab=configuration",
            "/edit",
            "/trigger-url",
        ] {
            views.push(format!("/workflows/{id}{rest}"));
        }
        for rest in ["", "/activity", "/trigger-url"] {
            views.push(format!("/api/v1/workflows/{id}{rest}"));
        }
        views.push(format!("/executions?workflow={id}"));
        views.push(format!("/api/v1/executions?workflow={id}"));
        views.push(format!("/api/v1/executions.csv?workflow={id}"));
    }
    for id in [done.to_string(), failed.to_string(), queued.to_string(), their_done.clone(), their_failed.clone()] {
        views.push(format!("/executions/{id}"));
        for rest in ["", "/logs", "/log.txt", "/outputs", "/deliveries", "/outputs/golden.csv"] {
            views.push(format!("/api/v1/executions/{id}{rest}"));
        }
    }
    for id in [project.to_string(), their_project.clone()] {
        for tab in ["results", "sources", "configuration", "activity"] {
            views.push(format!("/projects/{id}?tab={tab}"));
        }
        for rest in ["", "/activity", "/results/import", "/results/match"] {
            views.push(format!("/api/v1/projects/{id}{rest}"));
        }
        for list in ["/workflows", "/executions", "/deliveries"] {
            views.push(format!("{list}?project={id}"));
            views.push(format!("/api/v1{list}?project={id}"));
        }
        views.push(format!("/api/v1/executions.csv?project={id}"));
        views.push(format!("/workflows/new?project={id}"));
    }
    views
}

async fn look(client: &Client, view: &str) -> String {
    let request = client.request(Method::GET, view);
    let is_page = !view.starts_with("/api/");
    let answer = client.send(if is_page { request.header("accept", "text/html") } else { request }).await;
    assert!(!answer.status.is_server_error(), "{view}: {}", answer.text());
    format!("{}\n{}", answer.status, answer.text())
}

/// What an answer says, without what differs from one asking to the next: nonces, keys of clicks, numbers of events and
/// the time of day.
fn settled(text: &str) -> String {
    const VARYING: [(&str, char); 6] = [
        ("nonce=\"", '"'),
        ("'nonce-", '\''),
        ("name=\"key\" value=\"", '"'),
        ("data-after=\"", '"'),
        ("data-key=\"notice", '"'),
        ("name=\"from\" value=\"", '"'),
    ];
    let mut settled = text.to_owned();
    for (before, end) in VARYING {
        let mut pieces = settled.split(before);
        let mut without = pieces.next().unwrap().to_owned();
        for piece in pieces {
            without += before;
            without += piece.split_once(end).map_or(piece, |(_, rest)| rest);
        }
        settled = without;
    }
    settled
}

async fn all(client: &Client, views: &[String], foreign: &[String; 5]) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    for view in views {
        let mut text = settled(&look(client, view).await);
        let mut name = view.clone();
        for (place, id) in foreign.iter().enumerate() {
            // In links it is encoded.
            for written in [id.clone(), id.replace('-', "%2D")] {
                text = text.replace(&written, &format!("FOREIGN-{place}"));
            }
            name = name.replace(id, &format!("FOREIGN-{place}"));
        }
        seen.insert(name, text);
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_reads_as_if_there_were_no_other_project() {
    let (server, root) = TestServer::with_administrator().await;
    let own = Home::new(&root, "Customers").await;
    let vera = root.person(&server, "Vera", within(own.project, "editor")).await.client;
    // Ids of nothing, in place of those that are not there yet.
    let unknown = [1, 2, 3, 4, 5].map(|number| Uuid::from_u128(number).to_string());
    let before = all(&vera, &views(&own, &unknown), &unknown).await;

    let theirs = Home::new(&root, "Zirkonia").await.ids();
    let views = views(&own, &theirs);
    let after = all(&vera, &views, &theirs).await;
    // What tells of the present moment moves: the timeline, and the next times in the form.
    let moves = |view: &str| view.contains("view=timeline") || view.ends_with("/edit");
    for (view, text) in before.iter().filter(|(view, _)| !moves(view)) {
        assert_eq!(first_difference(text, &after[view]), None, "{view}");
    }
    // In so many words: nothing of it is there but what was asked for in the address.
    for view in &views {
        let text = look(&vera, view).await;
        assert!(!text.contains(FOREIGN), "{view}: {text}");
        for id in theirs.iter().filter(|id| !view.contains(id.as_str())) {
            assert!(!text.contains(id.as_str()), "{id} in {view}: {text}");
        }
    }
}

/// Where two texts part, with some of what is there.
fn first_difference(one: &str, other: &str) -> Option<String> {
    let place = one.bytes().zip(other.bytes()).position(|(one, other)| one != other);
    let place = place.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))?;
    let around = |text: &str| {
        let bytes = &text.as_bytes()[place.saturating_sub(200)..(place + 200).min(text.len())];
        String::from_utf8_lossy(bytes).into_owned()
    };
    Some(format!("…{}…\nis now\n…{}…", around(one), around(other)))
}

/// A cookie names what this browser started; somebody else's execution can be written into it.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_told_nothing_of_executions_that_it_only_claims_to_have_started() {
    let (server, root) = TestServer::with_administrator().await;
    let theirs = Home::new(&root, "Zirkonia").await;
    let own = root.project("Customers").await;
    let answer = {
        root.person(&server, "Vera", within(own, "viewer")).await;
        server.sign_in("Vera", crate::support::people::PASSWORD).await
    };
    let session = crate::support::people::session_of(&answer).unwrap();
    let cookies = format!("millrace-session={session}; millrace-started-{}=1", theirs.done);
    let text = look(&server.showing("cookie", &cookies), "/").await;
    assert!(text.starts_with("200") && !text.contains(FOREIGN), "{text}");
}

/// A workflow that is moved takes along what it is to do, not what it ran on the other project.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_workflow_ran_on_another_project_stays_there() {
    let (server, root) = TestServer::with_administrator().await;
    let theirs = Home::new(&root, "Zirkonia").await;
    let own = root.project_of("Customers", customers(40)).await;
    let vera = root.person(&server, "Vera", within(own, "viewer")).await;
    let mut document = draft("At night", own, json!({"type": "on_demand"}));
    document["version"] = 1.into();
    let path = format!("/api/v1/workflows/{}", theirs.workflow);
    // While something of it waits, it would run on one project and be seen with the other.
    let refusal = root.put(&path, document.clone()).await.problem(409);
    assert!(refusal.contains("then move the workflow to another project"), "{refusal}");
    root.post(&format!("/api/v1/executions/{}/cancel", theirs.queued), json!({})).await.expect(202);
    root.put(&path, document).await.expect(200);

    check_moved(&vera, &theirs).await;
    // What it runs from now on is seen.
    let ran = root.succeeds(theirs.workflow).await.id.to_string();
    assert!(look(&vera.client, "/workflows").await.contains(&ran));
    check_moved(&vera, &theirs).await;
}

async fn check_moved(vera: &Person, theirs: &Home) {
    let workflow = theirs.workflow;
    for view in [
        "/".to_owned(),
        "/workflows".to_owned(),
        "/executions".to_owned(),
        "/executions?view=timeline".to_owned(),
        format!("/workflows/{workflow}"),
        format!("/api/v1/workflows/{workflow}"),
        format!("/api/v1/executions?workflow={workflow}"),
    ] {
        let text = look(&vera.client, &view).await;
        assert!(text.starts_with("200"), "{view}: {text}");
        for id in [theirs.done, theirs.failed, theirs.queued] {
            assert!(!text.contains(&id.to_string()), "{id} in {view}: {text}");
        }
        assert!(!text.contains(FOREIGN), "{view}: {text}");
    }
}

/// The API lists the same: how many there are is the length of the list.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_list_is_full_of_what_one_may_see() {
    let (server, root) = TestServer::with_administrator().await;
    let own = root.project_of("Customers", customers(40)).await;
    let foreign = root.project_of("Zirkonia", customers(40)).await;
    root.put("/api/v1/maintenance", json!({"on": true})).await.expect(200);
    for number in 0..6 {
        for (project, name) in [(own, "Own"), (foreign, "Zirkonia")] {
            let workflow = root.workflow(&format!("{name} {number}"), project).await;
            root.run_now(workflow).await;
        }
    }
    let vera = root.person(&server, "Vera", within(own, "viewer")).await.client;
    for list in ["workflows", "executions"] {
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let page = vera.get(&format!("/api/v1/{list}?limit=2{cursor}")).await.expect(200).json();
            let items = page["items"].as_array().unwrap().clone();
            assert!(items.iter().all(|item| item["project_id"] == json!(own)), "{items:?}");
            count += items.len();
            match &page["next_cursor"] {
                Value::String(next) => {
                    assert_eq!(items.len(), 2);
                    cursor = format!("&cursor={next}");
                }
                _ => break,
            }
        }
        assert_eq!(count, 6, "{list}");
    }
}
