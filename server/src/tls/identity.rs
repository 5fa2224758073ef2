//! The certificate that the server shows, and its key.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use tokio::sync::watch;
use tokio_rustls::rustls::{
    self,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::config::TlsFiles;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{}, {setting}, cannot be read: {source}. It must be a PEM file that the server may read.", file.display())]
    Unreadable { setting: &'static str, file: PathBuf, source: io::Error },
    #[error("{}, {setting}, holds no {what} in PEM: {problem}.", file.display())]
    Malformed { setting: &'static str, file: PathBuf, what: &'static str, problem: String },
    #[error(
        "the certificate in {} and the key in {} cannot be used together: {problem}. The file of the certificate begins \
         with the server's own, and the key is that certificate's.",
        files.certificate.display(),
        files.key.display()
    )]
    Unusable { files: TlsFiles, problem: rustls::Error },
}

/// The files, and what was last read from them that could be used.
#[derive(Debug)]
pub(super) struct Identity {
    files: TlsFiles,
    current: watch::Sender<Arc<CertifiedKey>>,
    /// As the files were when they were last read.
    seen: Mutex<Stamps>,
}

/// When each file was last changed, and how long it is; of one that cannot be looked at, nothing.
type Stamps = [Option<(SystemTime, u64)>; 2];

impl Identity {
    pub(super) async fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let (stamps, key) = apart(&files, |files| (stamps(files), load(files))).await;
        Ok(Self { files, current: watch::Sender::new(Arc::new(key?)), seen: Mutex::new(stamps) })
    }

    /// Whether the files differ from what was last read.
    pub(super) async fn is_outdated(&self) -> bool {
        let stamps = apart(&self.files, stamps).await;
        *self.seen() != stamps
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// When they cannot be used; then what was read before stays, and they count as read until they change again.
    pub(super) async fn renew(&self) -> Result<(), TlsError> {
        // Looked at before they are read: what changes in between is seen the next time.
        let (stamps, key) = apart(&self.files, |files| (stamps(files), load(files))).await;
        *self.seen() = stamps;
        self.current.send_replace(Arc::new(key?));
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Stamps> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn watch(&self) -> watch::Receiver<Arc<CertifiedKey>> {
        self.current.subscribe()
    }
}

impl ResolvesServerCert for Identity {
    /// The same for every name: a browser that asked for another will say so.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.borrow()))
    }
}

/// Files are read where nobody waits.
async fn apart<T: Send + 'static>(files: &TlsFiles, work: fn(&TlsFiles) -> T) -> T {
    let files = files.clone();
    tokio::task::spawn_blocking(move || work(&files)).await.expect("reading a file does not panic")
}

fn stamps(files: &TlsFiles) -> Stamps {
    [&files.certificate, &files.key].map(|file| {
        let file = fs::metadata(file).ok()?;
        Some((file.modified().ok()?, file.len()))
    })
}

fn load(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let read = |setting, file: &Path| {
        fs::read(file).map_err(|source| TlsError::Unreadable { setting, file: file.to_owned(), source })
    };
    let malformed = |setting, file: &Path, what: &'static str, error| {
        let problem = match error {
            pem::Error::NoItemsFound => format!("there is no line -----BEGIN {}-----", what.to_uppercase()),
            error => error.to_string(),
        };
        TlsError::Malformed { setting, file: file.to_owned(), what, problem }
    };
    let chain = read("tls_certificate", &files.certificate)?;
    let chain = CertificateDer::pem_slice_iter(&chain).collect::<Result<Vec<_>, _>>();
    let chain = chain.and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) });
    let chain = chain.map_err(|error| malformed("tls_certificate", &files.certificate, "certificate", error))?;
    let key = PrivateKeyDer::from_pem_slice(&read("tls_key", &files.key)?);
    let key = key.map_err(|error| malformed("tls_key", &files.key, "private key", error))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|problem| TlsError::Unusable { files: files.clone(), problem })
}
