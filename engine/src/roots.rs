//! Directories of the server that its settings allow (`files_roots`), and which of them a path lies under. Sources are read
//! and exports written by the same rule; both then walk from the root, part by part, and never through a symbolic link.

use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path, PathBuf},
};

/// What a root is used for, in the words of a refusal.
#[derive(Clone, Copy, Debug)]
pub enum Use {
    Sources,
    Exports,
}

/// The innermost root that `path` lies under, and the names from there.
///
/// # Errors
/// Why it may not be used, to be read behind “its path”.
pub fn under<'a>(roots: &'a [PathBuf], path: &'a Path, used: Use) -> Result<(&'a Path, Vec<&'a Path>), String> {
    // `components` would pass over a dot.
    let mut parts = path.as_os_str().as_bytes().split(|byte| *byte == b'/');
    if parts.any(|part| matches!(part, b"." | b"..")) {
        return Err("may not hold “.” or “..”".to_owned());
    }
    if !path.is_absolute() {
        return Err("has to be absolute".to_owned());
    }
    let root = roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count());
    let (they, may) = match used {
        Use::Sources => ("sources", "may be read from"),
        Use::Exports => ("exports", "may write to"),
    };
    let root = root.ok_or_else(|| match roots {
        [] => format!("is not allowed: the server's settings name no directory that {they} {may} (files_roots)"),
        _ => format!("lies under none of the directories that the server's settings allow for {they} (files_roots)"),
    })?;
    let plain = || "is no plain path".to_owned();
    let rest = path.strip_prefix(root).map_err(|_| plain())?;
    let names = rest.components().map(|part| match part {
        Component::Normal(name) => Ok(Path::new(name)),
        _ => Err(plain()),
    });
    Ok((root, names.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// However a path is put together, what is allowed lies under a root by plain names.
        #[test]
        fn no_path_leads_out_of_the_roots(
            parts in vec(select(vec!["/", "//", ".", "..", "srv", "data", "srv2", " ", "é", "\0", "a/b", "/srv"]), 0..9),
            nested in any::<bool>(),
        ) {
            let path = PathBuf::from(parts.concat());
            let mut roots = vec![PathBuf::from("/srv")];
            roots.extend(nested.then(|| PathBuf::from("/srv/data")));
            match under(&roots, &path, Use::Sources) {
                Err(why) => prop_assert!(!why.is_empty()),
                Ok((root, names)) => {
                    prop_assert!(roots.iter().any(|known| known == root));
                    let plain = |name: &&Path| name.components().count() == 1 && !name.has_root();
                    prop_assert!(names.iter().all(plain), "{:?}", names);
                    prop_assert_eq!(names.iter().fold(root.to_owned(), |path, name| path.join(name)), path);
                }
            }
        }
    }
}
