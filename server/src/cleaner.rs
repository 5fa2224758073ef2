//! Retention: removes what is too old to keep, rows and files. Never anything that is queued or running.

use std::{ffi::OsStr, io, path::Path, time::Duration};

use model::{ExecutionId, ProjectId, Timestamp};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    clock::SharedClock,
    directory::DataDirectory,
    store::{ActivityKept, Retention, Store, StoreResult},
};

/// Between two rounds.
const INTERVAL: Duration = Duration::from_secs(3600);
/// A file or directory younger than this may belong to something that is not committed yet.
const SETTLING: Duration = Duration::from_secs(3600);

/// How long history is kept.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// After its end.
    pub age: Duration,
    /// So many of each workflow stay, however old they are.
    pub newest: u32,
    /// The log of who did what.
    pub activity: Duration,
}

pub struct Cleaner {
    store: Store,
    clock: SharedClock,
    directory: DataDirectory,
    keep: Keep,
}

impl Cleaner {
    pub fn new(store: Store, clock: SharedClock, directory: DataDirectory, keep: Keep) -> Self {
        Self { store, clock, directory, keep }
    }

    /// Works until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.clean().await {
                tracing::error!(%error, "what is too old could not be removed");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.clock.sleep_until(self.clock.now().plus(INTERVAL)) => {}
            }
        }
    }

    /// One round.
    ///
    /// # Errors
    /// When the database cannot be read or written. Files that cannot be removed are logged and tried again.
    pub async fn clean(&self) -> StoreResult<()> {
        let retention =
            Retention { ended_before: self.clock.now().minus(self.keep.age), newest_kept: self.keep.newest };
        loop {
            let outlived = self.store.outlived(retention).await?;
            if outlived.is_empty() {
                break;
            }
            for id in &outlived {
                remove(&self.directory.execution(*id)).await;
            }
            self.store.delete_executions(outlived).await?;
        }
        while self.store.prune_events().await? {}
        self.store.prune_activity(ActivityKept::since(self.clock.now().minus(self.keep.activity))).await?;
        self.store.prune_sessions().await?;
        while self.store.prune_digests(retention.ended_before).await? {}
        self.sweep_executions().await?;
        self.sweep_projects().await
    }

    /// Directories of executions whose row is gone.
    async fn sweep_executions(&self) -> StoreResult<()> {
        for id in self.settled_ids(&self.directory.executions()).await {
            let execution = ExecutionId::from_uuid(id);
            if !self.store.needs_execution(execution).await? {
                remove(&self.directory.execution(execution)).await;
            }
        }
        Ok(())
    }

    /// Directories of deleted projects, and contents that were replaced.
    async fn sweep_projects(&self) -> StoreResult<()> {
        for id in self.settled_ids(&self.directory.projects()).await {
            let project = ProjectId::from_uuid(id);
            if !self.store.needs_project(project).await? {
                remove(&self.directory.project(project)).await;
                continue;
            }
            for file in self.settled_ids(&self.directory.files(project)).await {
                if !self.store.needs_file(project, file).await? {
                    remove(&self.directory.file(project, file)).await;
                }
            }
        }
        Ok(())
    }

    /// Names in a directory that are ids made some time ago.
    async fn settled_ids(&self, directory: &Path) -> Vec<Uuid> {
        let settled = self.clock.now().minus(SETTLING);
        let mut ids = Vec::new();
        let Ok(mut entries) = tokio::fs::read_dir(directory).await else { return ids };
        while let Ok(Some(entry)) = entries.next_entry().await {
            ids.extend(id_of(&entry.file_name()).filter(|id| made_at(*id) < settled));
        }
        ids
    }
}

fn id_of(name: &OsStr) -> Option<Uuid> {
    name.to_str()?.parse().ok()
}

/// The first 48 bits of a version 7 UUID are Unix milliseconds.
fn made_at(id: Uuid) -> Timestamp {
    let millis = u64::try_from(id.as_u128() >> 80).expect("48 bits fit");
    Timestamp::from_micros(0).plus(Duration::from_millis(millis))
}

async fn remove(path: &Path) {
    let removed = match tokio::fs::metadata(path).await {
        Ok(found) if found.is_dir() => tokio::fs::remove_dir_all(path).await,
        Ok(_) => tokio::fs::remove_file(path).await,
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "could not be removed; it is tried again");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
