//! PostgreSQL. It refuses to run as root; so there it runs as the user that its package made.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Home, PASSWORD, Server, USER, free_port, program};
use crate::{Result, command, debian};

const VARIABLE: &str = "MILLRACE_TEST_POSTGRESQL";
const PACKAGE: &str = "postgresql";
/// Where Debian puts the versions that it has.
const VERSIONS: &str = "/usr/lib/postgresql";
const SYSTEM_USER: &str = "postgres";

pub(super) fn start() -> Result<Server> {
    let mut directories = versions();
    let mut initdb = program(&directories, "initdb", PACKAGE);
    if initdb.is_err() {
        // The directory came with the package.
        directories = versions();
        initdb = program(&directories, "initdb", PACKAGE);
    }
    let initdb = initdb?;
    let postgres = program(&directories, "postgres", PACKAGE)?;
    let ready = program(&directories, "pg_isready", PACKAGE)?;
    let (home, port) = (Home::new("postgresql")?, free_port()?);
    let (data, password) = (home.path.join("data"), home.path.join("password"));
    fs::write(&password, PASSWORD)?;
    if debian::is_root() {
        command::run(Command::new("chown").args(["-R", SYSTEM_USER]).arg(&home.path))?;
    }
    let mut make = as_its_user(initdb);
    make.arg("-D").arg(&data).args(["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
    make.arg(format!("--pwfile={}", password.display()));
    command::run(make.stdout(Stdio::null()))?;
    let mut serve = as_its_user(postgres);
    serve.arg("-D").arg(&data).arg("-k").arg(&home.path).args(["-h", "127.0.0.1", "-F", "-p", &port.to_string()]);
    serve
        .args(["-c", "max_connections=200", "-c"])
        .arg(format!("external_pid_file={}", home.path.join("pid").display()));
    let child = serve.stdout(home.log()?).stderr(home.log()?).spawn()?;
    let url = format!("postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres");
    let is_ready = move || {
        let mut ask = Command::new(&ready);
        ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status().is_ok_and(|status| status.success())
    };
    Server::started(VARIABLE, url, child, home, is_ready)
}

fn as_its_user(program: PathBuf) -> Command {
    if !debian::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", SYSTEM_USER, "--"]).arg(program);
    // It may not be able to enter where we are.
    command.current_dir("/");
    command
}

/// The directories of programs, the newest version first.
fn versions() -> Vec<PathBuf> {
    let entries = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, path)| path).collect()
}
