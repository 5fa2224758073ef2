//! What goes into a backup: the files that its copy of the database names, in an order that follows from it alone.

use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use engine::Workspace;
use model::{ExecutionId, ProjectId, Step, execution::Output};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{BackupError, Result, archive::Archive, at, names};
use crate::{directory::DataDirectory, store::backup::Copied};

/// Something that the database names.
#[derive(Debug)]
pub(super) enum Named {
    Uploaded {
        project: ProjectId,
        file: Uuid,
        bytes: u64,
    },
    /// The latest results of a project, if there are any.
    Results(ProjectId),
    /// The log of an execution, if it has one.
    Log(ExecutionId),
    Output {
        execution: ExecutionId,
        output: Output,
    },
}

/// Goes through everything that the database names.
pub(super) fn each(database: &mut Copied, runtime: &Handle, mut visit: impl FnMut(Named) -> Result<()>) -> Result<()> {
    for project in runtime.block_on(database.projects())? {
        for (file, bytes) in runtime.block_on(database.files(project))? {
            visit(Named::Uploaded { project, file, bytes })?;
        }
        visit(Named::Results(project))?;
    }
    let mut last = 0;
    loop {
        let executions = runtime.block_on(database.executions_after(last))?;
        let Some(newest) = executions.last() else { return Ok(()) };
        last = newest.number;
        for execution in executions {
            visit(Named::Log(execution.id))?;
            for output in execution.outputs {
                visit(Named::Output { execution: execution.id, output })?;
            }
        }
    }
}

/// Adds one of them to the archive.
pub(super) fn add(archive: &mut Archive, directory: &DataDirectory, named: Named) -> Result<()> {
    match named {
        Named::Uploaded { project, file, bytes } => {
            add_named(archive, names::uploaded(project, file), &directory.file(project, file), bytes)
        }
        Named::Results(project) => add_results(archive, project, &directory.workspace(project)),
        Named::Log(execution) => {
            let path = directory.log(execution);
            match open(&path)? {
                Some(file) => archive.add(names::log(execution), &path, file).map(drop),
                None => Ok(()),
            }
        }
        Named::Output { execution, output } => {
            let name = names::output(execution, &output.name);
            if names::meaning(&name).is_none() {
                return Err(BackupError::Damaged { path: name, problem: "is not the name of an output".to_owned() });
            }
            add_named(archive, name, &directory.outputs(execution).join(&output.name), output.bytes)
        }
    }
}

/// The key of the secrets: without it, those of the restored database could not be opened.
pub(super) fn add_key(archive: &mut Archive, directory: &DataDirectory) -> Result<()> {
    let path = directory.secrets_key();
    match open(&path)? {
        Some(file) => archive.add(names::KEY.to_owned(), &path, file).map(drop),
        None => Ok(()),
    }
}

/// A file whose size the database tells.
fn add_named(archive: &mut Archive, name: String, path: &Path, bytes: u64) -> Result<()> {
    let Some(file) = open(path)? else { return archive.add_gone(name).map_err(at(path)) };
    let found = archive.add(name, path, file)?;
    if found != bytes {
        let problem = format!(
            "has {found} bytes, but the database says {bytes}. The file is damaged: replace or delete it, or make a backup \
             without files (--database-only)"
        );
        return Err(BackupError::Damaged { path: path.display().to_string(), problem });
    }
    Ok(())
}

fn add_results(archive: &mut Archive, project: ProjectId, workspace: &Path) -> Result<()> {
    let root = PathBuf::from(workspace);
    let workspace = Workspace::new(root.clone());
    for step in Step::ALL {
        let Some(opened) = workspace.open(step)? else { continue };
        for (path, file) in opened.files {
            archive.add(names::result(project, &path), &root.join(&path), file)?;
        }
        let (path, version) = opened.current;
        archive.add_text(names::result(project, &path), &version).map_err(at(&root))?;
    }
    Ok(())
}

/// `None` when it is gone.
fn open(path: &Path) -> Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}
