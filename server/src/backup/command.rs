//! The command line of `millrace backup` and `millrace restore`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{BackupOrder, RestoreOrder};

/// `backup`, which takes the given arguments, too.
pub(crate) fn backup(more: impl IntoIterator<Item = Arg>) -> Command {
    let database_only = Arg::new("database_only")
        .long("database-only")
        .action(ArgAction::SetTrue)
        .help("Leave out uploaded files, results, outputs and logs");
    Command::new("backup")
        .about("Write everything into one file, beside a server that runs, and read it back")
        .args([file().help("The archive to write, such as millrace.tar.zst"), database_only])
        .args(more)
}

/// `restore`, which takes the given arguments, too.
pub(crate) fn restore(more: impl IntoIterator<Item = Arg>) -> Command {
    Command::new("restore")
        .about("Restore a backup into a new or empty data directory")
        .arg(file().help("The archive to read"))
        .args(more)
}

fn file() -> Arg {
    Arg::new("file").value_name("FILE").required(true).value_parser(value_parser!(PathBuf))
}

fn file_of(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("file").expect("clap asks for it").clone()
}

impl BackupOrder {
    /// From the arguments of `backup`.
    pub(crate) fn read(matches: &ArgMatches, data: PathBuf) -> Self {
        Self { data, file: file_of(matches), database_only: matches.get_flag("database_only") }
    }
}

impl RestoreOrder {
    /// From the arguments of `restore`.
    pub(crate) fn read(matches: &ArgMatches, data: PathBuf) -> Self {
        Self { file: file_of(matches), data }
    }
}
