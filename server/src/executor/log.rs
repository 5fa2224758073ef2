//! An execution's log: one JSON line for each line of it, appended as it comes.

use std::{
    fs::File,
    io::{BufRead, BufReader, ErrorKind, Write},
    path::{Path, PathBuf},
};

use model::{ExecutionId, event::Sample, execution::LogLine};

use crate::live_samples::LiveSamples;

/// The log of an execution that runs.
pub(super) struct Log {
    execution: ExecutionId,
    path: PathBuf,
    samples: LiveSamples,
    /// Lines written.
    lines: u64,
}

impl Log {
    pub(super) fn new(execution: ExecutionId, path: PathBuf, samples: LiveSamples) -> Self {
        Self { execution, path, samples, lines: 0 }
    }

    /// Writes lines and tells the pages that watch. A log that cannot be written does not stop the work.
    pub(super) async fn append(&mut self, lines: Vec<LogLine>) {
        if lines.is_empty() {
            return;
        }
        if let Err(error) = self.write(&lines).await {
            tracing::warn!(%error, path = %self.path.display(), "log lines could not be written");
            return;
        }
        let first = self.lines;
        self.lines += u64::try_from(lines.len()).expect("lines are counted in 64 bits");
        self.samples.send(Sample::Log { execution: self.execution, first, lines });
    }

    async fn write(&self, lines: &[LogLine]) -> std::io::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        let path = self.path.clone();
        // One visit to a thread that may block, for all of it.
        tokio::task::spawn_blocking(move || append(&path, &text)).await.map_err(std::io::Error::other)?
    }
}

fn append(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let open = || File::options().create(true).append(true).open(path);
    let mut file = match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(directory) = path.parent() {
                std::fs::create_dir_all(directory)?;
            }
            open()?
        }
        file => file?,
    };
    file.write_all(text)
}

/// Lines from index `first` on. An execution without a log has no lines; a line that a power cut tore ends the log.
pub fn read(path: &Path, first: u64, limit: usize) -> std::io::Result<Vec<LogLine>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        file => file?,
    };
    let skipped = usize::try_from(first).unwrap_or(usize::MAX);
    let lines = BufReader::new(file).lines().skip(skipped).take(limit);
    let lines = lines.map_while(|line| line.ok().and_then(|line| serde_json::from_str(&line).ok()));
    Ok(lines.collect())
}
