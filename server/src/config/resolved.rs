//! Where each setting's value comes from, and whether it can be used.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::ArgMatches;

use super::{
    Config, ConfigError, LogFormat, TlsFiles, collector, files, listen, mail, provider,
    settings::{SETTINGS, Setting},
    value::{self, parse},
};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
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
pub(super) struct Resolved(Vec<(&'static str, String, Origin)>);

impl Resolved {
    pub(super) fn new(flags: &ArgMatches, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
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

    pub(super) fn table(&self) -> String {
        // Secrets are in no table that someone pastes somewhere.
        let rows: Vec<_> = self.0.iter().map(|(name, value, origin)| (name, shown(name, value), origin)).collect();
        let names = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let values = rows.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or(0);
        rows.iter().fold(String::new(), |mut table, (name, value, origin)| {
            writeln!(table, "{name:names$}  {value:values$}  {origin}").expect("a string takes all text");
            table
        })
    }

    pub(super) fn get<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let (_, value, origin) =
            self.0.iter().find(|(known, ..)| *known == name).expect("only names of SETTINGS are asked for");
        parse(value).map_err(|problem| ConfigError::Value {
            name,
            value: shown(name, value),
            origin: origin.to_string(),
            problem,
        })
    }

    pub(super) fn data(&self) -> Result<PathBuf, ConfigError> {
        self.get("data", |text| match text {
            "" => Err("name a directory".to_owned()),
            text => Ok(PathBuf::from(text)),
        })
    }

    pub(super) fn check(&self) -> Result<Config, ConfigError> {
        let auth = self.get("auth", listen::auth)?;
        let listen = self.get("listen", |text| listen::address(text, auth))?;
        let data = self.data()?;
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
            memory_bytes: self.memory_bytes()?,
            upload_max_bytes: self.get("upload_max", value::bytes_of_at_least(1))?,
            files_roots: self.files_roots(Some(&data))?,
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
            time_zone: self.time_zone()?,
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
            source_private: self.get("source_private", parse("true or false"))?,
        })
    }

    /// `data`: what they may not lead to, where there is one.
    pub(super) fn files_roots(&self, data: Option<&Path>) -> Result<Vec<PathBuf>, ConfigError> {
        self.get("files_roots", |text| files::roots(text, data))
    }

    pub(super) fn time_zone(&self) -> Result<String, ConfigError> {
        self.get("time_zone", parse("an IANA zone such as Europe/Brussels"))
    }

    pub(super) fn memory_bytes(&self) -> Result<u64, ConfigError> {
        self.get("memory", value::bytes_of_at_least(64 << 20))
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
