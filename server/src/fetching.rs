//! The client by which sources are fetched from the web and from buckets, and what speaks to file servers and databases. The
//! engine asks; this decides where that may lead.
//!
//! **Architecture invariant:** every address is looked at, the first and each that an answer sends one on to.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use engine::file_servers::FileServers;
use object_store::client::{HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService};
use reqwest::{
    Client,
    redirect::{Attempt, Policy},
};

use crate::{
    databases::{Hosts, SqlDatabases},
    file_servers::GuardedFileServers,
    outbox::address::Guard,
};

/// Until there is a connection. How long one waits for bytes is the engine's part.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Answers that send one on to another address, one after another.
const REDIRECTS_MAX: usize = 5;

/// A client that goes to addresses of private networks only when they are allowed.
pub(crate) fn client(private_allowed: bool) -> HttpClient {
    HttpClient::new(Guarded::new(Guard::of_sources(private_allowed)))
}

/// What speaks to SFTP and FTP servers, in private networks only when they are allowed.
pub(crate) fn file_servers(private_allowed: bool) -> Arc<dyn FileServers> {
    Arc::new(GuardedFileServers::new(Guard::of_sources(private_allowed)))
}

/// What speaks to databases, in private networks only when they are allowed.
pub(crate) fn databases(private_allowed: bool) -> SqlDatabases {
    // Then a host is connected to by its name, which some databases want to hear.
    if private_allowed { SqlDatabases::default() } else { SqlDatabases::guarded(Arc::new(Guard::of_databases(false))) }
}

#[async_trait]
impl Hosts for Guard {
    async fn allowed(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        self.addresses(host).await.map_err(|error| error.to_string())
    }
}

struct Guarded {
    client: Client,
    guard: Guard,
}

impl Guarded {
    fn new(guard: Guard) -> Self {
        let looking = guard.clone();
        let client = Client::builder()
            .redirect(Policy::custom(move |attempt| follow(&looking, attempt)))
            .no_proxy()
            .connect_timeout(CONNECT_MAX)
            .dns_resolver(Arc::new(guard.clone()))
            .user_agent(concat!("Millrace/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("the settings of the client are these");
        Self { client, guard }
    }
}

/// Whether to go on to where an answer leads. What was asked for in secret is not asked for openly.
fn follow(guard: &Guard, attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let refused = |attempt: Attempt<'_>, why: String| attempt.error(io::Error::other(why));
    if attempt.previous().len() > REDIRECTS_MAX {
        return refused(attempt, format!("it leads on to another address more than {REDIRECTS_MAX} times"));
    }
    let url = attempt.url();
    if !matches!(url.scheme(), "https" | "http") {
        return refused(attempt, "it leads on to an address that is none of the web".to_owned());
    }
    let was_secret = attempt.previous().last().is_some_and(|before| before.scheme() == "https");
    if was_secret && url.scheme() == "http" {
        return refused(attempt, "it leads on from https to http".to_owned());
    }
    match guard.check(url.as_str()) {
        Ok(_) => attempt.follow(),
        Err(why) => refused(attempt, why),
    }
}

impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpService for Guarded {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let refused = |why| HttpError::new(HttpErrorKind::Unknown, io::Error::other(why));
        self.guard.check(&request.uri().to_string()).map_err(refused)?;
        self.client.call(request).await
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use object_store::client::HttpRequestBody;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A server that answers each request by what `answer` makes of its path.
    async fn server(answer: fn(&str, SocketAddr) -> String) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default();
                let _ = stream.write_all(answer(path, at).as_bytes()).await;
            }
        });
        at
    }

    fn to(location: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    fn answer(path: &str, _at: SocketAddr) -> String {
        match path {
            "/file" => "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\na\n1\n".to_owned(),
            "/once" => to("/file"),
            "/inside" => to("http://169.254.169.254/latest"),
            "/file-scheme" => to("file:///etc/passwd"),
            _ => to("/round"),
        }
    }

    async fn ask(client: &HttpClient, url: &str) -> Result<String, String> {
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.uri_mut() = url.parse().unwrap();
        match client.execute(request).await {
            Ok(response) => Ok(String::from_utf8(response.into_body().bytes().await.unwrap().to_vec()).unwrap()),
            Err(error) => {
                let mut text = error.to_string();
                let mut cause = std::error::Error::source(&error);
                while let Some(error) = cause {
                    text = format!("{text}: {error}");
                    cause = error.source();
                }
                Err(text)
            }
        }
    }

    #[tokio::test]
    async fn ssrf_in_sources_private_networks_are_refused_unless_they_are_allowed() {
        let at = server(answer).await;
        for url in [format!("http://{at}/file"), format!("http://localhost:{}/file", at.port())] {
            let refused = ask(&client(false), &url).await.expect_err("refused");
            assert!(refused.contains("Such sources are allowed by the setting source_private = true."), "{refused}");
            assert_eq!(ask(&client(true), &url).await, Ok("a\n1\n".to_owned()));
        }
    }

    #[tokio::test]
    async fn ssrf_in_sources_answers_lead_on_only_to_what_may_be_asked() {
        let at = server(answer).await;
        // Only the address that the server leads on to is refused.
        let guard = Guard { refuses: |ip| !ip.is_loopback(), ..Guard::of_sources(true) };
        let client = HttpClient::new(Guarded::new(guard));
        assert_eq!(ask(&client, &format!("http://{at}/once")).await, Ok("a\n1\n".to_owned()));
        for (path, expected) in [("inside", "169.254.169.254 is in a private network"), ("round", "more than 5 times")]
        {
            let refused = ask(&client, &format!("http://{at}/{path}")).await.expect_err("refused");
            assert!(refused.contains(expected), "{path}: {refused}");
        }
        // What leads to a file is not followed: the answer stays one that leads on, and has nothing in it.
        assert_eq!(ask(&client, &format!("http://{at}/file-scheme")).await, Ok(String::new()));
    }
}
