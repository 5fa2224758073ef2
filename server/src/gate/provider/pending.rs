//! Sign-ins that have begun and not come back yet: in memory, each bound to one browser, good once and for ten minutes.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::Timestamp;
use openidconnect::{Nonce, PkceCodeVerifier};

use crate::{
    clock::SharedClock,
    gate::{Secret, attempts::network},
    store::SecretHash,
};

/// Time that someone has for signing in at the provider.
pub(super) const LASTS: Duration = Duration::from_secs(600);
/// Of all, and of one network. Whoever begins more loses the oldest of their own.
const WAITING_MAX: usize = 5_000;
const WAITING_OF_NETWORK_MAX: usize = 500;
/// Bytes of the address that someone wants to go to; a longer one is forgotten.
const NEXT_MAX_BYTES: usize = 1_000;

/// What has to be remembered of a sign-in until it comes back.
#[derive(Debug)]
pub struct Flow {
    pub(super) nonce: Nonce,
    pub(super) verifier: PkceCodeVerifier,
    /// Where the person wanted to go.
    pub next: String,
}

pub(super) struct Pending {
    clock: SharedClock,
    /// By the hash of their state.
    waiting: Mutex<HashMap<SecretHash, Waiting>>,
}

struct Waiting {
    flow: Flow,
    browser: SecretHash,
    network: IpAddr,
    begun: Timestamp,
}

impl Pending {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self { clock, waiting: Mutex::default() }
    }

    pub(super) fn add(&self, state: &Secret, browser: &Secret, address: IpAddr, flow: Flow) {
        let (begun, network) = (self.clock.now(), network(address));
        let next = if flow.next.len() > NEXT_MAX_BYTES { "/".to_owned() } else { flow.next };
        let flow = Flow { next, ..flow };
        let mut waiting = self.waiting();
        waiting.retain(|_, other| begun.since(other.begun) < LASTS);
        if waiting.values().filter(|other| other.network == network).count() >= WAITING_OF_NETWORK_MAX {
            forget_oldest(&mut waiting, |other| other.network == network);
        } else if waiting.len() >= WAITING_MAX {
            forget_oldest(&mut waiting, |_| true);
        }
        waiting.insert(state.hash(), Waiting { flow, browser: browser.hash(), network, begun });
    }

    /// What another browser shows takes nothing away.
    pub(super) fn take(&self, state: &Secret, browser: &Secret) -> Option<Flow> {
        let now = self.clock.now();
        let mut waiting = self.waiting();
        let found = waiting.get(&state.hash())?;
        if found.browser != browser.hash() || now.since(found.begun) >= LASTS {
            return None;
        }
        waiting.remove(&state.hash()).map(|found| found.flow)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<SecretHash, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_oldest(waiting: &mut HashMap<SecretHash, Waiting>, among: impl Fn(&Waiting) -> bool) {
    let candidates = waiting.iter().filter(|(_, other)| among(other));
    let oldest = candidates.min_by_key(|(_, other)| other.begun).map(|(state, _)| *state);
    if let Some(oldest) = oldest {
        waiting.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::ManualClock;

    fn pending() -> (Pending, Arc<ManualClock>) {
        let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
        (Pending::new(clock.clone()), clock)
    }

    fn flow(next: &str) -> Flow {
        let verifier = PkceCodeVerifier::new("v".repeat(43));
        Flow { nonce: Nonce::new("n".to_owned()), verifier, next: next.to_owned() }
    }

    fn begin(pending: &Pending, address: IpAddr) -> (Secret, Secret) {
        let (state, browser) = (Secret::new(), Secret::new());
        pending.add(&state, &browser, address, flow("/workflows"));
        (state, browser)
    }

    fn network(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    #[test]
    fn a_sign_in_comes_back_once_to_the_browser_in_which_it_began() {
        let (pending, _) = pending();
        let (state, browser) = begin(&pending, network(1));
        assert!(pending.take(&state, &Secret::new()).is_none(), "in another browser");
        assert!(pending.take(&Secret::new(), &browser).is_none(), "another sign-in");
        assert_eq!(pending.take(&state, &browser).map(|flow| flow.next).as_deref(), Some("/workflows"));
        assert!(pending.take(&state, &browser).is_none(), "again");
    }

    #[test]
    fn it_has_ten_minutes() {
        let (pending, clock) = pending();
        let (first, second) = (begin(&pending, network(1)), begin(&pending, network(1)));
        clock.advance(LASTS - Duration::from_micros(1));
        assert!(pending.take(&first.0, &first.1).is_some());
        clock.advance(Duration::from_micros(1));
        assert!(pending.take(&second.0, &second.1).is_none());
    }

    #[test]
    fn whoever_begins_too_many_loses_their_own() {
        let (pending, clock) = pending();
        let other = begin(&pending, network(2));
        let first = begin(&pending, network(1));
        for _ in 0..WAITING_OF_NETWORK_MAX {
            clock.advance(Duration::from_micros(1));
            begin(&pending, network(1));
        }
        assert!(pending.take(&first.0, &first.1).is_none());
        assert!(pending.take(&other.0, &other.1).is_some());
    }

    #[test]
    fn memory_is_bounded() {
        let (pending, _) = pending();
        for number in 0..=130 {
            for _ in 0..40 {
                begin(&pending, network(number));
            }
        }
        assert_eq!(pending.waiting().len(), WAITING_MAX);
        let state = Secret::new();
        pending.add(&state, &state, network(1), flow(&format!("/{}", "x".repeat(NEXT_MAX_BYTES))));
        assert_eq!(pending.take(&state, &state).unwrap().next, "/");
    }
}
