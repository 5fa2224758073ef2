//! A bucket that refuses one request of all.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::{FutureExt as _, StreamExt as _, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart, path::Path,
};

#[derive(Debug)]
pub(super) struct Refusing<S> {
    inner: S,
    requests: Arc<Requests>,
}

#[derive(Debug)]
struct Requests {
    seen: AtomicUsize,
    refused: usize,
}

impl Requests {
    fn next(&self) -> Result<()> {
        if self.seen.fetch_add(1, Ordering::SeqCst) == self.refused {
            return Err(Error::Generic { store: "test", source: "refused".into() });
        }
        Ok(())
    }
}

impl<S> Refusing<S> {
    /// Refuses the request after so many.
    pub(super) fn new(inner: S, refused: usize) -> Self {
        Self { inner, requests: Arc::new(Requests { seen: AtomicUsize::new(0), refused }) }
    }

    pub(super) fn was_refused(&self) -> bool {
        self.requests.seen.load(Ordering::SeqCst) > self.requests.refused
    }
}

impl<S: fmt::Display> fmt::Display for Refusing<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} that refuses", self.inner)
    }
}

#[async_trait]
impl<S: ObjectStore> ObjectStore for Refusing<S> {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.requests.next()?;
        self.inner.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.requests.next()?;
        let inner = self.inner.put_multipart_opts(location, opts).await?;
        Ok(Box::new(RefusingUpload { inner, requests: Arc::clone(&self.requests) }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.requests.next()?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.requests.next() {
            Ok(()) => self.inner.delete_stream(locations),
            Err(error) => futures::stream::iter([Err(error)]).boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.requests.next()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.requests.next()?;
        self.inner.copy_opts(from, to, options).await
    }
}

#[derive(Debug)]
struct RefusingUpload {
    inner: Box<dyn MultipartUpload>,
    requests: Arc<Requests>,
}

#[async_trait]
impl MultipartUpload for RefusingUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        match self.requests.next() {
            Ok(()) => self.inner.put_part(data),
            Err(error) => futures::future::ready(Err(error)).boxed(),
        }
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.requests.next()?;
        self.inner.complete().await
    }

    /// Never refused: what is given up is given up.
    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}
