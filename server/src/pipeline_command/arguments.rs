//! The command line of `millrace pipeline`.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use engine::Truth;
use model::{Step, StepRange};
use regex::Regex;

use super::{Machine, PipelineOrder, Project, Task};

/// `pipeline` with its subcommands, each of which takes the given arguments, too.
pub(crate) fn command(more: impl IntoIterator<Item = Arg>) -> Command {
    let more: Vec<Arg> = more.into_iter().collect();
    let files = Arg::new("files")
        .value_name("FILE")
        .num_args(1..)
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help("One source each");
    let without = Arg::new("without")
        .long("without")
        .value_name("COLUMN")
        .action(ArgAction::Append)
        .help("Leave a column out, such as one that holds the truth; may be said several times");
    let out = path("out", "FILE").short('o').help("Write it there, .toml or .json [default: print it as TOML]");
    let suggest = Command::new("suggest")
        .about("Propose a project document for files, from what they hold")
        .args([files, without, out]);
    let step =
        |name: &'static str| Arg::new(name).long(name).value_name("STEP").value_parser(Step::ALL.map(Step::as_str));
    let run = Command::new("run").about("Run the steps of a project document").args([
        document(),
        results(),
        path("outputs", "DIR")
            .help("Where exported files go; replaced as a whole [default: outputs beside the document]"),
        step("from").help("The first step; the results of those before it are used [default: import]"),
        step("through").help("The last step [default: export]"),
    ]);
    let truth = Arg::new("truth")
        .long("truth")
        .value_name("COLUMN")
        .required(true)
        .help("Column of the files whose value is the same for records that describe the same thing");
    let pattern = Arg::new("pattern")
        .long("pattern")
        .value_name("REGEX")
        .value_parser(|text: &str| Regex::new(text))
        .help("Takes this part of the value, or its first group");
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print one JSON object");
    let evaluate = Command::new("evaluate").about("Compare the groups of the last run with a truth").args([
        document(),
        results(),
        truth,
        pattern,
        json,
    ]);
    Command::new("pipeline")
        .about("Match files with the engine alone, without a server")
        .subcommand_required(true)
        .subcommands([suggest, run, evaluate].map(|command| command.args(more.clone())))
}

fn document() -> Arg {
    Arg::new("document")
        .value_name("PROJECT")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help("The project document, .toml or .json; the files that it names lie beside it")
}

fn results() -> Arg {
    path("results", "DIR").help("Where the results of the steps are [default: results beside the document]")
}

fn path(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf))
}

impl PipelineOrder {
    /// From the arguments of one of the subcommands.
    pub(crate) fn read(name: &str, matches: &ArgMatches, machine: Machine) -> Self {
        let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
        let project = || {
            let document = path("document").expect("clap asks for it");
            let beside = document.parent().unwrap_or(Path::new("")).to_owned();
            Project {
                results: path("results").unwrap_or_else(|| beside.join("results")),
                outputs: matches
                    .try_get_one("outputs")
                    .ok()
                    .flatten()
                    .cloned()
                    .unwrap_or_else(|| beside.join("outputs")),
                document,
            }
        };
        let task = match name {
            "suggest" => Task::Suggest {
                files: matches.get_many("files").expect("clap asks for it").cloned().collect(),
                without: matches.get_many("without").into_iter().flatten().cloned().collect(),
                out: path("out"),
            },
            "run" => Task::Run { project: project(), steps: steps(matches) },
            _ => Task::Evaluate {
                project: project(),
                truth: Truth {
                    column: matches.get_one::<String>("truth").expect("clap asks for it").clone(),
                    pattern: matches.get_one("pattern").cloned(),
                },
                json: matches.get_flag("json"),
            },
        };
        Self { task, machine }
    }
}

/// A range that is turned round is told as clap tells what is wrong.
fn steps(matches: &ArgMatches) -> StepRange {
    let step = |name: &str| matches.get_one::<String>(name).and_then(|name| Step::parse(name));
    let (from, through) = (step("from").unwrap_or(Step::Import), step("through").unwrap_or(Step::Export));
    StepRange::new(from, through).unwrap_or_else(|| {
        let message = format!("{through} comes before {from}: nothing would run\n");
        clap::Error::raw(clap::error::ErrorKind::ValueValidation, message).exit()
    })
}
