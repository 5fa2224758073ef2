//! The table of all settings.

use model::limits;

use super::{machine, value::Bytes};

/// One setting. Its name is the key in the file, the flag with `-` for `_`, and the variable in capitals.
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) default: fn() -> String,
}

fn none() -> String {
    "none".to_owned()
}

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "listen",
        about: "Address and port to serve on; port 0 takes a free one",
        default: || "127.0.0.1:3000".to_owned(),
    },
    Setting { name: "data", about: "Directory that holds everything", default: || "data".to_owned() },
    Setting { name: "demo", about: "Fill an empty data directory with a demo project", default: || "false".to_owned() },
    Setting {
        name: "auth",
        about: "Who may come in: sign-in, or none = everybody (on a loopback address only)",
        default: || "sign-in".to_owned(),
    },
    Setting {
        name: "session_idle_min",
        about: "Minutes without a request after which someone is signed out",
        default: || "720".to_owned(),
    },
    Setting {
        name: "session_max_days",
        about: "Days after which someone has to sign in again, whatever they do",
        default: || "30".to_owned(),
    },
    Setting {
        name: "tls_certificate",
        about: "PEM file of the certificate and its chain, for HTTPS; a changed file is taken up without a restart",
        default: || "none".to_owned(),
    },
    Setting { name: "tls_key", about: "PEM file of the certificate's key", default: || "none".to_owned() },
    Setting {
        name: "trusted_proxies",
        about: "Addresses and networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed",
        default: || "none".to_owned(),
    },
    Setting {
        name: "hosts",
        about: "Names that the server answers to besides its own address and that of public_url, such as millrace.example.com",
        default: || "none".to_owned(),
    },
    Setting {
        name: "oidc_issuer",
        about: "OpenID Connect provider with which people may sign in, such as https://login.example.com/realms/main",
        default: none,
    },
    Setting { name: "oidc_client_id", about: "What the provider calls this server", default: none },
    Setting {
        name: "oidc_client_secret",
        about: "Secret that the provider gave together with oidc_client_id; none for a public client",
        default: none,
    },
    Setting {
        name: "oidc_name",
        about: "What the sign-in page calls the provider; auto is its host",
        default: || "auto".to_owned(),
    },
    Setting {
        name: "oidc_scopes",
        about: "What the provider is asked for besides openid",
        default: || "profile email".to_owned(),
    },
    Setting {
        name: "oidc_role",
        about: "Role of people who come from the provider for the first time: viewer, operator, editor, administrator; \
                with none an administrator has to give them one",
        default: none,
    },
    Setting {
        name: "oidc_groups",
        about: "Roles by group at the provider, set at each sign-in, such as: admins=administrator, data=editor",
        default: none,
    },
    Setting {
        name: "oidc_groups_claim",
        about: "Claim in which the provider names the groups",
        default: || "groups".to_owned(),
    },
    Setting {
        name: "max_running",
        about: "Executions that run at once over all workflows",
        default: || machine::cores().to_string(),
    },
    Setting {
        name: "memory",
        about: "Memory that all executions share before they spill to disk, such as 4GiB",
        default: || Bytes(machine::memory_bytes() / 2).to_string(),
    },
    Setting {
        name: "upload_max",
        about: "Size of one uploaded file",
        default: || Bytes(limits::UPLOAD_DEFAULT_BYTES).to_string(),
    },
    Setting {
        name: "files_roots",
        about: "Directories under which projects may read and write files of this machine, such as /srv/data,/mnt/exports; \
                none keeps them to uploads and downloads",
        default: none,
    },
    Setting { name: "retention_days", about: "Days that the history is kept", default: || "90".to_owned() },
    Setting {
        name: "retention_executions",
        about: "Newest executions of a workflow that are kept whatever their age",
        default: || "100".to_owned(),
    },
    Setting {
        name: "retention_activity_days",
        about: "Days that the log of who did what is kept",
        default: || "730".to_owned(),
    },
    Setting {
        name: "shutdown_grace_s",
        about: "Seconds that running steps get to finish when the server is asked to stop",
        default: || "30".to_owned(),
    },
    Setting {
        name: "start_within_s",
        about: "Seconds that a scheduled execution may wait for its start before that is notified; 0 = for ever",
        default: || limits::START_WITHIN_DEFAULT_S.to_string(),
    },
    Setting {
        name: "disk_free_min",
        about: "Space that must stay free on the disk; with less nothing starts or goes on running; 0 = no guard",
        default: || Bytes(limits::DISK_FREE_MIN_DEFAULT_BYTES).to_string(),
    },
    Setting { name: "time_zone", about: "IANA zone of new workflows", default: machine::time_zone },
    Setting {
        name: "log",
        about: "What is logged: a tracing filter such as info or server=debug",
        default: || "info".to_owned(),
    },
    Setting { name: "log_format", about: "text or json", default: || "text".to_owned() },
    Setting {
        name: "otlp_endpoint",
        about: "OpenTelemetry collector that gets traces by OTLP over HTTP, such as http://127.0.0.1:4318; or none",
        default: || "none".to_owned(),
    },
    Setting {
        name: "connections_max",
        about: "Open connections; further ones wait",
        default: || limits::CONNECTIONS_DEFAULT_MAX.to_string(),
    },
    Setting {
        name: "connections_per_address",
        about: "Open connections from one address (IPv6: one /64), loopback and trusted_proxies aside; further ones are closed",
        default: || limits::CONNECTIONS_PER_ADDRESS_DEFAULT_MAX.to_string(),
    },
    Setting {
        name: "smtp",
        about: "Mail server for notifications, such as smtp://user:password@mail.example.com:587; none writes them to the log",
        default: || "none".to_owned(),
    },
    Setting {
        name: "mail_from",
        about: "Sender of notifications",
        default: || "Millrace <millrace@localhost>".to_owned(),
    },
    Setting {
        name: "public_url",
        about: "Where people open the pages, for links in notifications; auto is the address that is listened on",
        default: || "auto".to_owned(),
    },
    Setting {
        name: "webhook_secret",
        about: "Signs webhooks (Standard Webhooks, HMAC-SHA256); none sends them unsigned",
        default: || "none".to_owned(),
    },
    Setting {
        name: "webhook_private",
        about: "Allow webhooks to addresses of private networks",
        default: || "false".to_owned(),
    },
    Setting {
        name: "source_private",
        about: "Allow sources at addresses of private networks",
        default: || "false".to_owned(),
    },
];
