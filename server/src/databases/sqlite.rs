//! SQLite: a file on the server.

pub(super) mod read;
pub(super) mod write;

use std::path::{Path, PathBuf};

use engine::{Failure, databases::Access};
use model::config::database::SqliteFile;
use sqlx::{ConnectOptions as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::failure::Place;

const QUOTE: char = '"';

async fn connect(
    file: &SqliteFile,
    access: &Access,
    place: &Place,
    options: SqliteConnectOptions,
) -> Result<SqliteConnection, Failure> {
    let path = allowed(&access.roots, Path::new(&file.path)).map_err(|why| place.problem("cannot open it", &why))?;
    let options = options
        .filename(path)
        .busy_timeout(access.timeout)
        .statement_cache_capacity(0)
        .foreign_keys(true)
        .disable_statement_logging();
    place.connect(options.connect()).await
}

/// Where a file really is, which has to be under one of `roots`: symbolic links lead nowhere else.
fn allowed(roots: &[PathBuf], path: &Path) -> Result<PathBuf, String> {
    if roots.is_empty() {
        return Err("files on the server may not be used: no directory is allowed in the settings".to_owned());
    }
    if !path.is_absolute() {
        return Err("its path has to be absolute".to_owned());
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err("its path names no file".to_owned());
    };
    let found = match path.canonicalize() {
        Ok(found) => found,
        // It may be made: then its directory counts.
        Err(_) => match parent.canonicalize() {
            Ok(parent) => parent.join(name),
            Err(error) => return Err(format!("its directory cannot be found ({error})")),
        },
    };
    let is_under = |root: &PathBuf| root.canonicalize().is_ok_and(|root| found.starts_with(&root) && found != root);
    match roots.iter().any(is_under) {
        true => Ok(found),
        false => Err("it does not lie under a directory that the settings allow".to_owned()),
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
            assert_eq!(allowed(&roots, &root.join(inside)).unwrap(), root.canonicalize().unwrap().join(inside));
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
            assert!(allowed(&roots, &refused).is_err(), "{}", refused.display());
        }
        assert!(allowed(&[], &root.join("a.db")).is_err());
    }
}
