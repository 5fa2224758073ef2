//! Every setting: flags, then `MILLRACE_*`, then `millrace.toml`, then defaults.
//!
//! The only place that reads the environment and the settings file. One row of [`SETTINGS`] is a setting: its flag, its
//! variable, its line in the file and its line in `millrace config` all follow from it.

mod collector;
mod listen;
mod machine;
mod mail;
mod provider;
mod settings;
mod value;

use std::{
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Arg, ArgMatches, Command};
use ipnet::IpNet;
use lettre::message::Mailbox;

pub use listen::{Auth, TlsFiles};
pub use mail::{MailServer, Tls};
pub use provider::{ProviderSettings, RoleRule};

use settings::{SETTINGS, Setting};
use value::parse;

use crate::{
    backup::{self, BackupOrder, RestoreOrder},
    cli,
    token_command::{self, NewServerToken},
};

/// What the program was asked to do.
#[derive(Debug)]
pub enum Invocation {
    Serve(Box<Config>),
    Backup(BackupOrder),
    Restore(RestoreOrder),
    /// Show the settings; the text is ready to print.
    Config(String),
    /// Make a token of the server.
    CreateToken(NewServerToken),
    /// Something of a server elsewhere.
    Remote(Box<cli::Remote>),
}

/// The settings of a server, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// `None` only where `listen` is a loopback address.
    pub auth: Auth,
    /// `None`: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Peers that are believed what they say of those they speak for.
    pub trusted_proxies: Vec<IpNet>,
    /// Names that the server answers to besides its own, with or without a port.
    pub hosts: Vec<String>,
    pub session_idle: Duration,
    pub session_lasts: Duration,
    /// With whom people may sign in besides passwords.
    pub provider: Option<ProviderSettings>,
    pub data: PathBuf,
    pub demo: bool,
    pub max_running: u32,
    pub memory_bytes: u64,
    pub upload_max_bytes: u64,
    pub retention: Duration,
    pub retention_executions: u32,
    pub retention_activity: Duration,
    pub shutdown_grace: Duration,
    /// The longest wait of a scheduled execution for its start that is not told; `None` = however long.
    pub start_within: Option<Duration>,
    /// 0 = no guard.
    pub disk_free_min_bytes: u64,
    /// IANA name; the scheduler checks it against its table.
    pub time_zone: String,
    pub log: String,
    pub log_format: LogFormat,
    /// Where the collector of traces is, without the path of a signal.
    pub otlp_endpoint: Option<String>,
    pub connections_max: usize,
    pub connections_per_address: usize,
    pub mail_server: Option<MailServer>,
    pub mail_from: Mailbox,
    /// `None`: where it listens.
    pub public_url: Option<String>,
    pub webhook_secret: Option<String>,
    pub webhook_private: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Why the settings cannot be used. The text names the setting, where it came from and what it takes.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{name} = “{value}” (from {origin}): {problem}")]
    Value { name: &'static str, value: String, origin: String, problem: String },
    #[error("{}: {problem}", file.display())]
    File { file: PathBuf, problem: String },
}

/// Reads the command line of this process, its environment and the settings file. A wrong command line prints its
/// reason and ends the process, as `--help` does.
pub fn from_process() -> Result<Invocation, ConfigError> {
    let matches = command().get_matches();
    if let Some(remote) = cli::from_matches(&matches) {
        return Ok(Invocation::Remote(Box::new(remote)));
    }
    let (name, mut flags) = matches.subcommand().expect("clap asks for a command");
    if let Some(("create", create)) = flags.subcommand() {
        flags = create;
    }
    let settings = Resolved::new(flags, &|name| std::env::var_os(name)?.into_string().ok())?;
    match name {
        "config" => Ok(Invocation::Config(settings.table())),
        "backup" => Ok(Invocation::Backup(BackupOrder::read(flags, settings.data()?))),
        "restore" => Ok(Invocation::Restore(RestoreOrder::read(flags, settings.data()?))),
        "token" => Ok(Invocation::CreateToken(NewServerToken::read(flags, settings.data()?))),
        _ => settings.check().map(|config| Invocation::Serve(Box::new(config))),
    }
}

/// The whole command line.
pub fn command() -> Command {
    let file = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .help("Settings file [default: millrace.toml if it exists]");
    let flag = |setting: &Setting| {
        let arg = Arg::new(setting.name).long(setting.name.replace('_', "-")).help(setting.about);
        // A switch may be given without a value.
        if setting.name == "demo" {
            arg.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("BOOL")
        } else {
            arg.value_name("VALUE")
        }
    };
    let settings = |command: Command| command.arg(file.clone()).args(SETTINGS.iter().map(flag));
    // For commands that work on the data directory.
    let data = || SETTINGS.iter().filter(|setting| setting.name == "data").map(flag).chain([file.clone()]);
    let program = Command::new("millrace")
        .about("A workflow scheduler for data-matching pipelines")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(settings(Command::new("serve").about("Serve the pages, the API and the scheduler")))
        .subcommand(settings(
            Command::new("config").about("Print every setting with its value and where it comes from"),
        ))
        .subcommand(backup::command::backup(data()))
        .subcommand(backup::command::restore(data()))
        .subcommand(token_command::command(data()));
    cli::augment(program)
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Flag,
    Variable(String),
    File(PathBuf),
    Default,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Flag => f.write_str("the command line"),
            Origin::Variable(name) => f.write_str(name),
            Origin::File(path) => path.display().fmt(f),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// Every setting as text, in the order of [`SETTINGS`], with its origin.
#[derive(Debug)]
struct Resolved(Vec<(&'static str, String, Origin)>);

impl Resolved {
    fn new(flags: &ArgMatches, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        // A command that knows few settings has few flags.
        let flag = |name: &str| flags.try_get_one::<String>(name).ok().flatten().cloned();
        let named = flag("config").or_else(|| variable("MILLRACE_CONFIG"));
        let (path, must_exist) = match named {
            Some(name) => (PathBuf::from(name), true),
            None => (PathBuf::from("millrace.toml"), false),
        };
        let file = read_file(&path, must_exist)?;
        let resolve = |setting: &Setting| {
            let variable_name = format!("MILLRACE_{}", setting.name.to_uppercase());
            if let Some(value) = flag(setting.name) {
                (setting.name, value, Origin::Flag)
            } else if let Some(value) = variable(&variable_name) {
                (setting.name, value, Origin::Variable(variable_name))
            } else if let Some(value) = file.get(setting.name) {
                (setting.name, plain(value), Origin::File(path.clone()))
            } else {
                (setting.name, (setting.default)(), Origin::Default)
            }
        };
        Ok(Self(SETTINGS.iter().map(resolve).collect()))
    }

    fn table(&self) -> String {
        // Secrets are in no table that someone pastes somewhere.
        let rows: Vec<_> = self.0.iter().map(|(name, value, origin)| (name, shown(name, value), origin)).collect();
        let names = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let values = rows.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or(0);
        rows.iter().fold(String::new(), |mut table, (name, value, origin)| {
            writeln!(table, "{name:names$}  {value:values$}  {origin}").expect("a string takes all text");
            table
        })
    }

    fn get<T>(&self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<T, ConfigError> {
        let (_, value, origin) =
            self.0.iter().find(|(known, ..)| *known == name).expect("only names of SETTINGS are asked for");
        parse(value).map_err(|problem| ConfigError::Value {
            name,
            value: shown(name, value),
            origin: origin.to_string(),
            problem,
        })
    }

    fn data(&self) -> Result<PathBuf, ConfigError> {
        self.get("data", |text| match text {
            "" => Err("name a directory".to_owned()),
            text => Ok(PathBuf::from(text)),
        })
    }

    fn check(&self) -> Result<Config, ConfigError> {
        let auth = self.get("auth", listen::auth)?;
        let listen = self.get("listen", |text| listen::address(text, auth))?;
        Ok(Config {
            listen,
            auth,
            tls: self.tls()?,
            trusted_proxies: self.get("trusted_proxies", listen::networks)?,
            hosts: self.get("hosts", listen::hosts)?,
            provider: provider::read(self, auth, listen)?,
            session_idle: self
                .get("session_idle_min", value::at_least::<u32>(1))
                .map(|minutes| Duration::from_secs(u64::from(minutes) * 60))?,
            session_lasts: self
                .get("session_max_days", value::at_least::<u32>(1))
                .map(|days| Duration::from_secs(u64::from(days) * 86_400))?,
            data: self.data()?,
            demo: self.get("demo", parse("true or false"))?,
            max_running: self.get("max_running", value::at_least(1))?,
            memory_bytes: self.get("memory", value::bytes_of_at_least(64 << 20))?,
            upload_max_bytes: self.get("upload_max", value::bytes_of_at_least(1))?,
            retention: self
                .get("retention_days", value::at_least::<u32>(1))
                .map(|days| Duration::from_secs(u64::from(days) * 86_400))?,
            retention_executions: self.get("retention_executions", value::at_least(1))?,
            retention_activity: self
                .get("retention_activity_days", value::at_least::<u32>(1))
                .map(|days| Duration::from_secs(u64::from(days) * 86_400))?,
            shutdown_grace: self.get("shutdown_grace_s", parse("a number of seconds")).map(Duration::from_secs)?,
            start_within: self.get("start_within_s", parse("a number of seconds")).map(|seconds| match seconds {
                0 => None,
                seconds => Some(Duration::from_secs(seconds)),
            })?,
            disk_free_min_bytes: self.get("disk_free_min", value::bytes_of_at_least(0))?,
            time_zone: self.get("time_zone", parse("an IANA zone such as Europe/Brussels"))?,
            log: self.get("log", parse("a tracing filter"))?,
            log_format: self.get("log_format", |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err("say text or json".to_owned()),
            })?,
            otlp_endpoint: self.get("otlp_endpoint", collector::endpoint)?,
            connections_max: self.get("connections_max", value::at_least(1))?,
            connections_per_address: self.get("connections_per_address", value::at_least(1))?,
            mail_server: self.get("smtp", mail::server)?,
            mail_from: self.get("mail_from", |text| {
                text.parse()
                    .map_err(|error| format!("say an address such as Millrace <millrace@example.com> ({error})"))
            })?,
            public_url: self.get("public_url", listen::public_url)?,
            webhook_secret: self
                .get("webhook_secret", |text| Ok(Some(text.to_owned()).filter(|text| text != "none")))?,
            webhook_private: self.get("webhook_private", parse("true or false"))?,
        })
    }

    /// A certificate is of use with its key only.
    fn tls(&self) -> Result<Option<TlsFiles>, ConfigError> {
        let certificate = self.get("tls_certificate", listen::file)?;
        let key = self.get("tls_key", listen::file)?;
        let lacks = |name, other| {
            self.get(name, |_| {
                Err(format!("{other} is set, and one is of no use without the other: name the PEM file"))
            })
        };
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => lacks("tls_key", "tls_certificate"),
            (None, Some(_)) => lacks("tls_certificate", "tls_key"),
        }
    }
}

/// A value as it may be printed.
fn shown(name: &str, value: &str) -> String {
    match name {
        "webhook_secret" | "oidc_client_secret" if value != "none" => "…".to_owned(),
        "smtp" => mail::without_password(value),
        _ => value.to_owned(),
    }
}

fn read_file(path: &Path, must_exist: bool) -> Result<toml::Table, ConfigError> {
    let problem = |problem: String| ConfigError::File { file: path.to_owned(), problem };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => String::new(),
        Err(error) => return Err(problem(format!("cannot be read: {error}"))),
    };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| problem(error.to_string()))?;
    match table.keys().find(|key| SETTINGS.iter().all(|setting| setting.name != key.as_str())) {
        None => Ok(table),
        Some(unknown) => {
            let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
            Err(problem(format!("“{unknown}” is not a setting. There are: {}", known.join(", "))))
        }
    }
}

/// A value of the file as it would be written on the command line.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
