//! The program `millrace`: reads what it was asked to do and does it.

use std::process::ExitCode;

use server::{
    config::{self, Invocation},
    startup,
};

/// Pages are made of many short strings, by several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = match config::from_process() {
        Ok(Invocation::Serve(config)) => startup::run(*config),
        Ok(Invocation::Config(table)) => {
            print!("{table}");
            Ok(())
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("millrace: {error}");
            ExitCode::FAILURE
        }
    }
}
