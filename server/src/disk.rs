//! The disk guard: while less is free than must stay free, nothing starts and what runs is stopped, before a half-written
//! file or the database itself finds the disk full.

use std::{io, path::Path, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    clock::SharedClock,
    store::{DiskShort, Store},
};

/// Between two looks at the disk.
const INTERVAL: Duration = Duration::from_secs(5);

/// Bytes that are free where the data lies.
pub type FreeSpace = Box<dyn Fn() -> io::Result<u64> + Send + Sync>;

pub struct DiskGuard {
    store: Store,
    clock: SharedClock,
    /// 0 switches the guard off.
    needed_bytes: u64,
    free: FreeSpace,
}

impl DiskGuard {
    pub fn new(store: Store, clock: SharedClock, needed_bytes: u64, free: FreeSpace) -> Self {
        Self { store, clock, needed_bytes, free }
    }

    /// Works until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        while self.needed_bytes > 0 && !stop.is_cancelled() {
            self.check();
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.clock.sleep(INTERVAL) => {}
            }
        }
    }

    /// One look. A disk that cannot be asked stops nothing.
    pub fn check(&self) {
        let needed_bytes = self.needed_bytes;
        let short = match (self.free)() {
            Ok(free_bytes) => (free_bytes < needed_bytes).then_some(DiskShort { free_bytes, needed_bytes }),
            Err(error) => {
                tracing::warn!(%error, "the free space of the disk cannot be read");
                None
            }
        };
        match (self.store.disk_short(), short) {
            (None, Some(short)) => tracing::error!(?short, "the disk is nearly full: executions wait"),
            (Some(_), None) => tracing::info!("the disk has room again"),
            (None, None) | (Some(_), Some(_)) => {}
        }
        self.store.set_disk_short(short);
    }
}

/// What this user may still write on the disk that holds `path`.
#[cfg(unix)]
pub fn free_space(path: &Path) -> FreeSpace {
    let path = path.to_owned();
    Box::new(move || {
        let disk = rustix::fs::statvfs(&path)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    })
}

/// Where it cannot be asked, there is always enough.
#[cfg(not(unix))]
pub fn free_space(_: &Path) -> FreeSpace {
    Box::new(|| Ok(u64::MAX))
}

#[cfg(test)]
mod tests;
