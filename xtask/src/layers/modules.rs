//! Which module of the server may name what, read from the source text: no compiler pass sees modules as layers.

use std::fs;
use std::path::Path;

use crate::Result;

/// A file longer than this likely holds two things; that is a warning, not an error.
const LINES_MAX: usize = 350;

/// How often one file of `app` may switch on `ssr` before its server code belongs in a module of its own. To switch a
/// whole module is what is wanted, and is not counted.
const SSR_SWITCHES_MAX: usize = 2;

/// A Rust file by its path from the repository's root, with `/` between the parts.
pub(super) struct Source {
    path: String,
    text: String,
}

/// Every Rust file under the members' `src` directories.
pub(super) fn read(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for member in ["model", "engine", "app", "frontend", "server", "xtask"] {
        collect(root, &root.join(member).join("src"), &mut sources)?;
    }
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(sources)
}

fn collect(root: &Path, directory: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let parts: Vec<_> = path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy()).collect();
            sources.push(Source { path: parts.join("/"), text: fs::read_to_string(&path)? });
        }
    }
    Ok(())
}

/// The rules, each broken line with its place and the reason.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(reason) = refused(&source.path, code) {
                broken.push(format!("{}:{}: {reason}", source.path, number + 1));
            }
        }
        let switches = ssr_switches(&source.text);
        if source.path.starts_with("app/") && switches > SSR_SWITCHES_MAX {
            broken.push(format!(
                "{}: {switches} times cfg(feature = \"ssr\"); give the server's part a module",
                source.path
            ));
        }
    }
    broken
}

/// Switches of anything but a module.
fn ssr_switches(text: &str) -> usize {
    let after = text.split("cfg(feature = \"ssr\")").skip(1);
    let of_module = |rest: &str| {
        let item = rest.trim_start_matches([')', ']']).trim_start();
        ["mod ", "pub mod ", "pub(super) mod ", "pub(crate) mod "].iter().any(|module| item.starts_with(module))
    };
    after.filter(|rest| !of_module(rest)).count()
}

/// Files that are too long.
pub(super) fn long(sources: &[Source]) -> Vec<String> {
    let lines = sources.iter().map(|source| (source.text.lines().count(), &source.path));
    lines.filter(|(lines, _)| *lines > LINES_MAX).map(|(lines, path)| format!("{path} has {lines} lines")).collect()
}

/// Why this line may not stand in this file, if so.
fn refused(path: &str, code: &str) -> Option<&'static str> {
    let module = path.strip_prefix("server/src/")?;
    let store = module == "store.rs" || module.starts_with("store/");
    let start = ["main.rs", "lib.rs", "startup.rs", "router.rs"].contains(&module)
        || module.starts_with("startup/")
        || module.starts_with("router/");
    let databases = module == "databases.rs" || module.starts_with("databases/");
    if code.contains("sqlx::") && !store && !databases {
        return Some("SQL lives in server/src/store");
    }
    if store && ["engine::", "app::", "axum::", "leptos"].iter().any(|name| names(code, name)) {
        return Some("the store imports only `model`");
    }
    let tests = module.ends_with("tests.rs") || module.contains("tests/");
    if store
        && !tests
        && code.split("crate::").skip(1).any(|rest| !rest.starts_with("store") && !rest.starts_with("clock"))
    {
        return Some("the store imports nothing of the server but its clock");
    }
    if databases && code.split("crate::").skip(1).any(|rest| !rest.starts_with("databases")) {
        return Some("the databases of projects know nothing of the server");
    }
    let command_line = module == "cli.rs" || module.starts_with("cli/");
    if command_line
        && (code.split("crate::").skip(1).any(|rest| !rest.starts_with("cli"))
            || code.replace("app::format", "").contains("app::")
            || ["engine::", "axum::", "leptos"].iter().any(|name| names(code, name)))
    {
        return Some("the command line imports only `model` and the words of `app::format`");
    }
    let api = module == "api.rs" || module.starts_with("api/");
    if code.contains(".route(") && (api || code.contains("/api/")) {
        return Some("a route of the API is added with `routes!`, together with its description");
    }
    if !start && ["crate::router", "crate::startup"].iter().any(|name| code.contains(name)) {
        return Some("nothing imports `router` or `startup`");
    }
    None
}

/// Whether `code` has `name` at the beginning of a path.
fn names(code: &str, name: &str) -> bool {
    let begins =
        |at: usize| !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':');
    code.match_indices(name).any(|(at, _)| begins(at))
}

#[cfg(test)]
mod tests {
    use super::{Source, check, long};

    fn broken(path: &str, text: &str) -> Vec<String> {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }])
    }

    #[test]
    fn sql_stays_in_the_store() {
        assert!(broken("server/src/store/executions.rs", "use sqlx::Row;").is_empty());
        assert_eq!(
            broken("server/src/backend.rs", "\nsqlx::query"),
            ["server/src/backend.rs:2: SQL lives in server/src/store"]
        );
        assert!(broken("server/src/databases/mysql.rs", "use sqlx::raw_sql;").is_empty());
        assert_eq!(
            broken("server/src/databases/mysql.rs", "use crate::store::Store;"),
            ["server/src/databases/mysql.rs:1: the databases of projects know nothing of the server"]
        );
    }

    #[test]
    fn the_store_imports_only_the_model() {
        assert!(
            broken("server/src/store.rs", "use model::Page;\nuse crate::clock::Clock;\nuse crate::store::db;")
                .is_empty()
        );
        assert_eq!(
            broken("server/src/store.rs", "use engine::run;"),
            ["server/src/store.rs:1: the store imports only `model`"]
        );
        assert_eq!(
            broken("server/src/store/db.rs", "crate::config::Config"),
            ["server/src/store/db.rs:1: the store imports nothing of the server but its clock"]
        );
    }

    #[test]
    fn nothing_imports_the_start() {
        assert!(broken("server/src/startup.rs", "use crate::router;").is_empty());
        assert_eq!(
            broken("server/src/live.rs", "use crate::router::Routes;"),
            ["server/src/live.rs:1: nothing imports `router` or `startup`"]
        );
    }

    #[test]
    fn the_command_line_knows_no_server() {
        let allowed = "use app::format::number;\nuse model::Step;\nuse crate::cli::client::Client;\nuse reqwest::Url;";
        assert!(broken("server/src/cli/workflow.rs", allowed).is_empty());
        for refused in ["use crate::store::Store;", "use app::backend::Backend;", "use engine::validate;"] {
            assert_eq!(
                broken("server/src/cli/workflow.rs", refused),
                ["server/src/cli/workflow.rs:1: the command line imports only `model` and the words of `app::format`"]
            );
        }
    }

    #[test]
    fn no_route_of_the_api_is_without_its_description() {
        let reason = "a route of the API is added with `routes!`, together with its description";
        assert!(broken("server/src/api.rs", ".routes(routes!(people::me))").is_empty());
        assert!(broken("server/src/router.rs", ".route(\"/pkg/{name}\", get(file))").is_empty());
        assert_eq!(broken("server/src/api.rs", ".route(\"/me\", get(me))"), [format!("server/src/api.rs:1: {reason}")]);
        assert_eq!(
            broken("server/src/router.rs", ".route(\"/api/v1/me\", get(me))"),
            [format!("server/src/router.rs:1: {reason}")]
        );
    }

    #[test]
    fn server_code_of_the_pages_is_not_scattered() {
        let switch = "#[cfg(feature = \"ssr\")]\nuse leptos_axum;\n";
        assert!(broken("app/src/api/workflows.rs", switch).is_empty());
        assert_eq!(
            broken("app/src/pages/workflows.rs", &switch.repeat(3)),
            ["app/src/pages/workflows.rs: 3 times cfg(feature = \"ssr\"); give the server's part a module"]
        );
    }

    #[test]
    fn long_files_are_named() {
        let source = Source { path: "engine/src/all.rs".to_owned(), text: "\n".repeat(351) };
        assert_eq!(long(&[source]), ["engine/src/all.rs has 351 lines"]);
    }
}
