//! A file in a bucket. Its parts are sent before anything is decided; the object appears, whole, with the last request.
//!
//! Parts that a process left when it was killed are invisible and cost space: a rule of the bucket ("abort incomplete
//! multipart uploads after a day") removes them.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt as _, TryStreamExt as _, stream::FuturesUnordered};
use model::config::export::Target;
use object_store::{
    MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutPayload, client::HttpClient, path::Path,
};
use regex::Regex;
use tokio::{runtime::Handle, time::timeout};

use crate::{
    Failure, Secrets, StepContext,
    buckets::{self, Reach},
};

/// Bytes of a part. Stores take at least 5 MiB and at most 10,000 parts, so this is enough for 80 GB; larger files have
/// larger parts.
const PART_BYTES: u64 = 8 * 1024 * 1024;
const PARTS_MAX: u64 = 10_000;
/// Waited for a store to give up what was sent.
const GIVING_UP_MAX: Duration = Duration::from_millis(500);
/// Parts on their way at once.
const PARTS_AT_ONCE: usize = 3;

/// A file on its way to a bucket. Dropped before it is placed, what was sent of it is given up.
pub(super) struct Upload {
    store: Arc<dyn ObjectStore>,
    path: Path,
    /// As people know it: `s3://bucket/exports/golden.csv`.
    location: String,
    sent: Sent,
    bytes: u64,
    earlier: Earlier,
}

/// Whether there was an object of this name before.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Earlier {
    NotThere,
    There {
        /// Differs where the bytes do.
        tag: Option<String>,
    },
    /// The keys may write and not look.
    Unknown,
}

enum Sent {
    Nothing,
    /// Small enough to go with the last request.
    Small(PutPayload),
    Parts(Box<dyn MultipartUpload>),
}

impl Upload {
    /// To where a target says; nothing is asked of the store yet.
    pub(super) fn to(
        target: &Target,
        name: &str,
        secrets: &Secrets,
        client: Option<&HttpClient>,
    ) -> Result<Self, Failure> {
        let Target::ObjectStorage { url, endpoint, region, credentials, .. } = target else {
            return Err(Failure::Internal("an upload to what is no bucket".to_owned()));
        };
        let wrong = |error: &dyn std::fmt::Display| Failure::Input(format!("the export target {url}: {error}"));
        let secret = credentials.as_ref().map(|name| secrets.get(name)).transpose()?;
        let reach = Reach { endpoint: endpoint.as_deref(), region: region.as_deref(), secret, client };
        let (store, prefix) = buckets::open(url, reach).map_err(|problem| wrong(&problem))?;
        Ok(Self::new(store, &prefix, name, url))
    }

    fn new(store: Arc<dyn ObjectStore>, prefix: &Path, name: &str, url: &str) -> Self {
        let location = format!("{}/{name}", url.trim_end_matches('/'));
        Self {
            store,
            path: prefix.clone().join(name),
            location,
            sent: Sent::Nothing,
            bytes: 0,
            earlier: Earlier::Unknown,
        }
    }

    fn failure(&self, doing: &str, error: &object_store::Error) -> Failure {
        Failure::Input(format!("cannot {doing} {}: {error}", self.location))
    }

    /// Sends a complete file of `bytes`, in parts when it is large.
    pub(super) fn send(&mut self, file: &File, bytes: u64, context: &StepContext<'_>) -> Result<(), Failure> {
        let mut file = file;
        file.rewind().map_err(|error| Failure::io("cannot read what is to be sent", &error))?;
        let looked = Handle::current().block_on(context.unless_cancelled(self.store.head(&self.path)))?;
        self.bytes = bytes;
        self.earlier = match looked {
            Ok(about) => Earlier::There { tag: about.e_tag },
            Err(object_store::Error::NotFound { .. }) => Earlier::NotThere,
            // Writing tells whether the store can be reached at all.
            Err(_) => Earlier::Unknown,
        };
        if bytes <= PART_BYTES {
            self.sent = Sent::Small(next_part(file, PART_BYTES)?);
            return Ok(());
        }
        Handle::current().block_on(async {
            let begun = context.unless_cancelled(self.store.put_multipart(&self.path)).await?;
            self.sent = Sent::Parts(begun.map_err(|error| self.failure("begin to write", &error))?);
            let part_bytes = PART_BYTES.max(bytes.div_ceil(PARTS_MAX));
            let account = context.engine().reserve("parts of an upload");
            account.try_grow(usize::try_from(part_bytes).unwrap_or(usize::MAX).saturating_mul(PARTS_AT_ONCE))?;
            let mut on_their_way = FuturesUnordered::new();
            let (mut read, mut done) = (0, 0_u64);
            while read < bytes || !on_their_way.is_empty() {
                while read < bytes && on_their_way.len() < PARTS_AT_ONCE {
                    let part = next_part(file, part_bytes)?;
                    let length = part.content_length() as u64;
                    if length == 0 {
                        return Err(Failure::Internal("the file to be sent has become shorter".to_owned()));
                    }
                    read += length;
                    let Sent::Parts(upload) = &mut self.sent else {
                        return Err(Failure::Internal("an upload ended before it was sent".to_owned()));
                    };
                    let sending = upload.put_part(part);
                    on_their_way.push(async move { sending.await.map(|()| length) });
                }
                if let Some(sent) = context.unless_cancelled(on_their_way.next()).await? {
                    done += sent.map_err(|error| self.failure("write", &error))?;
                    context.advanced(Some(done as f64 / bytes as f64), done, "sending");
                }
            }
            Ok(())
        })
    }

    /// Makes the object appear and tells where it is.
    pub(super) fn place(&mut self) -> Result<String, Failure> {
        Handle::current().block_on(async {
            match std::mem::replace(&mut self.sent, Sent::Nothing) {
                Sent::Nothing => return Err(Failure::Internal("nothing was sent to the bucket".to_owned())),
                Sent::Small(bytes) => {
                    if let Err(error) = self.store.put(&self.path, bytes).await
                        && !self.has_arrived().await
                    {
                        return Err(self.failure("write", &error));
                    }
                }
                Sent::Parts(mut upload) => {
                    if let Err(error) = upload.complete().await
                        && !self.has_arrived().await
                    {
                        self.sent = Sent::Parts(upload);
                        return Err(self.failure("complete", &error));
                    }
                }
            }
            Ok(self.location.clone())
        })
    }

    /// Whether the object is there although the store said otherwise: an answer that is lost on its way makes a request that
    /// is sent again fail.
    async fn has_arrived(&self) -> bool {
        let Ok(about) = self.store.head(&self.path).await else { return false };
        let is_another = match &self.earlier {
            Earlier::NotThere => true,
            Earlier::There { tag } => tag.is_some() && about.e_tag.is_some() && *tag != about.e_tag,
            Earlier::Unknown => false,
        };
        is_another && about.size == self.bytes
    }

    /// Removes an object whose name was new; one that has taken an earlier one's place stays, since a bucket keeps none of
    /// the two without the other.
    pub(super) fn take_back(&mut self) -> Result<(), Failure> {
        match self.earlier {
            Earlier::NotThere => {
                let removed = Handle::current().block_on(self.store.delete(&self.path));
                removed.map_err(|error| self.failure("remove", &error))
            }
            Earlier::There { .. } | Earlier::Unknown => {
                Err(Failure::Input(format!("{} is complete and new already", self.location)))
            }
        }
    }

    /// Removes those that are not kept; tells which.
    pub(super) fn settle(&mut self, kept: Option<&(Regex, usize)>) -> Vec<String> {
        let Some((names, keep)) = kept else { return Vec::new() };
        Handle::current().block_on(self.remove_older(names, *keep)).unwrap_or_else(|error| {
            tracing::warn!(%error, location = self.location, "earlier exports could not be removed");
            Vec::new()
        })
    }

    async fn remove_older(&self, names: &Regex, keep: usize) -> Result<Vec<String>, object_store::Error> {
        let parts: Vec<_> = self.path.parts().collect();
        let prefix: Path = parts[..parts.len().saturating_sub(1)].iter().cloned().collect();
        let mut found: Vec<ObjectMeta> = self.store.list_with_delimiter(Some(&prefix)).await?.objects;
        let is_ours = |object: &ObjectMeta| object.location.filename().is_some_and(|name| names.is_match(name));
        found.retain(|object| object.location != self.path && is_ours(object));
        found.sort_by(|one, other| (other.last_modified, &other.location).cmp(&(one.last_modified, &one.location)));
        let older: Vec<Path> = found.into_iter().skip(keep.saturating_sub(1)).map(|object| object.location).collect();
        let deleting = futures::stream::iter(older.clone().into_iter().map(Ok)).boxed();
        self.store.delete_stream(deleting).try_collect::<Vec<_>>().await?;
        Ok(older.iter().filter_map(|path| path.filename().map(str::to_owned)).collect())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Sent::Parts(mut upload) = std::mem::replace(&mut self.sent, Sent::Nothing) else { return };
        let location = std::mem::take(&mut self.location);
        let Ok(runtime) = Handle::try_current() else { return };
        let giving_up = runtime.spawn(async move {
            if let Err(error) = upload.abort().await {
                tracing::warn!(%error, location, "an upload could not be given up; the bucket may still hold its parts");
            }
        });
        // A run that is cancelled ends within a second; what takes longer goes on beside the next.
        let _ = runtime.block_on(async { timeout(GIVING_UP_MAX, giving_up).await });
    }
}

fn next_part(file: &File, bytes: u64) -> Result<PutPayload, Failure> {
    let mut part = Vec::new();
    file.take(bytes).read_to_end(&mut part).map_err(|error| Failure::io("cannot read what is to be sent", &error))?;
    Ok(part.into())
}

#[cfg(test)]
mod tests;
