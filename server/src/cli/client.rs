//! Asks a server over HTTP, and says in words why it did not do what was asked.

use std::time::Duration;

use model::{ExecutionId, execution::LogLine};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Upgraded, Url, header, redirect};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::{client::generate_key, derive_accept_key},
        protocol::Role,
    },
};

use super::failure::{Failure, Problem, innermost};

/// The longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// The longest wait for an answer. Of what was sent with a file there is no such limit: it takes as long as it takes.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// The live feed of a server.
pub(super) type Socket = WebSocketStream<Upgraded>;

#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    /// As it was said, without a slash at its end.
    url: String,
    has_token: bool,
}

/// A document, as the API wrote it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) text: String,
    url: String,
}

impl Document {
    pub(super) fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        serde_json::from_str(&self.text)
            .map_err(|error| Failure::NotUnderstood { url: self.url.clone(), problem: error.to_string() })
    }
}

impl Client {
    /// A client of the server at `url`, known to it by `token`. Nothing is asked yet.
    pub(super) fn new(url: &str, token: Option<&str>) -> Result<Self, Failure> {
        let wrong = |problem: String| Failure::Url { url: url.to_owned(), problem };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(wrong("it begins with neither http:// nor https://".to_owned()));
        }
        let parsed: Url = url.parse().map_err(|error| wrong(innermost(&error)))?;
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong("it goes on after its path".to_owned()));
        }
        let mut headers = header::HeaderMap::new();
        if let Some(token) = token {
            let mut value: header::HeaderValue =
                format!("Bearer {token}").parse().map_err(|_| Failure::UnreadableToken)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("millrace/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(CONNECT_MAX)
            // What is sent to one address is not sent to another unasked, the token least of all.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| wrong(innermost(&error)))?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned(), has_token: token.is_some() })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Document, Failure> {
        self.ask(self.request(Method::GET, path).query(query)).await
    }

    /// Posts without a body.
    pub(super) async fn post(&self, path: &str) -> Result<Document, Failure> {
        self.ask(self.request(Method::POST, path)).await
    }

    pub(super) async fn post_json(&self, path: &str, body: &impl Serialize) -> Result<Document, Failure> {
        self.ask(self.request(Method::POST, path).json(body)).await
    }

    pub(super) async fn put_json(&self, path: &str, body: &impl Serialize) -> Result<Document, Failure> {
        self.ask(self.request(Method::PUT, path).json(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<(), Failure> {
        self.ask(self.request(Method::DELETE, path)).await.map(|_| ())
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.url))
    }

    /// Sends a request that is answered soon.
    pub(super) async fn ask(&self, request: RequestBuilder) -> Result<Document, Failure> {
        let answer = self.send(request.timeout(ANSWER_MAX)).await?;
        self.document(answer).await
    }

    /// Sends a request however long it takes.
    pub(super) async fn send_at_length(&self, request: RequestBuilder) -> Result<Document, Failure> {
        let answer = self.send(request).await?;
        self.document(answer).await
    }

    pub(super) async fn execution(&self, id: ExecutionId) -> Result<Document, Failure> {
        self.get(&format!("/executions/{id}"), &[]).await
    }

    /// The lines of an execution's log from index `first` on.
    pub(super) async fn log_lines(&self, id: ExecutionId, first: u64) -> Result<Vec<LogLine>, Failure> {
        #[derive(Deserialize)]
        struct Lines {
            items: Vec<LogLine>,
            next_cursor: Option<String>,
        }
        let (mut lines, mut cursor) = (Vec::new(), Some(first.to_string()));
        while let Some(from) = cursor.take() {
            let page = self.get(&format!("/executions/{id}/logs"), &[("cursor", from)]).await?;
            let page: Lines = page.read()?;
            lines.extend(page.items);
            cursor = page.next_cursor;
        }
        Ok(lines)
    }

    /// Opens the live feed (RFC 6455, section 4.1) over the same connections as everything else, so that certificates,
    /// proxies and the token are the same, too.
    pub(super) async fn open_feed(&self) -> Result<Socket, Failure> {
        let key = generate_key();
        let request = self
            .request(Method::GET, "/events")
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key);
        let no_feed = |status| Failure::NoFeed { url: self.url.clone(), status };
        let answer = match timeout(ANSWER_MAX, self.send(request)).await.map_err(|_| self.no_answer())? {
            // As an answer to any other request than for an upgrade, which did not get through.
            Err(Failure::Refused(problem)) if problem.status == StatusCode::BAD_REQUEST.as_u16() => {
                return Err(no_feed(StatusCode::BAD_REQUEST));
            }
            answer => answer?,
        };
        let accepts = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT).map(header::HeaderValue::as_bytes);
        if accepts != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(no_feed(answer.status()));
        }
        let upgraded = answer.upgrade().await.map_err(|error| self.unreachable(&error))?;
        Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await)
    }

    /// The answer, when it is not a refusal.
    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(answer);
        }
        if let Some(target) = answer.headers().get(header::LOCATION).filter(|_| status.is_redirection()) {
            let target = String::from_utf8_lossy(target.as_bytes()).into_owned();
            return Err(Failure::LedOn { url: self.url.clone(), target });
        }
        if status == StatusCode::UNAUTHORIZED {
            let url = self.url.clone();
            return Err(if self.has_token { Failure::BadToken { url } } else { Failure::NoToken { url } });
        }
        match answer.json::<Problem>().await {
            Ok(problem) => Err(Failure::Refused(problem)),
            Err(_) => Err(self.is_not_millrace(status)),
        }
    }

    async fn document(&self, answer: Response) -> Result<Document, Failure> {
        let status = answer.status();
        let is_json = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        let text = answer.text().await.map_err(|error| self.unreachable(&error))?;
        if !is_json && status != StatusCode::NO_CONTENT {
            return Err(self.is_not_millrace(status));
        }
        Ok(Document { text, url: self.url.clone() })
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() && !error.is_connect() {
            return self.no_answer();
        }
        Failure::Unreachable { url: self.url.clone(), cause: innermost(error) }
    }

    fn no_answer(&self) -> Failure {
        Failure::NoAnswer { url: self.url.clone(), seconds: ANSWER_MAX.as_secs() }
    }

    fn is_not_millrace(&self, status: StatusCode) -> Failure {
        Failure::NotMillrace { url: self.url.clone(), status }
    }

    pub(super) fn not_understood(&self, problem: impl std::fmt::Display) -> Failure {
        Failure::NotUnderstood { url: self.url.clone(), problem: problem.to_string() }
    }
}
