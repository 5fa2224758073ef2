//! What the ways to load a table have in common: every row goes to a table that only this connection sees, and from there
//! to the one that people know in statements that are done, or undone, together.

use engine::{
    Failure,
    databases::{ColumnKind, TableWrite, TextRows},
};
use model::config::database::{WriteMode, qualified};

use super::{failure::Place, words};

/// The table that only this connection sees.
pub(super) const STAGE: &str = "millrace_load";

/// A table as it is written, and how names are quoted there.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) place: Place,
    pub(super) table: TableWrite,
    pub(super) quote: char,
    /// Whether the table was there at the beginning.
    pub(super) exists: bool,
}

impl Load {
    /// # Errors
    /// When the table is missing and may not be made.
    pub(super) fn new(place: Place, table: TableWrite, quote: char, exists: bool) -> Result<Self, Failure> {
        if !exists && !table.create && table.mode != WriteMode::Recreate {
            let problem = "there is no such table, and the target’s settings do not allow to make it";
            return Err(place.problem(&format!("cannot write {}", name(&table)), problem));
        }
        Ok(Self { place, table, quote, exists })
    }

    /// "cannot write public.people"
    pub(super) fn doing(&self) -> String {
        format!("cannot write {}", name(&self.table))
    }

    pub(super) fn problem(&self, problem: &str) -> Failure {
        self.place.problem(&self.doing(), problem)
    }

    pub(super) fn failure(&self, error: &sqlx::Error) -> Failure {
        self.place.failure(&self.doing(), error)
    }

    /// Whether the table has to be made.
    pub(super) const fn is_new(&self) -> bool {
        !self.exists || matches!(self.table.mode, WriteMode::Recreate)
    }

    pub(super) fn target(&self) -> String {
        words::table(self.table.schema.as_deref(), &self.table.table, self.quote)
    }

    pub(super) fn names(&self) -> String {
        words::list(self.table.columns.iter().map(|column| column.name.as_str()), self.quote)
    }

    pub(super) fn key(&self) -> String {
        words::list(self.table.key.iter().map(String::as_str), self.quote)
    }

    /// The columns that are no key, quoted.
    pub(super) fn changed(&self) -> impl Iterator<Item = String> {
        let others = self.table.columns.iter().filter(|column| !self.table.key.contains(&column.name));
        others.map(|column| words::quoted(&column.name, self.quote))
    }

    /// `"name" type, …` of a new table; `primary` with its key.
    pub(super) fn definitions(&self, types: impl Fn(ColumnKind, bool) -> &'static str, primary: bool) -> String {
        let columns = self.table.columns.iter().map(|column| {
            let in_key = self.table.key.contains(&column.name);
            format!("{} {}", words::quoted(&column.name, self.quote), types(column.kind, in_key))
        });
        let mut columns: Vec<String> = columns.collect();
        if primary && !self.table.key.is_empty() {
            columns.push(format!("PRIMARY KEY ({})", self.key()));
        }
        columns.join(", ")
    }

    /// The first key that occurs twice among the new rows.
    pub(super) fn duplicate_sql(&self, stage: &str) -> String {
        let key = self.key();
        format!("SELECT count(*) FROM {stage} GROUP BY {key} HAVING count(*) > 1 ORDER BY 1 DESC LIMIT 1")
    }

    /// New rows that have no key.
    pub(super) fn keyless_sql(&self, stage: &str) -> String {
        let empty = self.table.key.iter().map(|name| format!("{} IS NULL", words::quoted(name, self.quote)));
        format!("SELECT count(*) FROM {stage} WHERE {}", empty.collect::<Vec<_>>().join(" OR "))
    }

    pub(super) fn refuse_keys(&self, keyless: i64, duplicate: Option<i64>) -> Result<(), Failure> {
        let key = self.table.key.join(", ");
        match (keyless, duplicate) {
            (0, None) => Ok(()),
            (0, Some(count)) => Err(self.problem(&format!(
                "{count} of the new rows have the same value in the key ({key}), and only one could be kept; choose another key"
            ))),
            (count, _) => Err(self.problem(&format!(
                "{count} of the new rows are empty in the key ({key}) and could not be found again; choose another key"
            ))),
        }
    }
}

/// The rows from `first`, as many as one statement takes: at most `rows`, and about `bytes`.
pub(super) fn chunk(rows: &TextRows, first: usize, most: usize, bytes: usize) -> std::ops::Range<usize> {
    let mut taken = 0;
    let mut end = first;
    while end < rows.len() && end - first < most.max(1) {
        taken += rows.row(end).map(str::len).sum::<usize>();
        if taken > bytes && end > first {
            break;
        }
        end += 1;
    }
    first..end
}

fn name(table: &TableWrite) -> String {
    qualified(table.schema.as_deref(), &table.table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_has_at_least_a_row_and_not_too_many() {
        let mut rows = TextRows::new(1);
        ["aaaa", "bbbb", "cccc", "dddd"].iter().for_each(|value| rows.push(value));
        assert_eq!(chunk(&rows, 0, 3, 100), 0..3);
        assert_eq!(chunk(&rows, 3, 3, 100), 3..4);
        assert_eq!(chunk(&rows, 0, 3, 9), 0..2);
        assert_eq!(chunk(&rows, 1, 3, 1), 1..2);
        assert_eq!(chunk(&rows, 0, 0, 100), 0..1);
    }
}
