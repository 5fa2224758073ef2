//! Passwords: Argon2id (RFC 9106) with 19 MiB and two passes, as OWASP's cheat sheet on password storage asks for.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use model::limits;
use tokio::sync::Semaphore;

/// Hashes that are computed at the same time: each takes 19 MiB and some tens of milliseconds of a core, so more of them
/// wait, and a flood of sign-ins takes neither the memory nor all cores.
const AT_ONCE: usize = 2;

pub(super) struct Passwords {
    places: Arc<Semaphore>,
    /// Of nobody: what a name that does not exist is compared with.
    nobody: String,
    #[cfg(test)]
    looked_at: std::sync::atomic::AtomicUsize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            nobody: hash(super::Secret::new().to_string().as_bytes()),
            #[cfg(test)]
            looked_at: Default::default(),
        }
    }
}

impl Passwords {
    /// As a PHC string.
    pub(super) async fn hash(&self, password: &str) -> String {
        let password = password.to_owned();
        self.away(move || hash(password.as_bytes())).await
    }

    /// Whether it is the one that was hashed; never, when there is no hash. The work is the same in all cases.
    pub(super) async fn verify(&self, password: &str, stored: Option<String>) -> bool {
        // One character more than a password has is as wrong as a million.
        let password: String = password.chars().take(limits::PASSWORD_CHARS_MAX + 1).collect();
        let is_somebody = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        #[cfg(test)]
        self.looked_at.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let is_right = self.away(move || {
            let parsed = PasswordHash::new(&stored);
            parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
        });
        is_right.await && is_somebody
    }

    /// Passwords that were looked at so far.
    #[cfg(test)]
    pub(super) fn looked_at(&self) -> usize {
        self.looked_at.load(std::sync::atomic::Ordering::Relaxed)
    }

    async fn away<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }
}

fn hash(password: &[u8]) -> String {
    Argon2::default().hash_password(password).expect("the default parameters are valid").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_what_was_locked_with_it() {
        let passwords = Passwords::default();
        let stored = passwords.hash("correct horse").await;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse", Some(stored.clone())).await);
        assert!(!passwords.verify("battery staple", Some(stored)).await);
        assert!(!passwords.verify("correct horse", None).await);
        assert!(!passwords.verify("correct horse", Some("not a hash".to_owned())).await);
    }
}
