//! A bucket that refuses one request of all, or does it and loses the answer.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::{FutureExt as _, stream::BoxStream};
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
    /// It is done all the same.
    loses: bool,
}

impl Requests {
    fn is_refused(&self) -> bool {
        self.seen.fetch_add(1, Ordering::SeqCst) == self.refused
    }

    async fn through<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        let is_refused = self.is_refused();
        if is_refused && !self.loses {
            return Err(refusal());
        }
        let done = request.await;
        if is_refused { Err(refusal()) } else { done }
    }
}

fn refusal() -> Error {
    Error::Generic { store: "test", source: "refused".into() }
}

impl<S> Refusing<S> {
    /// Refuses the request after so many.
    pub(super) fn new(inner: S, refused: usize, loses: bool) -> Self {
        Self { inner, requests: Arc::new(Requests { seen: AtomicUsize::new(0), refused, loses }) }
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
        self.requests.through(self.inner.put_opts(location, payload, opts)).await
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        let inner = self.requests.through(self.inner.put_multipart_opts(location, opts)).await?;
        Ok(Box::new(RefusingUpload { inner, requests: Arc::clone(&self.requests) }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.requests.through(self.inner.get_opts(location, options)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
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
        if self.requests.is_refused() {
            return futures::future::ready(Err(refusal())).boxed();
        }
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.requests.through(self.inner.complete()).await
    }

    /// Never refused: what is given up is given up.
    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}
