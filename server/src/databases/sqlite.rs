//! SQLite: a file on the server.

pub(super) mod read;
pub(super) mod write;

use std::path::{Path, PathBuf};

use engine::{
    Failure,
    databases::Access,
    roots::{Use, under},
};
use model::config::database::SqliteFile;
use sqlx::{ConnectOptions as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::failure::Place;

const QUOTE: char = '"';

async fn connect(
    file: &SqliteFile,
    access: &Access,
    place: &Place,
    used: Use,
    options: SqliteConnectOptions,
) -> Result<SqliteConnection, Failure> {
    let path =
        allowed(&access.roots, Path::new(&file.path), used).map_err(|why| place.problem("cannot open it", &why))?;
    let options = options
        .filename(path)
        .busy_timeout(access.timeout)
        .statement_cache_capacity(0)
        .foreign_keys(true)
        .disable_statement_logging();
    place.within("cannot open it", options.connect()).await
}

/// Where a file is, walked to from one of `roots` through no symbolic link.
fn allowed(roots: &[PathBuf], path: &Path, used: Use) -> Result<PathBuf, String> {
    let (root, rest) = under(roots, path, used).map_err(|why| format!("its path {why}"))?;
    let Some((name, parts)) = rest.split_last() else { return Err("its path names no file".to_owned()) };
    let mut found = root.canonicalize().map_err(|error| format!("its directory cannot be found ({error})"))?;
    for part in parts {
        found.push(part);
        let about = found.symlink_metadata().map_err(|error| format!("its directory cannot be found ({error})"))?;
        if !about.is_dir() {
            return Err(format!("“{}” is a symbolic link or no directory; neither is followed", part.display()));
        }
    }
    found.push(name);
    match found.symlink_metadata() {
        Ok(about) if !about.is_file() => Err(format!("“{}” is no regular file", name.display())),
        // It may be made.
        Ok(_) | Err(_) => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_lies_under_an_allowed_directory_or_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let (root, outside) = (home.path().join("root"), home.path().join("outside"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(root.join("a.db"), "").unwrap();
        fs::write(outside.join("b.db"), "").unwrap();
        std::os::unix::fs::symlink(outside.join("b.db"), root.join("link.db")).unwrap();
        std::os::unix::fs::symlink(&outside, root.join("link")).unwrap();
        let roots = [root.clone()];
        for inside in ["a.db", "new.db"] {
            assert_eq!(
                allowed(&roots, &root.join(inside), Use::Exports).unwrap(),
                root.canonicalize().unwrap().join(inside)
            );
        }
        for refused in [
            outside.join("b.db"),
            root.join("link.db"),
            root.join("link/b.db"),
            root.join("link/new.db"),
            root.join("../outside/b.db"),
            root.clone(),
            PathBuf::from("a.db"),
        ] {
            assert!(allowed(&roots, &refused, Use::Sources).is_err(), "{}", refused.display());
        }
        assert!(allowed(&[], &root.join("a.db"), Use::Sources).is_err());
    }
}
