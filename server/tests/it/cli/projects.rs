//! Projects as files: exported, imported, the same again.

use std::path::Path;

use model::project::Project;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{command, millrace, run};
use crate::support::{TestServer, customers};

/// A place for files, with people.csv in it.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("people.csv"), customers(120)).expect("written");
    directory
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

async fn config(server: &TestServer, name: &str) -> Value {
    let list = server.get(&format!("/api/v1/projects?q={name}")).await.expect(200).json();
    let id = list["items"][0]["id"].as_str().expect("an id");
    server.get(&format!("/api/v1/projects/{id}")).await.expect(200).json()["config"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_project_is_imported_as_the_same() {
    let server = TestServer::start().await;
    let (directory, project) = (directory(), server.project_of("Customers", customers(120)).await);
    for ending in ["toml", "json"] {
        let file = directory.path().join(format!("customers.{ending}"));
        let wrote = millrace(&server, &["project", "export", "Customers", text(&file)]).await.expect(0);
        assert!(wrote.contains("has the configuration of “Customers”, version 3."), "{wrote}");
        let (copy, people) = (format!("Copy-{ending}"), directory.path().join("people.csv"));
        let arguments = ["project", "import", text(&file), "--name", &copy, "--data", text(&people), "--json"];
        let made: Project = serde_json::from_value(millrace(&server, &arguments).await.json()).expect("a project");
        assert_eq!((made.name.as_str(), made.files[0].name.as_str()), (copy.as_str(), "people.csv"));
        assert_eq!(config(&server, &copy).await, config(&server, "Customers").await);

        // And once more, the other way: the file is the same but for the name.
        let back = directory.path().join(format!("back.{ending}"));
        millrace(&server, &["project", "export", &made.id.to_string(), text(&back)]).await.expect(0);
        let [first, second] = [&file, &back].map(|path| std::fs::read_to_string(path).expect("a file"));
        assert_eq!(second.replacen(&copy, "Customers", 1), first);
        // It can be run at once.
        server.succeeds(server.workflow(&copy, made.id).await).await;
    }
    let piped = millrace(&server, &["project", "export", &project.to_string(), "-"]).await.expect(0);
    assert_eq!(piped, std::fs::read_to_string(directory.path().join("customers.toml")).expect("a file"));
    let piped = millrace(&server, &["project", "export", "Customers", "-", "--json"]).await.json();
    assert_eq!((&piped["name"], &piped["match"]), (&json!("Customers"), &config(&server, "Customers").await["match"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_exists_is_replaced_only_when_that_is_said() {
    let server = TestServer::start().await;
    let directory = directory();
    server.project_of("Customers", customers(120)).await;
    let file = directory.path().join("customers.toml");
    millrace(&server, &["project", "export", "Customers", text(&file)]).await.expect(0);
    let refusal = millrace(&server, &["project", "import", text(&file)]).await.refusal(1);
    assert!(refusal.contains("There is a project “Customers” already") && refusal.contains("--replace"), "{refusal}");

    let changed =
        std::fs::read_to_string(&file).expect("a file").replace("non_duplicates_and_master", "flag_duplicates");
    std::fs::write(&file, changed).expect("written");
    let replaced = millrace(&server, &["project", "import", text(&file), "--replace"]).await.expect(0);
    assert!(replaced.starts_with("Project “Customers” has a new configuration, version 4 ("), "{replaced}");
    assert_eq!(config(&server, "Customers").await["export"]["action"], "flag_duplicates");
    let list = millrace(&server, &["project", "list"]).await.expect(0);
    assert_eq!(list.lines().count(), 2, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_leaves_no_project() {
    let server = TestServer::start().await;
    let directory = directory();
    server.project_of("Customers", customers(120)).await;
    let good = directory.path().join("customers.json");
    millrace(&server, &["project", "export", "Customers", text(&good)]).await.expect(0);
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&good).expect("a file")).expect("JSON");
    let write = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut changed = document.clone();
        change(&mut changed);
        let path = directory.path().join(name);
        std::fs::write(&path, changed.to_string()).expect("written");
        path
    };
    let mistyped = write("mistyped.json", &|document| document["match"]["stratgy"] = json!("all"));
    let refused =
        write("refused.json", &|document| document["match"]["definitions"] = json!([{"name": "", "criteria": []}]));
    let people = directory.path().join("people.csv");
    let other = directory.path().join("other.csv");
    std::fs::write(&other, "a\n1\n").expect("written");
    for (arguments, reason) in [
        (vec![text(&mistyped)], "match.stratgy: unknown field `stratgy`"),
        (vec![text(&refused)], "Some of what was sent is not valid:\n  "),
        (vec![text(&good), "--data", text(&other)], "no source of the document reads “other.csv”"),
        (vec![text(&good), "--data", "nothing.csv"], "nothing.csv: No such file"),
        (vec![text(&people)], "its name says neither TOML nor JSON"),
    ] {
        let arguments = [&["project", "import"], arguments.as_slice(), &["--name", "New"]].concat();
        let refusal = millrace(&server, &arguments).await.refusal(1);
        assert!(refusal.contains(reason), "{reason} in {refusal}");
    }
    let projects = server.get("/api/v1/projects").await.json();
    assert_eq!(projects["items"].as_array().expect("a list").len(), 1, "{projects}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_comes_through_a_pipe() {
    let server = TestServer::start().await;
    server.project("Customers").await;
    for (form, name) in [("--json", "Second"), ("--limit", "Third")] {
        let mut export = vec!["project", "export", "Customers", "-"];
        export.extend((form == "--json").then_some(form));
        let document = millrace(&server, &export).await.expect(0);
        let path = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(path.path(), document).expect("written");
        let mut import = command(&server, &["project", "import", "-", "--name", name]);
        import.stdin(std::fs::File::open(path.path()).expect("a file"));
        let made = run(import).await.expect(0);
        assert!(made.starts_with(&format!("Project “{name}” is made")), "{made}");
    }
}
