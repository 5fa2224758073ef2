//! The commands for a server elsewhere. They speak its REST API and its live feed, as any other program would.
//!
//! **Architecture invariant:** nothing here imports anything of the server, only `model` and the words of `app::format`.
//! What these commands can do, every program can.

mod client;
mod execution;
mod failure;
mod find;
mod follow;
mod list;
mod output;
mod project;
mod table;
mod workflow;

use std::{convert::Infallible, fmt, process::ExitCode, str::FromStr};

use clap::{ArgMatches, Args, FromArgMatches as _, Subcommand};
use clap_complete::Shell;
use model::execution::Status;
use tokio::runtime;

use client::Client;
pub(crate) use failure::Failure;
use output::Output;
pub(crate) use project::document::{Document, Form};

/// What is asked of a server elsewhere.
#[derive(Debug, Subcommand)]
pub enum Remote {
    /// List, run, pause and resume the workflows of a server
    Workflow {
        #[command(flatten)]
        server: Server,
        #[command(subcommand)]
        request: workflow::Request,
    },
    /// List, show, cancel and follow the executions of a server
    Execution {
        #[command(flatten)]
        server: Server,
        #[command(subcommand)]
        request: execution::Request,
    },
    /// List, import and export the projects of a server
    Project {
        #[command(flatten)]
        server: Server,
        #[command(subcommand)]
        request: project::Request,
    },
    /// Print what completes these commands in a shell
    Completions { shell: Shell },
}

/// Which server, and how its answers are printed.
#[derive(Debug, Args)]
pub struct Server {
    /// Where the server is
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "MILLRACE_URL",
        default_value = "http://127.0.0.1:3000",
        help_heading = "Server"
    )]
    url: String,
    /// The API token to be known by; a server without sign-in needs none
    #[arg(
        long,
        global = true,
        value_name = "TOKEN",
        env = "MILLRACE_TOKEN",
        // One in 64 begins with one.
        allow_hyphen_values = true,
        hide_env_values = true,
        help_heading = "Server"
    )]
    token: Option<Token>,
    /// Print the API's own JSON
    #[arg(long, global = true)]
    json: bool,
}

/// A secret: it is in no text that is made for looking at.
#[derive(Clone)]
struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl FromStr for Token {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The run that was followed ended like this.
    Ended(Status),
}

/// Far from 1 and 2, so that a script tells a run that failed from a server that does not answer and from its own typing
/// mistake.
const FAILED: u8 = 10;
const CANCELLED: u8 = 11;
const INTERRUPTED: u8 = 12;

/// For the help of the commands that follow.
const EXIT_STATUS: &str = "Exit status:
   0  the run succeeded
   1  it could not be started or followed: the reason is on the standard error
   2  the command line is wrong
  10  the run failed, in its last attempt
  11  the run was cancelled
  12  the run was interrupted and nothing recovers it

A failed attempt with a retry, and an interrupted one with a recovery, is not the end: what comes after it is followed,
too. Ctrl-C ends the following, not the run.";

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done | Outcome::Ended(Status::Success) => ExitCode::SUCCESS,
            Outcome::Ended(Status::Failed) => FAILED.into(),
            Outcome::Ended(Status::Cancelled) => CANCELLED.into(),
            Outcome::Ended(Status::Interrupted) => INTERRUPTED.into(),
            // Nothing is followed only so far.
            Outcome::Ended(Status::Queued | Status::Running | Status::Cancelling) => ExitCode::FAILURE,
        }
    }
}

/// Adds these commands to a program's.
pub fn augment(program: clap::Command) -> clap::Command {
    Remote::augment_subcommands(program)
}

/// The request on a command line, if it is one of these.
pub fn from_matches(matches: &ArgMatches) -> Option<Remote> {
    matches.subcommand_name().filter(|name| Remote::has_subcommand(name))?;
    Some(Remote::from_arg_matches(matches).unwrap_or_else(|error| error.exit()))
}

/// Does what was asked; `program` is the whole command line, for its completions.
pub fn run(remote: Remote, program: clap::Command) -> ExitCode {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::Runtime(error).tell(),
    };
    match runtime.block_on(perform(remote, program)) {
        Ok(outcome) => outcome.into(),
        Err(failure) => failure.tell(),
    }
}

async fn perform(remote: Remote, program: clap::Command) -> Result<Outcome, Failure> {
    match remote {
        Remote::Workflow { server, request } => {
            let (client, mut output) = connect(&server)?;
            request.perform(&client, &mut output).await
        }
        Remote::Execution { server, request } => {
            let (client, mut output) = connect(&server)?;
            request.perform(&client, &mut output).await
        }
        Remote::Project { server, request } => {
            let (client, mut output) = connect(&server)?;
            request.perform(&client, &mut output).await
        }
        Remote::Completions { shell } => {
            completions(shell, program, &mut Output::stdout(false))?;
            Ok(Outcome::Done)
        }
    }
}

fn connect(server: &Server) -> Result<(Client, Output), Failure> {
    let token = server.token.as_ref().map(|token| token.0.as_str()).filter(|token| !token.is_empty());
    Ok((Client::new(&server.url, token)?, Output::stdout(server.json)))
}

fn completions(shell: Shell, mut program: clap::Command, output: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "millrace", &mut script);
    output.text(String::from_utf8_lossy(&script).trim_end())
}

/// Restricts an argument to words, which completions then know.
fn one_of<const N: usize>(words: [&'static str; N]) -> clap::builder::PossibleValuesParser {
    words.into()
}
