-- What people decided about records by hand, under what a record is known by from run to run. Every run is given it.
CREATE TABLE review_flags (
    project_id  BLOB NOT NULL REFERENCES projects (id),
    record_id   TEXT NOT NULL CHECK (length(record_id) > 0),
    -- model::review::ReviewFlag
    flag        TEXT NOT NULL CHECK (flag IN ('master', 'selected', 'not_duplicate')),
    set_by      TEXT NOT NULL,
    set_at      INTEGER NOT NULL,
    PRIMARY KEY (project_id, record_id, flag)
) STRICT, WITHOUT ROWID;
