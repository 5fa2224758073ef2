//! Where a file of an export goes, in two steps: everything is written and made ready where nobody looks, and only when
//! that is done for all files does each get its name. Dropped before that, a destination leaves no trace.

mod beside;
pub(crate) mod object_storage;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use model::{config::export::Target, execution::Output, results::Delivered};

use self::{beside::Beside, object_storage::Upload};
use super::{
    formats::{FormatWriter, cannot_write},
    names::pattern::{Filling, complete},
    settings::ExportSettings,
};
use crate::{Failure, Secrets, StepContext};

/// What destinations are opened with.
pub(super) struct Surroundings<'a> {
    pub(super) settings: &'a ExportSettings,
    pub(super) secrets: &'a Secrets,
    pub(super) filling: &'a Filling,
    /// Holds the files for download until they are published together.
    pub(super) downloads: &'a Path,
    pub(super) schema: &'a SchemaRef,
    pub(super) context: &'a StepContext<'a>,
}

/// A target of this run: its file while it is being written, then ready, then in its place.
pub(super) struct Destination {
    name: String,
    /// The names of all files of this target, when only some of them are kept.
    kept: Option<(regex::Regex, usize)>,
    file: File,
    writer: Option<FormatWriter>,
    rows: u64,
    bytes: u64,
    place: Place,
}

enum Place {
    Download,
    Directory(Beside),
    /// The file waits in the draft of the step until it has been sent.
    ObjectStorage {
        upload: Upload,
        staged: PathBuf,
    },
}

/// What became of a target.
pub(super) enum Placed {
    Output(Output),
    Delivered(Delivered),
}

impl Destination {
    pub(super) fn open(number: usize, target: &Target, around: &Surroundings<'_>) -> Result<Self, Failure> {
        let (context, pattern) = (around.context, complete(target.name(), target.format().packing()));
        let name = around.filling.name(&pattern)?;
        let kept = match target.keep() {
            Some(keep) => Some((around.filling.finder(&pattern)?, keep as usize)),
            None => None,
        };
        let create = |path: &Path| File::create(path).map_err(|error| Failure::io(&cannot_write(&name), &error));
        let (place, file) = match target {
            Target::File { .. } => (Place::Download, create(&around.downloads.join(&name))?),
            Target::Directory { path, .. } => {
                let beside = Beside::create(&around.settings.roots, Path::new(path), &name)?;
                let file = beside.file()?;
                (Place::Directory(beside), file)
            }
            Target::ObjectStorage { .. } => {
                let upload = Upload::to(target, &name, around.secrets)?;
                let staged = context.file(&format!("upload-{number}"));
                let file = File::options().read(true).write(true).create(true).truncate(true).open(&staged);
                let file = file.map_err(|error| Failure::io(&cannot_write(&name), &error))?;
                (Place::ObjectStorage { upload, staged }, file)
            }
        };
        let own = file.try_clone().map_err(|error| Failure::io(&cannot_write(&name), &error))?;
        let scratch = context.file("");
        let writer = FormatWriter::create(&name, target.format(), own, around.schema, &scratch, context)?;
        Ok(Self { name, kept, file, writer: Some(writer), rows: 0, bytes: 0, place })
    }

    /// The name of its file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write(batch))
    }

    /// Completes the file where it lies, and brings it to the disk or to the other end. Nobody sees it yet.
    pub(super) fn make_ready(&mut self, context: &StepContext<'_>) -> Result<(), Failure> {
        if let Some(writer) = self.writer.take() {
            self.rows = writer.finish()?;
        }
        let synced = self.file.sync_all().and_then(|()| self.file.metadata());
        self.bytes = synced.map_err(|error| Failure::io(&cannot_write(&self.name), &error))?.len();
        if let Place::ObjectStorage { upload, .. } = &mut self.place {
            upload.send(&self.file, self.bytes, context)?;
        }
        Ok(())
    }

    /// Whether the last step can still be refused by somebody else: those are placed first.
    pub(super) const fn is_remote(&self) -> bool {
        matches!(self.place, Place::ObjectStorage { .. })
    }

    /// Gives the file its name: the old one is there until the new one is, and the new one is whole. A file for download
    /// appears when its directory does.
    pub(super) fn place(mut self) -> Result<Placed, Failure> {
        let (name, rows, bytes) = (std::mem::take(&mut self.name), self.rows, self.bytes);
        let (location, removed) = match self.place {
            Place::Download => return Ok(Placed::Output(Output { name, bytes, rows: Some(rows) })),
            Place::Directory(beside) => beside.place(self.kept.as_ref())?,
            Place::ObjectStorage { upload, staged } => {
                let placed = upload.place(self.kept.as_ref())?;
                // It was only a copy; what is left of it goes with the step's next result.
                if let Err(error) = fs::remove_file(&staged) {
                    tracing::warn!(%error, file = %staged.display(), "a file that was sent could not be removed");
                }
                placed
            }
        };
        Ok(Placed::Delivered(Delivered { location, bytes, rows, removed }))
    }
}
