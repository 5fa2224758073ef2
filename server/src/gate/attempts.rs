//! Wrong passwords, counted so that guessing is slow and nobody can lock somebody else out.
//!
//! An address that guesses has to wait, longer and longer; it waits alone. Guesses at one name from many addresses slow
//! down only addresses from which that person never signed in: whoever signed in there before is let through.
//!
//! An attempt counts as a wrong one from its beginning, until it turns out to be right: guesses that are sent at the same
//! time are not all let through before the first was looked at. What is forgiven then is what was tried at this name:
//! whoever has an account cannot wash guesses at others away by signing in to it.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Error, Timestamp, limits};

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
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    addresses: Counted<IpAddr>,
    names: Counted<String>,
    /// What one address tried at one name.
    pairs: Counted<(IpAddr, String)>,
}

impl Attempts {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self { clock, counts: Mutex::default() }
    }

    /// Lets an attempt begin, and counts it.
    ///
    /// # Errors
    /// `TooMany`, with the time to wait.
    pub(super) fn begin(&self, address: IpAddr, name: &str, is_known: bool) -> Result<(), Error> {
        let (now, address, name) = (self.clock.now(), network(address), key(name));
        let mut counts = self.counts();
        let mut wait = counts.addresses.wait(&address, FREE_OF_ADDRESS, now);
        if !is_known {
            wait = wait.max(counts.names.wait(&name, FREE_OF_NAME, now));
        }
        if !wait.is_zero() {
            let seconds = wait.as_secs() + 1;
            let message = format!("There were too many wrong passwords. Try again in {seconds} s.");
            return Err(Error::TooMany { message });
        }
        counts.addresses.failed(address, now);
        counts.names.failed(name.clone(), now);
        counts.pairs.failed((address, name), now);
        Ok(())
    }

    /// The password was right: of what this address tried, that at this name is forgiven.
    pub(super) fn succeeded(&self, address: IpAddr, name: &str) {
        let (now, address, name) = (self.clock.now(), network(address), key(name));
        let mut counts = self.counts();
        counts.names.forget(&name);
        let forgiven = counts.pairs.forget(&(address, name)).filter(|failures| failures.is_remembered(now));
        counts.addresses.forgive(&address, forgiven.map_or(0, |failures| failures.count));
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a name is remembered by. What is typed may be long, and people's names are not.
fn key(name: &str) -> String {
    name.chars().take(limits::NAME_CHARS_MAX).flat_map(char::to_lowercase).collect()
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

    fn forget(&mut self, key: &K) -> Option<Failures> {
        self.0.remove(key)
    }

    /// Takes some of what was counted back.
    fn forgive(&mut self, key: &K, count: u32) {
        if let Some(failures) = self.0.get_mut(key) {
            failures.count = failures.count.saturating_sub(count);
        }
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

    /// A guess that was let through and is wrong.
    #[track_caller]
    fn wrong(attempts: &Attempts, address: &str, name: &str) {
        assert_eq!(attempts.begin(at(address), name, false), Ok(()));
    }

    #[test]
    fn an_address_that_guesses_waits_longer_and_longer() {
        let (attempts, clock) = attempts();
        for _ in 0..FREE_OF_ADDRESS {
            wrong(&attempts, "198.51.100.7", "ann");
        }
        let refused = attempts.begin(at("198.51.100.7"), "bob", false).unwrap_err();
        assert_eq!(refused.to_string(), "There were too many wrong passwords. Try again in 3 s.");
        clock.advance(FIRST_WAIT);
        wrong(&attempts, "198.51.100.7", "ann");
        clock.advance(FIRST_WAIT);
        assert!(attempts.begin(at("198.51.100.7"), "ann", false).is_err(), "twice as long now");
        clock.advance(FORGOTTEN_AFTER);
        wrong(&attempts, "198.51.100.7", "ann");
    }

    #[test]
    fn nobody_can_lock_somebody_else_out() {
        let (attempts, _) = attempts();
        for guess in 0..10_000_u32 {
            // Most of them are refused.
            let _ = attempts.begin(IpAddr::from(guess.to_be_bytes()), "ann", false);
        }
        assert!(attempts.begin(at(ANN_AT_HOME), "ann", true).is_ok(), "she signed in from there before");
        assert!(attempts.begin(at(ANN_AT_HOME), "bob", false).is_ok(), "nobody guessed at bob");
        assert!(attempts.begin(at("203.0.113.9"), "Ann", false).is_err(), "a stranger's guess at her name waits");
    }

    #[test]
    fn a_password_that_was_mistyped_is_forgiven_when_the_right_one_comes() {
        let (attempts, _) = attempts();
        for _ in 0..20 {
            for _ in 1..FREE_OF_ADDRESS {
                wrong(&attempts, ANN_AT_HOME, "ann");
            }
            assert!(attempts.begin(at(ANN_AT_HOME), "Ann", true).is_ok());
            attempts.succeeded(at(ANN_AT_HOME), "Ann");
        }
    }

    #[test]
    fn guesses_at_others_are_not_washed_away_by_an_account_of_ones_own() {
        let (attempts, _) = attempts();
        for guess in 0..FREE_OF_ADDRESS {
            wrong(&attempts, "198.51.100.7", &format!("victim {guess}"));
            if guess + 1 < FREE_OF_ADDRESS {
                wrong(&attempts, "198.51.100.7", "mallory");
                attempts.succeeded(at("198.51.100.7"), "mallory");
            }
        }
        assert!(attempts.begin(at("198.51.100.7"), "mallory", true).is_err());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let (attempts, _) = attempts();
        for host in 0..FREE_OF_ADDRESS {
            wrong(&attempts, &format!("2001:db8::{host:x}"), &format!("name{host}"));
        }
        assert!(attempts.begin(at("2001:db8::ffff"), "ann", false).is_err());
        assert!(attempts.begin(at("2001:db8:0:1::1"), "ann", false).is_ok());
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
        assert_eq!(key(&"x".repeat(1 << 20)).len(), limits::NAME_CHARS_MAX, "of a name, too");
    }
}
