//! Export: targets with a name and a place, formats that can be written, rows that the action has.

use model::config::{
    ProjectConfig,
    export::{Action, CsvOptions, FileFormat, Rows, Target, TargetFile, TextEncoding},
};

use super::{Problems, sources::check_ascii};
use crate::{
    buckets,
    steps::export::names::{self, pattern},
};

pub(super) fn check(config: &ProjectConfig, problems: &mut Problems) {
    let export = &config.export;
    if export.targets.is_empty() {
        problems.add("export.targets", "add a file to write");
    }
    check_rows(export.action, export.rows, problems);
    for (place, problem) in names::problems(export) {
        problems.add(format!("export.targets[{place}].name"), problem);
    }
    for (place, target) in export.targets.iter().enumerate() {
        let at = format!("export.targets[{place}]");
        check_place(target, &at, problems);
        if let Some(file) = target.file() {
            check_file(file, &at, problems);
        }
    }
}

fn check_file(file: TargetFile<'_>, at: &str, problems: &mut Problems) {
    check_format(file.format, &format!("{at}.format"), problems);
    match file.keep {
        Some(0) => problems.add(format!("{at}.keep"), "has to be at least 1: the file that is written stays"),
        Some(_) if !pattern::differs_by_run(file.name) => {
            let message = "is for names that differ from run to run: put {date}, {time} or {execution} into the name";
            problems.add(format!("{at}.keep"), message);
        }
        _ => {}
    }
}

fn check_rows(action: Action, rows: Rows, problems: &mut Problems) {
    let message = match (action, rows) {
        (_, Rows::All)
        | (Action::NonDuplicatesAndMaster, Rows::Masters)
        | (Action::FlagDuplicates | Action::DuplicatesOnly | Action::CrossReference, _) => return,
        (Action::SuppressDuplicates, _) => "leaves nothing to choose: this action takes no record of a group",
        (Action::NonDuplicatesAndMaster, _) => "leaves nothing to choose: of a group, this action takes the master",
    };
    problems.add("export.rows", message);
}

fn check_place(target: &Target, at: &str, problems: &mut Problems) {
    match target {
        Target::File { .. } => {}
        Target::Directory { path, .. } => {
            if !path.starts_with('/') {
                problems.add(format!("{at}.path"), "has to be an absolute path on the server");
            } else if path.split('/').any(|part| matches!(part, "." | "..")) {
                problems.add(format!("{at}.path"), "may not hold “.” or “..”");
            }
        }
        Target::ObjectStorage { url, credentials, .. } => {
            if let Some(problem) = buckets::problem(url) {
                problems.add(format!("{at}.url"), problem);
            }
            if credentials.as_deref() == Some("") {
                problems.add(format!("{at}.credentials"), "name a secret, or leave it out for requests without a key");
            }
        }
    }
}

fn check_format(format: &FileFormat, at: &str, problems: &mut Problems) {
    match format {
        FileFormat::Csv(options) => check_csv(options, at, problems),
        FileFormat::Xlsx { sheet } => {
            // The format's own rules for the names of sheets.
            let forbidden = |c: char| matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\');
            if sheet.is_empty() || sheet.encode_utf16().count() > 31 {
                problems.add(format!("{at}.sheet"), "has to have 1 to 31 characters");
            } else if sheet.contains(forbidden) || sheet.starts_with('\'') || sheet.ends_with('\'') {
                problems.add(format!("{at}.sheet"), "may not hold [ ] : * ? / \\ nor begin or end with '");
            }
        }
        FileFormat::JsonLines { .. } | FileFormat::Parquet => {}
    }
}

fn check_csv(options: &CsvOptions, at: &str, problems: &mut Problems) {
    check_ascii(Some(options.delimiter), &format!("{at}.delimiter"), problems);
    check_ascii(Some(options.quote), &format!("{at}.quote"), problems);
    if options.delimiter == options.quote {
        problems.add(format!("{at}.delimiter"), "must differ from the quote");
    }
    if options.bom && options.encoding != TextEncoding::Utf8 {
        problems.add(format!("{at}.bom"), "is a mark of UTF-8; leave it out with another encoding");
    }
}
