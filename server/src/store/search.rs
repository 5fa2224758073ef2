//! Words of the errors of failed executions.
//!
//! A word may stand in a million errors. They are read newest first and a window at a time, so that a page costs what it
//! shows: the first window has the page of a frequent word, and all there is of a rare one. `store/history.rs` goes through
//! them.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{StoreResult, statements::statements};

statements! {
    OLDEST_OF_WINDOW = "SELECT min(number) FROM (SELECT rowid AS number FROM execution_errors
        WHERE execution_errors MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?)";
}

/// Matches in the first window. Each further one is four times as large.
const FIRST_WINDOW: i64 = 512;

/// Characters of the longest beginning of a word that the index of migration 0007 has a list for.
const PREFIX_MAX: usize = 12;

/// A search for words.
pub(super) struct Search {
    words: String,
    size: i64,
}

/// Numbers of executions, both ends included, in which a few of a search's matches stand.
pub(super) struct Window {
    words: String,
    pub(super) oldest: i64,
    newest: i64,
}

impl Search {
    /// For what was typed. `None` where there is no word in it.
    pub(super) fn new(text: &str) -> Option<Self> {
        Some(Self { words: search_words(text)?, size: FIRST_WINDOW })
    }

    /// The newest matches that are not newer than `newest`, or `None` when there are none.
    pub(super) async fn window(
        &mut self,
        connection: &mut SqliteConnection,
        newest: i64,
    ) -> StoreResult<Option<Window>> {
        let oldest = sqlx::query_scalar(OLDEST_OF_WINDOW).bind(&self.words).bind(newest).bind(self.size);
        let oldest: Option<i64> = oldest.fetch_one(connection).await?;
        self.size = self.size.saturating_mul(4);
        Ok(oldest.map(|oldest| Window { words: self.words.clone(), oldest, newest }))
    }
}

impl Window {
    pub(super) fn push_condition(self, query: &mut QueryBuilder<Sqlite>) {
        query.push(" AND e.number IN (SELECT rowid FROM execution_errors WHERE execution_errors MATCH ");
        query.push_bind(self.words).push(" AND rowid BETWEEN ").push_bind(self.oldest);
        query.push(" AND ").push_bind(self.newest).push(")");
    }
}

/// Every word must be there; the last one may be the beginning of a word, since it may still be being typed. Of a long
/// one its beginning decides.
fn search_words(text: &str) -> Option<String> {
    let mut words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let last = words.pop()?;
    let beginning: String = last.chars().take(PREFIX_MAX).collect();
    let whole: String = words.into_iter().map(|word| format!("\"{word}\" ")).collect();
    Some(format!("{whole}\"{beginning}\" *"))
}

#[cfg(test)]
mod tests {
    use model::{Timestamp, execution::ExecutionFilter};
    use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

    use crate::testing::{Bench, SLOTS};

    const FAILURES: i64 = 3_000;

    /// Every third failure is of the second workflow, and has one more word.
    const FAIL: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO executions (number, id, workflow_id, project_id, status, \"trigger\", original_trigger, attempt,
            attempts, queued_at, ready_at, error, steps)
        SELECT i, randomblob(16), w.id, w.project_id, 'queued', 'api', 'api', 1, 1, i, i,
            'line ' || i || ': no authentication' || iif(i % 3 = 0, ', über all', ''), '[]'
        FROM n JOIN workflows w ON w.name = iif(i % 3 = 0, 'b', 'a')";

    #[tokio::test]
    async fn a_word_of_every_error_is_paged_like_a_word_of_one() {
        let bench = Bench::new().await;
        let (_, b, c) = (bench.workflow("a").await, bench.workflow("b").await.id, bench.workflow("c").await.id);
        let mut database = SqliteConnectOptions::new().filename(bench.directory.database()).connect().await.unwrap();
        sqlx::query(FAIL).bind(FAILURES).execute(&mut database).await.unwrap();
        let ended = "UPDATE executions SET status = 'failed', started_at = ready_at, finished_at = ready_at, epoch = 1";
        sqlx::query(ended).execute(&mut database).await.unwrap();

        let all = async |filter: ExecutionFilter| {
            let (mut filter, mut found) = (ExecutionFilter { limit: Some(70), ..filter }, Vec::new());
            loop {
                let page = bench.store.executions(&filter, SLOTS, bench.now()).await.unwrap().data;
                found.extend(page.items.iter().map(|execution| execution.queued_at.as_micros()));
                filter.cursor = page.next_cursor;
                if filter.cursor.is_none() {
                    return found;
                }
            }
        };
        let words = |text: &str| ExecutionFilter { q: Some(text.to_owned()), ..ExecutionFilter::default() };
        let newest_first = |wanted: fn(&i64) -> bool| (1..=FAILURES).rev().filter(wanted).collect::<Vec<_>>();
        assert_eq!(all(words("line")).await, newest_first(|_| true));
        assert_eq!(all(words("authent")).await, newest_first(|_| true));
        assert_eq!(all(words("no authentication")).await, newest_first(|_| true));
        assert_eq!(all(words("AUTHENTICATION ub")).await, newest_first(|number| number % 3 == 0));
        assert_eq!(all(words("line 271")).await, newest_first(|number| number.to_string().starts_with("271")));
        assert_eq!(all(words("nowhere")).await, Vec::<i64>::new());
        let of_b = ExecutionFilter { workflow: Some(b), ..words("line") };
        assert_eq!(all(of_b.clone()).await, newest_first(|number| number % 3 == 0));
        let early = ExecutionFilter { to: Some(Timestamp::from_micros(8)), ..of_b };
        assert_eq!(all(early).await, [6, 3]);
        let of_c = ExecutionFilter { workflow: Some(c), ..words("line") };
        assert_eq!(all(of_c).await, Vec::<i64>::new());
    }
}
