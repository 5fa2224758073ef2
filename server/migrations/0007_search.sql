-- Beginnings of words have doclists of their own, so that a word still being typed is found as fast as a whole one, even
-- where it stands in a million errors. `store/search.rs` knows how long a beginning may be.
DROP TABLE execution_errors;
CREATE VIRTUAL TABLE execution_errors USING fts5 (
    error, content = '', contentless_delete = 1, prefix = '1 2 3 4 5 6 7 8 9 10 11 12'
);
INSERT INTO execution_errors (rowid, error)
SELECT number, error FROM executions WHERE status = 'failed' AND error IS NOT NULL;
