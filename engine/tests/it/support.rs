//! A project in a temporary directory, and ways to run it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use datafusion::{
    arrow::util::display::{ArrayFormatter, FormatOptions},
    parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
};
use engine::{
    Context, Engine, EngineConfig, ExportSettings, Failure, ImportSettings, PipelineSpec, Progress, ReviewFlags,
    Secrets, StepCounts, StepProgress, Workspace, databases::Databases,
};
use model::{
    Step, StepRange, Timestamp,
    config::{ProjectConfig, SourceConfig},
    execution::LogLevel,
    results::{BlockingEstimate, CleansePreview, Summary},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub(crate) const MEMORY_BYTES: usize = 256 * 1024 * 1024;

pub(crate) struct Project {
    pub(crate) home: TempDir,
    pub(crate) spec: PipelineSpec,
    pub(crate) memory_bytes: usize,
    /// When the clock stands at the start of a run.
    pub(crate) start_micros: i64,
    /// What speaks to databases, if anything does.
    pub(crate) databases: Option<Arc<dyn Databases>>,
    /// Where workspace and outputs lie, when not in `home`.
    elsewhere: Option<PathBuf>,
}

impl Project {
    /// A project whose sources are files with these contents; a source has its file's name without the ending.
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        Self::within(TempDir::new().expect("a temporary directory"), files)
    }

    /// The same in a directory that is there already.
    pub(crate) fn within(home: TempDir, files: &[(&str, &[u8])]) -> Self {
        let mut spec = PipelineSpec {
            config: ProjectConfig::default(),
            files: BTreeMap::new(),
            secrets: Secrets::default(),
            review: ReviewFlags::default(),
            export: ExportSettings::default(),
            import: ImportSettings::default(),
        };
        for (name, bytes) in files {
            let path = home.path().join(name);
            fs::write(&path, bytes).expect("the file is written");
            spec.files.insert((*name).to_owned(), path);
            let source = name.split('.').next().expect("a first part").to_owned();
            spec.config.sources.push(SourceConfig::uploaded(source, (*name).to_owned()));
        }
        Self {
            home,
            spec,
            memory_bytes: MEMORY_BYTES,
            start_micros: 1_700_000_000_000_000,
            databases: None,
            elsewhere: None,
        }
    }

    /// Replaces a section of the configuration by JSON, as a user writes it.
    pub(crate) fn with(mut self, section: &str, value: serde_json::Value) -> Self {
        let mut document = serde_json::to_value(&self.spec.config).expect("the configuration is JSON");
        document[section] = value;
        self.spec.config = serde_json::from_value(document).expect("a configuration");
        self
    }

    /// The same project on the workspace of another.
    pub(crate) fn at(self, home: &Path) -> Self {
        Self { elsewhere: Some(home.to_owned()), ..self }
    }

    /// The same settings in a place of their own.
    pub(crate) fn again(&self) -> Self {
        let home = TempDir::new().expect("a temporary directory");
        Self { home, spec: self.spec.clone(), databases: self.databases.clone(), elsewhere: None, ..*self }
    }

    fn place(&self) -> &Path {
        self.elsewhere.as_deref().unwrap_or_else(|| self.home.path())
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.place().join("workspace")
    }

    pub(crate) fn outputs(&self) -> PathBuf {
        self.place().join("outputs")
    }

    pub(crate) fn run(&self, from: Step, through: Step) -> Result<Arc<Watcher>, Failure> {
        self.run_watched(from, through, Watcher::default())
    }

    pub(crate) fn run_watched(&self, from: Step, through: Step, watcher: Watcher) -> Result<Arc<Watcher>, Failure> {
        let watcher = Arc::new(watcher);
        let context = self.context(&watcher)?;
        let steps = StepRange::new(from, through).expect("a range of steps");
        // The caller's threads are not the engine's.
        let caller = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let done = caller.block_on(engine::run(&self.spec, &context, steps));
        done.map(|()| watcher).map_err(|error| error.failure)
    }

    pub(crate) fn context(&self, watcher: &Arc<Watcher>) -> Result<Context, Failure> {
        let engine = Engine::new(EngineConfig {
            threads: 2,
            memory_bytes: self.memory_bytes,
            spill_directory: self.home.path().join("spill"),
        })?;
        let engine = match &self.databases {
            Some(databases) => engine.with_databases(Arc::clone(databases)),
            None => engine,
        };
        let clock = AtomicI64::new(self.start_micros);
        Ok(Context {
            engine: Arc::new(engine),
            workspace: self.workspace(),
            outputs: self.outputs(),
            execution: None,
            cancel: watcher.cancel.clone(),
            progress: Arc::clone(watcher) as Arc<dyn Progress>,
            now: Arc::new(move || Timestamp::from_micros(clock.fetch_add(1_000, Ordering::Relaxed))),
        })
    }

    /// What matching would compare.
    pub(crate) fn estimate_blocking(&self) -> Result<BlockingEstimate, Failure> {
        let context = self.context(&Arc::new(Watcher::default()))?;
        let (config, scratch) = (self.spec.config.matching.clone(), self.home.path().join("scratch"));
        let caller = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let engine = Arc::clone(&context.engine);
        let task = engine.spawn(async move { engine::estimate_blocking(&config, &context, &scratch).await });
        caller.block_on(task).expect("the task ends")
    }

    /// What cleansing would make of the first imported records.
    pub(crate) fn preview(&self, rows: usize) -> Result<Option<CleansePreview>, Failure> {
        let context = self.context(&Arc::new(Watcher::default()))?;
        let caller = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (engine, workspace) = (&context.engine, &context.workspace);
        let (config, files) = (&self.spec.config.cleanse, &self.spec.files);
        caller.block_on(engine::preview_cleanse(engine, workspace, config, files, None, rows))
    }

    /// The message of the failure that a run ends with.
    pub(crate) fn failure(&self, from: Step, through: Step) -> String {
        match self.run(from, through) {
            Ok(_) => panic!("the run succeeded"),
            Err(Failure::Input(message)) => message,
            Err(other) => panic!("not an input failure: {other:?}"),
        }
    }

    pub(crate) fn summary(&self, step: Step) -> Summary {
        engine::read::step_result(&self.workspace(), step).expect("readable").expect("published").summary
    }

    pub(crate) fn file(&self, step: Step, name: &str) -> PathBuf {
        Workspace::new(self.workspace()).published(step).expect("readable").expect("published").file(name)
    }

    /// The rows of a published table as text, `·` for null, without its header.
    pub(crate) fn rows(&self, step: Step, name: &str) -> Vec<String> {
        table(&self.file(step, name)).1
    }
}

/// Column names and rows of a Parquet file.
pub(crate) fn table(path: &Path) -> (Vec<String>, Vec<String>) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).expect("opens")).expect("is Parquet");
    let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = Vec::new();
    for batch in reader.build().expect("reads") {
        let batch = batch.expect("a batch");
        let options = FormatOptions::default().with_null("·");
        let columns: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).expect("formats")).collect();
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" | "));
        }
    }
    (names, rows)
}

/// What a test does in the middle of a run.
pub(crate) type Act = Box<dyn Fn() + Send + Sync>;

/// Remembers what was reported; cancels the run when told to.
#[derive(Default)]
pub(crate) struct Watcher {
    pub(crate) cancel: CancellationToken,
    /// Cancels at the first report of this step's progress.
    pub(crate) cancel_in: Option<Step>,
    /// Cancels at the first report of a stage that begins so.
    pub(crate) cancel_at_stage: Option<&'static str>,
    /// Cancels at the report after so many.
    pub(crate) cancel_after: Option<u64>,
    pub(crate) reports: AtomicU64,
    /// Done at the report of a stage that begins so.
    pub(crate) at_stage: Option<(&'static str, Act)>,
    /// Says each report on standard output.
    pub(crate) tell: bool,
    pub(crate) finished: Mutex<Vec<(Step, StepCounts, String)>>,
    pub(crate) log: Mutex<Vec<String>>,
}

impl Watcher {
    pub(crate) fn cancelling_after(reports: u64) -> Self {
        Self { cancel_after: Some(reports), ..Self::default() }
    }
}

impl Progress for Watcher {
    fn step_started(&self, _step: Step) {}

    fn step_finished(&self, step: Step, counts: StepCounts, summary: String) {
        self.finished.lock().expect("not poisoned").push((step, counts, summary));
    }

    fn advanced(&self, step: Step, state: StepProgress<'_>) {
        let stage_begins = self.cancel_at_stage.is_some_and(|stage| state.stage.starts_with(stage));
        let before = self.reports.fetch_add(1, Ordering::Relaxed);
        if let Some((stage, act)) = &self.at_stage
            && state.stage.starts_with(stage)
        {
            act();
        }
        if self.tell {
            println!("{}: {}", step.as_str(), state.stage);
        }
        if self.cancel_in == Some(step) || stage_begins || self.cancel_after == Some(before) {
            self.cancel.cancel();
        }
    }

    fn log(&self, _step: Step, _level: LogLevel, message: String) {
        self.log.lock().expect("not poisoned").push(message);
    }
}
