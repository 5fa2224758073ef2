//! The program `millrace`: reads what it was asked to do and does it.

use std::{error::Error, process::ExitCode};

use server::{
    backup, cli,
    config::{self, Invocation},
    pipeline_command, startup, token_command,
};

/// Pages are made of many short strings, by several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    config::from_process().map_err(Into::into).and_then(perform).unwrap_or_else(|error| {
        eprintln!("millrace: {error}");
        ExitCode::FAILURE
    })
}

fn perform(invocation: Invocation) -> Result<ExitCode, Box<dyn Error>> {
    let text = match invocation {
        Invocation::Serve(config) => startup::run(*config).map(|()| String::new())?,
        Invocation::Config(table) => table,
        Invocation::Backup(order) => backup::back_up(order)?,
        Invocation::Restore(order) => backup::restore(order)?,
        Invocation::CreateToken(new) => token_command::create(new)?,
        Invocation::Pipeline(order) => pipeline_command::run(order)?,
        Invocation::Remote(remote) => return Ok(cli::run(*remote, config::command())),
    };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}
