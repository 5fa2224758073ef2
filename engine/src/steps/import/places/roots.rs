//! A file on the server, under a directory that the server's settings allow.
//!
//! It is walked to from the root, part by part, and never through a symbolic link: what is exchanged on the way while that
//! happens leads nowhere else.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags, open as open_at_root, openat},
    io::Errno,
};

use super::super::file::SourceFile;
use crate::{
    Failure,
    roots::{Use, under},
};

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// A pipe that nobody writes to would be waited for.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Errors do not name the file.
pub(super) fn open(roots: &[PathBuf], path: &Path) -> Result<SourceFile, Failure> {
    let (root, rest) = under(roots, path, Use::Sources).map_err(|why| refused(&why))?;
    let cannot = |error: Errno| Failure::io("it cannot be opened", &error.into());
    let mut directory = open_at_root(root, DIRECTORY, Mode::empty()).map_err(cannot)?;
    let (name, parts) = rest.split_last().ok_or_else(|| refused("is no file"))?;
    let through = |part: &Path, error: Errno| match error {
        Errno::LOOP | Errno::NOTDIR => {
            Failure::Input(format!("“{}” is a symbolic link or no directory; neither is followed", part.display()))
        }
        error => cannot(error),
    };
    for part in parts {
        let next = openat(&directory, *part, DIRECTORY | OFlags::NOFOLLOW, Mode::empty());
        directory = next.map_err(|error| through(part, error))?;
    }
    let file = openat(&directory, *name, FILE, Mode::empty()).map_err(|error| through(name, error))?;
    SourceFile::new(File::from(file)).map_err(|error| Failure::io("it cannot be read", &error))
}

fn refused(why: &str) -> Failure {
    Failure::Input(format!("its path {why}"))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn files_under_a_root_are_opened_and_no_others() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let (root, beside) = (home.path().join("root"), home.path().join("beside"));
        fs::create_dir_all(root.join("crm")).expect("a directory");
        fs::create_dir(&beside).expect("a directory");
        fs::write(root.join("crm/people.csv"), "a\n1\n").expect("a file");
        fs::write(beside.join("secret.csv"), "a\n1\n").expect("a file");
        symlink(&beside, root.join("link")).expect("a link");
        symlink(beside.join("secret.csv"), root.join("link.csv")).expect("a link");
        let roots = [root.clone()];
        assert_eq!(open(&roots, &root.join("crm/people.csv")).expect("opens").bytes(), 4);
        for (path, expected) in [
            (root.join("../beside/secret.csv"), "may not hold “.” or “..”"),
            (beside.join("secret.csv"), "lies under none of the directories"),
            (home.path().join("root2/people.csv"), "lies under none of the directories"),
            (root.join("link/secret.csv"), "“link” is a symbolic link or no directory"),
            (root.join("link.csv"), "“link.csv” is a symbolic link or no directory"),
            (root.join("none.csv"), "No such file"),
            (root.join("crm"), "it is no regular file"),
            (root.clone(), "is no file"),
            (PathBuf::from("people.csv"), "has to be absolute"),
        ] {
            let message = open(&roots, &path).expect_err("refused").to_string();
            assert!(message.contains(expected), "{}: {message}", path.display());
        }
        let message = open(&[], &root.join("crm/people.csv")).expect_err("refused").to_string();
        assert!(message.contains("files_roots"), "{message}");
    }
}
