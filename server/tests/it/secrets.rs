//! Secrets of a project, over HTTP, by the program, and in a backup.

use std::{path::Path, process::Stdio};

use model::{Role, activity::Activity, activity::ActivityKind, secret::KeptSecret};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Client, Process, TestServer, people::everywhere, process::command};

const VALUE: &str = "swordfish-swordfish-swordfish";

async fn names(client: &Client, project: impl std::fmt::Display) -> Vec<String> {
    let answer = client.get(&format!("/api/v1/projects/{project}/secrets")).await.expect(200);
    let kept: Vec<KeptSecret> = serde_json::from_value(answer.json()["items"].clone()).unwrap();
    kept.into_iter().map(|kept| kept.name).collect()
}

/// Whether the value lies in any file, as it is.
fn lies_in(directory: &Path) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return lies_in(&path);
        }
        std::fs::read(&path).unwrap().windows(VALUE.len()).any(|part| part == VALUE.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_set_and_removed_and_never_given_back() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", crate::support::customers(5)).await;
    let of = |name: &str| format!("/api/v1/projects/{project}/secrets/{name}");
    server.put(&of("crm-password"), json!({"value": VALUE})).await.expect(204);
    server.put(&of("crm-password"), json!({"value": VALUE})).await.expect(204);
    server.put(&of("s3.keys"), json!({"value": "a=b\nc=d"})).await.expect(204);
    assert_eq!(names(&server, project).await, ["crm-password", "s3.keys"]);
    for (name, value) in [("a b", json!("x")), ("crm", json!("")), ("crm", json!("x".repeat(20_000)))] {
        server.put(&of(&name.replace(' ', "%20")), json!({"value": value})).await.expect(422);
    }
    server.put(&of("crm"), json!({"value": "x", "more": 1})).await.expect(422);
    server.delete(&of("s3.keys")).await.expect(204);
    server.delete(&of("s3.keys")).await.expect(404);
    let nobody = "0192f0a1-7b3c-7def-8123-456789abcdef";
    server.put(&format!("/api/v1/projects/{nobody}/secrets/a"), json!({"value": "x"})).await.expect(404);
    server.get(&format!("/api/v1/projects/{nobody}/secrets")).await.expect(404);

    let log = server.get(&format!("/api/v1/projects/{project}/activity?subject=project")).await.expect(200);
    let entries: Vec<Activity> = serde_json::from_value(log.json()["items"].clone()).unwrap();
    let of_secrets =
        |what: &ActivityKind| matches!(what, ActivityKind::SecretKept { .. } | ActivityKind::SecretRemoved { .. });
    let what: Vec<ActivityKind> = entries.into_iter().map(|entry| entry.what).filter(of_secrets).collect();
    let kept = |secret: &str| ActivityKind::SecretKept { secret: secret.to_owned() };
    let removed = ActivityKind::SecretRemoved { secret: "s3.keys".to_owned() };
    assert_eq!(what, [removed, kept("s3.keys"), kept("crm-password"), kept("crm-password")]);
    for path in [
        "/api/v1/projects/{}",
        "/api/v1/projects/{}/secrets",
        "/api/v1/projects/{}/activity",
        "/projects/{}?tab=sources",
    ] {
        let text = server.get(&path.replace("{}", &project.to_string())).await.expect(200).text();
        assert!(!text.contains(VALUE), "{path}");
    }
    assert!(!lies_in(&server.data()));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_editors_see_that_there_are_secrets() {
    let (server, administrator) = TestServer::with_administrator().await;
    let project = administrator.project_of("Customers", crate::support::customers(5)).await;
    let path = format!("/api/v1/projects/{project}/secrets");
    administrator.put(&format!("{path}/crm"), json!({"value": VALUE})).await.expect(204);
    for role in [Role::Viewer, Role::Operator] {
        let person = administrator.person(&server, role.as_str(), everywhere(role.as_str())).await;
        person.client.get(&path).await.expect(403);
        person.client.put(&format!("{path}/crm"), json!({"value": "x"})).await.expect(403);
        person.client.delete(&format!("{path}/crm")).await.expect(403);
        let page = person.client.get(&format!("/projects/{project}?tab=sources")).await.expect(200).text();
        assert!(!page.contains("keep_secret"), "{role:?}");
    }
    let page = administrator.get(&format!("/projects/{project}?tab=sources")).await.expect(200).text();
    assert!(page.contains("keep_secret") && page.contains("crm"));
    // The page's own forms.
    let project = project.to_string();
    let fields = [("id", project.as_str()), ("name", "erp"), ("value", VALUE)];
    administrator.form("/_fn/keep_secret", &fields).await.expect(302);
    assert_eq!(names(&administrator, &project).await, ["crm", "erp"]);
    let page = administrator.get(&format!("/projects/{project}?tab=sources")).await.expect(200).text();
    assert!(page.contains("Remove secret erp") && !page.contains(VALUE));
    administrator.form("/_fn/remove_secret", &fields[..2]).await.expect(302);
    assert_eq!(names(&administrator, &project).await, ["crm"]);
}

/// Runs the program with a text on its standard input.
async fn millrace(args: &[&str], input: &str) -> (bool, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_millrace"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let said = child.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (said.status.success(), text(said.stdout), text(said.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_sets_them_from_its_input_and_a_backup_holds_them() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file, restored) =
        (directory.path().join("data"), directory.path().join("backup"), directory.path().join("restored"));
    let process = Process::start(&data, &[]).await;
    process.client.project_of("Customers", crate::support::customers(5)).await;
    let url = process.client.base.clone();
    let at = |args: &[&str]| -> Vec<String> {
        args.iter().map(|arg| (*arg).to_owned()).chain(["--url".to_owned(), url.clone()]).collect()
    };
    let run = async |args: &[&str], input: &str| {
        let args = at(args);
        millrace(&args.iter().map(String::as_str).collect::<Vec<_>>(), input).await
    };
    let (done, out, errors) = run(&["secret", "set", "Customers", "crm-password"], &format!("{VALUE}\n")).await;
    assert!(done && out.is_empty() && !errors.contains(VALUE), "{out} {errors}");
    assert!(!run(&["secret", "set", "Customers", "crm-password"], "").await.0);
    assert!(!run(&["secret", "set", "Customers", "not a name"], "x").await.0);
    let (_, list, _) = run(&["secret", "list", "Customers"], "").await;
    assert!(list.contains("crm-password") && !list.contains(VALUE), "{list}");
    let (_, list, _) = run(&["secret", "list", "Customers", "--json"], "").await;
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["items"][0]["name"], "crm-password");

    for more in [&[][..], &["--database-only"]] {
        let _ = std::fs::remove_file(&file);
        let _ = std::fs::remove_dir_all(&restored);
        let mut args = vec!["backup".as_ref(), file.as_os_str(), "--data".as_ref(), data.as_os_str()];
        args.extend(more.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
        let said = command(&args).await;
        assert!(said.done, "{said:?}");
        let said = command(&["restore".as_ref(), file.as_os_str(), "--data".as_ref(), restored.as_os_str()]).await;
        assert!(said.done, "{said:?}");
        let (key, before) = (restored.join("secrets.key"), data.join("secrets.key"));
        assert_eq!(std::fs::read(&key).unwrap(), std::fs::read(before).unwrap());
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(run(&["secret", "remove", "Customers", "crm-password"], "").await.0);
    assert!(!run(&["secret", "remove", "Customers", "crm-password"], "").await.0);
    process.stop().await;
}
