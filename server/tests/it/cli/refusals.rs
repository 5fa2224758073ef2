//! What cannot be done, and what the program says of it.

use ::server::config::Auth;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect},
};
use expect_test::{Expect, expect};
use tokio::net::TcpListener;

use super::{command, millrace, run};
use crate::support::{Client, TestServer};

/// Nobody listens there any more.
async fn nobody() -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    Client::new(format!("http://{}", listener.local_addr().expect("an address")))
}

/// Something that answers every request in one way.
async fn answering(router: Router) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let client = Client::new(format!("http://{}", listener.local_addr().expect("an address")));
    tokio::spawn(async move { axum::serve(listener, router).await });
    client
}

async fn check(client: &Client, arguments: &[&str], expected: Expect) {
    let refusal = millrace(client, arguments).await.refusal(1);
    expected.assert_eq(&refusal.replace(&client.base, "URL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_with_what_to_try() {
    let nobody = nobody().await;
    check(
        &nobody,
        &["workflow", "list"],
        expect![[r#"
        millrace: URL cannot be reached: Connection refused (os error 111).
        Is the server running, and is this its address? Another one is said with --url or MILLRACE_URL.
    "#]],
    )
    .await;
    let id = "01890000-0000-7000-8000-000000000000";
    let refusal = millrace(&nobody, &["execution", "follow", id]).await.refusal(1);
    assert!(refusal.contains("cannot be reached"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_is_refused_before_anything_is_sent() {
    let server = TestServer::start().await;
    check(&server, &["workflow", "list", "--url", "ftp://example.com"], expect![[r#"
        millrace: “ftp://example.com” is no address of a server: it begins with neither http:// nor https://. Say one such as https://millrace.example.com
    "#]]).await;
    check(&server, &["workflow", "list", "--url", "127.0.0.1:3000"], expect![[r#"
        millrace: “127.0.0.1:3000” is no address of a server: it begins with neither http:// nor https://. Say one such as https://millrace.example.com
    "#]]).await;
    check(
        &server,
        &["workflow", "list", "--token", "a\nb"],
        expect![[r#"
        millrace: The token cannot be sent: it holds what no token does, such as a line break.
    "#]],
    )
    .await;
    // A slash at the end is no mistake, and a token that nobody asks for neither.
    let address = format!("{}/", server.base);
    let arguments = ["project", "list", "--url", &address, "--token", "any"];
    assert_eq!(millrace(&server, &arguments).await.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_sign_in_a_token_opens_what_its_role_may_do() {
    let server = TestServer::with(|config| config.auth = Auth::SignIn).await;
    let data = server.data();
    let token = async |role: &str| -> String {
        let arguments = ["token", "create", "--json", "--role", role, "--data", data.to_str().expect("UTF-8")];
        millrace(&server, &arguments).await.json()["token"].as_str().expect("a token").to_owned()
    };
    check(
        &server,
        &["workflow", "list"],
        expect![[r#"
        millrace: URL asks for a token. Make one on its page /account, or on its machine with
          millrace token create --role operator --data DIR
        and hand it over in MILLRACE_TOKEN, or with --token.
    "#]],
    )
    .await;
    check(&server, &["workflow", "list", "--token", "secret"], expect![[r#"
        millrace: URL does not accept this token: it is mistyped, expired or revoked. Make a new one on its page /account, or on its machine with
          millrace token create --role operator --data DIR
        and hand it over in MILLRACE_TOKEN, or with --token.
    "#]]).await;
    let by_variable = async |token: &str, arguments: &[&str]| {
        let mut command = command(&server, arguments);
        command.env("MILLRACE_TOKEN", token);
        run(command).await
    };
    assert_eq!(by_variable("", &["workflow", "list"]).await.code, 1);
    let (viewer, editor) = (token("viewer").await, token("editor").await);
    assert_eq!(by_variable(&viewer, &["project", "list"]).await.code, 0);

    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("customers.toml");
    std::fs::write(&file, "name = \"Customers\"\n").expect("written");
    let import = ["project", "import", file.to_str().expect("UTF-8")];
    let refusal = by_variable(&viewer, &import).await.refusal(1);
    expect![[r#"
        millrace: Only an editor may do this.
    "#]]
    .assert_eq(&refusal);
    assert!(by_variable(&editor, &import).await.expect(0).starts_with("Project “Customers” is made, version 2 ("));
    // What was said on the command line counts more than the variable.
    assert_eq!(by_variable("secret", &["project", "list", "--token", &viewer]).await.expect(0).lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_sent_and_goes_to_nobody_else() {
    let open = answering(Router::new().fallback(async |request: axum::extract::Request| {
        let token = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match token {
            Some("Bearer secret") => {
                ([(header::CONTENT_TYPE, "application/json")], r#"{"items":[],"next_cursor":null}"#).into_response()
            }
            _ => StatusCode::UNAUTHORIZED.into_response(),
        }
    }))
    .await;
    assert_eq!(millrace(&open, &["workflow", "list", "--token", "secret"]).await.code, 0);
    let elsewhere = open.base.clone();
    let leading =
        answering(Router::new().fallback(async move || Redirect::permanent(&elsewhere).into_response())).await;
    let refusal = millrace(&leading, &["workflow", "list", "--token", "secret"]).await.refusal(1);
    assert_eq!(
        refusal,
        format!("millrace: {} leads on to {}. Say that address with --url or MILLRACE_URL.\n", leading.base, open.base)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_millrace_is_told() {
    let other = answering(Router::new().fallback(async || "hello")).await;
    check(&other, &["workflow", "list"], expect![[r#"
        millrace: URL answered 200 OK, and not as Millrace does. Is this the address of the server, without the path of a page?
    "#]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_the_api_are_sentences() {
    let server = TestServer::start().await;
    let project = server.project("Customers").await;
    let id = "01890000-0000-7000-8000-000000000000";
    check(
        &server,
        &["execution", "show", id],
        expect![[r#"
        millrace: There is no such execution. It may have been deleted.
    "#]],
    )
    .await;
    check(
        &server,
        &["execution", "follow", id],
        expect![[r#"
        millrace: There is no such execution. It may have been deleted.
    "#]],
    )
    .await;
    check(
        &server,
        &["execution", "list", "--from", "yesterday"],
        expect![[r#"
        millrace: The request cannot be read:
          from: “yesterday” cannot be used: “yesterday” is not an RFC 3339 time such as 2026-01-31T02:00:00Z
    "#]],
    )
    .await;
    check(
        &server,
        &["workflow", "run", "Nightly"],
        expect![[r#"
        millrace: There is no workflow “Nightly”. See them all with  millrace workflow list
    "#]],
    )
    .await;
    check(
        &server,
        &["project", "export", "customer", "-"],
        expect![[r#"
        millrace: There is no project “customer”. Did you mean “Customers”?
    "#]],
    )
    .await;
    check(
        &server,
        &["workflow", "list", "--project", "customer"],
        expect![[r#"
        millrace: There is no project “customer”. Did you mean “Customers”?
    "#]],
    )
    .await;
    let project = project.to_string();
    check(
        &server,
        &["project", "export", &project, "a.yaml"],
        expect![[r#"
        millrace: a.yaml: its name says neither TOML nor JSON. Let it end in .toml or .json
    "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_line_ends_with_2() {
    let nobody = nobody().await;
    for arguments in [
        &["execution", "show", "not-an-id"][..],
        &["execution", "list", "--status", "done"],
        &["workflow", "list", "--limit", "0"],
        &["workflow", "run", "x", "--from", "dream"],
        &["workflow"],
    ] {
        millrace(&nobody, arguments).await.refusal(2);
    }
}
