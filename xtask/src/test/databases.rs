//! The database servers of the tests: throw-away ones on free ports of this machine, which go with the run.

mod mariadb;
mod postgresql;

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Result, command, debian};

/// As whom the tests come in, and the database that they have there.
const USER: &str = "millrace";
const PASSWORD: &str = "of-the-tests-alone";

/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(60);

/// Servers that run. Dropped, they are gone with all that they hold.
#[derive(Default)]
pub(super) struct Databases(Vec<Server>);

impl Databases {
    /// Starts what can be had; the tests that need another say so and pass over.
    pub(super) fn set_up() -> Self {
        let mut servers = Vec::new();
        for (name, start) in [("PostgreSQL", postgresql::start as fn() -> Result<Server>), ("MariaDB", mariadb::start)]
        {
            match start() {
                Ok(server) => servers.push(server),
                Err(error) => eprintln!("The tests with {name} are skipped, for there is none: {error}"),
            }
        }
        Self(servers)
    }

    /// Where the tests look for them.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|server| (server.variable, server.url.as_str()))
    }
}

struct Server {
    variable: &'static str,
    url: String,
    child: Child,
    home: Home,
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it holds is thrown away: it need not end in good order, but all of its processes have to end.
        let quit = Command::new("kill").args(["-QUIT", &self.process().to_string()]).status();
        if quit.is_err() || !self.ends_within(Duration::from_secs(10)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Server {
    /// Waits until `is_ready`.
    fn started(
        variable: &'static str,
        url: String,
        child: Child,
        home: Home,
        is_ready: impl Fn() -> bool,
    ) -> Result<Self> {
        let mut server = Self { variable, url, child, home };
        let began = Instant::now();
        while !is_ready() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("it ended with {status}: {}", server.home.last_words()).into());
            }
            if began.elapsed() > START {
                return Err(format!("it does not answer: {}", server.home.last_words()).into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }

    /// The process that is told to end: the server itself, also where it was started as somebody else.
    fn process(&self) -> u32 {
        let written = std::fs::read_to_string(self.home.path.join("pid")).ok();
        let written = written.and_then(|text| text.lines().next().and_then(|line| line.trim().parse().ok()));
        written.unwrap_or_else(|| self.child.id())
    }

    fn ends_within(&mut self, time: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < time {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

/// A directory of a server, away from the target directory: another user may have to reach it.
struct Home {
    path: PathBuf,
}

impl Home {
    fn new(name: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("millrace-{name}-{}", std::process::id()));
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir(&path)?;
        Ok(Self { path })
    }

    fn log(&self) -> Result<Stdio> {
        Ok(std::fs::File::options().create(true).append(true).open(self.path.join("log"))?.into())
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.path.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            eprintln!("{} could not be removed: {error}", self.path.display());
        }
    }
}

/// A port that is free now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A program in one of `directories` or, by its name, on the path; installs its package where that can be done.
fn program(directories: &[PathBuf], name: &str, package: &str) -> Result<PathBuf> {
    let find = || {
        let there = directories.iter().map(|directory| directory.join(name)).find(|path| path.exists());
        there.or_else(|| command::version(name).map(|_| Path::new(name).to_owned()))
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    if !debian::is_root() {
        return Err(format!("`{name}` is not installed; the package of Debian is {package}").into());
    }
    debian::install(&[package])?;
    find().ok_or_else(|| format!("the package {package} brought no `{name}`").into())
}
