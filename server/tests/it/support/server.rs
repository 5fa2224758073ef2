//! The server in this process, on a free port and in a directory of its own.

use std::{ops::Deref, time::Duration};

use ::server::{
    config::{Auth, Config, LogFormat},
    serve::Patience,
    startup::Server,
};
use tempfile::TempDir;

use super::Client;

pub(crate) struct TestServer {
    client: Client,
    server: Server,
    directory: TempDir,
}

impl Deref for TestServer {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings than most tests want.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::launch(change, Patience::default()).await
    }

    /// With other limits to what a client may keep waiting.
    pub(crate) async fn patient(patience: Patience) -> Self {
        Self::launch(|_| {}, patience).await
    }

    pub(crate) async fn launch(change: impl FnOnce(&mut Config), patience: Patience) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut config = Config {
            listen: "127.0.0.1:0".parse().expect("an address"),
            auth: Auth::None,
            tls: None,
            trusted_proxies: Vec::new(),
            hosts: Vec::new(),
            session_idle: Duration::from_secs(43_200),
            session_lasts: Duration::from_secs(30 * 86_400),
            provider: None,
            data: directory.path().join("data"),
            demo: false,
            max_running: 2,
            memory_bytes: 512 << 20,
            upload_max_bytes: 64 << 20,
            files_roots: Vec::new(),
            retention: Duration::from_secs(90 * 86_400),
            retention_executions: 100,
            retention_activity: Duration::from_secs(730 * 86_400),
            shutdown_grace: Duration::from_secs(1),
            start_within: Some(Duration::from_secs(3600)),
            disk_free_min_bytes: 0,
            time_zone: "Europe/Brussels".to_owned(),
            log: "warn".to_owned(),
            log_format: LogFormat::Text,
            otlp_endpoint: None,
            connections_max: 100,
            connections_per_address: 100,
            mail_server: None,
            mail_from: "Millrace <millrace@example.com>".parse().expect("an address"),
            public_url: None,
            webhook_secret: None,
            webhook_private: false,
            source_private: false,
        };
        change(&mut config);
        ::server::telemetry::start(&config);
        let server = Server::with_patience(config, patience).await.expect("the server starts");
        Self { client: Client::new(server.url.clone()), server, directory }
    }

    /// Path of the link that makes the first administrator.
    pub(crate) fn setup_path(&self) -> String {
        self.server.setup_path.clone().expect("a server with sign-in and without people")
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    /// Stops in good order.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}
