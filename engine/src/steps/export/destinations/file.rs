//! A target that is a file: for download, in a directory of the server, or in a bucket.

pub(super) mod beside;
mod object_storage;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use datafusion::arrow::array::RecordBatch;
use model::{config::export::Target, execution::Output, results::Delivered};
use regex::Regex;

use self::{beside::Beside, object_storage::Upload};
use super::{
    super::{
        formats::{FormatWriter, cannot_write},
        names::pattern::complete,
    },
    Destination, Placed, Surroundings, Turn,
};
use crate::{Failure, StepContext};

/// The file while it is being written, then ready, then in its place.
pub(super) struct FileDestination {
    name: String,
    /// The names of all files of this target, when only some of them are kept.
    kept: Option<(Regex, usize)>,
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

impl FileDestination {
    pub(super) fn open(number: usize, target: &Target, around: &Surroundings<'_>) -> Result<Self, Failure> {
        let about = target.file().ok_or_else(|| Failure::Internal("a target that is no file".to_owned()))?;
        let (context, pattern) = (around.context, complete(about.name, about.format.packing()));
        let name = around.filling.name(&pattern)?;
        let kept = match about.keep {
            Some(keep) => Some((around.filling.finder(&pattern)?, keep as usize)),
            None => None,
        };
        let create = |path: &Path| {
            let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
            file.map_err(|error| Failure::io(&cannot_write(&name), &error))
        };
        let (place, file) = match target {
            Target::File { .. } => (Place::Download, create(&around.downloads.join(&name))?),
            Target::Directory { path, .. } => {
                let beside = Beside::create(&around.settings.roots, Path::new(path), &name, &around.made)?;
                let file = beside.file()?;
                (Place::Directory(beside), file)
            }
            Target::ObjectStorage { .. } => {
                let upload = Upload::to(target, &name, around.secrets, around.settings.client.as_ref())?;
                let staged = context.file(&format!("upload-{number}"));
                let file = create(&staged)?;
                (Place::ObjectStorage { upload, staged }, file)
            }
        };
        let own = file.try_clone().map_err(|error| Failure::io(&cannot_write(&name), &error))?;
        let scratch = context.file("");
        let writer = FormatWriter::create(&name, about.format, own, around.schema, &scratch, context)?;
        Ok(Self { name, kept, file, writer: Some(writer), rows: 0, bytes: 0, place })
    }
}

impl Destination for FileDestination {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write(batch))
    }

    fn make_ready(&mut self, context: &StepContext<'_>) -> Result<(), Failure> {
        if let Some(writer) = self.writer.take() {
            self.rows = writer.finish()?;
        }
        let synced = self.file.sync_all().and_then(|()| self.file.metadata());
        self.bytes = synced.map_err(|error| Failure::io(&cannot_write(&self.name), &error))?.len();
        match &mut self.place {
            Place::Download => Ok(()),
            Place::Directory(beside) => beside.keep_earlier(),
            Place::ObjectStorage { upload, .. } => upload.send(&self.file, self.bytes, context),
        }
    }

    fn turn(&self) -> Turn {
        match self.place {
            Place::Download => Turn::WithDownloads,
            Place::Directory(_) => Turn::Near,
            Place::ObjectStorage { .. } => Turn::Remote,
        }
    }

    fn place(&mut self) -> Result<Placed, Failure> {
        let (rows, bytes) = (self.rows, self.bytes);
        let location = match &mut self.place {
            Place::Download => {
                return Ok(Placed::Output(Output { name: self.name.clone(), bytes, rows: Some(rows) }));
            }
            Place::Directory(beside) => beside.place()?,
            Place::ObjectStorage { upload, .. } => upload.place()?,
        };
        Ok(Placed::Delivered(Delivered { location, bytes, rows, removed: Vec::new() }))
    }

    fn take_back(&mut self) -> Result<(), Failure> {
        match &mut self.place {
            Place::Download => Ok(()),
            Place::Directory(beside) => beside.take_back(),
            Place::ObjectStorage { upload, .. } => upload.take_back(),
        }
    }

    fn settle(&mut self) -> Vec<String> {
        match &mut self.place {
            Place::Download => Vec::new(),
            Place::Directory(beside) => beside.settle(self.kept.as_ref()),
            Place::ObjectStorage { upload, staged } => {
                // It was only a copy; what is left of it goes with the step's next result.
                if let Err(error) = fs::remove_file(&*staged) {
                    tracing::warn!(%error, file = %staged.display(), "a file that was sent could not be removed");
                }
                upload.settle(self.kept.as_ref())
            }
        }
    }
}
