//! `cargo xtask bench pipeline`: a million made-up people, CSV in and golden records as Parquet out, by the built
//! binary alone; with `--vs-splink` beside Splink, the two by turns on the same file.
//!
//! The people and the reference's script lie beside the checkout (`../shared/bench`), for neither is ours.

mod child;
#[path = "../../../server/benches/machine.rs"]
mod machine;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Parser, ValueEnum};
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{Result, command, python};
use child::{Usage, measured};

/// The reference, and what it and its script read and write Parquet with.
const SPLINK: [&str; 3] = ["splink==5.0.0", "duckdb==2.0.1", "pyarrow==26.0.1"];

/// How the pipeline is measured.
#[derive(Parser)]
struct Options {
    /// Records in the file
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// The seed that the people are drawn with
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What to run
    #[arg(long, value_enum, default_values_t = [Work::Unattended, Work::Tight, Work::Wide])]
    work: Vec<Work>,
    /// Times each is run; the table has the median by wall time
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// Also run the reference, by turns
    #[arg(long)]
    vs_splink: bool,
    /// Memory that the engine may take
    #[arg(long, default_value = "1GiB")]
    memory: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Work {
    /// What `suggest` makes of the file
    Unattended,
    /// The reference's eight keys: about 1.2 pairs a record
    Tight,
    /// Keys that give about 30 pairs a record
    Wide,
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Work::Unattended => "unattended",
            Work::Tight => "tight",
            Work::Wide => "wide",
        }
    }

    /// `None` where `suggest` makes it.
    fn document(self) -> Option<String> {
        let keys = match self {
            Work::Unattended => return None,
            Work::Tight => include_str!("pipeline/tight.toml"),
            Work::Wide => include_str!("pipeline/wide.toml"),
        };
        Some(format!("{}\n{keys}", include_str!("pipeline/people.toml")))
    }
}

/// One run, and how well it did.
#[derive(Clone)]
struct Run {
    usage: Usage,
    quality: String,
}

pub(super) fn run(workspace: &Workspace, binary: &Path, build: &str, arguments: &[String]) -> Result<()> {
    let options = Options::try_parse_from(std::iter::once("pipeline").chain(arguments.iter().map(String::as_str)));
    let options = options.unwrap_or_else(|error| error.exit());
    let shared = workspace.root.join("../shared/bench");
    let home = workspace.target.join("bench-pipeline");
    fs::create_dir_all(&home)?;
    let splink_python = match options.vs_splink {
        true => Some(python::with_packages(workspace, &SPLINK, "splink")?),
        false => None,
    };
    let people = people(&shared, &home, &options, splink_python.as_deref())?;
    println!("\n{build}; {}\n", machine::machine().map_err(|error| error.to_string())?);
    println!("{:12} {:10} {:>8} {:>8} {:>9}  quality", "work", "by", "wall s", "CPU s", "peak MiB");
    for &work in &options.work {
        // Splink is given its blocking rules; it has nothing like `suggest`.
        let against = splink_python.as_deref().filter(|_| work != Work::Unattended);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..options.times {
            ours.push(millrace(binary, &home, &people, work, &options.memory)?);
            if let Some(python) = against {
                theirs.push(splink(python, &shared, &home, &people, work)?);
            }
        }
        let ours = print(work, "millrace", ours);
        if against.is_some() {
            let theirs = print(work, "splink", theirs);
            println!(
                "{:12} {:10} {:>7.1}× {:>7.1}× {:>8.1}×",
                "",
                "ratio",
                theirs.wall_s / ours.wall_s,
                theirs.processor_s / ours.processor_s,
                theirs.peak_mib as f64 / ours.peak_mib as f64
            );
        }
    }
    Ok(())
}

/// Prints the run of the median wall time.
fn print(work: Work, by: &str, mut runs: Vec<Run>) -> Usage {
    runs.sort_by(|a, b| a.usage.wall_s.total_cmp(&b.usage.wall_s));
    let Run { usage, quality } = runs[runs.len() / 2].clone();
    let name = work.name();
    println!("{name:12} {by:10} {:>8.1} {:>8.1} {:>9}  {quality}", usage.wall_s, usage.processor_s, usage.peak_mib);
    usage
}

/// The file of people, made once; with the reference's Python also as Parquet, which is what the reference reads.
fn people(shared: &Path, home: &Path, options: &Options, splink_python: Option<&Path>) -> Result<PathBuf> {
    let file = home.join(format!("people-{}-{}.csv", options.rows, options.seed));
    let parquet = file.with_extension("parquet");
    if !file.exists() || (splink_python.is_some() && !parquet.exists()) {
        let script = shared.join("gen_people.py");
        if !script.exists() {
            return Err(format!("{} is not there: without it there are no people to match", script.display()).into());
        }
        let made = file.with_extension("part");
        let (rows, seed) = (options.rows.to_string(), options.seed.to_string());
        let mut make = Command::new(splink_python.unwrap_or(Path::new("python3")));
        make.arg(script).args(["--rows", &rows, "--seed", &seed, "--out"]).arg(&made);
        if splink_python.is_some() {
            make.arg("--parquet").arg(&parquet);
        }
        command::run(&mut make)?;
        fs::rename(made, &file)?;
    }
    Ok(file)
}

fn millrace(binary: &Path, home: &Path, people: &Path, work: Work, memory: &str) -> Result<Run> {
    let project = home.join(work.name());
    if project.exists() {
        fs::remove_dir_all(&project)?;
    }
    fs::create_dir_all(&project)?;
    let document = project.join("project.toml");
    let pipeline = |name: &str| {
        let mut command = Command::new(binary);
        command.args(["pipeline", name, "--memory", memory]);
        command
    };
    match work.document() {
        Some(text) => fs::write(&document, text.replace("PEOPLE", &people.display().to_string()))?,
        None => command::run(pipeline("suggest").args(["--without", "cluster_id", "-o"]).arg(&document).arg(people))?,
    }
    let usage = measured(pipeline("run").arg(&document), &project.join("run.log"))?;
    let truth = command::output(pipeline("evaluate").args(["--truth", "cluster_id", "--json"]).arg(&document))?;
    let truth: Value = serde_json::from_str(&truth)?;
    let of = |what: &str, score: &str| truth[what][score].as_f64().unwrap_or(f64::NAN);
    let quality = format!(
        "pairs P {:.4} R {:.4} F1 {:.4}; groups F1 {:.4}; largest {}",
        of("pairs", "precision"),
        of("pairs", "recall"),
        of("pairs", "f1"),
        of("groups", "f1"),
        truth["largest_group"]
    );
    Ok(Run { usage, quality })
}

/// The reference prints its own wall and processor time, without what it takes to judge it, and its accuracy.
fn splink(python: &Path, shared: &Path, home: &Path, people: &Path, work: Work) -> Result<Run> {
    let printed = home.join("splink.txt");
    let mut script = Command::new(python);
    script.arg(shared.join("bench_splink_people.py")).arg(people.with_extension("parquet")).arg(&printed);
    if work == Work::Wide {
        script.arg("wide");
    }
    command::output(&mut script)?;
    let printed = fs::read_to_string(printed)?;
    let total = printed.lines().find(|line| line.starts_with("TOTAL")).ok_or("the reference prints its total")?;
    let numbers: Vec<f64> = total.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[wall_s, processor_s, peak_mib] = numbers.as_slice() else {
        return Err(format!("not a total: {total}").into());
    };
    let best = printed.lines().filter(|line| line.starts_with("cluster th=") && line.contains("pairF1"));
    let f1 = |line: &&str| -> f64 {
        line.split("pairF1=").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0.0)
    };
    let best = best.max_by(|a, b| f1(a).total_cmp(&f1(b))).unwrap_or("no groups");
    Ok(Run { usage: Usage { wall_s, processor_s, peak_mib: peak_mib as u64 }, quality: best.to_owned() })
}
