//! Rows on their way from the task that reads a database to whoever takes them.

use engine::{
    Failure,
    databases::{TableRows, TextRows},
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// A batch is sent when it takes this much.
const BATCH_BYTES: usize = 1024 * 1024;
const BATCH_ROWS: usize = 8 * 1024;
/// Batches that wait to be taken.
const BATCHES_AHEAD: usize = 2;

/// Collects rows and sends them.
pub(super) struct Batches {
    rows: TextRows,
    sender: mpsc::Sender<TextRows>,
}

/// Nobody takes the rows any more.
#[derive(Debug)]
pub(super) struct Unwanted;

impl Batches {
    /// The row that is being filled.
    pub(super) fn rows(&mut self) -> &mut TextRows {
        &mut self.rows
    }

    /// To be called when a row is complete.
    pub(super) async fn row_done(&mut self) -> Result<(), Unwanted> {
        if self.rows.len() >= BATCH_ROWS || self.rows.bytes() >= BATCH_BYTES { self.send().await } else { Ok(()) }
    }

    /// Sends what there is.
    pub(super) async fn send(&mut self) -> Result<(), Unwanted> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let next = TextRows::new(self.rows.width());
        self.sender.send(std::mem::replace(&mut self.rows, next)).await.map_err(|_| Unwanted)
    }
}

/// Starts the task that reads; it holds the permit until it ends.
pub(super) fn spawn<R, F>(columns: Vec<String>, permit: OwnedSemaphorePermit, read: R) -> TableRows
where
    R: FnOnce(Batches) -> F,
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let reading = read(Batches { rows: TextRows::new(columns.len()), sender });
    let task = tokio::spawn(async move {
        let done = reading.await;
        drop(permit);
        done
    });
    TableRows::new(columns, receiver, task)
}
