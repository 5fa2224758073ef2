//! People who sign in, tokens of programs, and someone who never gets what is sent to them.

use ::server::config::Auth;
use form_urlencoded::Serializer;
use model::{
    DeliveryId, ProjectId, TokenId, UserId,
    people::{Invitation, NewToken},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use super::{Answer, Client, TestServer};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Someone who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) client: Client,
}

impl TestServer {
    /// With sign-in, and with its first administrator. Webhooks may be called in the machine itself.
    pub(crate) async fn with_administrator() -> (Self, Client) {
        let server = Self::with(|config| {
            config.auth = Auth::SignIn;
            config.webhook_private = true;
        })
        .await;
        let administrator = server.welcome(&server.setup_path(), "Root").await;
        (server, administrator)
    }
}

/// The address of a receiver that hangs up before it says anything: nobody knows whether what was sent has arrived.
pub(crate) async fn hangs_up() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        loop {
            let (mut call, _) = listener.accept().await.expect("a call");
            let mut read = Vec::new();
            while !String::from_utf8_lossy(&read).contains("\"data\"") {
                assert!(call.read_buf(&mut read).await.expect("readable") > 0, "the call ended early");
            }
        }
    });
    address
}

/// The secret in the cookie that an answer sets; `None` when it sets none, or takes one back.
pub(crate) fn session_of(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let mut sessions = cookies.filter_map(|cookie| cookie.strip_prefix("millrace-session="));
    sessions.find_map(|cookie| cookie.split(';').next()).filter(|secret| !secret.is_empty()).map(str::to_owned)
}

impl Client {
    /// Posts a form as a browser does.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(Method::POST, path).header("accept", "text/html");
        self.send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.form("/sign-in", &[("name", name), ("password", password)]).await
    }

    /// Whoever has this session.
    pub(crate) fn with_session(&self, secret: &str) -> Self {
        self.showing("cookie", &format!("millrace-session={secret}"))
    }

    /// The session that the answer opened.
    #[track_caller]
    pub(crate) fn signed_in(&self, answer: Answer) -> Self {
        let answer = answer.expect(303);
        self.with_session(&session_of(&answer).unwrap_or_else(|| panic!("nobody is signed in: {:?}", answer.headers)))
    }

    pub(crate) fn with_token(&self, secret: &str) -> Self {
        self.showing("authorization", &format!("Bearer {secret}"))
    }

    /// Follows a one-time link.
    pub(crate) async fn welcome(&self, path: &str, name: &str) -> Self {
        self.signed_in(self.form(path, &[("name", name), ("password", PASSWORD)]).await)
    }

    /// Someone new with this access, invited by the administrator that this client is.
    pub(crate) async fn person(&self, anybody: &Client, name: &str, access: Value) -> Person {
        let draft = json!({"name": name, "access": access});
        let invitation: Invitation = self.post("/api/v1/users", draft).await.expect(201).read();
        let client = anybody.welcome(&invitation.link, name).await;
        Person { id: invitation.user.id, name: name.to_owned(), client }
    }

    /// What someone may do from now on.
    pub(crate) async fn change_person(&self, person: &Person, access: Value, disabled: bool) -> Answer {
        let draft = json!({"name": person.name, "access": access, "disabled": disabled});
        self.put(&format!("/api/v1/users/{}", person.id), draft).await
    }

    /// The first notification of a project that did not arrive, as soon as there is one.
    pub(crate) async fn undelivered(&self, project: ProjectId) -> DeliveryId {
        let mut feed = self.feed().await;
        loop {
            let listed = self.get(&format!("/api/v1/deliveries?project={project}")).await.expect(200).json();
            if let Some(delivery) = listed["items"].get(0) {
                return delivery["id"].as_str().unwrap().parse().unwrap();
            }
            feed.message().await;
        }
    }

    /// A token of whoever this client is, shown by `anybody`.
    pub(crate) async fn token(&self, anybody: &Client, draft: Value) -> (TokenId, Client) {
        let NewToken { token, details } = self.post("/api/v1/tokens", draft).await.expect(201).read();
        (details.id, anybody.with_token(&token))
    }
}

/// A role everywhere, in JSON.
pub(crate) fn everywhere(role: &str) -> Value {
    json!({"everywhere": role})
}

/// A role in one project.
pub(crate) fn within(project: impl ToString, role: &str) -> Value {
    json!({"everywhere": null, "projects": {project.to_string(): role}})
}
