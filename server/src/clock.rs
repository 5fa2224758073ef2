//! The only place that knows the time. Everything else is given a [`Clock`], so that a test or a simulation can move it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use model::Timestamp;
use tokio::sync::oneshot;
use uuid::Uuid;

pub type SharedClock = Arc<dyn Clock>;

/// Time and the randomness of ids: everything that differs between two runs of the same work.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Ends when [`Clock::now`] is at or after `at`; at once if it already is. Follows a clock that is set forwards or
    /// backwards meanwhile.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;

    /// Ends when so much time has passed, whatever the wall clock is set to meanwhile: for a pause before the next try.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Random bits for an id.
    fn entropy(&self) -> u128;

    /// A new id: version 7 of RFC 9562, 48 bits of Unix milliseconds and 74 random bits.
    fn new_uuid(&self) -> Uuid {
        let millis = u128::try_from(self.now().as_micros().max(0) / 1000).expect("is not negative");
        let random = self.entropy();
        let bits = (millis & 0xffff_ffff_ffff) << 80
            | 0x7 << 76
            | (random >> 64 & 0xfff) << 64
            | 0b10 << 62
            | random & 0x3fff_ffff_ffff_ffff;
        Uuid::from_u128(bits)
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A wall clock that is set is noticed after at most this long.
const WALL_CLOCK_CHECK: Duration = Duration::from_secs(15);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since_1970 =
            std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::from_micros(0).plus(since_1970)
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        async move {
            loop {
                let left = at.since(SystemClock.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(WALL_CLOCK_CHECK)).await;
            }
        }
        .boxed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }

    fn entropy(&self) -> u128 {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system always has random bytes after boot");
        u128::from_ne_bytes(bytes)
    }
}

/// A clock that only moves when told to, with ids that are the same in every run. For tests and simulations.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<ManualState>,
}

#[derive(Debug)]
struct ManualState {
    now: Timestamp,
    entropy: u128,
    /// Sleepers by the time they wait for; the number keeps equal times apart.
    sleepers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    /// Time that has passed, and those who wait for some to pass.
    elapsed: Duration,
    pauses: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
    slept: u64,
}

impl ManualClock {
    pub fn new(now: Timestamp) -> Arc<Self> {
        let (sleepers, pauses) = (BTreeMap::new(), BTreeMap::new());
        let state = ManualState { now, entropy: 0, sleepers, elapsed: Duration::ZERO, pauses, slept: 0 };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// Sets the time, forwards or backwards, and wakes who has waited for it. No time passes.
    pub fn set(&self, now: Timestamp) {
        let mut state = self.state();
        state.now = now;
        let later = state.sleepers.split_off(&(now.plus(Duration::from_micros(1)), 0));
        for sleeper in std::mem::replace(&mut state.sleepers, later).into_values() {
            // A sleeper that is gone needs no waking.
            let _ = sleeper.send(());
        }
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let now = self.now();
        self.set(now.plus(by));
        let mut state = self.state();
        state.elapsed += by;
        let elapsed = state.elapsed;
        let later = state.pauses.split_off(&(elapsed + Duration::from_nanos(1), 0));
        for pause in std::mem::replace(&mut state.pauses, later).into_values() {
            let _ = pause.send(());
        }
    }

    /// The earliest time that someone sleeps until, when from now on the time only passes.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let mut state = self.state();
        state.sleepers.retain(|_, sleeper| !sleeper.is_closed());
        state.pauses.retain(|_, pause| !pause.is_closed());
        let sleeper = state.sleepers.keys().next().map(|(at, _)| *at);
        let pause = state.pauses.keys().next().map(|(at, _)| state.now.plus(at.saturating_sub(state.elapsed)));
        [sleeper, pause].into_iter().flatten().min()
    }

    fn state(&self) -> MutexGuard<'_, ManualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut state = self.state();
        if state.now >= at {
            return futures::future::ready(()).boxed();
        }
        let (wake, woken) = oneshot::channel();
        state.slept += 1;
        let key = (at, state.slept);
        state.sleepers.insert(key, wake);
        woken_by(woken)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration.is_zero() {
            return futures::future::ready(()).boxed();
        }
        let mut state = self.state();
        let (wake, woken) = oneshot::channel();
        state.slept += 1;
        let key = (state.elapsed + duration, state.slept);
        state.pauses.insert(key, wake);
        woken_by(woken)
    }

    fn entropy(&self) -> u128 {
        let mut state = self.state();
        state.entropy += 1;
        state.entropy
    }
}

fn woken_by(woken: oneshot::Receiver<()>) -> BoxFuture<'static, ()> {
    async move {
        if woken.await.is_err() {
            // The clock itself is gone: nothing will ever be due.
            futures::future::pending::<()>().await;
        }
    }
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_carry_the_time() {
        let clock = ManualClock::new(Timestamp::from_micros(1_700_000_000_123_000));
        let id = clock.new_uuid();
        assert_eq!(id.to_string(), "018bcfe5-687b-7000-8000-000000000001");
        assert_eq!(id.get_version_num(), 7);
        assert!(clock.new_uuid() > id);
        assert_eq!(SystemClock.new_uuid().get_version_num(), 7);
    }

    #[test]
    fn sleepers_wake_when_their_time_has_come_and_not_before() {
        let clock = ManualClock::new(Timestamp::from_micros(0));
        let second = Duration::from_secs(1);
        let mut sleep = clock.sleep_until(Timestamp::from_micros(0).plus(second));
        clock.advance(second - Duration::from_micros(1));
        assert!(futures::FutureExt::now_or_never(&mut sleep).is_none());
        assert_eq!(clock.next_wake(), Some(Timestamp::from_micros(1_000_000)));
        clock.advance(Duration::from_micros(1));
        assert!(futures::FutureExt::now_or_never(&mut sleep).is_some());
        assert_eq!(clock.next_wake(), None);
    }
}
