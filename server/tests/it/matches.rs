//! What matching found, as programs read it, and what is decided about records by hand.

use model::{
    ProjectId,
    config::ProjectConfig,
    results::{BlockingEstimate, GroupInFull, MatchModel, MatchSummary, PairExplained},
    review::ReviewedRecord,
};
use serde_json::{Value, json};

use crate::support::{Client, TestServer, customers};

/// A project that has run, and the workflow that ran it.
async fn matched(server: &TestServer) -> (ProjectId, model::WorkflowId) {
    let project = server.project_of("Customers", customers(300)).await;
    let workflow = server.workflow("On demand", project).await;
    server.succeeds(workflow).await;
    (project, workflow)
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), path.to_owned());
    loop {
        let page = client.get(&next).await.expect(200).json();
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        let joint = if path.contains('?') { '&' } else { '?' };
        next = format!("{path}{joint}cursor={cursor}");
    }
}

fn texts<'a>(items: &'a [Value], field: &str) -> Vec<&'a str> {
    items.iter().map(|item| item[field].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_and_groups_are_listed_page_by_page() {
    let server = TestServer::start().await;
    let (project, _) = matched(&server).await;
    let path = format!("/api/v1/projects/{project}");
    let summary: MatchSummary = server.get(&format!("{path}/results/match")).await.expect(200).read();
    assert!(summary.groups > 3 && summary.matching_pairs > 3, "{summary:?}");

    let pairs = items(&server, &format!("{path}/pairs?limit=7")).await;
    assert_eq!(pairs.len() as u64, summary.matching_pairs);
    let order: Vec<(u64, u64)> = pairs
        .iter()
        .map(|pair| (pair["left"]["record"].as_u64().unwrap(), pair["right"]["record"].as_u64().unwrap()))
        .collect();
    assert!(order.is_sorted() && order.iter().all(|(left, right)| left < right), "{order:?}");
    let groups = items(&server, &format!("{path}/groups?limit=3")).await;
    assert_eq!(groups.len() as u64, summary.groups);
    let sizes: u64 = groups.iter().map(|group| group["size"].as_u64().unwrap()).sum();
    assert_eq!(sizes, summary.grouped_records);

    // What is narrowed down.
    let band = pairs[0]["band"].as_str().unwrap();
    let of_band = items(&server, &format!("{path}/pairs?band={band}")).await;
    assert!(!of_band.is_empty() && texts(&of_band, "band").iter().all(|each| *each == band));
    let text = pairs[0]["left"]["values"][2].as_str().unwrap();
    let with_text = items(&server, &format!("{path}/pairs?text={text}")).await;
    assert!(!with_text.is_empty() && with_text.len() < pairs.len());
    let nothing = server.get(&format!("{path}/groups?text=no+such+words")).await.expect(200).json();
    assert_eq!((&nothing["items"], &nothing["next_cursor"]), (&json!([]), &Value::Null));
    assert_eq!(items(&server, &format!("{path}/pairs?cursor={}", u64::MAX)).await, Vec::<Value>::new());

    // What cannot be asked.
    let refused = server.get(&format!("{path}/pairs?band=best")).await.expect(400).json();
    assert_eq!(refused["errors"][0]["field"], "band");
    server.get(&format!("{path}/groups?cursor=abc")).await.problem(400);
    server.get(&format!("{path}/groups?limit=0")).await.problem(400);
    server.get(&format!("{path}/groups?bnad=high")).await.problem(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_and_the_reasons_of_its_pairs_are_told() {
    let server = TestServer::start().await;
    let (project, _) = matched(&server).await;
    let path = format!("/api/v1/projects/{project}");
    let listed = items(&server, &format!("{path}/groups")).await;
    let number = listed[0]["group"].as_u64().unwrap();
    let group: GroupInFull = server.get(&format!("{path}/groups/{number}")).await.expect(200).read();
    assert_eq!(u64::from(group.group), number);
    assert!(group.size >= 2 && group.records.len() as u64 == group.size && !group.pairs.is_empty(), "{group:?}");
    assert!(group.records.iter().all(|record| record.values.len() == group.columns.len() && !record.id.is_empty()));

    let config: ProjectConfig = serde_json::from_value(server.get(&path).await.json()["config"].clone()).unwrap();
    let pair = &group.pairs[0];
    let explained: PairExplained =
        server.get(&format!("{path}/pairs/{}/{}", pair.right, pair.left)).await.expect(200).read();
    assert_eq!((explained.left.record, explained.right.record), (pair.left, pair.right));
    assert_eq!(explained.definitions.len(), config.matching.definitions.len() + config.matching.probabilistic.len());
    let surest = explained.definitions.iter().filter(|it| it.accepts).map(|it| it.score).fold(0.0, f64::max);
    assert!((surest - f64::from(pair.score)).abs() < 1e-3, "{surest} is not {}", pair.score);
    let models = server.get(&format!("{path}/models")).await.expect(200).json();
    let models: Vec<MatchModel> = serde_json::from_value(models["items"].clone()).unwrap();
    assert_eq!(models.len(), config.matching.probabilistic.len());
    assert!(models.iter().all(|model| !model.comparisons.is_empty()), "{models:?}");

    for nowhere in ["groups/0", "groups/x", "groups/99999999999", "pairs/0/0", "pairs/0/300", "pairs/0/x"] {
        server.get(&format!("{path}/{nowhere}")).await.problem(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_and_after_the_result_it_is_said_why_there_is_none() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(100)).await;
    let path = format!("/api/v1/projects/{project}");
    for nothing in ["pairs", "groups", "groups/1", "pairs/0/1", "models"] {
        server.get(&format!("{path}/{nothing}")).await.problem(404);
    }
    server.post(&format!("{path}/match/estimate"), json!({})).await.problem(404);
    server.succeeds(server.workflow("On demand", project).await).await;
    // Cleansed again, and not matched.
    let mut draft = crate::support::draft("Cleanse", project, json!({"type": "on_demand"}));
    draft["steps"] = json!(["import", "profile", "cleanse"]);
    let cleanse: model::workflow::Workflow = server.post("/api/v1/workflows", draft).await.expect(201).read();
    server.succeeds(cleanse.id).await;
    let problem = server.get(&format!("{path}/pairs")).await.problem(409);
    assert_eq!(problem, "the records have changed since Match ran; run Match again");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_is_estimated_before_it_is_run() {
    let server = TestServer::start().await;
    let (project, _) = matched(&server).await;
    let path = format!("/api/v1/projects/{project}");
    let stored: BlockingEstimate = server.post(&format!("{path}/match/estimate"), json!({})).await.expect(200).read();
    assert_eq!((stored.records, stored.refusal.as_deref()), (300, None));
    assert!(stored.pairs > 0 && !stored.keys.is_empty());
    assert_eq!(stored.keys.iter().map(|key| key.pairs_alone).sum::<u64>(), stored.pairs);

    // Other settings, which are not saved.
    let mut config = server.get(&path).await.json()["config"]["match"].clone();
    config["pairs_max"] = 10.into();
    config["blocking"] = json!([{"parts": [{"column": "last_name", "transform": "prefix", "length": 1}]}]);
    let tried: BlockingEstimate =
        server.post(&format!("{path}/match/estimate"), json!({"match": config})).await.expect(200).read();
    assert!(tried.pairs > 10 && tried.keys.len() == 1, "{tried:?}");
    assert!(tried.refusal.as_deref().is_some_and(|refusal| refusal.contains("last_name")), "{tried:?}");
    let block = &tried.keys[0].largest_blocks[0];
    assert!(block.records >= 2 && block.value.chars().count() == 1, "{block:?}");

    config["blocking"][0]["parts"][0]["column"] = "no_such_column".into();
    let refused = server.post(&format!("{path}/match/estimate"), json!({"match": config})).await.expect(422).json();
    assert!(refused["errors"][0]["field"].as_str().unwrap().starts_with("match.blocking[0]"), "{refused}");
    let temporary = std::fs::read_dir(server.data().join("tmp")).unwrap().count();
    assert_eq!(temporary, 0, "what the estimate needed meanwhile is gone");
}

/// What is decided holds for the records, not for the rows or the run.
#[tokio::test(flavor = "multi_thread")]
async fn decisions_survive_the_next_run_of_the_same_records() {
    let server = TestServer::start().await;
    let (project, workflow) = matched(&server).await;
    let path = format!("/api/v1/projects/{project}");
    let listed = items(&server, &format!("{path}/groups")).await;
    let number = listed[0]["group"].as_u64().unwrap();
    let group: GroupInFull = server.get(&format!("{path}/groups/{number}")).await.expect(200).read();
    let ids: Vec<&str> = group.records.iter().map(|record| record.id.as_str()).collect();
    let decide = async |records: Value| server.post(&format!("{path}/review"), json!({"records": records})).await;

    let answer = decide(json!([{"record": ids[0], "master": true, "selected": true}])).await.expect(200).json();
    assert_eq!((&answer["items"][0]["master"], &answer["items"][0]["not_duplicate"]), (&json!(true), &json!(false)));
    // A group has one master.
    decide(json!([{"record": ids[1], "master": true}])).await.expect(200);
    let kept = items(&server, &format!("{path}/review")).await;
    let kept: Vec<ReviewedRecord> = kept.into_iter().map(|item| serde_json::from_value(item).unwrap()).collect();
    let of = |id: &str| kept.iter().find(|record| record.record == id).unwrap();
    assert!(of(ids[1]).master && of(ids[0]).selected && !of(ids[0]).master, "{kept:?}");
    let both = decide(json!([{"record": ids[0], "master": true}, {"record": ids[1], "master": true}])).await;
    assert_eq!(both.expect(422).json()["errors"][0]["field"], "records[1].master");

    let unknown = decide(json!([{"record": "nobody", "selected": true}])).await.expect(422).json();
    assert_eq!(unknown["errors"][0]["field"], "records[0].record");
    decide(json!([{"record": "nobody", "selected": false}])).await.expect(200);
    decide(json!([])).await.problem(422);

    let entry = &server.get(&format!("{path}/activity")).await.json()["items"][0].clone();
    assert_eq!((&entry["kind"], &entry["records"]), (&json!("reviewed"), &json!(2)));

    // The same records in another order.
    let text = String::from_utf8(customers(300)).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let turned: Vec<&str> = rows.lines().rev().collect();
    let turned = format!("{header}\n{}\n", turned.join("\n"));
    server.upload(project, "people.csv", turned.into_bytes()).await.expect(201);
    server.succeeds(workflow).await;
    let after: GroupInFull = server.get(&format!("{path}/groups/{number}")).await.expect(200).read();
    let mut known: Vec<&str> = after.records.iter().map(|record| record.id.as_str()).collect();
    known.sort_unstable();
    let mut before = ids.clone();
    before.sort_unstable();
    assert_eq!(known, before, "the records of a group are known by the same ids");
    let masters = items(&server, &format!("{path}/review?flag=master")).await;
    assert_eq!(texts(&masters, "record"), [ids[1]]);
}
