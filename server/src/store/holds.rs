//! What keeps executions from starting while there are free slots, and is true of this process only.
//!
//! The claim asks within its transaction, so whoever sets a hold and then waits for the claims in flight knows that none
//! starts any more.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::Store;

/// Less is free on the disk than must stay free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskShort {
    pub free_bytes: u64,
    pub needed_bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct Holds {
    closing: AtomicBool,
    disk: watch::Sender<Option<DiskShort>>,
}

impl Holds {
    pub(super) fn forbid_starts(&self) -> bool {
        self.closing.load(Ordering::SeqCst) || self.disk.borrow().is_some()
    }
}

impl Store {
    /// No execution is claimed from now on: the process is about to end.
    pub fn close_queue(&self) {
        self.holds.closing.store(true, Ordering::SeqCst);
    }

    /// Whether the disk is short, as last seen.
    pub fn disk_short(&self) -> Option<DiskShort> {
        *self.holds.disk.borrow()
    }

    /// Changes when the disk becomes short, and when it no longer is.
    pub fn disk_changed(&self) -> watch::Receiver<Option<DiskShort>> {
        self.holds.disk.subscribe()
    }

    /// Says how the disk is. While it is short nothing starts; when it no longer is, the queue is looked at.
    pub fn set_disk_short(&self, short: Option<DiskShort>) {
        let changed = self.holds.disk.send_if_modified(|known| std::mem::replace(known, short) != short);
        if changed {
            self.signals.queue.send_modify(|changes| *changes += 1);
        }
    }
}
