//! Every setting: flags, then `MILLRACE_*`, then `millrace.toml`, then defaults.
//!
//! The only place that reads the environment and the settings file. One row of [`SETTINGS`] is a setting: its flag, its
//! variable, its line in the file and its line in `millrace config` all follow from it.

mod collector;
mod files;
mod listen;
mod machine;
mod mail;
mod provider;
mod resolved;
mod settings;
mod value;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Arg, Command};
use ipnet::IpNet;
use lettre::message::Mailbox;

pub use listen::{Auth, TlsFiles};
pub use mail::{MailServer, Tls};
pub use provider::{ProviderSettings, RoleRule};

use resolved::Resolved;
use settings::{SETTINGS, Setting};

use crate::{
    backup::{self, BackupOrder, RestoreOrder},
    cli,
    pipeline_command::{self, Machine, PipelineOrder},
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
    /// Use the engine without a server.
    Pipeline(PipelineOrder),
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
    /// Directories under which projects may read and write files of the server.
    pub files_roots: Vec<PathBuf>,
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
    /// Sources may lie at addresses of private networks.
    pub source_private: bool,
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
    let mut part = "";
    if let Some((inner, flags_of_inner)) = flags.subcommand() {
        (part, flags) = (inner, flags_of_inner);
    }
    let settings = Resolved::new(flags, &|name| std::env::var_os(name)?.into_string().ok())?;
    match name {
        "config" => Ok(Invocation::Config(settings.table())),
        "backup" => Ok(Invocation::Backup(BackupOrder::read(flags, settings.data()?))),
        "restore" => Ok(Invocation::Restore(RestoreOrder::read(flags, settings.data()?))),
        "pipeline" => {
            let machine = Machine {
                memory_bytes: settings.memory_bytes()?,
                threads: machine::cores(),
                files_roots: settings.files_roots(None)?,
                time_zone: settings.time_zone()?,
            };
            Ok(Invocation::Pipeline(PipelineOrder::read(part, flags, machine)))
        }
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
    // For commands that know few settings.
    let only = |names: &'static [&'static str]| {
        SETTINGS.iter().filter(move |setting| names.contains(&setting.name)).map(flag).chain([file.clone()])
    };
    let data = || only(&["data"]);
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
        .subcommand(token_command::command(data()))
        .subcommand(pipeline_command::command(only(&["memory", "files_roots", "time_zone"])));
    cli::augment(program)
}

#[cfg(test)]
mod tests;
