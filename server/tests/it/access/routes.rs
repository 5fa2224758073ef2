//! Every path of the router, asked by nobody, and by people and tokens with every role.
//!
//! The paths come from the router itself. What each may be used for is in `table.rs`, and a path that is not there fails
//! the test: whoever adds one has to say who may use it.

mod askers;
mod sent;
mod table;
mod targets;

use std::collections::BTreeSet;

use askers::Asker;
use reqwest::StatusCode;
use table::{Least, Row, TABLE, Tokens};
use targets::World;

use crate::support::{Answer, Client, TestServer};

#[test]
fn every_path_has_a_rule() {
    let served: BTreeSet<String> = ::server::router::routes().iter().map(ToString::to_string).collect();
    assert!(served.contains("POST /_fn/run_now") && served.contains("GET /workflows/{id}"), "{served:?}");
    let ruled: BTreeSet<String> = TABLE.iter().map(|row| row.route.to_owned()).collect();
    let new: Vec<&String> = served.difference(&ruled).collect();
    assert!(new.is_empty(), "add a row to server/tests/it/access/routes/table.rs that says who may use {new:?}");
    let gone: Vec<&String> = ruled.difference(&served).collect();
    assert!(gone.is_empty(), "take the rows of {gone:?} out of server/tests/it/access/routes/table.rs");
}

/// What `paths.rs` does not know, no test asks.
#[test]
fn no_path_is_registered_beside_the_list() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut beside = Vec::new();
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                // What tests serve is not what the server serves.
                folders.extend(Some(entry).filter(|folder| !folder.ends_with("tests") && !folder.ends_with("testing")));
            } else if entry.extension().is_some_and(|extension| extension == "rs") && !entry.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&entry).unwrap();
                let names = [".route(", ".route_service(", ".nest_service(", ".fallback_service("];
                let found = names.iter().map(|name| text.matches(name).count()).sum::<usize>();
                beside.extend(std::iter::repeat_n(entry.file_name().unwrap().to_owned(), found));
            }
        }
    }
    beside.sort();
    // In `router.rs`, pages that take their own form.
    assert_eq!(beside, ["paths.rs", "router.rs"], "register it with `Paths`, so that it is listed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_or_does_anything() {
    let (world, _) = World::new().await;
    let anybody = world.anybody();
    let strangers = [
        anybody.clone(),
        anybody.with_token("not-a-token"),
        anybody.with_session("not-a-session"),
        anybody.showing("authorization", "Basic cm9vdDpyb290"),
    ];
    for row in TABLE {
        for stranger in &strangers {
            let target = world.target(row).await;
            let answer = sent::send(stranger, row, &target).await;
            match row.least {
                Least::Open => assert_eq!(answer.status, row.gives, "{}", row.route),
                _ => check_refused(row.route, row.is_page(), answer),
            }
        }
    }
}

/// Also of what is not there: whether it is, is nobody's business.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_closed() {
    let (server, _) = TestServer::with_administrator().await;
    let get = |path: &'static str| server.request(reqwest::Method::GET, path);
    for path in
        ["/api/v1", "/api/v1/", "/api/v1/nowhere", "/api/v1/workflows/x/y", "/_fn/nowhere", "/nowhere", "/metrics/"]
    {
        check_refused(path, false, server.send(get(path)).await);
        let patch = server.request(reqwest::Method::PATCH, path);
        check_refused(path, false, server.send(patch).await);
    }
    for path in ["/nowhere", "/workflows/", "/sign-inside", "/pkg"] {
        check_refused(path, true, server.send(get(path).header("accept", "text/html")).await);
    }
}

/// A path below one that is open to everybody shows the page that says that there is nothing, and needs nobody's eyes.
#[tokio::test(flavor = "multi_thread")]
async fn below_what_is_open_there_is_nothing() {
    let (world, _) = World::new().await;
    let workflow = world.workflow;
    for path in [
        "/sign-in/nowhere".to_owned(),
        "/welcome/x/y".to_owned(),
        "/trigger/x".to_owned(),
        "/pkg/x/y".to_owned(),
        format!("/sign-in/../workflows/{workflow}"),
        format!("/sign-in/%2e%2e/workflows/{workflow}"),
        format!("/welcome/..%2fworkflows%2f{workflow}"),
        format!("/pkg/..%2f..%2fworkflows%2f{workflow}"),
        format!("/pkg//workflows/{workflow}"),
        format!("//workflows/{workflow}"),
    ] {
        for accept in ["text/html", "*/*"] {
            let answer = sent::get_as_written(&world.server.base, &path, accept).await;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert!(["303", "400", "401", "404"].contains(&status), "{path}: {answer}");
            assert!(!answer.contains(targets::WORKFLOW), "{path}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_may_do_what_their_role_allows_and_nothing_else() {
    let (world, mut askers) = World::new().await;
    for row in TABLE {
        for asker in &mut askers {
            let allowed = row.least.allows(&asker.access, world.own);
            let session = match row.ends_the_session {
                true => world.signed_in_again(asker).await,
                false => asker.session.clone(),
            };
            check(&world, row, asker, &session, allowed).await;
            if row.ends_the_session {
                // It may have ended everywhere.
                asker.session = world.signed_in_again(asker).await;
            }
            let allowed = match row.tokens {
                Tokens::AsPeople => allowed,
                Tokens::Administrators => asker.access.everywhere == Some(model::Role::Administrator),
                Tokens::Never => false,
            };
            check(&world, row, asker, &asker.token, allowed).await;
        }
    }
}

async fn check(world: &World, row: &Row, asker: &Asker, client: &Client, allowed: bool) {
    let target = world.target(row).await;
    let answer = sent::send(client, row, &target).await;
    let said = format!("{} for {}: {} {}", row.route, asker.name, answer.status, answer.text());
    if allowed {
        assert_eq!(answer.status, row.gives, "{said}");
        assert!(!row.is_refused_inside(&answer), "{said}");
    } else if row.refuses_inside {
        assert!(row.is_refused_inside(&answer) || answer.status == 403, "{said}");
    } else {
        assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status), "{said}");
    }
    assert!(!answer.status.is_server_error(), "{said}");
}

/// A program is told to show who it is, a person is led to where they can.
#[track_caller]
fn check_refused(what: &str, is_page: bool, answer: Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    if is_page {
        assert_eq!(answer.status, 303, "{what}: {}", answer.text());
        assert!(answer.header("location").starts_with("/sign-in?next=%2F"), "{what}: {:?}", answer.headers);
        return;
    }
    assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
    assert_eq!(answer.problem(401), "Sign in, or send a token: Authorization: Bearer TOKEN.");
}
