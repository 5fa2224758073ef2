//! Names of output files. They become file names in the execution's directory and in URLs, so they are names and nothing
//! else.

use model::config::{ExportConfig, export::Target};

/// Bytes of a file name.
const NAME_BYTES_MAX: usize = 200;
/// Written beside the targets by Export itself.
pub(super) const REJECTS: &str = "rejects.csv";

/// What is wrong with a target's file name.
fn problem(name: &str) -> Option<String> {
    let forbidden = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    match name {
        "" => Some("give the file a name".to_owned()),
        _ if name.trim() != name => Some("begins or ends with a blank".to_owned()),
        _ if name.starts_with('.') || name.ends_with('.') => Some("may not begin or end with a dot".to_owned()),
        _ if name.len() > NAME_BYTES_MAX => Some(format!("is longer than {NAME_BYTES_MAX} bytes")),
        _ if name.eq_ignore_ascii_case(REJECTS) => Some("is taken by the file of rejected rows".to_owned()),
        _ => name.chars().find(|c| forbidden(*c)).map(|c| format!("contains {c:?}, which a file name may not")),
    }
}

/// Index of each target whose name cannot be used, and why.
pub(crate) fn problems(config: &ExportConfig) -> Vec<(usize, String)> {
    let names: Vec<&str> = config.targets.iter().map(|Target::File { name, .. }| name.as_str()).collect();
    let twice = |place: usize| {
        let earlier = names[..place].iter().any(|earlier| earlier.to_lowercase() == names[place].to_lowercase());
        earlier.then(|| "is the name of an earlier target already".to_owned())
    };
    let places = 0..names.len();
    places.filter_map(|place| Some((place, problem(names[place]).or_else(|| twice(place))?))).collect()
}

#[cfg(test)]
mod tests {
    use model::config::export::FileFormat;

    use super::*;

    #[test]
    fn names_stay_in_their_directory_and_are_unique() {
        for name in ["golden.csv", "golden records 2026.parquet", "kunden_ä.csv", "a..b.csv"] {
            assert_eq!(problem(name), None, "{name}");
        }
        for name in ["", " a.csv", "../a.csv", "..", ".a", "a/b", "a\\b", "a\0", "c:a", "rejects.CSV", &"x".repeat(201)]
        {
            assert!(problem(name).is_some(), "{name}");
        }
        let file = |name: &str| Target::File { name: name.to_owned(), format: FileFormat::Parquet };
        let config = ExportConfig { targets: vec![file("a.csv"), file("A.csv")], ..ExportConfig::default() };
        assert_eq!(problems(&config).len(), 1);
    }
}
