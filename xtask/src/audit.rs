//! `cargo xtask audit`: what the dependencies are allowed to be. No unused one, no second one for a job, licences that go
//! together, known sources, no known advisory (`deny.toml` says which).
//!
//! Not part of `cargo xtask test`: it needs two programs, which it installs below the target directory where they are
//! missing, and a database of advisories that cannot be had everywhere. What it could not check it says.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::phases::Phases;
use crate::workspace::Workspace;
use crate::{Result, command};

/// A program of someone else's, in the version that this was written for.
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Finds dependencies that no source names.
const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };
/// Checks `deny.toml`.
const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// Runs every check, also after one has failed; fails with all that is wrong.
pub(crate) fn run(workspace: &Workspace, phases: &mut Phases) -> Result<()> {
    let machete = phases.run("cargo-machete", || MACHETE.installed(workspace))?;
    let deny = phases.run("cargo-deny", || DENY.installed(workspace))?;
    let in_root = |program: &PathBuf| {
        let mut command = Command::new(program);
        command.current_dir(&workspace.root);
        command
    };

    // With what cargo knows of each crate: a package may be called otherwise in the sources.
    let unused = phases.run("unused dependencies", || command::run(in_root(&machete).arg("--with-metadata")));
    let rules = phases.run("licences, one crate for one job, versions, sources", || {
        command::run(in_root(&deny).args(["check", "licenses", "bans", "sources"]).args(EXACTLY))
    });
    let database = phases.run("database of advisories", || fetch(in_root(&deny)));
    let advisories = match &database {
        Ok(()) => phases.run("advisories", || command::run(in_root(&deny).args(["--offline", "check", "advisories"]))),
        Err(_) => Ok(()),
    };
    phases.report();

    if let Err(reason) = database {
        println!("\nadvisories: not checked, because {reason}");
    }
    let failed = [unused, rules, advisories].into_iter().filter_map(Result::err);
    let failed: Vec<_> = failed.map(|error| error.to_string()).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ").into()) }
}

/// What the lists of exceptions say must be met, or an exception would outlive its reason.
const EXACTLY: [&str; 4] = ["--deny", "unmatched-skip", "--deny", "unnecessary-skip"];

/// Fetches the database of advisories; the error says why that cannot be done.
fn fetch(mut deny: Command) -> Result<()> {
    let fetch = deny
        .args(["fetch", "db"])
        // Nobody is there to be asked, and a line that is dead is not waited for.
        .envs([("GIT_TERMINAL_PROMPT", "0"), ("GIT_HTTP_LOW_SPEED_LIMIT", "1000"), ("GIT_HTTP_LOW_SPEED_TIME", "20")])
        .stdout(Stdio::null())
        .output()?;
    if fetch.status.success() { Ok(()) } else { Err(reason(&String::from_utf8_lossy(&fetch.stderr)).into()) }
}

/// What git said, which comes last and begins with `fatal:`; else the last that was said at all.
fn reason(said: &str) -> String {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().rfind(|line| line.starts_with("fatal:")).or_else(|| lines().next_back());
    let line = line.map(|line| line.trim_start_matches("fatal:").trim());
    format!("its database cannot be fetched: {}", line.unwrap_or("cargo-deny does not say why"))
}

impl Tool {
    /// Where it is, after it was installed if it was not there.
    fn installed(&self, workspace: &Workspace) -> Result<PathBuf> {
        let tools = workspace.target.join("tools");
        let program = tools.join("bin").join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX));
        if command::version(&program).is_some_and(|version| version.split_whitespace().any(|word| word == self.version))
        {
            return Ok(program);
        }
        eprintln!("  installing {} {} into {}", self.name, self.version, tools.display());
        let mut install = command::cargo();
        install.args(["install", "--locked", "--version", self.version, self.name, "--root"]).arg(&tools);
        // Its own directory, so that nothing of the product is built anew for features that only a tool wants.
        command::run(install.env("CARGO_TARGET_DIR", tools.join("build")))?;
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::reason;

    fn check(said: &str, expected: Expect) {
        expected.assert_eq(&reason(said));
    }

    #[test]
    fn why_the_advisories_were_not_checked_is_said_in_one_line() {
        check(
            "[ERROR] failed to fetch database: failed to clone\nCloning into '/somewhere'...\nfatal: unable to access \
             'https://example.com/': Could not resolve host: example.com\n\n",
            expect![
                "its database cannot be fetched: unable to access 'https://example.com/': Could not resolve host: example.com"
            ],
        );
        check("[ERROR] no git here\n", expect!["its database cannot be fetched: [ERROR] no git here"]);
        check("", expect!["its database cannot be fetched: cargo-deny does not say why"]);
    }
}
