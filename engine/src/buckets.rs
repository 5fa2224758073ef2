//! Buckets of object storage: how one is reached, and with which keys.

mod keys;

use std::{error::Error, sync::Arc, time::Duration};

use object_store::{
    ObjectStore, ObjectStoreScheme, RetryConfig,
    aws::AmazonS3Builder,
    azure::MicrosoftAzureBuilder,
    client::{ClientOptions, HttpClient, HttpConnector},
    gcp::GoogleCloudStorageBuilder,
    path::Path,
};
use url::Url;

pub(crate) use keys::problem;

/// Until there is a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// A request that failed for no reason of its own is sent again so often, within so long.
const RETRIES: usize = 3;
const RETRY_MAX: Duration = Duration::from_secs(30);

/// What a bucket is reached with.
#[derive(Clone, Copy)]
pub(crate) struct Reach<'a> {
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    /// The text of the secret with the keys.
    pub(crate) secret: Option<&'a str>,
    /// Sends the requests; one that may go anywhere when left out.
    pub(crate) client: Option<&'a HttpClient>,
}

/// The store and the path in it that `url` names, or what is wrong. Nothing is asked of the store yet.
pub(crate) fn open(url: &str, reach: Reach<'_>) -> Result<(Arc<dyn ObjectStore>, Path), String> {
    if let Some(problem) = problem(url) {
        return Err(problem);
    }
    let parsed = Url::parse(url).map_err(|error| error.to_string())?;
    let options = keys::options(&parsed, reach.endpoint, reach.region, reach.secret)?;
    let (scheme, path) = ObjectStoreScheme::parse(&parsed).map_err(|error| said(&error))?;
    let (connector, client) = (Given(reach.client.cloned()), client_options());
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_MAX, ..RetryConfig::default() };
    macro_rules! build {
        ($builder:ty) => {{
            let builder = <$builder>::new()
                .with_url(url)
                .with_client_options(client)
                .with_retry(retry)
                .with_http_connector(connector);
            let with_options = options.into_iter().try_fold(builder, |builder, (name, value)| {
                Ok::<_, object_store::Error>(builder.with_config(name.parse()?, value))
            });
            let store = with_options.and_then(|builder| builder.build());
            store.map(|store| Arc::new(store) as Arc<dyn ObjectStore>).map_err(|error| said(&error))?
        }};
    }
    let store = match scheme {
        ObjectStoreScheme::AmazonS3 => build!(AmazonS3Builder),
        ObjectStoreScheme::GoogleCloudStorage => build!(GoogleCloudStorageBuilder),
        ObjectStoreScheme::MicrosoftAzure => build!(MicrosoftAzureBuilder),
        _ => return Err("is no bucket that is known".to_owned()),
    };
    Ok((store, path))
}

/// A client that may go anywhere, for whoever has no guard.
pub(crate) fn unguarded() -> Result<HttpClient, String> {
    let options = client_options().with_allow_http(true);
    Given(None).connect(&options).map_err(|error| said(&error))
}

/// How long the whole of a request takes depends on its size; who waits for the bytes limits that.
fn client_options() -> ClientOptions {
    ClientOptions::new().with_timeout_disabled().with_connect_timeout(CONNECT_MAX)
}

/// Gives the client that there is, or a new one.
#[derive(Debug)]
struct Given(Option<HttpClient>);

impl HttpConnector for Given {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        match &self.0 {
            Some(client) => Ok(client.clone()),
            None => object_store::client::ReqwestConnector::default().connect(options),
        }
    }
}

/// An error with its causes, each said once: the last often tells the most.
pub(crate) fn said(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    text
}
