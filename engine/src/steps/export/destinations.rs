//! Where an export goes, in steps: everything is written and made ready where nobody looks, and only when that is done for
//! all destinations does each make its records visible, by one act. Dropped before that, a destination leaves no trace.
//!
//! A new kind of destination is a variant of [`Target`], a file here that implements [`Destination`], a line in [`open`],
//! and what `validate/export.rs` refuses.

mod file;

use std::{path::Path, sync::Arc};

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use model::{config::export::Target, execution::Output, results::Delivered};

use self::file::{FileDestination, beside::Made};
use super::{names::pattern::Filling, settings::ExportSettings};
use crate::{Failure, Secrets, StepContext};

/// What destinations are opened with.
pub(super) struct Surroundings<'a> {
    pub(super) settings: &'a ExportSettings,
    pub(super) secrets: &'a Secrets,
    pub(super) filling: &'a Filling,
    /// Holds the files for download until they are published together.
    pub(super) downloads: &'a Path,
    /// Columns of everything that is written.
    pub(super) schema: &'a SchemaRef,
    pub(super) made: Arc<Made>,
    pub(super) context: &'a StepContext<'a>,
}

/// A target of this run, from the first record to the last. Called on a thread of the engine that may block; what may
/// take long looks at the checkpoints of the context that it was opened with.
pub(super) trait Destination: Send {
    /// What people call it: a file's name, a table.
    fn name(&self) -> &str;

    /// Takes further records. Nobody sees them yet.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure>;

    /// After the last record: completes everything where it lies, and brings it to the disk or to the other end. What can
    /// still go wrong goes wrong here; the last step should be as sure as can be.
    fn make_ready(&mut self, context: &StepContext<'_>) -> Result<(), Failure>;

    /// When this destination is placed among all.
    fn turn(&self) -> Turn;

    /// Makes the records visible, all at once. Runs to its end: it is not cancelled any more.
    ///
    /// # Errors
    /// The destination is as it was.
    fn place(&mut self) -> Result<Placed, Failure>;

    /// Undoes [`Self::place`], because a later destination failed.
    ///
    /// # Errors
    /// The new records stay.
    fn take_back(&mut self) -> Result<(), Failure>;

    /// When all destinations are in their places: lets go of what taking back needed, and removes earlier exports that are
    /// not kept. Tells which those are; what cannot be removed now is tried again by the next export.
    fn settle(&mut self) -> Vec<String>;
}

/// First who is most likely to refuse the last step, last who cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// Another machine has a say in it.
    Remote,
    Near,
    /// Appears together with the directory of downloads.
    WithDownloads,
}

/// What became of a target.
pub(super) enum Placed {
    Output(Output),
    Delivered(Delivered),
}

pub(super) fn open(number: usize, target: &Target, around: &Surroundings<'_>) -> Result<Box<dyn Destination>, Failure> {
    match target {
        Target::File { .. } | Target::Directory { .. } | Target::ObjectStorage { .. } => {
            Ok(Box::new(FileDestination::open(number, target, around)?))
        }
    }
}
