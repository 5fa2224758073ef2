//! What an earlier process left behind when it died. Runs once at start, before anything new does.

use std::{fs, io, path::Path};

use model::{
    Step,
    execution::{Execution, StepStatus},
};

use crate::{
    directory::DataDirectory,
    store::{Interrupted, Store, StoreResult},
};

/// Ends every execution that an earlier process left running, queues its recovery, and removes half-written files.
///
/// Doing it twice is harmless: a process that dies in here leaves the rest to the next one.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn recover(store: &Store, directory: &DataDirectory) -> StoreResult<()> {
    log_failure(empty(&directory.temporary()), &directory.temporary());
    for execution in store.left_running().await? {
        let partial = directory.outputs_partial(execution.id);
        log_failure(remove(&partial), &partial);
        let destination_unchanged = destination_unchanged(&execution, &directory.outputs(execution.id));
        let ended = store.interrupt(Interrupted { execution: execution.id, destination_unchanged }).await?;
        if let Some(ended) = ended {
            tracing::warn!(execution = %ended.id, workflow = %ended.workflow_name, status = ended.status.label(),
                "was running when the server stopped");
        }
    }
    Ok(())
}

/// Outputs are put in place by one rename, and before a destination elsewhere is touched there is a mark beside them.
fn destination_unchanged(execution: &Execution, outputs: &Path) -> Option<bool> {
    let export = execution.steps.iter().find(|run| run.step == Step::Export)?;
    (export.status != StepStatus::Pending).then(|| !outputs.exists() && !engine::export_mark(outputs).exists())
}

/// Uploads that never became a file of a project.
fn empty(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        remove(&entry?.path())?;
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn log_failure(result: io::Result<()>, path: &Path) {
    if let Err(error) = result {
        tracing::warn!(%error, path = %path.display(), "leftovers could not be removed");
    }
}

#[cfg(test)]
mod tests;
