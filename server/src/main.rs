//! The program `millrace`: reads what it was asked to do and does it.

use std::{error::Error, process::ExitCode};

use server::{
    backup,
    config::{self, Invocation},
    startup, token_command,
};

/// Pages are made of many short strings, by several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match config::from_process().map_err(Into::into).and_then(perform) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("millrace: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is left to print.
fn perform(invocation: Invocation) -> Result<String, Box<dyn Error>> {
    Ok(match invocation {
        Invocation::Serve(config) => startup::run(*config).map(|()| String::new())?,
        Invocation::Config(table) => table,
        Invocation::Backup(order) => backup::back_up(order)?,
        Invocation::Restore(order) => backup::restore(order)?,
        Invocation::CreateToken(new) => token_command::create(new)?,
    })
}
