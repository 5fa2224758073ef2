use model::project::Project;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestServer, customers};

/// Whether records are compared in one way or the other.
fn compares(project: &Project) -> bool {
    let matching = &project.config.matching;
    !matching.definitions.is_empty() || !matching.probabilistic.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_file_to_golden_records() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let path = format!("/api/v1/projects/{project}");
    server.upload(project, "people.csv", customers(300)).await.expect(201);
    let suggested: Project = server.suggest(project).await.expect(200).read();
    assert!(compares(&suggested));

    // The document that was read is sent back with a change.
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["export"]["action"] = json!("flag_duplicates");
    document["config"]["export"]["include_system_fields"] = json!(true);
    let saved: Project = server.put(&path, document.clone()).await.expect(200).read();
    assert_eq!(saved.version, suggested.version + 1);
    server.put(&path, document).await.problem(409);

    let execution = server.succeeds(server.workflow("On demand", project).await).await;
    let outputs = server.get(&format!("/api/v1/executions/{}/outputs", execution.id)).await.json();
    let name = outputs["items"][0]["name"].as_str().unwrap().to_owned();
    let file = server.get(&format!("/api/v1/executions/{}/outputs/{name}", execution.id)).await.expect(200);
    let text = String::from_utf8(file.body).unwrap();
    let header = text.lines().next().unwrap();
    assert!(header.starts_with("customer_number,first_name,last_name") && header.contains("_groupId"), "{header}");
    assert_eq!(text.lines().count(), 301);

    for step in ["import", "profile", "cleanse", "match", "merge", "export"] {
        let result = server.get(&format!("{path}/results/{step}")).await.expect(200).json();
        assert_eq!(result["step"], step);
        assert_eq!(result["execution"], json!(execution.id));
    }
    server.get(&format!("{path}/results/polish")).await.problem(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_same_name_takes_the_place_of_the_first() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let workflow = server.workflow("On demand", project).await;
    assert_eq!(server.succeeds(workflow).await.records, Some(50));
    let replaced: Project = server.upload(project, "people.csv", customers(80)).await.expect(201).read();
    assert_eq!((replaced.files.len(), replaced.config.sources.len()), (1, 1));
    assert_eq!(server.succeeds(workflow).await.records, Some(80));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_setting_is_refused_with_its_path() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(50)).await;
    let path = format!("/api/v1/projects/{project}");
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["match"]["stratgy"] = json!("all");
    let problem = server.put(&path, document).await.expect(422).json();
    assert!(problem["errors"][0]["field"].as_str().unwrap().starts_with("config.match"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_too_large_leaves_nothing() {
    let server = TestServer::with(|config| config.upload_max_bytes = 100_000).await;
    let project = server.project("Customers").await;
    // Announced, and not announced.
    server.upload(project, "people.csv", vec![b'x'; 200_000]).await.problem(413);
    let chunks = futures::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 10_000])));
    server.upload(project, "people.csv", reqwest::Body::wrap_stream(chunks)).await.problem(413);
    server.upload(project, "../../people.csv", vec![b'x'; 100]).await.expect(201);
    let read: Project = server.get(&format!("/api/v1/projects/{project}")).await.read();
    assert_eq!(read.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["people.csv"]);
    assert_eq!(std::fs::read_dir(server.data().join("tmp")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_names_its_file() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let path = format!("/api/v1/projects/{project}/files");
    server.send(server.request(Method::POST, &path).body("a,b\n1,2\n")).await.problem(400);
    server.upload(project, "..", "a,b\n1,2\n").await.problem(422);
}

/// The form as a browser sends it, and as the page's own code does, which shows how far the sending is.
#[tokio::test(flavor = "multi_thread")]
async fn a_submitted_form_becomes_a_project_that_is_ready_to_run() {
    let server = TestServer::start().await;
    let send = async |accept: &str, name: &str, file: &[u8]| {
        let mut body = format!(
            "--cut\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\n{name}\r\n--cut\r\ncontent-disposition: \
             form-data; name=\"file\"; filename=\"people.csv\"\r\ncontent-type: text/csv\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--cut--\r\n");
        let request = server.request(Method::POST, "/projects/upload").header("accept", accept);
        server.send(request.header("content-type", "multipart/form-data; boundary=cut").body(body)).await
    };
    let answer = send("text/html", "Clients", &customers(100)).await.expect(303);
    let id = answer.header("location").strip_prefix("/projects/").expect("the project's page").to_owned();
    let project: Project = server.get(&format!("/api/v1/projects/{id}")).await.expect(200).read();
    assert_eq!(project.name, "Clients");
    assert!(compares(&project));
    server.succeeds(server.workflow("On demand", project.id).await).await;

    // Without a name it is called like its file.
    let unnamed = send("*/*", "", &customers(100)).await.expect(201);
    let unnamed = unnamed.header("location").replace("/projects/", "/api/v1/projects/");
    assert_eq!(server.get(&unnamed).await.json()["name"], "people");

    // What cannot be used is said on the page that it came from, and leaves no project.
    let refused = send("text/html", "Empty", b"").await.expect(303);
    assert_eq!(refused.header("location"), "/projects/new?name=Empty");
    assert!(refused.header("set-cookie").starts_with("millrace-notice="), "{}", refused.header("set-cookie"));
    send("*/*", "Empty", b"").await.problem(409);
    let projects = server.get("/api/v1/projects").await.json();
    assert_eq!(projects["items"].as_array().unwrap().len(), 2, "{projects}");
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_are_listed_page_by_page_and_deleted() {
    let server = TestServer::start().await;
    for name in ["One", "Two", "Three"] {
        server.project(name).await;
    }
    let page = server.get("/api/v1/projects?limit=2").await.expect(200).json();
    let names = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&page), ["One", "Three"]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = server.get(&format!("/api/v1/projects?limit=2&cursor={cursor}")).await.expect(200).json();
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["Two".to_owned()], &json!(null)));
    let path = format!("/api/v1/projects/{}", rest["items"][0]["id"].as_str().unwrap());
    server.delete(&path).await.expect(204);
    server.get(&path).await.problem(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleansing_is_tried_before_it_is_saved() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let path = format!("/api/v1/projects/{project}");
    let preview = format!("{path}/cleanse/preview");
    server.upload(project, "people.csv", "name,born\nBOB,31.12.2020\nann,soon\n").await.expect(201);
    server.post(&preview, json!({})).await.problem(404);
    let steps =
        json!({"name": "Import", "project_id": project, "steps": ["import"], "schedule": {"type": "on_demand"}});
    let workflow: model::workflow::Workflow = server.post("/api/v1/workflows", steps).await.expect(201).read();
    server.succeeds(workflow.id).await;

    let operations = json!([
        {"column": "name", "operation": "dictionary", "file": "words.tsv"},
        {"column": "born", "operation": "date"},
        {"column": "name", "operation": "copy", "into": "alias"},
    ]);
    let refused = server.post(&preview, json!({"cleanse": {"operations": operations}})).await.expect(422).json();
    assert!(refused.to_string().contains("cleanse.operations[0].file"), "{refused}");
    server.post(&preview, json!({"rows": 0})).await.problem(422);

    // A file that an operation names as its dictionary is no source.
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["cleanse"]["operations"] = operations;
    server.put(&path, document).await.expect(200);
    let with_words: Project = server.upload(project, "words.tsv", "bob\tRobert\n").await.expect(201).read();
    assert_eq!((with_words.config.sources.len(), with_words.files.len()), (1, 2));

    let shown = server.post(&preview, json!({"source": "people", "rows": 5})).await.expect(200).json();
    assert_eq!(shown["columns"], json!(["name", "born", "alias"]));
    assert_eq!(shown["new_columns"], json!(["alias"]));
    assert_eq!(
        shown["rows"][0]["cells"],
        json!([
            {"before": "BOB", "after": "Robert", "changed": true},
            {"before": "31.12.2020", "after": "2020-12-31", "changed": true},
            {"after": "Robert", "changed": true},
        ])
    );
    assert_eq!(shown["rows"][1]["cells"][1], json!({"before": "soon", "changed": true}));
    assert_eq!(shown["operations"][1]["invalid"], 1);
    server.get(&format!("{path}/results/cleanse")).await.problem(404);

    let page = server.get(&format!("/projects/{project}?tab=configuration")).await.expect(200);
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("<del>BOB</del>") && page.contains("<ins>Robert</ins>"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_probabilistic_definition_compares_is_looked_at_before_it_is_saved() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let path = format!("/api/v1/projects/{project}");
    server.upload(project, "people.csv", "mail,name\nann@x.org,Ann\n").await.expect(201);
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["match"] = json!({
        "blocking": [{"parts": []}],
        "probabilistic": [{"name": "p", "threshold": 101.0, "comparisons": []}],
    });
    let refused = server.put(&path, document).await.expect(422).json();
    let fields: Vec<&str> = refused["errors"].as_array().unwrap().iter().filter_map(|e| e["field"].as_str()).collect();
    assert!(fields.contains(&"match.blocking[0].parts"), "{refused}");
    assert!(fields.iter().any(|field| field.starts_with("match.probabilistic[0]")), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_rules_are_tried_on_groups_before_they_are_saved() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let path = format!("/api/v1/projects/{project}");
    let preview = format!("{path}/merge/preview");
    let people = "mail,name\nann@x.org,Ann\nbob@x.org,Bob\nann@x.org,Anna\n";
    server.upload(project, "people.csv", people).await.expect(201);
    server.post(&preview, json!({})).await.problem(404);
    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["match"] = json!({
        "blocking": [{"parts": [{"column": "mail", "transform": "exact"}]}],
        "definitions": [{"name": "mail", "criteria": [{"column": "mail", "comparison": "exact"}]}],
    });
    server.put(&path, document).await.expect(200);
    let steps = json!(["import", "profile", "cleanse", "match"]);
    let steps = json!({"name": "Match", "project_id": project, "steps": steps, "schedule": {"type": "on_demand"}});
    let workflow: model::workflow::Workflow = server.post("/api/v1/workflows", steps).await.expect(201).read();
    server.succeeds(workflow.id).await;

    server.post(&preview, json!({"groups": 0})).await.problem(422);
    let nameless = json!({"master_rules": [{"column": "", "prefer": "longest"}]});
    let refused = server.post(&preview, json!({"merge": nameless})).await.expect(422).json();
    assert!(refused.to_string().contains("merge.master_rules[0].column"), "{refused}");

    let rules = json!({
        "master_rules": [{"column": "name", "prefer": "longest"}],
        "overwrite_rules": [{"column": "name", "take": "merge_all_values", "condition": "record_is_master"}],
    });
    let shown = server.post(&preview, json!({"merge": rules, "groups": 3})).await.expect(200).json();
    let groups = shown["groups"].as_array().unwrap();
    assert_eq!((groups.len(), &shown["columns"]), (1, &json!(["mail", "name"])));
    let records = groups[0]["records"].as_array().unwrap();
    let after = |place: usize| (records[place]["master"].as_bool().unwrap(), records[place]["after"][1].clone());
    assert_eq!((after(0), after(1)), ((false, json!("Ann")), (true, json!("Ann|Anna"))));
    assert_eq!(groups[0]["lineage"]["values"][1]["rule"], "overwrite rule 1: merge all values");
    server.get(&format!("{path}/results/merge")).await.problem(404);

    let mut document = server.get(&path).await.expect(200).json();
    document["config"]["merge"] = rules;
    server.put(&path, document).await.expect(200);
    let page = server.get(&format!("/projects/{project}?tab=configuration")).await.expect(200);
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("What merging does") && page.contains("<ins>Ann|Anna</ins>"), "{page}");
}
