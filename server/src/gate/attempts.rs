//! Wrong passwords, counted so that guessing is slow and nobody can lock somebody else out.
//!
//! An address that guesses has to wait, longer and longer; it waits alone. Guesses at one name from many addresses slow
//! down only addresses from which that person never signed in: whoever signed in there before is let through.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{Error, Timestamp};

use crate::clock::SharedClock;

/// Wrong passwords of one address that cost nothing: people mistype.
const FREE_OF_ADDRESS: u32 = 10;
/// Wrong passwords for one name, from anywhere, that cost nothing.
const FREE_OF_NAME: u32 = 50;
/// The wait after the first one more; doubled with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);
/// After so long without a wrong one, all is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);
/// Addresses and names that are remembered, each.
const REMEMBERED_MAX: usize = 20_000;

pub(super) struct Attempts {
    clock: SharedClock,
    addresses: Mutex<Counted<IpAddr>>,
    names: Mutex<Counted<String>>,
}

impl Attempts {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self { clock, addresses: Mutex::default(), names: Mutex::default() }
    }

    /// # Errors
    /// `TooMany`, with the time to wait.
    pub(super) fn admit(&self, address: IpAddr, name: &str, is_known: bool) -> Result<(), Error> {
        let now = self.clock.now();
        let mut wait = lock(&self.addresses).wait(&network(address), FREE_OF_ADDRESS, now);
        if !is_known {
            wait = wait.max(lock(&self.names).wait(&name.to_lowercase(), FREE_OF_NAME, now));
        }
        if wait.is_zero() {
            return Ok(());
        }
        let seconds = wait.as_secs() + 1;
        Err(Error::TooMany { message: format!("There were too many wrong passwords. Try again in {seconds} s.") })
    }

    pub(super) fn failed(&self, address: IpAddr, name: &str) {
        let now = self.clock.now();
        lock(&self.addresses).failed(network(address), now);
        lock(&self.names).failed(name.to_lowercase(), now);
    }

    pub(super) fn succeeded(&self, address: IpAddr, name: &str) {
        lock(&self.addresses).forget(&network(address));
        lock(&self.names).forget(&name.to_lowercase());
    }
}

/// Whoever has an IPv6 address has the 2^64 beside it, too.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

fn lock<K>(counted: &Mutex<Counted<K>>) -> std::sync::MutexGuard<'_, Counted<K>> {
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Counted<K>(HashMap<K, Failures>);

impl<K> Default for Counted<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl<K: Eq + Hash + Clone> Counted<K> {
    fn wait(&self, key: &K, free: u32, now: Timestamp) -> Duration {
        let Some(failures) = self.0.get(key).filter(|failures| failures.is_remembered(now)) else {
            return Duration::ZERO;
        };
        let Some(beyond) = failures.count.checked_sub(free) else { return Duration::ZERO };
        let wait = FIRST_WAIT.saturating_mul(1 << beyond.min(20)).min(WAIT_MAX);
        wait.saturating_sub(now.since(failures.last))
    }

    fn failed(&mut self, key: K, now: Timestamp) {
        if self.0.len() >= REMEMBERED_MAX && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        let failures = self.0.entry(key).or_insert(Failures { count: 0, last: now });
        failures.count = if failures.is_remembered(now) { failures.count.saturating_add(1) } else { 1 };
        failures.last = now;
    }

    fn forget(&mut self, key: &K) {
        self.0.remove(key);
    }

    /// Forgets what is old, and if nothing is, the half that tried least: whoever tries most is remembered longest.
    fn make_room(&mut self, now: Timestamp) {
        self.0.retain(|_, failures| failures.is_remembered(now));
        if self.0.len() >= REMEMBERED_MAX {
            let mut counts: Vec<u32> = self.0.values().map(|failures| failures.count).collect();
            let middle = counts.len() / 2;
            let (_, median, _) = counts.select_nth_unstable(middle);
            let median = *median;
            self.0.retain(|_, failures| failures.count > median);
        }
    }
}

impl Failures {
    fn is_remembered(&self, now: Timestamp) -> bool {
        now.since(self.last) < FORGOTTEN_AFTER
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::ManualClock;

    const ANN_AT_HOME: &str = "192.0.2.1";

    fn attempts() -> (Attempts, Arc<ManualClock>) {
        let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
        (Attempts::new(clock.clone()), clock)
    }

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_that_guesses_waits_longer_and_longer() {
        let (attempts, clock) = attempts();
        for _ in 0..FREE_OF_ADDRESS {
            assert!(attempts.admit(at("198.51.100.7"), "ann", false).is_ok());
            attempts.failed(at("198.51.100.7"), "ann");
        }
        let refused = attempts.admit(at("198.51.100.7"), "bob", false).unwrap_err();
        assert_eq!(refused.to_string(), "There were too many wrong passwords. Try again in 3 s.");
        clock.advance(FIRST_WAIT);
        assert!(attempts.admit(at("198.51.100.7"), "ann", false).is_ok());
        attempts.failed(at("198.51.100.7"), "ann");
        clock.advance(FIRST_WAIT);
        assert!(attempts.admit(at("198.51.100.7"), "ann", false).is_err(), "twice as long now");
        clock.advance(FORGOTTEN_AFTER);
        assert!(attempts.admit(at("198.51.100.7"), "ann", false).is_ok());
    }

    #[test]
    fn nobody_can_lock_somebody_else_out() {
        let (attempts, _) = attempts();
        for guess in 0..10_000_u32 {
            attempts.failed(IpAddr::from(guess.to_be_bytes()), "ann");
        }
        assert!(attempts.admit(at(ANN_AT_HOME), "ann", true).is_ok(), "she signed in from there before");
        assert!(attempts.admit(at(ANN_AT_HOME), "bob", false).is_ok(), "nobody guessed at bob");
        assert!(attempts.admit(at("203.0.113.9"), "Ann", false).is_err(), "a stranger's guess at her name waits");
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let (attempts, _) = attempts();
        for host in 0..FREE_OF_ADDRESS {
            attempts.failed(at(&format!("2001:db8::{host:x}")), &format!("name{host}"));
        }
        assert!(attempts.admit(at("2001:db8::ffff"), "ann", false).is_err());
        assert!(attempts.admit(at("2001:db8:0:1::1"), "ann", false).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_kept() {
        let mut counted = Counted::<u32>::default();
        let now = Timestamp::from_micros(0);
        for _ in 0..100 {
            counted.failed(u32::MAX, now);
        }
        for key in 0..3 * u32::try_from(REMEMBERED_MAX).unwrap() {
            counted.failed(key, now);
        }
        assert!(counted.0.len() <= REMEMBERED_MAX);
        assert_eq!(counted.0[&u32::MAX].count, 100);
    }
}
