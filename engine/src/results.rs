//! Published results: one directory a version, and a `current` file that names the one that counts.
//!
//! **Architecture invariant:** a version is complete and on disk before `current` names it, and is never changed
//! afterwards. Readers see the old result or the new one, never half of one.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use model::{Step, results::StepResult};

use crate::Failure;

const CURRENT: &str = "current";
const SUMMARY: &str = "summary.json";
const INPUTS: &str = "inputs.json";
/// Attempts to open a result that others replace meanwhile. A run publishes each step once.
const OPENINGS_MAX: usize = 100;

/// For each step that a result was made from: the version that it read.
pub type Inputs = BTreeMap<String, String>;

/// The results of one project.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

/// A published result.
#[derive(Clone, Debug)]
pub struct Version {
    pub step: Step,
    pub name: String,
    directory: PathBuf,
}

/// A published result whose files are open: they can be read to their end whatever is published meanwhile.
#[derive(Debug)]
pub struct Opened {
    /// Its files, by their paths in the workspace.
    pub files: Vec<(String, File)>,
    /// Path and content of the file that names this version as the one that counts.
    pub current: (String, String),
}

/// A result that is being written. Dropping it unpublished removes it.
#[derive(Debug)]
pub struct Draft {
    step: Step,
    name: String,
    directory: PathBuf,
    published: bool,
}

impl Workspace {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The latest result of a step, if it ever completed.
    pub fn published(&self, step: Step) -> Result<Option<Version>, Failure> {
        let home = self.home(step);
        let name = match fs::read_to_string(home.join(CURRENT)) {
            Ok(name) => name,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::io("cannot read the published result", &error)),
        };
        let directory = home.join(&name);
        Ok(Some(Version { step, name, directory }))
    }

    /// The latest result of a step with all its files, for a copy beside a server that works.
    pub fn open(&self, step: Step) -> Result<Option<Opened>, Failure> {
        for _ in 0..OPENINGS_MAX {
            let Some(version) = self.published(step)? else { return Ok(None) };
            let files = version.open_files().map_err(|error| Failure::io("cannot open the published result", &error));
            // A version is removed after another is published, so what is published still was there all the time.
            if self.published(step)?.is_some_and(|now| now.name == version.name) {
                let current = (format!("{step}/{CURRENT}", step = step.as_str()), version.name);
                return Ok(Some(Opened { files: files?, current }));
            }
        }
        Err(Failure::Internal(format!("the result of {step} changes faster than it can be opened")))
    }

    /// Starts a new version, named after `name` unless the published one has that name already.
    pub(crate) fn draft(&self, step: Step, name: &str) -> Result<Draft, Failure> {
        let current = self.published(step)?.map(|version| version.name);
        let name = (1..)
            .map(|count| if count == 1 { name.to_owned() } else { format!("{name}-{count}") })
            .find(|candidate| current.as_ref() != Some(candidate))
            .expect("there is always a next number");
        let directory = self.home(step).join(&name);
        let created = remove_if_there(&directory).and_then(|()| fs::create_dir_all(&directory));
        created.map_err(|error| Failure::io("cannot create a directory for the result", &error))?;
        Ok(Draft { step, name, directory, published: false })
    }

    fn home(&self, step: Step) -> PathBuf {
        self.root.join(step.as_str())
    }
}

impl Version {
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What the step left for people to read.
    pub fn result(&self) -> Result<StepResult, Failure> {
        self.read_json(SUMMARY)
    }

    /// The versions of earlier steps that this result was made from.
    pub fn inputs(&self) -> Result<Inputs, Failure> {
        self.read_json(INPUTS)
    }

    fn open_files(&self) -> io::Result<Vec<(String, File)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|_| ErrorKind::InvalidFilename)?;
            files.push((format!("{}/{}/{name}", self.step.as_str(), self.name), File::open(entry.path())?));
        }
        files.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(files)
    }

    fn read_json<T: serde::de::DeserializeOwned>(&self, file: &str) -> Result<T, Failure> {
        let text =
            fs::read(self.file(file)).map_err(|error| Failure::io("cannot read the published result", &error))?;
        serde_json::from_slice(&text)
            .map_err(|error| Failure::Internal(format!("{} of {} is damaged: {error}", file, self.step)))
    }
}

impl Draft {
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Makes this version the result of its step, and removes all others, among them what crashed runs left.
    pub(crate) fn publish(mut self, result: &StepResult, inputs: &Inputs) -> Result<(), Failure> {
        self.write_json(SUMMARY, result)?;
        self.write_json(INPUTS, inputs)?;
        let home = self.directory.parent().expect("a version lies in its step's directory").to_owned();
        self.swap(&home).map_err(|error| Failure::io("cannot publish the result", &error))?;
        self.published = true;
        if let Err(error) = remove_others(&home, &self.name) {
            tracing::warn!(%error, directory = %home.display(), "old results could not be removed");
        }
        Ok(())
    }

    fn swap(&self, home: &Path) -> io::Result<()> {
        sync_files(&self.directory)?;
        let next = home.join("current.next");
        fs::write(&next, &self.name)?;
        File::open(&next)?.sync_all()?;
        fs::rename(&next, home.join(CURRENT))?;
        sync_directory(home)
    }

    fn write_json<T: serde::Serialize>(&self, file: &str, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(value)
            .map_err(|error| Failure::Internal(format!("{file} of {}: {error}", self.step)))?;
        fs::write(self.file(file), text).map_err(|error| Failure::io("cannot write the result", &error))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published
            && let Err(error) = remove_if_there(&self.directory)
        {
            tracing::warn!(%error, directory = %self.directory.display(), "an unfinished result could not be removed");
        }
    }
}

/// Brings the files of a directory, and the directory itself, onto the disk.
pub(crate) fn sync_files(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        File::open(entry?.path())?.sync_all()?;
    }
    sync_directory(directory)
}

/// Brings names in a directory onto the disk: without it a rename may be lost in a power cut.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    // The parent of a relative name is an empty one.
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    File::open(directory)?.sync_all()
}

/// Removes a directory with what is in it, if it exists.
pub(crate) fn remove_if_there(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_others(home: &Path, kept: &str) -> io::Result<()> {
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if entry.file_name() != kept && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
