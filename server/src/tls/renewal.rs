//! Takes up a certificate that was renewed: soon after its files changed, and at once on SIGHUP.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Tls;
use crate::clock::SharedClock;

/// Between two looks at the files. They are replaced weeks before the old certificate ends.
const LOOK_EVERY: Duration = Duration::from_secs(60);

impl Tls {
    /// Watches the files until `stop` is cancelled. What cannot be used is logged, and the old certificate stays.
    pub async fn keep_current(self, clock: SharedClock, stop: CancellationToken) {
        let mut signal = HangUp::listen();
        loop {
            let asked = tokio::select! {
                () = clock.sleep(LOOK_EVERY) => false,
                () = signal.next() => true,
                () = stop.cancelled() => return,
            };
            if asked || self.identity.is_outdated().await {
                match self.identity.renew().await {
                    Ok(()) => tracing::info!("the TLS certificate was read again"),
                    Err(error) => tracing::error!(%error, "the TLS certificate stays the one that was read before"),
                }
            }
        }
    }
}

/// SIGHUP, by which service managers ask a server to look at its files again.
struct HangUp {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl HangUp {
    #[cfg(unix)]
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let signal = signal(SignalKind::hangup());
        if let Err(error) = &signal {
            tracing::warn!(%error, "SIGHUP is not heard; changed certificates are seen within a minute");
        }
        Self { signal: signal.ok() }
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        match &mut self.signal {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    fn listen() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        std::future::pending().await
    }
}
