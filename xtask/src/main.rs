//! `cargo xtask …`: every task of the repository, in Rust, so that Rust is all one has to have.
//!
//! **Architecture invariant:** knows the product only from outside: its crates by name, its binary, its HTTP.

mod audit;
mod bench;
mod browser;
mod budget;
mod build;
mod command;
mod debian;
mod layers;
mod phases;
mod prove;
mod python;
mod run;
mod screenshots;
mod site;
mod test;
mod totals;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::phases::Phases;
use crate::workspace::{Profile, Workspace};

/// What a task returns; the message is shown to whoever typed the command.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Every task of the Millrace repository.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the one binary, browser files embedded.
    Build {
        /// Optimised, at target/release/millrace; from nothing this takes several times as long.
        #[arg(long)]
        release: bool,
    },
    /// Build, and serve a demo on http://127.0.0.1:3000 with the data in ./data.
    Run {
        /// The optimised binary.
        #[arg(long)]
        release: bool,
        /// More arguments for `millrace serve`, after `--`.
        #[arg(last = true)]
        serve_arguments: Vec<String>,
    },
    /// Everything that must pass, or one part of it.
    Test {
        #[arg(value_enum)]
        part: Option<test::Part>,
        /// More arguments for Playwright, after `--`.
        #[arg(last = true)]
        playwright_arguments: Vec<String>,
    },
    /// Run the deterministic simulation of the scheduler.
    Sim {
        /// How many seeds.
        #[arg(long, default_value_t = 1_000)]
        seeds: u64,
        /// The first of them.
        #[arg(long, default_value_t = 1)]
        first: u64,
        /// One seed only, with its whole trace.
        #[arg(long)]
        seed: Option<u64>,
        /// Optimised: worth its build for tens of thousands of seeds.
        #[arg(long)]
        release: bool,
    },
    /// Kill the real program under load again and again, and read afterwards what became of it.
    Crash {
        /// How often.
        #[arg(long, default_value_t = 200)]
        kills: u64,
    },
    /// Measure the release build.
    Bench {
        #[arg(value_enum)]
        bench: bench::Bench,
        /// A binary that is built already, in place of a release build.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// More arguments for the bench, after `--`.
        #[arg(last = true)]
        bench_arguments: Vec<String>,
    },
    /// Check what the dependencies are: none unused, none twice for one job, licences, sources, advisories.
    Audit,
    /// Take every page as a picture, at four widths, light and dark: target/screenshots.
    Screenshots {
        /// A binary that is built already, in place of the development build.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// More arguments for Playwright, after `--`.
        #[arg(last = true)]
        playwright_arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let mut phases = Phases::default();
    match perform(Arguments::parse().task, &mut phases) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task, phases: &mut Phases) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Build { release } => {
            let binary = build::binary(&workspace, Profile::from_flag(release), phases)?;
            phases.report();
            println!("{}", binary.display());
            Ok(())
        }
        Task::Run { release, serve_arguments } => {
            let binary = build::binary(&workspace, Profile::from_flag(release), phases)?;
            run::serve(&workspace, &binary, &serve_arguments)
        }
        Task::Test { part, playwright_arguments } => test::run(&workspace, part, &playwright_arguments, phases),
        Task::Sim { seeds, first, seed, release } => {
            prove::simulation(&workspace, seeds, first, seed, Profile::from_flag(release))
        }
        Task::Crash { kills } => prove::crashes(&workspace, kills),
        Task::Bench { bench, binary, bench_arguments } => {
            bench::run(&workspace, bench, binary, &bench_arguments, phases)
        }
        Task::Audit => audit::run(&workspace, phases),
        Task::Screenshots { binary, playwright_arguments } => {
            screenshots::run(&workspace, binary, &playwright_arguments, phases)
        }
    }
}
