//! The two commands from beginning to end, and what they say when they are done.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

use super::{
    BackupError, BackupOrder, RestoreOrder, Result,
    archive::{Archive, FORMAT, Head},
    at,
    check::{Checked, check},
    collect, names,
    restore::Target,
    unpack::{Kept, UnpackError, unpack},
};
use crate::{
    clock::{Clock as _, SystemClock},
    directory::DataDirectory,
    signals::Signals,
    store::backup::{Copied, copy},
};

/// Files that are named when they were gone; of more only the number.
const GONE_NAMED_MAX: usize = 10;

/// `millrace backup`: gives what to tell whoever asked for it.
///
/// # Errors
/// See [`BackupError`]; nothing is left then.
pub fn back_up(order: BackupOrder) -> Result<String> {
    until_told(order, back_up_until)
}

/// `millrace restore`: gives what to tell whoever asked for it.
///
/// # Errors
/// See [`BackupError`]; the directory is then as it was.
pub fn restore(order: RestoreOrder) -> Result<String> {
    until_told(order, restore_until)
}

/// Works in a thread that may block; the first signal ends it in good order, the second at once.
fn until_told<O: Send + 'static>(
    order: O,
    work: fn(&O, &Handle, &CancellationToken) -> Result<String>,
) -> Result<String> {
    let here = |source| BackupError::Io { path: PathBuf::from("."), source };
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(here)?;
    let told = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(here)?;
        let stop = CancellationToken::new();
        let (handle, stopped) = (Handle::current(), stop.clone());
        let mut working = tokio::task::spawn_blocking(move || work(&order, &handle, &stopped));
        let finished = tokio::select! {
            finished = &mut working => finished,
            () = signals.next() => {
                stop.cancel();
                tokio::select! {
                    finished = working => finished,
                    () = signals.next() => return Err(BackupError::Stopped),
                }
            }
        };
        // Why it did not come to its end is that it was told to.
        let finished = finished.map_err(|panic| here(io::Error::other(panic)))?;
        finished.map_err(|error| if stop.is_cancelled() { BackupError::Stopped } else { error })
    });
    // After a second signal the work may still be busy.
    runtime.shutdown_background();
    told
}

fn back_up_until(order: &BackupOrder, runtime: &Handle, stop: &CancellationToken) -> Result<String> {
    let directory = DataDirectory::at(&order.data);
    if !directory.database().is_file() {
        return Err(BackupError::NoDatabase(order.data.clone()));
    }
    let exists = || order.file.symlink_metadata().is_ok();
    if exists() {
        return Err(BackupError::Exists(order.file.clone()));
    }
    let home = home_of(&order.file);
    // Beside the target, so that the last step is a rename. It goes away with what is in it, whatever happens.
    let temporary = tempfile::Builder::new().prefix(".millrace-backup-").tempdir_in(home).map_err(at(home))?;
    let part = temporary.path().join("archive");
    write(order, &directory, temporary.path(), &part, runtime, stop)?;
    let read_back = temporary.path().join("read-back");
    fs::create_dir(&read_back).map_err(at(&read_back))?;
    let head = unpack(&part, &read_back, Kept::ForChecking, stop)
        .map_err(|error| BackupError::NotVerified(error.to_string()))?;
    let checked = check(&read_back, &head, runtime)?.map_err(BackupError::NotVerified)?;
    if exists() {
        return Err(BackupError::Exists(order.file.clone()));
    }
    fs::rename(&part, &order.file).map_err(at(&order.file))?;
    #[cfg(unix)]
    File::open(home).and_then(|home| home.sync_all()).map_err(at(home))?;
    let size = order.file.metadata().map_err(at(&order.file))?.len();
    Ok(told(&format!("{} ({}) was written and read back.", order.file.display(), mebibytes(size)), &head, &checked))
}

/// Copies the database, then archives it with what it names.
fn write(
    order: &BackupOrder,
    directory: &DataDirectory,
    temporary: &Path,
    part: &Path,
    runtime: &Handle,
    stop: &CancellationToken,
) -> Result<()> {
    let database = temporary.join(names::DATABASE);
    runtime.block_on(copy(&directory.database(), &database))?;
    let mut copied = runtime.block_on(Copied::open(&database))?;
    let head = Head {
        format: FORMAT,
        millrace: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: SystemClock.now(),
        database_only: order.database_only,
    };
    let list = File::options().read(true).write(true).create_new(true).open(temporary.join(names::CONTENTS));
    let file = private_file(part).map_err(at(part))?;
    let mut archive = Archive::begin(file, list.map_err(at(part))?, &head, stop.clone()).map_err(at(part))?;
    archive.add_database(&database)?;
    collect::add_key(&mut archive, directory)?;
    if !order.database_only {
        collect::each(&mut copied, runtime, |named| collect::add(&mut archive, directory, named))?;
    }
    archive.finish().map_err(at(part))?;
    // What is read back needs the room.
    fs::remove_file(&database).map_err(at(&database))
}

fn restore_until(order: &RestoreOrder, runtime: &Handle, stop: &CancellationToken) -> Result<String> {
    if !order.file.is_file() {
        return Err(at(&order.file)(io::ErrorKind::NotFound.into()));
    }
    let unusable = |problem: String| BackupError::Unusable { file: order.file.clone(), problem };
    let target = Target::prepare(&order.data)?;
    let staging = target.staging();
    let head = unpack(&order.file, &staging, Kept::Everything, stop).map_err(|error| match error {
        UnpackError::Io(source) if source.kind() == io::ErrorKind::StorageFull => at(&staging)(source),
        error => unusable(error.to_string()),
    })?;
    let checked = match check(&staging, &head, runtime) {
        Ok(Ok(checked)) => checked,
        Ok(Err(problem)) => return Err(unusable(problem)),
        Err(BackupError::Store(error)) => return Err(unusable(error.to_string())),
        Err(error) => return Err(error),
    };
    target.complete()?;
    let told = told(&format!("{} was restored to {}.", order.file.display(), order.data.display()), &head, &checked);
    Ok(format!("{told}What was running when it was made is run again at the first start.\n"))
}

fn told(first: &str, head: &Head, checked: &Checked) -> String {
    let Checked { schema, gone, files, bytes } = checked;
    let mut text =
        format!("{first}\nMade at {} by Millrace {}: the database (schema {schema})", head.made_at, head.millrace);
    match head.database_only {
        true => text.push_str(", without files."),
        false => {
            write!(text, " and {} ({}).", counted(*files), mebibytes(*bytes)).expect("a string takes all text");
        }
    }
    if !gone.is_empty() {
        write!(text, "\nNot in it, because gone when it was made: {}", counted(gone.len() as u64))
            .expect("a string takes all text");
        for path in gone.iter().take(GONE_NAMED_MAX) {
            write!(text, "\n  {path}").expect("a string takes all text");
        }
        if gone.len() > GONE_NAMED_MAX {
            text.push_str("\n  …");
        }
    }
    text.push('\n');
    text
}

fn counted(files: u64) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// The directory that a file lies in.
fn home_of(file: &Path) -> &Path {
    match file.parent() {
        Some(home) if !home.as_os_str().is_empty() => home,
        Some(_) | None => Path::new("."),
    }
}

/// A new file for its owner alone: it holds everybody's records, and what proves who one is.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
