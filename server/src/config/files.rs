//! Where projects may reach files of the machine.

use std::path::{Component, Path, PathBuf};

/// `none`, or directories that exist. None of them may lead to what Millrace itself keeps.
pub(super) fn roots(text: &str, data: Option<&Path>) -> Result<Vec<PathBuf>, String> {
    let names = text.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "none"));
    names.map(|name| root(name, data)).collect()
}

fn root(name: &str, data: Option<&Path>) -> Result<PathBuf, String> {
    let path = Path::new(name);
    if !path.is_absolute() {
        return Err(format!("“{name}” has to be absolute"));
    }
    if path.components().any(|part| part == Component::ParentDir) {
        return Err(format!("“{name}” may not hold “..”"));
    }
    let found = path.canonicalize().map_err(|error| format!("“{name}” cannot be opened: {error}"))?;
    if !found.is_dir() {
        return Err(format!("“{name}” is no directory"));
    }
    // Without what does not count, such as a slash at the end.
    let plain = path.components().collect();
    let Some(data) = data else { return Ok(plain) };
    // At the first start there is no data directory yet.
    let data = data.canonicalize().or_else(|_| std::path::absolute(data)).unwrap_or_else(|_| data.to_owned());
    if data.starts_with(&found) {
        return Err(format!("“{name}” holds the data directory {}; name directories beside it", data.display()));
    }
    if found.starts_with(&data) {
        return Err(format!("“{name}” lies in the data directory {}; name directories beside it", data.display()));
    }
    Ok(plain)
}
