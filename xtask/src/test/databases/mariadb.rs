//! MariaDB, for MySQL.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Home, PASSWORD, Server, USER, answers, free_port, program};
use crate::{Result, command, debian};

const VARIABLE: &str = "MILLRACE_TEST_MYSQL";
const PACKAGE: &str = "mariadb-server";

pub(super) fn start() -> Result<Server> {
    let directories = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/bin")];
    let install = program(&directories, "mariadb-install-db", PACKAGE)?;
    let serve = program(&directories, "mariadbd", PACKAGE)?;
    let (home, port) = (Home::new("mariadb")?, free_port()?);
    let data = home.path.join("data");
    let mut make = Command::new(install);
    make.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
    make.args(["--auth-root-authentication-method=normal", "--skip-test-db"]).args(as_root());
    command::run(make.stdout(Stdio::null()).stderr(home.log()?))?;
    let first = home.path.join("first.sql");
    fs::write(
        &first,
        format!(
            "CREATE DATABASE {USER};\nCREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
        ),
    )?;
    let mut command = Command::new(serve);
    command.arg("--no-defaults").arg(format!("--datadir={}", data.display())).args(as_root());
    command.arg(format!("--socket={}", home.path.join("socket").display()));
    command.arg(format!("--pid-file={}", home.path.join("pid").display()));
    command.arg(format!("--init-file={}", first.display()));
    command.args(["--bind-address=127.0.0.1", &format!("--port={port}"), "--innodb-flush-log-at-trx-commit=0"]);
    let child = command.stdout(home.log()?).stderr(home.log()?).spawn()?;
    let url = format!("mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/{USER}");
    Server::started(VARIABLE, url, child, home, move || answers(port))
}

/// It runs as root only if it is told to.
fn as_root() -> Option<&'static str> {
    debian::is_root().then_some("--user=root")
}
