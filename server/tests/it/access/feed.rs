//! The live feed shows what whoever follows it may see, for as long as they may.

use model::{
    ExecutionId, ProjectId, WorkflowId,
    event::{Change, Event, Sample, ServerMessage},
    execution::QueuePlace,
};
use serde_json::json;

use crate::support::{
    Client, Feed, TestServer, customers, draft,
    people::{PASSWORD, Person, everywhere, within},
};

/// Two projects, and someone who sees the first.
struct Scene {
    server: TestServer,
    root: Client,
    own: ProjectId,
    foreign: ProjectId,
    vera: Person,
}

impl Scene {
    async fn new() -> Self {
        let (server, root) = TestServer::with_administrator().await;
        let own = root.project_of("Customers", customers(40)).await;
        let foreign = root.project_of("Zirkonia", customers(40)).await;
        let vera = root.person(&server, "Vera", within(own, "viewer")).await;
        Self { server, root, own, foreign, vera }
    }

    async fn follow(client: &Client) -> Feed {
        let mut feed = Feed::open(client, json!({"watch": ["workflows"]})).await;
        feed.live().await;
        feed
    }

    /// Makes an event of a project, and gives the project's version after it.
    async fn touch(&self, project: ProjectId) -> i64 {
        let uploaded = self.root.upload(project, "people.csv", "name\nAnn\n").await.expect(201);
        uploaded.json()["version"].as_i64().unwrap()
    }

    async fn maintenance(&self, on: bool) {
        self.root.put("/api/v1/maintenance", json!({"on": on})).await.expect(200);
    }
}

/// Everything that came before the event of this project in this version, as it was sent.
async fn until_touched(feed: &mut Feed, project: ProjectId, version: i64) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let text = feed.next_text().await.expect("the feed is open");
        let message: ServerMessage = serde_json::from_str(&text).unwrap();
        if let ServerMessage::Event(Event { change: Change::Project { project_id, version: now }, .. }) = message
            && project_id == project
            && now == version
        {
            return seen;
        }
        seen.push(text);
    }
}

#[track_caller]
fn check_clean(seen: &[String], foreign: &[String]) {
    for text in seen {
        for trace in foreign {
            assert!(!text.contains(trace), "{trace} in {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_nothing_of_projects_that_one_may_not_see() {
    let scene = Scene::new().await;
    let Scene { root, own, foreign, vera, .. } = &scene;
    let mut feed = Scene::follow(&vera.client).await;
    // Everything that there is an event or a sample of: workflows, runs with progress and log, deliveries, the queue.
    let mut document = draft("Zirkonia at night", *foreign, json!({"type": "on_demand"}));
    document["notifications"] = json!({"emails": ["zirkonia@example.com"], "on_success": true, "on_failure": true});
    let workflow = root.post("/api/v1/workflows", document).await.expect(201).json();
    let workflow: WorkflowId = workflow["id"].as_str().unwrap().parse().unwrap();
    let done = root.succeeds(workflow).await.id;
    scene.maintenance(true).await;
    let queued = root.run_now(workflow).await.id;
    let mut topics = Feed::open(&vera.client, json!({"watch": [format!("execution:{queued}")]})).await;
    topics.live().await;
    root.post(&format!("/api/v1/executions/{queued}/cancel"), json!({})).await.expect(202);
    scene.maintenance(false).await;
    root.upload(*foreign, "people.csv", Vec::new()).await.expect(201);
    let failed = root.ended(root.run_now(workflow).await.id).await.id;
    root.delete(&format!("/api/v1/workflows/{workflow}")).await.expect(204);

    let ids = [foreign.to_string(), workflow.to_string(), done.to_string(), queued.to_string(), failed.to_string()];
    let traces = [ids.to_vec(), vec!["irkonia".to_owned()]].concat();
    let version = scene.touch(*own).await;
    check_clean(&until_touched(&mut feed, *own, version).await, &traces);
    // Nor to a page that comes back.
    let mut again = Feed::open(&vera.client, json!({"watch": ["workflows"], "after": 0})).await;
    check_clean(&until_touched(&mut again, *own, version).await, &traces);
    // Nor to one that asks for an execution by its id.
    let mut seen = Vec::new();
    let last = scene.touch(*own).await;
    while !seen.iter().any(|text: &String| text.contains("\"live\"")) {
        seen.push(topics.next_text().await.expect("the feed is open"));
    }
    until_touched(&mut again, *own, last).await;
    check_clean(&seen, &traces);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_shows_the_places_that_one_may_see() {
    let scene = Scene::new().await;
    let Scene { root, own, foreign, vera, .. } = &scene;
    let foreign_workflow = root.workflow("Zirkonia at night", *foreign).await;
    let own_workflow = root.workflow("Customers at night", *own).await;
    scene.maintenance(true).await;
    let mut feed = Scene::follow(&vera.client).await;
    for _ in 0..3 {
        root.run_now(foreign_workflow).await;
    }
    let own_execution = root.run_now(own_workflow).await.id;
    let mut seen = Vec::new();
    let places = loop {
        let text = feed.next_text().await.expect("the feed is open");
        seen.push(text.clone());
        if let ServerMessage::Sample(Sample::Queue { places, .. }) = serde_json::from_str(&text).unwrap()
            && !places.is_empty()
        {
            break places;
        }
    };
    assert_eq!(executions(&places), [own_execution]);
    check_clean(&seen, &[foreign.to_string(), foreign_workflow.to_string()]);
}

fn executions(places: &[QueuePlace]) -> Vec<ExecutionId> {
    places.iter().map(|place| place.execution).collect()
}

/// Also when nobody was there to hear of it, and when an older event of it is sent once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_was_moved_is_told_of_where_it_is_now() {
    let scene = Scene::new().await;
    let Scene { server, root, own, foreign, vera } = &scene;
    let fritz = root.person(server, "Fritz", within(foreign, "viewer")).await;
    let workflow = root.workflow("On the move", *foreign).await;
    scene.maintenance(true).await;
    let mut feed = Scene::follow(&fritz.client).await;
    let execution = root.run_now(workflow).await.id;
    assert_eq!(executions(&next_places(&mut feed).await), [execution]);
    drop(feed);
    root.post(&format!("/api/v1/executions/{execution}/cancel"), json!({})).await.expect(202);
    let mut document = draft("On the move", *own, json!({"type": "on_demand"}));
    document["version"] = 1.into();
    root.put(&format!("/api/v1/workflows/{workflow}"), document).await.expect(200);

    let replayed = json!({"watch": ["workflows"], "after": 0});
    let mut of_fritz = Feed::open(&fritz.client, replayed.clone()).await;
    of_fritz.live().await;
    let mut of_vera = Feed::open(&vera.client, replayed).await;
    of_vera.live().await;
    let execution = root.run_now(workflow).await.id;
    assert_eq!(executions(&next_places(&mut of_vera).await), [execution]);
    assert_eq!(executions(&next_places(&mut of_fritz).await), []);
}

async fn next_places(feed: &mut Feed) -> Vec<QueuePlace> {
    feed.until(|message| match message {
        ServerMessage::Sample(Sample::Queue { places, .. }) => Some(places),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_more_with_a_further_role_and_less_with_one_taken() {
    let scene = Scene::new().await;
    let Scene { root, own, foreign, vera, .. } = &scene;
    let both = json!({"everywhere": null, "projects": {own.to_string(): "viewer", foreign.to_string(): "viewer"}});
    let mut feed = Scene::follow(&vera.client).await;
    for _ in 0..20 {
        root.change_person(vera, both.clone(), false).await.expect(200);
        let version = scene.touch(*foreign).await;
        until_touched(&mut feed, *foreign, version).await;

        root.change_person(vera, within(own, "viewer"), false).await.expect(200);
        scene.touch(*foreign).await;
        let version = scene.touch(*own).await;
        let seen = until_touched(&mut feed, *own, version).await;
        check_clean(&seen, &[foreign.to_string()]);
        // The page is to be loaded again: it shows less.
        assert!(seen.iter().any(|text| text == r#"{"kind":"resync"}"#), "{seen:?}");
    }
}

/// Reads to the end, which must come.
async fn ended(mut feed: Feed) {
    while feed.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_the_session() {
    let scene = Scene::new().await;
    let Scene { server, root, own, .. } = &scene;
    let role = within(own, "viewer");
    let person = async |name: &str| {
        let person = root.person(server, name, role.clone()).await;
        let feed = Scene::follow(&person.client).await;
        (person, feed)
    };

    let (ann, feed) = person("Ann").await;
    ann.client.form("/sign-out", &[]).await.expect(303);
    ended(feed).await;

    let (ben, feed) = person("Ben").await;
    let fields = [("current", PASSWORD), ("password", "another long password")];
    let changed = ben.client.form("/account/password", &fields).await;
    let here = Scene::follow(&server.signed_in(changed)).await;
    ended(feed).await;
    drop(here);

    let (cid, feed) = person("Cid").await;
    root.change_person(&cid, role.clone(), true).await.expect(200);
    ended(feed).await;

    let (dan, feed) = person("Dan").await;
    root.change_person(&dan, json!({}), false).await.expect(200);
    ended(feed).await;

    let (eve, feed) = person("Eve").await;
    root.delete(&format!("/api/v1/users/{}", eve.id)).await.expect(204);
    ended(feed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_the_token_and_with_its_owner() {
    let scene = Scene::new().await;
    let Scene { server, root, .. } = &scene;
    let draft = json!({"name": "follow", "role": "viewer"});
    let (id, program) = root.token(server, draft.clone()).await;
    let feed = Scene::follow(&program).await;
    root.delete(&format!("/api/v1/tokens/{id}")).await.expect(204);
    ended(feed).await;

    let owner = root.person(server, "Owner", everywhere("viewer")).await;
    let (_, program) = owner.client.token(server, draft).await;
    let feed = Scene::follow(&program).await;
    root.change_person(&owner, everywhere("viewer"), true).await.expect(200);
    ended(feed).await;
}

/// Whoever waits for the end of an execution waits no longer than they may see it.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_ends_with_the_role() {
    let scene = Scene::new().await;
    let Scene { root, own, vera, .. } = &scene;
    let workflow = root.workflow("Customers at night", *own).await;
    scene.maintenance(true).await;
    let execution = root.run_now(workflow).await.id;
    let waiting = vera.client.clone();
    let path = format!("/api/v1/executions/{execution}?wait=60s");
    let wait = tokio::spawn(async move { waiting.get(&path).await });
    root.change_person(vera, json!({}), false).await.expect(200);
    // Whether it had begun to wait or not.
    let status = wait.await.unwrap().status.as_u16();
    assert!([403, 404].contains(&status), "{status}");
}
