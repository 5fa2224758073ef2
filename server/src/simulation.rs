//! Deterministic simulation of the scheduler: the real store on a real SQLite file, the real scheduler, executor,
//! rescuer, outbox, disk guard and cleaner, started and stopped as the server does it, on a clock that the simulation
//! moves and with runs that do what it says.
//!
//! Users click, edit, cancel, delete and switch maintenance mode at random; runs take any time and end in any way;
//! the clock jumps; the disk fills up; SQLite is busy or full; the process dies at any moment, or is asked to end, and
//! comes back. After every commit the rules of `crate::audit` are checked, and whenever all is at rest also that nobody waits
//! who could run, and that who is told to stop, and why, is as it should be.
//!
//! **A seed replays exactly.** All randomness and all time come from it. Everything runs on one thread; the threads of
//! SQLite and of file access cannot change the order of things, because the writer is held (`store/faults.rs`) until
//! everything else is at rest, and nobody else moves while it commits. See [`life::Life::rest`].
//!
//! `cargo xtask sim --seeds N` (with `--release` for very many); `cargo xtask sim --seed S`: one seed with its trace.

mod actions;
mod checks;
mod disk;
mod ending;
mod life;
mod orders;
mod outcome;
mod post;
mod script;
mod users;
mod world;
mod writing;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use outcome::Summary;
use world::Template;

/// Seeds in `cargo xtask test`.
const SEEDS: u64 = 1_000;
/// Steps before the failure that are shown.
const STEPS_SHOWN: usize = 40;

#[test]
fn a_thousand_seeds_break_no_rule() {
    simulate(1, SEEDS);
}

#[test]
fn a_seed_replays_exactly() {
    let template = Template::new();
    for seed in 1..=5 {
        let (first, second) = (world::simulate(seed, &template), world::simulate(seed, &template));
        assert_eq!(first.trace, second.trace, "seed {seed}");
    }
}

/// `cargo xtask sim`: as many seeds as wanted, or one with its whole trace.
#[test]
#[ignore = "runs for as long as it is told to: cargo xtask sim"]
#[expect(clippy::disallowed_methods, reason = "libtest passes no arguments on to a test")]
fn as_told() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    if let Some(seed) = number("MILLRACE_SIM_SEED") {
        let run = world::simulate(seed, &Template::new());
        println!("{}", run.trace.join("\n"));
        assert_eq!(run.broken, None, "seed {seed}");
    } else {
        simulate(number("MILLRACE_SIM_FIRST").unwrap_or(1), number("MILLRACE_SIM_SEEDS").unwrap_or(SEEDS));
    }
}

/// Runs `count` seeds from `first` on, on every core.
fn simulate(first: u64, count: u64) {
    let template = Template::new();
    let next = AtomicU64::new(first);
    let total = Mutex::new(Summary::default());
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let failed = !failures.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            if seed >= first + count || failed {
                return;
            }
            let run = world::simulate(seed, &template);
            if let Some(broken) = run.broken {
                let from = run.trace.len().saturating_sub(STEPS_SHOWN);
                let trace = run.trace[from..].join("\n");
                let failure = format!("{trace}\n\nseed {seed}: {broken}\n\nAgain: cargo xtask sim --seed {seed}");
                failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
            }
            total.lock().unwrap_or_else(PoisonError::into_inner).add(&run.summary);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    println!("{count} seeds: {}", total.into_inner().expect("no thread panicked"));
    let failures = failures.into_inner().expect("no thread panicked");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
