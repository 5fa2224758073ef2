//! Which crate may depend on which.

use std::path::Path;

use serde_json::Value;

use crate::workspace::BROWSER;
use crate::{Result, command};

/// What a member may and may not depend on.
struct Member {
    name: &'static str,
    /// The members it may depend on.
    ours: &'static [&'static str],
    /// Crates it must not name, not even for its tests; a name ending in `*` stands for all that begin so.
    never: &'static [&'static str],
}

/// The whole table; a member that is not in it is an error.
const MEMBERS: [Member; 6] = [
    Member {
        name: "model",
        ours: &[],
        never: &[
            "tokio*",
            "async*",
            "futures*",
            "sqlx*",
            "axum*",
            "tower*",
            "leptos*",
            "datafusion*",
            "arrow*",
            "reqwest",
            "getrandom",
            "wasm-bindgen*",
            "web-sys",
            "js-sys",
            "regex",
            "chrono-tz",
        ],
    },
    Member {
        name: "engine",
        ours: &["model"],
        never: &["sqlx*", "axum*", "tower*", "leptos*", "reqwest", "clap", "wasm-bindgen*", "web-sys", "js-sys"],
    },
    Member {
        name: "app",
        ours: &["model"],
        never: &["sqlx*", "datafusion*", "arrow*", "parquet", "tokio*", "tower*", "reqwest", "regex"],
    },
    Member { name: "frontend", ours: &["app"], never: &["leptos_axum", "sqlx*", "datafusion*", "tokio*", "axum*"] },
    Member { name: "server", ours: &["model", "engine", "app"], never: &["wasm-bindgen*", "web-sys", "js-sys"] },
    Member {
        name: "xtask",
        ours: &[],
        never: &["tokio*", "sqlx*", "axum*", "leptos*", "datafusion*", "cargo_metadata"],
    },
];

/// What would make the browser's download large, or cannot run there.
const NOT_IN_BROWSER: [&str; 8] = ["tokio", "sqlx", "axum", "datafusion", "arrow", "chrono-tz", "regex", "utoipa"];

/// `leptos_config` names regex for reading Cargo.toml on the server. The browser's code never calls it and the linker
/// drops it; through any other crate regex would stay.
const EXCUSED: [(&str, &str); 1] = [("regex", "leptos_config")];

/// The rules about members, over `cargo metadata --no-deps`.
pub(super) fn members(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut broken = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(member) = MEMBERS.iter().find(|member| member.name == name) else {
            broken.push(format!("`{name}` is not in the table of xtask/src/layers/crates.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let dependency = dependency["name"].as_str().unwrap_or_default();
            let ours = names.contains(&dependency);
            if ours && !member.ours.contains(&dependency)
                || member.never.iter().any(|never| stands_for(never, dependency))
            {
                broken.push(format!("{name}/Cargo.toml: `{name}` must not depend on `{dependency}`"));
            }
        }
    }
    broken
}

/// The rule about all that is compiled for the browser. `cargo tree` resolves features for that crate and target
/// alone; `cargo metadata` would unify them with the server's.
pub(super) fn browser(root: &Path) -> Result<Vec<String>> {
    let mut tree = command::cargo();
    tree.current_dir(root).arg("tree").args(BROWSER);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "depth", "--no-dedupe", "--format", " {p}"]);
    Ok(browser_tree(&command::output(&mut tree)?))
}

/// The rule over lines of the form `<depth> <crate> v<version>`, where a crate's dependencies follow it one deeper.
fn browser_tree(tree: &str) -> Vec<String> {
    let mut path: Vec<&str> = Vec::new();
    let mut broken = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next().and_then(|depth| depth.parse().ok()), words.next()) else {
            continue;
        };
        path.truncate(depth);
        path.push(name);
        let parent = path.iter().rev().nth(1).copied().unwrap_or_default();
        if NOT_IN_BROWSER.contains(&name) && !EXCUSED.contains(&(name, parent)) {
            broken.push(format!("the browser would get `{name}`: {}", path.join(" → ")));
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

/// Whether the pattern, which may end in `*`, stands for this name.
fn stands_for(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{browser_tree, members};

    fn check(name: &str, dependencies: &[&str], expected: &[&str]) {
        let ours = ["model", "engine", "app", "server"].iter().filter(|member| **member != name);
        let mut packages: Vec<_> = ours.map(|name| json!({"name": name, "dependencies": []})).collect();
        let dependencies: Vec<_> = dependencies.iter().map(|name| json!({"name": name})).collect();
        packages.push(json!({"name": name, "dependencies": dependencies}));
        assert_eq!(members(&json!({"packages": packages})), expected);
    }

    #[test]
    fn members_depend_downwards_only() {
        check("server", &["engine", "app", "model", "sqlx"], &[]);
        check("engine", &["model", "datafusion"], &[]);
        check("engine", &["server"], &["engine/Cargo.toml: `engine` must not depend on `server`"]);
        check("app", &["engine"], &["app/Cargo.toml: `app` must not depend on `engine`"]);
        check("app", &["sqlx"], &["app/Cargo.toml: `app` must not depend on `sqlx`"]);
        check("engine", &["leptos_meta"], &["engine/Cargo.toml: `engine` must not depend on `leptos_meta`"]);
        check("helpers", &[], &["`helpers` is not in the table of xtask/src/layers/crates.rs"]);
    }

    #[test]
    fn the_browser_gets_no_server_code() {
        let tree = "0 frontend v0.1.0\n1 leptos v0.8.23\n2 leptos_config v0.8.10\n3 regex v1.0.0\n1 app v0.1.0\n2 tokio v1.0.0\n";
        assert_eq!(browser_tree(tree), ["the browser would get `tokio`: frontend → app → tokio"]);
        assert_eq!(
            browser_tree("0 frontend v0.1.0\n1 regex v1.0.0\n"),
            ["the browser would get `regex`: frontend → regex"]
        );
    }
}
