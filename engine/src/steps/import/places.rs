//! Where the files of sources are: uploaded, on the server, in the web, on a file server, in a bucket.
//!
//! Whatever has to be fetched is kept in a file without a name while the step runs; so it can be read more than once, and
//! nothing of it is left behind.

mod bucket;
mod fetched;
mod fields;
mod file_server;
mod roots;
mod web;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use model::config::{SourceConfig, source::Location};
use object_store::client::HttpClient;

use super::{Options, file::SourceFile, source::named};
use crate::{
    Failure, StepContext,
    buckets::{self, Reach},
    file_servers::FileServers,
};

pub(crate) use web::problem as web_problem;

/// What an import is told by the program that it runs in, beside the project's configuration.
#[derive(Clone, Debug, Default)]
pub struct ImportSettings {
    /// Directories under which sources may be read. Empty: none but uploads and what is fetched.
    pub roots: Vec<PathBuf>,
    /// Sends requests for sources of the web and of buckets, and refuses those to where a source may not lead. None:
    /// nothing is fetched.
    pub client: Option<HttpClient>,
    /// Speaks to the SFTP and FTP servers to which a source may lead. None: nothing is fetched from them.
    pub file_servers: Option<Arc<dyn FileServers>>,
}

impl ImportSettings {
    /// Everything may be read and asked for: for programs in which whoever writes the configuration could do so themselves.
    /// File servers are for the caller to add.
    ///
    /// # Errors
    /// When there is no client, such as for want of certificates.
    pub fn unguarded() -> Result<Self, Failure> {
        let client = buckets::unguarded().map_err(Failure::Input)?;
        Ok(Self { roots: vec![PathBuf::from("/")], client: Some(client), file_servers: None })
    }

    fn client(&self) -> Result<&HttpClient, Failure> {
        self.client.as_ref().ok_or_else(|| Failure::Input(NOT_HERE.to_owned()))
    }

    fn file_servers(&self) -> Result<&dyn FileServers, Failure> {
        self.file_servers.as_deref().ok_or_else(|| Failure::Input(NOT_HERE.to_owned()))
    }
}

/// What is wrong with a source behind an address, by the field of its location, without asking anybody.
pub(crate) fn url_problem(
    url: &str,
    host_key: Option<&str>,
    credentials: Option<&str>,
) -> Option<(&'static str, String)> {
    if file_server::is_meant(url) {
        return file_server::problem(url, host_key, credentials);
    }
    let is_web = |(scheme, _): (&str, &str)| ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    if url.split_once("://").is_some_and(|parts| !is_web(parts)) {
        return Some(("url", "has to begin with https://, http://, sftp://, ftp://, ftpes:// or ftps://".to_owned()));
    }
    let of_url = web_problem(url).map(|problem| ("url", problem));
    of_url.or_else(|| host_key.map(|_| ("host_key", "is for sftp:// only".to_owned())))
}

const NOT_HERE: &str = "nothing is fetched from elsewhere here";

/// The file of a source, opened for reading; fetched before, where it is elsewhere.
pub(super) async fn open(
    source: &SourceConfig,
    options: &Options<'_>,
    context: &StepContext<'_>,
) -> Result<SourceFile, Failure> {
    let found = match &source.location {
        None => return uploaded(source, options),
        Some(Location::Database(_)) => Err(Failure::Internal("a database is no file".to_owned())),
        Some(Location::Path { path }) => roots::open(&options.settings.roots, Path::new(path)),
        Some(Location::Url { url, host_key, credentials }) if file_server::is_meant(url) => {
            let secret = secret(credentials.as_deref(), options)?;
            let servers = options.settings.file_servers().map_err(|failure| named(source, failure))?;
            file_server::fetch(url, host_key.as_deref(), secret, servers, context).await
        }
        Some(Location::Url { url, credentials, .. }) => {
            let secret = secret(credentials.as_deref(), options)?;
            let client = options.settings.client().map_err(|failure| named(source, failure))?;
            web::fetch(url, secret, client, context).await
        }
        Some(Location::ObjectStorage { url, endpoint, region, credentials }) => {
            let client = options.settings.client().map_err(|failure| named(source, failure))?;
            let reach = Reach {
                endpoint: endpoint.as_deref(),
                region: region.as_deref(),
                secret: secret(credentials.as_deref(), options)?,
                client: Some(client),
            };
            bucket::fetch(url, reach, context).await
        }
    };
    found.map_err(|failure| named(source, failure))
}

fn uploaded(source: &SourceConfig, options: &Options<'_>) -> Result<SourceFile, Failure> {
    let path = options.files.get(&source.file).ok_or_else(|| {
        Failure::Input(format!("source “{}”: the file “{}” has not been uploaded", source.name, source.file))
    })?;
    SourceFile::open(path).map_err(|error| named(source, Failure::io("it cannot be read", &error)))
}

fn secret<'o>(name: Option<&str>, options: &Options<'o>) -> Result<Option<&'o str>, Failure> {
    name.map(|name| options.secrets.get(name)).transpose()
}
