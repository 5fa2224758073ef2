//! Starts everything in order, and stops it in the opposite order.

mod network;

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{Engine, EngineConfig, ExportSettings, ImportSettings};
use leptos::config::LeptosOptions;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    backend::{LocalBackend, Parts},
    cleaner::{Cleaner, Keep},
    clock::{SharedClock, SystemClock},
    config::{Config, ConfigError},
    demo,
    directory::{DataDirectory, DirectoryError, Lock},
    disk,
    executor::Setup,
    fetching,
    gate::{Gate, Provider, SessionTimes},
    live::Live,
    live_samples::LiveSamples,
    outbox::{Carriers, Mailer, Transport, Webhooks},
    roles::{Roles, Rules},
    router::router,
    runner::EngineRunner,
    schedule,
    serve::{Patience, serve},
    services::Services,
    signals::Signals,
    store::{Store, StoreError},
    telemetry::{self, Metrics},
    tls::{Tls, TlsError},
    vault::{KeyPlace, Vault},
};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the engine: {0}")]
    Engine(#[from] engine::Failure),
    #[error("{address} cannot be listened on: {source}. Stop what uses it, or choose another with --listen.")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the demo: {0}")]
    Demo(#[from] model::Error),
    #[error("the threads of the server: {0}")]
    Runtime(#[from] io::Error),
}

/// `millrace serve`: runs until it is asked to stop.
pub fn run(config: Config) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let telemetry = telemetry::start(&config);
        #[cfg(unix)]
        allow_open_files(config.connections_max);
        let started = Instant::now();
        let mut signals = Signals::listen()?;
        let public_url = config.public_url.clone();
        let server = Server::start(config).await?;
        tracing::info!(address = %server.address, ready_ms = started.elapsed().as_millis(), "serving");
        greet(&server, public_url.as_deref());
        signals.next().await;
        tracing::info!("stopping: running steps may finish, nothing new starts; once more stops at once");
        tokio::select! {
            () = server.stop() => {}
            // What was running is recovered at the next start, as after a crash.
            () = signals.next() => tracing::warn!("stopped at once"),
        }
        telemetry.stop().await;
        Ok(())
    })
}

/// Says where the pages are, and how the first one gets in.
fn greet(server: &Server, public_url: Option<&str>) {
    let pages = public_url.unwrap_or(&server.url);
    match &server.setup_path {
        Some(path) => println!(
            "\n  Millrace is at  {pages} — it has no administrator yet. Make yourself one with this link, once:\n\n  \
             {pages}{path}\n\n  Ctrl-C stops it.\n"
        ),
        None => println!("\n  Millrace is at  {pages}/workflows — click Run Now on a card.\n  Ctrl-C stops it.\n"),
    }
}

/// With whom people sign in besides passwords.
fn provider(config: &Config, address: SocketAddr, clock: SharedClock) -> Option<Provider> {
    let settings = config.provider.clone()?;
    Some(Provider::new(settings, &pages(config, address), clock))
}

/// Where people open the pages.
fn pages(config: &Config, address: SocketAddr) -> String {
    config.public_url.clone().unwrap_or_else(|| network::own_url(config, address))
}

/// What carries notifications.
fn carriers(config: &Config, address: SocketAddr, clock: SharedClock) -> Carriers {
    Carriers {
        mailer: config
            .mail_server
            .clone()
            .map(|server| Mailer::new(server, config.mail_from.clone(), Arc::clone(&clock))),
        webhooks: Webhooks::new(clock, config.webhook_secret.clone(), config.webhook_private),
        pages: pages(config, address),
    }
}

/// Raises the limit of open files as far as the connections need it and this process may: a connection is one, and usual
/// are 1,024 for all.
#[cfg(unix)]
fn allow_open_files(connections_max: usize) {
    /// The database, and the files of what runs.
    const OTHERS: u64 = 512;
    let needed = OTHERS.saturating_add(connections_max as u64);
    match rlimit::increase_nofile_limit(needed) {
        Ok(allowed) if allowed >= needed => {}
        Ok(allowed) => {
            tracing::warn!(allowed, needed, "fewer files may be open than connections_max needs: raise ulimit -n")
        }
        Err(error) => tracing::warn!(%error, needed, "the limit of open files stays as it is"),
    }
}

/// A server that runs.
pub struct Server {
    pub address: SocketAddr,
    /// Scheme and host, as this machine finds it.
    pub url: String,
    /// Path of the one-time link that makes the first administrator, while there is nobody.
    pub setup_path: Option<String>,
    stop: CancellationToken,
    roles: Roles,
    connections: JoinHandle<()>,
    shutdown_grace: Duration,
    /// Last, so that nobody else takes the directory before everything of this process has let go of it.
    _lock: Lock,
}

impl Server {
    /// Ready when it returns: what a process that died left is recovered, and the address answers.
    ///
    /// # Errors
    /// When the directory is in use, the database cannot be opened, the address is taken or the TLS certificate cannot be
    /// used. Nothing is left running.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::with_patience(config, Patience::default()).await
    }

    /// The same, with other limits to what a client may keep waiting.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn with_patience(config: Config, patience: Patience) -> Result<Self, StartError> {
        let directory = DataDirectory::open(&config.data)?;
        let lock = directory.lock()?;
        // Before the work of starting, so that a taken address is said at once.
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| StartError::Listen { address: config.listen, source })?;
        let address = listener.local_addr()?;
        let tls = match config.tls.clone() {
            Some(files) => Some(Tls::open(files).await?),
            None => None,
        };
        network::warn(&config, address);
        let clock: SharedClock = Arc::new(SystemClock);
        let transport: Arc<dyn Transport> = Arc::new(carriers(&config, address, Arc::clone(&clock)));
        let (parts, setup) = parts(&config, directory, Arc::clone(&clock), Arc::clone(&transport)).await?;
        let store = parts.store.clone();
        let backend = Arc::new(LocalBackend::new(parts));
        let keep =
            Keep { age: config.retention, newest: config.retention_executions, activity: config.retention_activity };
        let cleaner = Cleaner::new(setup.store.clone(), setup.clock.clone(), setup.directory.clone(), keep);
        setup.store.record_start(env!("CARGO_PKG_VERSION"), config.auth.as_str()).await?;
        let rules = Rules {
            start_within: config.start_within,
            disk_free_min_bytes: config.disk_free_min_bytes,
            disk_free: disk::free_space(setup.directory.root()),
            transport,
        };
        let roles = Roles::start(setup, rules).await?.with_retention(cleaner);
        backend.set_recovered();
        if config.demo {
            demo::seed(&backend).await?;
        }
        let times = SessionTimes { idle: config.session_idle, lasts: config.session_lasts };
        let gate = Gate::open(store, Arc::clone(&clock), config.auth, times).await?;
        let gate = Arc::new(gate.with_provider(provider(&config, address, Arc::clone(&clock))));
        let setup_path = gate.setup_path();
        let stop = CancellationToken::new();
        let metrics = Arc::new(Metrics::default());
        let services = Services {
            live: Live::start(Arc::clone(&backend), Arc::clone(&metrics), stop.clone()),
            backend,
            gate,
            metrics,
            upload_max_bytes: config.upload_max_bytes,
            leptos: LeptosOptions::builder().output_name("millrace").site_pkg_dir("pkg").build(),
        };
        let app = router(services, network::surroundings(&config, address, patience));
        if let Some(tls) = tls.clone() {
            tokio::spawn(tls.keep_current(clock, stop.clone()));
        }
        let url = network::own_url(&config, address);
        let listening = network::listening(&config, listener, tls, patience);
        let connections = tokio::spawn(serve(listening, app, stop.clone()));
        Ok(Self {
            address,
            url,
            setup_path,
            stop,
            roles,
            connections,
            shutdown_grace: config.shutdown_grace,
            _lock: lock,
        })
    }

    /// Starts nothing new, lets running steps finish within the grace period, then closes the connections.
    pub async fn stop(self) {
        self.roles.stop(self.shutdown_grace).await;
        self.stop.cancel();
        if let Err(error) = self.connections.await {
            tracing::error!(%error, "the connections did not end in good order");
        }
    }
}

/// What the backend and the executor work on.
async fn parts(
    config: &Config,
    directory: DataDirectory,
    clock: SharedClock,
    transport: Arc<dyn Transport>,
) -> Result<(Parts, Setup), StartError> {
    let engine = Engine::new(EngineConfig {
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: usize::try_from(config.memory_bytes).unwrap_or(usize::MAX),
        spill_directory: directory.spill(),
    })?;
    let engine = Arc::new(engine.with_databases(Arc::new(fetching::databases(config.source_private))));
    let store = Store::open(&directory.database(), Arc::clone(&clock), schedule::occurrences).await?;
    let place = match &config.secrets_key {
        Some(key) => KeyPlace::Setting(key.clone()),
        None => KeyPlace::File(directory.secrets_key()),
    };
    let vault = Arc::new(Vault::new(store.clone(), place));
    let samples = LiveSamples::default();
    let import = ImportSettings {
        roots: config.files_roots.clone(),
        client: Some(fetching::client(config.source_private)),
        file_servers: Some(fetching::file_servers(config.source_private)),
    };
    let setup = Setup {
        store: store.clone(),
        runner: Arc::new(EngineRunner {
            engine: Arc::clone(&engine),
            clock: Arc::clone(&clock),
            vault: Arc::clone(&vault),
            import: import.clone(),
        }),
        clock: Arc::clone(&clock),
        directory: directory.clone(),
        samples: samples.clone(),
        slots: config.max_running,
        export: ExportSettings {
            time_zone: schedule::zone_or_utc(&config.time_zone),
            roots: config.files_roots.clone(),
            client: import.client.clone(),
            ..ExportSettings::default()
        },
    };
    let parts = Parts {
        store,
        clock,
        directory,
        engine,
        import,
        samples,
        transport,
        vault,
        slots: config.max_running,
        default_time_zone: config.time_zone.clone(),
    };
    Ok((parts, setup))
}
