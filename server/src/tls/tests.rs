use std::{fs::File, path::Path, time::Duration, time::SystemTime};

use tempfile::TempDir;
use tokio_rustls::rustls::{pki_types::CertificateDer, sign::CertifiedKey};
use tokio_util::sync::CancellationToken;

use super::{identity::Identity, *};
use crate::{clock::ManualClock, testing::patiently};

/// A certificate in files, which a test replaces.
struct Files {
    directory: TempDir,
    /// Of the next change, in seconds since 1970: files that are written in one tick of the clock differ, too.
    now: u64,
}

impl Files {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), now: 1_700_000_000 }
    }

    fn names(&self) -> TlsFiles {
        let path = |name| self.directory.path().join(name);
        TlsFiles { certificate: path("certificate.pem"), key: path("key.pem") }
    }

    /// A new certificate with its key.
    fn renew(&mut self) -> CertificateDer<'static> {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        self.write(&issued.cert.pem(), &issued.signing_key.serialize_pem());
        issued.cert.der().clone()
    }

    fn write(&mut self, certificate: &str, key: &str) {
        self.now += 60;
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(self.now);
        let write = |path: &Path, text: &str| {
            std::fs::write(path, text).unwrap();
            File::options().write(true).open(path).unwrap().set_modified(changed).unwrap();
        };
        let TlsFiles { certificate: certificate_file, key: key_file } = self.names();
        write(&certificate_file, certificate);
        write(&key_file, key);
    }
}

fn shown(key: &CertifiedKey) -> &CertificateDer<'static> {
    &key.cert[0]
}

#[tokio::test]
async fn a_changed_certificate_is_taken_up_without_a_restart() {
    let mut files = Files::new();
    let first = files.renew();
    let tls = Tls::open(files.names()).await.unwrap();
    let mut current = tls.identity.watch();
    assert_eq!(shown(&current.borrow_and_update()), &first);

    let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
    let stop = CancellationToken::new();
    let renewal = tokio::spawn(tls.keep_current(clock.clone(), stop.clone()));
    let second = files.renew();
    patiently(async {
        while clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    clock.advance(Duration::from_secs(60));
    patiently(current.changed()).await.unwrap();
    assert_eq!(shown(&current.borrow()), &second);
    stop.cancel();
    patiently(renewal).await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_leaves_the_old_one() {
    let mut files = Files::new();
    let first = files.renew();
    let identity = Identity::read(files.names()).await.unwrap();
    let current = identity.watch();
    assert!(!identity.is_outdated().await);

    files.write("not a certificate", "not a key");
    assert!(identity.is_outdated().await);
    identity.renew().await.unwrap_err();
    assert_eq!(shown(&current.borrow()), &first);
    // It is told once, not at every look.
    assert!(!identity.is_outdated().await);

    std::fs::remove_file(files.names().key).unwrap();
    assert!(identity.is_outdated().await);
    identity.renew().await.unwrap_err();

    let repaired = files.renew();
    assert!(identity.is_outdated().await);
    identity.renew().await.unwrap();
    assert_eq!(shown(&current.borrow()), &repaired);
}

/// What is said of these two files.
async fn check_refused(certificate: &str, key: &str, parts: &[&str]) {
    let mut files = Files::new();
    files.write(certificate, key);
    let error = Identity::read(files.names()).await.expect_err("refused").to_string();
    for part in parts {
        assert!(error.contains(part), "“{part}” is not in “{error}”");
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_named_with_its_file_and_what_it_should_be() {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (issued.cert.pem(), issued.signing_key.serialize_pem());

    check_refused("", &key, &["certificate.pem, tls_certificate", "-----BEGIN CERTIFICATE-----"]).await;
    check_refused(&key, &key, &["certificate.pem, tls_certificate", "-----BEGIN CERTIFICATE-----"]).await;
    check_refused(&certificate[..certificate.len() / 2], &key, &["tls_certificate", "end marker"]).await;
    check_refused(&certificate, &certificate, &["key.pem, tls_key", "-----BEGIN PRIVATE KEY-----"]).await;
    let others = other.signing_key.serialize_pem();
    check_refused(&certificate, &others, &["certificate.pem", "key.pem", "cannot be used together"]).await;

    let nowhere = TlsFiles { certificate: "/nowhere/chain.pem".into(), key: "/nowhere/key.pem".into() };
    let error = Identity::read(nowhere).await.expect_err("refused").to_string();
    assert!(error.starts_with("/nowhere/chain.pem, tls_certificate, cannot be read"), "{error}");
}
