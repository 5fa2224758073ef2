//! Files: uploads on their way in, outputs and logs on their way out.

use std::path::{Path, PathBuf};

use model::{Actor, Error, ExecutionId, ProjectId, execution::LogLine, limits, project::Project};

use super::LocalBackend;
use crate::{executor::log, store::NewFile};

impl LocalBackend {
    /// Takes over a finished upload: moves it to the project's files, and puts it into the configuration as a source or
    /// in place of the source's file of that name. What runs keeps the file it started with.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` at `name`; `Conflict` when the project has as many sources as it can have.
    pub async fn add_file(
        &self,
        actor: &Actor,
        project: ProjectId,
        name: &str,
        temporary: &Path,
        bytes: u64,
    ) -> Result<Project, Error> {
        check_file_name(name)?;
        self.told(self.parts.store.project(project).await)?;
        let file = self.parts.clock.new_uuid();
        let target = self.parts.directory.file(project, file);
        move_durably(temporary, &target).await.map_err(|error| self.internal(&error))?;
        let new = NewFile { project, name: name.to_owned(), file, bytes };
        let stored = self.parts.store.put_file(new, actor.author()).await;
        if stored.is_err() {
            // If this fails the cleaner finds it.
            let _ = tokio::fs::remove_file(&target).await;
        }
        self.told(stored)
    }

    /// The file of an output, for download.
    ///
    /// # Errors
    /// `NotFound` when the execution left none of that name.
    pub async fn output_path(&self, id: ExecutionId, name: &str) -> Result<PathBuf, Error> {
        let outputs = self.told(self.parts.store.outputs(id).await)?;
        let output = outputs.iter().find(|output| output.name == name);
        let output = output.ok_or_else(|| Error::not_found("output"))?;
        Ok(self.parts.directory.outputs(id).join(&output.name))
    }

    pub(super) async fn log_lines(&self, id: ExecutionId, first: u64, limit: usize) -> Result<Vec<LogLine>, Error> {
        if !self.told(self.parts.store.needs_execution(id).await)? {
            return Err(Error::not_found("execution"));
        }
        let path = self.parts.directory.log(id);
        let lines = tokio::task::spawn_blocking(move || log::read(&path, first, limit)).await;
        match lines {
            Ok(Ok(lines)) => Ok(lines),
            Ok(Err(error)) => Err(self.internal(&error)),
            Err(stopped) => Err(self.internal(&stopped)),
        }
    }
}

fn check_file_name(name: &str) -> Result<(), Error> {
    if name.trim().is_empty() {
        return Err(Error::invalid("name", "give the file a name, such as people.csv"));
    }
    if name.chars().count() > limits::FILE_NAME_CHARS_MAX {
        return Err(Error::invalid("name", format!("is longer than {} characters", limits::FILE_NAME_CHARS_MAX)));
    }
    if name.contains(['/', '\\']) || name.chars().any(char::is_control) || name == "." || name == ".." {
        return Err(Error::invalid("name", "must be a file's name without a directory"));
    }
    Ok(())
}

/// Content first, then its name: after a power cut the file is whole or not there.
async fn move_durably(from: &Path, to: &Path) -> std::io::Result<()> {
    let (from, to) = (from.to_owned(), to.to_owned());
    let moved = tokio::task::spawn_blocking(move || {
        let home = to.parent().expect("a file lies in a directory");
        std::fs::create_dir_all(home)?;
        std::fs::File::open(&from)?.sync_all()?;
        std::fs::rename(&from, &to)?;
        std::fs::File::open(home)?.sync_all()
    });
    moved.await.map_err(std::io::Error::other)?
}
