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
mod tests;
