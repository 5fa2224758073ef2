//! Export: targets with a name, and formats that can be written.

use model::config::{
    ProjectConfig,
    export::{FileFormat, Target},
};

use super::{Problems, check_ascii};
use crate::steps::export::names;

pub(super) fn check(config: &ProjectConfig, problems: &mut Problems) {
    if config.export.targets.is_empty() {
        problems.add("export.targets", "add a file to write");
    }
    for (place, problem) in names::problems(&config.export) {
        problems.add(format!("export.targets[{place}].name"), problem);
    }
    for (place, Target::File { format, .. }) in config.export.targets.iter().enumerate() {
        if let FileFormat::Csv { delimiter } = format {
            let at = format!("export.targets[{place}].format.delimiter");
            check_ascii(Some(*delimiter), &at, problems);
            if *delimiter == '"' {
                problems.add(at, "must differ from the quote");
            }
        }
    }
}
