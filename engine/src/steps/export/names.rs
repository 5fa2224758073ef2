//! Names of output files. They become file names in a directory or bucket and in URLs, so they are names and nothing else.

pub(crate) mod pattern;

use std::collections::HashSet;

use model::config::{ExportConfig, export::Target};

/// Bytes of a file name.
const NAME_BYTES_MAX: usize = 200;
/// Written beside the targets by Export itself.
pub(super) const REJECTS: &str = "rejects.csv";
pub(super) const MATCH_QUALITY: [&str; 2] = ["match-quality.json", "match-quality.html"];
pub(super) const PROFILE: [&str; 2] = ["profile.json", "profile.html"];

/// What is wrong with a file name.
pub(super) fn problem(name: &str) -> Option<String> {
    match name {
        "" => Some("give the file a name".to_owned()),
        _ if name.trim() != name => Some("begins or ends with a blank".to_owned()),
        _ if name.starts_with('.') || name.ends_with('.') => Some("may not begin or end with a dot".to_owned()),
        _ if name.len() > NAME_BYTES_MAX => Some(format!("is longer than {NAME_BYTES_MAX} bytes")),
        _ => name.chars().find(|c| is_forbidden(*c)).map(|c| format!("contains {c:?}, which a file name may not")),
    }
}

fn is_forbidden(c: char) -> bool {
    c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Index of each target whose name cannot be used, and why.
pub(crate) fn problems(config: &ExportConfig) -> Vec<(usize, String)> {
    let mut taken = HashSet::new();
    let mut found = Vec::new();
    for (place, target) in config.targets.iter().enumerate() {
        let Some(file) = target.file() else { continue };
        let name = pattern::complete(file.name, file.format.packing());
        let home = match target {
            Target::File { .. } => "",
            Target::Directory { path, .. } => path.trim_end_matches('/'),
            Target::ObjectStorage { url, .. } => url.trim_end_matches('/'),
        };
        let problem = problem(file.name)
            .or_else(|| pattern::problem(file.name))
            .or_else(|| matches!(target, Target::File { .. }).then(|| taken_by_us(&name)).flatten())
            .or_else(|| {
                let again = !taken.insert((home.to_owned(), name.to_lowercase()));
                again.then(|| "is the name of an earlier target already".to_owned())
            });
        found.extend(problem.map(|problem| (place, problem)));
    }
    found
}

fn taken_by_us(name: &str) -> Option<String> {
    let is = |ours: &&str| name.eq_ignore_ascii_case(ours);
    if is(&REJECTS) {
        return Some("is taken by the file of rejected rows".to_owned());
    }
    MATCH_QUALITY.iter().chain(&PROFILE).any(is).then(|| "is taken by a report".to_owned())
}

#[cfg(test)]
mod tests {
    use model::config::export::FileFormat;

    use super::*;

    #[test]
    fn names_stay_in_their_directory_and_are_unique() {
        let file = |name: &str| Target::File { name: name.to_owned(), format: FileFormat::Parquet };
        let check = |names: &[&str]| {
            let targets = names.iter().map(|name| file(name)).collect();
            problems(&ExportConfig { targets, ..ExportConfig::default() }).len()
        };
        for name in ["golden.csv", "golden records 2026.parquet", "kunden_ä.csv", "a..b.csv", "{date} {time}.csv"] {
            assert_eq!(check(&[name]), 0, "{name}");
        }
        let long = "x".repeat(201);
        for name in [
            "",
            " a.csv",
            "../a.csv",
            "..",
            ".a",
            "a/b",
            "a\\b",
            "a\0",
            "c:a",
            "rejects.CSV",
            "Profile.json",
            &long,
            "{day}.csv",
            "a{.csv",
            "a}.csv",
        ] {
            assert_eq!(check(&[name]), 1, "{name}");
        }
        assert_eq!(check(&["a.csv", "A.csv"]), 1);
        let there = |path: &str| Target::Directory {
            path: path.to_owned(),
            name: "rejects.csv".to_owned(),
            format: FileFormat::Parquet,
            keep: None,
        };
        let targets = vec![there("/a"), there("/b"), there("/a/")];
        assert_eq!(problems(&ExportConfig { targets, ..ExportConfig::default() }).len(), 1);
    }
}
