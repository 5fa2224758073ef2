//! The last part of an export: every destination makes its records visible. It is not cancelled any more, and when one
//! destination refuses, those before it take theirs back.
//!
//! Several files cannot be renamed by one act. So whoever is killed in here leaves a mark, from which the next process
//! knows that some destinations may be new and others not yet. Each of them is whole.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use model::{
    execution::Output,
    results::{Delivered, Summary},
};

use super::destinations::{Destination, Placed, Turn};
use crate::{Failure, StepContext, results};

/// The mark of an execution that may have changed a destination outside of its downloads: it is there from before the
/// first of them is touched until the downloads are published or all are as they were.
pub fn mark(outputs: &Path) -> PathBuf {
    with_ending(outputs, ".placing")
}

/// Places all, and publishes the downloads. What is told is in the order of the targets.
pub(super) fn place(
    destinations: Vec<Box<dyn Destination>>,
    partial: &Partial,
    records: u64,
    context: &StepContext<'_>,
) -> Result<(Vec<Output>, Vec<Delivered>), Failure> {
    let mut destinations: Vec<_> = destinations.into_iter().enumerate().collect();
    destinations.sort_by_key(|(number, destination)| (destination.turn(), *number));
    let mark = mark(context.outputs());
    if destinations.iter().any(|(_, destination)| destination.turn() != Turn::WithDownloads) {
        set(&mark).map_err(|error| Failure::io("cannot write down that the export begins to be placed", &error))?;
    }
    let mut placed: Vec<(usize, Box<dyn Destination>, Placed)> = Vec::new();
    for (number, mut destination) in destinations {
        context.advanced(Some(1.0), records, &format!("placing {}", destination.name()));
        match destination.place() {
            Ok(done) => placed.push((number, destination, done)),
            Err(failure) => {
                let mark = (!destination.is_unsure()).then_some(mark.as_path());
                return Err(take_back(placed, failure, mark));
            }
        }
    }
    if let Err(error) = partial.publish(context.outputs()) {
        return Err(take_back(placed, Failure::io("cannot publish the outputs", &error), Some(&mark)));
    }
    unset(&mark);
    placed.sort_by_key(|(number, ..)| *number);
    let (mut outputs, mut delivered) = (Vec::new(), Vec::new());
    for (_, mut destination, done) in placed {
        let removed = destination.settle();
        match done {
            Placed::Output(output) => outputs.push(output),
            Placed::Delivered(file) => delivered.push(Delivered { removed, ..file }),
        }
    }
    Ok((outputs, delivered))
}

/// The failure, with what could not be taken back: people have to know of it. The mark goes when all is as it was; it is not
/// given where that is not known.
fn take_back(placed: Vec<(usize, Box<dyn Destination>, Placed)>, failure: Failure, mark: Option<&Path>) -> Failure {
    let mut stays = Vec::new();
    for (_, mut destination, _) in placed.into_iter().rev() {
        if let Err(problem) = destination.take_back() {
            stays.push(problem.to_string());
        }
    }
    if stays.is_empty() {
        if let Some(mark) = mark {
            unset(mark);
        }
        return failure;
    }
    Failure::Input(format!("{failure}. Other destinations have the new records: {}", stays.join("; ")))
}

fn set(mark: &Path) -> io::Result<()> {
    if let Some(parent) = mark.parent() {
        fs::create_dir_all(parent)?;
    }
    File::create(mark)?.sync_all()?;
    mark.parent().map_or(Ok(()), results::sync_directory)
}

fn unset(mark: &Path) {
    if let Err(error) = fs::remove_file(mark)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, mark = %mark.display(), "the mark of an export that is done could not be removed");
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The outputs while they are being written. Dropped unpublished, it is removed.
pub(super) struct Partial {
    pub(super) directory: PathBuf,
}

impl Partial {
    pub(super) fn create(context: &StepContext<'_>) -> Result<Self, Failure> {
        let outputs = context.outputs();
        let directory = with_ending(outputs, ".partial");
        if outputs.exists() {
            // An execution has a directory of its own; runs without a scheduler replace what the last one left.
            match context.execution() {
                Some(_) => return Err(Failure::Internal(format!("the outputs {} exist already", outputs.display()))),
                None => refuse_foreign(outputs, context)?,
            }
        }
        let created = results::remove_if_there(&directory).and_then(|()| fs::create_dir_all(&directory));
        created.map_err(|error| Failure::io("cannot create a directory for the outputs", &error))?;
        Ok(Self { directory })
    }

    fn publish(&self, outputs: &Path) -> io::Result<()> {
        let replaced = with_ending(outputs, ".replaced");
        results::remove_if_there(&replaced)?;
        let replaces = match fs::rename(outputs, &replaced) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if let Err(error) = fs::rename(&self.directory, outputs) {
            if replaces {
                fs::rename(&replaced, outputs)?;
            }
            return Err(error);
        }
        if let Err(error) = results::remove_if_there(&replaced) {
            tracing::warn!(%error, directory = %replaced.display(), "outputs that were replaced could not be removed");
        }
        outputs.parent().map_or(Ok(()), results::sync_directory)
    }
}

/// A directory is replaced as a whole, so it may hold nothing but what the last export put there.
fn refuse_foreign(outputs: &Path, context: &StepContext<'_>) -> Result<(), Failure> {
    let written = match context.previous()?.map(|previous| previous.result()).transpose()?.map(|result| result.summary)
    {
        Some(Summary::Export(summary)) => summary.outputs,
        _ => Vec::new(),
    };
    let entries = fs::read_dir(outputs).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| Failure::io("cannot look into the directory for the outputs", &error))?;
    let foreign =
        entries.iter().map(fs::DirEntry::file_name).find(|name| !written.iter().any(|output| *name == *output.name));
    foreign.map_or(Ok(()), |name| {
        Err(Failure::Input(format!(
            "{} would be replaced, and it holds {}, which the last export did not write; move that away, or give another \
             directory for the outputs",
            outputs.display(),
            name.display()
        )))
    })
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Err(error) = results::remove_if_there(&self.directory) {
            tracing::warn!(%error, directory = %self.directory.display(), "unfinished outputs could not be removed");
        }
    }
}
