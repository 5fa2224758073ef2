//! The disk under the simulated server: as much is free as the simulation says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::disk::FreeSpace;

/// Less is too little.
pub(super) const NEEDED_BYTES: u64 = 1 << 30;
/// The guard has seen a change by then.
pub(super) const LOOKED_AT_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Disk {
    free_bytes: Arc<AtomicU64>,
    /// Time that had passed in the world when it last changed.
    pub(super) changed_at: Duration,
}

impl Disk {
    pub(super) fn new() -> Self {
        Self { free_bytes: Arc::new(AtomicU64::new(u64::MAX)), changed_at: Duration::ZERO }
    }

    pub(super) fn set(&mut self, free_bytes: u64, now: Duration) {
        self.free_bytes.store(free_bytes, Ordering::Relaxed);
        self.changed_at = now;
    }

    pub(super) fn is_short(&self) -> bool {
        self.free_bytes.load(Ordering::Relaxed) < NEEDED_BYTES
    }

    /// What the server asks.
    pub(super) fn free_space(&self) -> FreeSpace {
        let free_bytes = Arc::clone(&self.free_bytes);
        Box::new(move || Ok(free_bytes.load(Ordering::Relaxed)))
    }
}
