//! The names that an archive may hold: these and no others, so that an archive can write nowhere else.

use model::{ExecutionId, ProjectId, Step};
use uuid::Uuid;

pub(super) const HEAD: &str = "backup.json";
pub(super) const DATABASE: &str = "millrace.db";
pub(super) const CONTENTS: &str = "contents.jsonl";
pub(super) const KEY: &str = "secrets.key";

/// What a name in an archive means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Head,
    Database,
    Contents,
    /// What the secrets in the database are sealed with, where it is no setting.
    Key,
    /// A file that the database names.
    Named,
    /// A log: the database does not tell whether there is one.
    Log,
    /// Part of a project's latest results, which a file beside them names.
    Result,
}

/// `None` for a name that is none of a backup's.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let parts: Vec<&str> = name.split('/').collect();
    let meaning = match parts[..] {
        [HEAD] => Meaning::Head,
        [DATABASE] => Meaning::Database,
        [CONTENTS] => Meaning::Contents,
        [KEY] => Meaning::Key,
        ["projects", project, "files", file] if is_id(project) && is_id(file) => Meaning::Named,
        ["projects", project, "workspace", step, "current"] if is_id(project) && is_step(step) => Meaning::Result,
        ["projects", project, "workspace", step, version, file]
            if is_id(project) && is_step(step) && is_plain(version) && is_plain(file) =>
        {
            Meaning::Result
        }
        ["executions", execution, "log.jsonl"] if is_id(execution) => Meaning::Log,
        ["executions", execution, "outputs", output] if is_id(execution) && is_plain(output) => Meaning::Named,
        _ => return None,
    };
    Some(meaning)
}

pub(super) fn uploaded(project: ProjectId, file: Uuid) -> String {
    format!("projects/{project}/files/{file}")
}

/// `path`: in the project's workspace.
pub(super) fn result(project: ProjectId, path: &str) -> String {
    format!("projects/{project}/workspace/{path}")
}

pub(super) fn log(execution: ExecutionId) -> String {
    format!("executions/{execution}/log.jsonl")
}

pub(super) fn output(execution: ExecutionId, name: &str) -> String {
    format!("executions/{execution}/outputs/{name}")
}

/// An id as we write it: there are other ways to write one, and each would be another file.
fn is_id(part: &str) -> bool {
    part.parse::<Uuid>().is_ok_and(|id| id.to_string() == part)
}

fn is_step(part: &str) -> bool {
    Step::parse(part).is_some()
}

/// One name of a file on every system.
fn is_plain(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']) && !part.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192f0a1-7b3c-7def-8123-456789abcdef";

    fn check(name: &str, expected: Option<Meaning>) {
        assert_eq!(meaning(&name.replace("ID", ID)), expected, "{name}");
    }

    #[test]
    fn a_backup_holds_what_a_data_directory_holds() {
        check("millrace.db", Some(Meaning::Database));
        check("secrets.key", Some(Meaning::Key));
        check("projects/ID/files/ID", Some(Meaning::Named));
        check("projects/ID/workspace/import/current", Some(Meaning::Result));
        check("projects/ID/workspace/import/ID-2/data.parquet", Some(Meaning::Result));
        check("executions/ID/log.jsonl", Some(Meaning::Log));
        check("executions/ID/outputs/clients été.csv", Some(Meaning::Named));
    }

    #[test]
    fn and_nothing_else() {
        for name in [
            "",
            "/millrace.db",
            "./millrace.db",
            "../millrace.db",
            "millrace.db/",
            "lock",
            "projects/ID/files/../../../etc/passwd",
            "projects/../files/ID",
            "projects/ID/files/people.csv",
            "projects/ID/workspace/import/../current",
            "projects/ID/workspace/elsewhere/current",
            "executions/ID/outputs/..",
            "executions/ID/outputs/",
            "executions/ID/outputs/a/b",
            "executions/ID/outputs/a\\b",
            "executions/ID/outputs/C:evil",
            "executions/ID/outputs/a\0b",
            "executions/ID/outputs.partial/a",
            "executions/{ID}/log.jsonl",
        ] {
            check(name, None);
        }
    }
}
