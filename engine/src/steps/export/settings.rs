//! What an export is told by the server that it runs in, beside the project's configuration.

use std::path::PathBuf;

use chrono_tz::Tz;
use object_store::client::HttpClient;

/// Where files may go, and what their names may hold.
#[derive(Clone, Debug, Default)]
pub struct ExportSettings {
    /// For `{workflow}` in names.
    pub workflow: String,
    /// For `{project}`.
    pub project: String,
    /// For `{date}` and `{time}`: the server's zone.
    pub time_zone: Tz,
    /// Directories under which exports may write. Empty: nowhere but to downloads and elsewhere.
    pub roots: Vec<PathBuf>,
    /// Sends requests to buckets, and refuses those to where an export may not lead. None: they may go anywhere.
    pub client: Option<HttpClient>,
}
