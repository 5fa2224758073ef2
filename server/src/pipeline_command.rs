//! `millrace pipeline`: the engine without the server. A project is a document and the files beside it; nothing here
//! opens a data directory.

mod arguments;

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{
    Context, Engine, EngineConfig, Evaluation, ExportSettings, Failure, ImportSettings, PipelineError, PipelineSpec,
    Progress, ReviewFlags, Secrets, StepCounts, StepProgress, Truth, Unheard,
};
use model::{
    FieldError, Step, StepRange,
    config::{ProjectConfig, SourceConfig, source::ColumnMapping},
    execution::LogLevel,
};
use tokio_util::sync::CancellationToken;

pub(crate) use arguments::command;

use crate::{
    cli::{self, Document, Form},
    clock::{Clock as _, SystemClock},
    config,
    databases::SqlDatabases,
    fetching, schedule,
};

/// Told of a suggestion that finds no match.
const NOTHING_TO_COMPARE: &str =
    "No column tells records apart, so Match has nothing to compare: say yourself which columns it shall compare.";

/// What to do.
#[derive(Debug)]
pub struct PipelineOrder {
    pub task: Task,
    pub machine: Machine,
}

/// What this machine gives.
#[derive(Clone, Debug)]
pub struct Machine {
    pub memory_bytes: u64,
    pub threads: usize,
    /// Directories under which the project may write files.
    pub files_roots: Vec<PathBuf>,
    /// IANA name; for dates in names of files.
    pub time_zone: String,
}

#[derive(Debug)]
pub enum Task {
    /// Prints or writes a project document for these files.
    Suggest {
        files: Vec<PathBuf>,
        /// Columns that the project does not take.
        without: Vec<String>,
        out: Option<PathBuf>,
    },
    Run {
        project: Project,
        steps: StepRange,
    },
    /// Compares the groups of the last run with a truth.
    Evaluate {
        project: Project,
        truth: Truth,
        json: bool,
    },
}

/// A document, and where what comes of it goes.
#[derive(Debug)]
pub struct Project {
    pub document: PathBuf,
    /// Results of the steps.
    pub results: PathBuf,
    /// Exported files; replaced as a whole.
    pub outputs: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum PipelineCommandError {
    #[error("{0}")]
    Document(String),
    #[error("{}: {}", document.display(), in_lines(problems))]
    Invalid { document: PathBuf, problems: Vec<FieldError> },
    #[error("{0}: two of these files would be the same source. Give one of them another name")]
    SameName(String),
    #[error(transparent)]
    Engine(#[from] Failure),
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("no thread to wait on: {0}")]
    Runtime(std::io::Error),
}

impl From<cli::Failure> for PipelineCommandError {
    fn from(failure: cli::Failure) -> Self {
        Self::Document(failure.to_string())
    }
}

type Result<T> = std::result::Result<T, PipelineCommandError>;

/// Does it; the text is ready to print. How far it is goes to the standard error.
///
/// # Errors
/// When the document cannot be used, or a step fails. Ctrl-C ends the step at its next checkpoint.
pub fn run(order: PipelineOrder) -> Result<String> {
    // It is only waited here: the work is done on the engine's threads.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(PipelineCommandError::Runtime)?.block_on(perform(order))
}

async fn perform(order: PipelineOrder) -> Result<String> {
    let scratch =
        tempfile::tempdir().map_err(|source| PipelineCommandError::File { path: std::env::temp_dir(), source })?;
    let engine = Engine::new(EngineConfig {
        threads: order.machine.threads,
        memory_bytes: usize::try_from(order.machine.memory_bytes).unwrap_or(usize::MAX),
        spill_directory: scratch.path().join("spill"),
    })?;
    let engine = Arc::new(engine.with_databases(Arc::new(SqlDatabases::default())));
    let cancel = CancellationToken::new();
    tokio::spawn({
        let cancel = cancel.clone();
        async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                cancel.cancel();
            }
        }
    });
    let context = |workspace: PathBuf, outputs: PathBuf, progress: Arc<dyn Progress>| Context {
        engine: Arc::clone(&engine),
        workspace,
        outputs,
        execution: None,
        cancel: cancel.clone(),
        progress,
        now: Arc::new(|| SystemClock.now()),
    };
    let aside = || context(scratch.path().join("results"), scratch.path().join("outputs"), Arc::new(Unheard));
    match order.task {
        Task::Suggest { files, without, out } => suggest(&files, &without, out.as_deref(), aside()).await,
        Task::Run { project, steps } => {
            let spec = project.spec(steps, &order.machine)?;
            engine::run(&spec, &context(project.results, project.outputs, Arc::new(Terminal)), steps).await?;
            Ok(String::new())
        }
        Task::Evaluate { project, truth, json } => {
            let spec = project.spec(StepRange::new(Step::Import, Step::Import).expect("one step"), &order.machine)?;
            let found = context(project.results, project.outputs, Arc::new(Unheard));
            let evaluation = engine::evaluate(&spec, &found, aside(), &truth).await?;
            Ok(if json { format!("{}\n", serde_json::json!(evaluation)) } else { in_words(&evaluation) })
        }
    }
}

/// One source a file, and what follows from their profile.
async fn suggest(files: &[PathBuf], without: &[String], out: Option<&Path>, context: Context) -> Result<String> {
    let mut spec = PipelineSpec {
        config: ProjectConfig::default(),
        files: BTreeMap::new(),
        secrets: Secrets::default(),
        review: ReviewFlags::default(),
        export: ExportSettings::default(),
        import: import_settings()?,
    };
    let mut sources: Vec<SourceConfig> = Vec::new();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if sources.iter().any(|source| source.name == name) {
            return Err(PipelineCommandError::SameName(name));
        }
        let file = named_in(out, path)?;
        spec.files.insert(file.clone(), path.clone());
        sources.push(SourceConfig::uploaded(name, file));
    }
    spec.config.sources.clone_from(&sources);
    if !without.is_empty() {
        // What columns there are is known when they have been read.
        let (import, _) = engine::profile_sources(&spec, &context).await?;
        for (source, imported) in sources.iter_mut().zip(import.sources) {
            let columns = imported.columns.into_iter().filter(|column| !without.contains(column));
            source.columns = columns.map(ColumnMapping::of).collect();
        }
        spec.config.sources.clone_from(&sources);
    }
    let (import, profile) = engine::profile_sources(&spec, &context).await?;
    let config = ProjectConfig { sources, ..engine::suggest(&import, &profile) };
    let nothing = config.matching.probabilistic.is_empty().then_some(NOTHING_TO_COMPARE);
    let document = Document::new("Suggested".to_owned(), config);
    let Some(out) = out else {
        let remark = nothing.map(|remark| format!("# {remark}\n")).unwrap_or_default();
        return Ok(remark + &document.write(Form::Toml)?);
    };
    let text = document.write(Form::of(out)?)?;
    std::fs::write(out, text).map_err(|source| PipelineCommandError::File { path: out.to_owned(), source })?;
    let remark = nothing.map(|remark| format!(" {remark}")).unwrap_or_default();
    Ok(format!("{} has the suggestion.{remark}\n", out.display()))
}

/// Whoever writes the document could ask any server themselves.
fn import_settings() -> Result<ImportSettings> {
    Ok(ImportSettings { file_servers: Some(fetching::file_servers(true)), ..ImportSettings::unguarded()? })
}

/// How a document names a file: as seen from where the document lies. One that is printed names it as it was typed.
fn named_in(document: Option<&Path>, file: &Path) -> Result<String> {
    let absolute = |path: &Path| {
        std::path::absolute(path).map_err(|source| PipelineCommandError::File { path: path.to_owned(), source })
    };
    let seen = match document {
        Some(document) if file.is_relative() => {
            let (document, file) = (absolute(document)?, absolute(file)?);
            let beside = document.parent().and_then(|directory| file.strip_prefix(directory).ok());
            beside.map(Path::to_path_buf).unwrap_or(file)
        }
        _ => file.to_owned(),
    };
    Ok(seen.to_string_lossy().into_owned())
}

impl Project {
    /// The document, checked; a file that it names lies beside it unless its path is absolute.
    fn spec(&self, steps: StepRange, machine: &Machine) -> Result<PipelineSpec> {
        let config: ProjectConfig = Document::read(&self.document)?.into_config();
        let problems = engine::validate(&config, steps, None);
        if !problems.is_empty() {
            return Err(PipelineCommandError::Invalid { document: self.document.clone(), problems });
        }
        let secret = |name: &str| (name.to_owned(), config::secret_of_environment(name));
        let secrets = Secrets::opened(config.secret_names().map(secret));
        let beside = self.document.parent().unwrap_or(Path::new(""));
        let uploads = config.sources.iter().filter(|source| source.location.is_none());
        let files = uploads.map(|source| (source.file.clone(), beside.join(&source.file)));
        let name = self.document.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let export = ExportSettings {
            workflow: name.clone(),
            project: name,
            time_zone: schedule::zone_or_utc(&machine.time_zone),
            roots: machine.files_roots.clone(),
            client: None,
        };
        Ok(PipelineSpec {
            files: files.collect(),
            config,
            secrets,
            review: ReviewFlags::default(),
            export,
            import: import_settings()?,
        })
    }
}

fn in_lines(problems: &[FieldError]) -> String {
    problems.iter().map(|FieldError { field, message }| format!("\n  {field}: {message}")).collect()
}

fn in_words(Evaluation { records, true_pairs, pairs, groups, largest_group }: &Evaluation) -> String {
    let line = |name: &str, scores: &engine::evaluate::Scores| {
        format!("{name:8}{:>11.4}{:>9.4}{:>9.4}\n", scores.precision, scores.recall, scores.f1)
    };
    format!(
        "{records} records, {true_pairs} true pairs, largest group {largest_group}\n        {:>11}{:>9}{:>9}\n{}{}",
        "precision",
        "recall",
        "F1",
        line("pairs", pairs),
        line("groups", groups),
    )
}

/// Each step a line on the standard error, and what the log would say.
struct Terminal;

impl Progress for Terminal {
    fn step_started(&self, _step: Step) {}

    fn step_finished(&self, step: Step, _counts: StepCounts, summary: String) {
        say(&format!("{step}: {summary}"));
    }

    fn advanced(&self, _step: Step, _progress: StepProgress<'_>) {}

    fn log(&self, step: Step, level: LogLevel, message: String) {
        match level {
            LogLevel::Info => say(&format!("{step}: {message}")),
            LogLevel::Warning | LogLevel::Error => say(&format!("{step}: {}: {message}", level.as_str())),
        }
    }
}

/// Whoever closed the standard error does not want to know.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
