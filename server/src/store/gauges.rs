//! How the server stands, for those who watch it by numbers.

use model::Timestamp;

use super::{Store, StoreResult, row::Columns, statements::statements};

statements! {
    // Each by an index that holds only what is counted.
    STANDING = "SELECT
        (SELECT min(next_run_at) FROM workflows WHERE next_run_at IS NOT NULL) AS next_due_at,
        (SELECT count(*) FROM deliveries INDEXED BY deliveries_due WHERE status = 'waiting') AS waiting,
        (SELECT count(*) FROM deliveries INDEXED BY deliveries_sending WHERE status = 'sending') AS sending";
}

/// What the database and the connections to it look like now.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// When the next schedule fires, or should have.
    pub next_due_at: Option<Timestamp>,
    pub deliveries_waiting: u64,
    pub deliveries_sending: u64,
    /// Connections for reading.
    pub readers_open: u64,
    /// Those of them that read at this moment.
    pub readers_busy: u64,
    /// Commands that the writer has not taken yet.
    pub commands_waiting: usize,
}

impl Store {
    pub async fn standing(&self) -> StoreResult<Standing> {
        let open = u64::from(self.readers.size());
        let idle = u64::try_from(self.readers.num_idle()).expect("a pool is small");
        let mut snapshot = self.read().await?;
        let row = sqlx::query(STANDING).fetch_one(&mut *snapshot).await?;
        Ok(Standing {
            next_due_at: row.time_or_null("next_due_at")?,
            deliveries_waiting: row.count("waiting")?,
            deliveries_sending: row.count("sending")?,
            readers_open: open,
            readers_busy: open.saturating_sub(idle),
            commands_waiting: self.waiting_commands(),
        })
    }
}
