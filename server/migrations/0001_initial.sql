-- Times are microseconds since 1970 in UTC, ids are the 16 bytes of a UUIDv7. What must always hold stands here as a
-- constraint, so that no mistake in code can break it.

-- One row for each start of a server process. Its number is the epoch under which that process claims executions.
CREATE TABLE server_starts (
    epoch       INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    version     INTEGER NOT NULL DEFAULT 1,
    -- model::config::ProjectConfig as JSON
    config      TEXT NOT NULL CHECK (json_valid(config)),
    created_at  INTEGER NOT NULL,
    created_by  TEXT NOT NULL,
    deleted_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX live_project_names ON projects (name) WHERE deleted_at IS NULL;

-- The current content of each uploaded file, by the name that the configuration uses. The content lies in the data
-- directory under file_id and is never overwritten.
CREATE TABLE project_files (
    project_id   BLOB NOT NULL REFERENCES projects (id),
    name         TEXT NOT NULL,
    file_id      BLOB NOT NULL UNIQUE CHECK (length(file_id) = 16),
    bytes        INTEGER NOT NULL CHECK (bytes >= 0),
    uploaded_at  INTEGER NOT NULL,
    PRIMARY KEY (project_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflows (
    id              BLOB PRIMARY KEY CHECK (length(id) = 16),
    name            TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    project_id      BLOB NOT NULL REFERENCES projects (id),
    -- JSON: model::StepRange, model::schedule::Schedule, a list of seconds, model::workflow::Notifications
    steps           TEXT NOT NULL CHECK (json_valid(steps)),
    schedule        TEXT NOT NULL CHECK (json_valid(schedule)),
    retry_delays_s  TEXT NOT NULL CHECK (json_valid(retry_delays_s)),
    notifications   TEXT NOT NULL CHECK (json_valid(notifications)),
    time_zone       TEXT NOT NULL,
    schedule_words  TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('active', 'paused', 'suspended')),
    state_reason    TEXT,
    -- Boundaries of a simple schedule are anchor + k * interval.
    anchor          INTEGER NOT NULL,
    next_run_at     INTEGER,
    -- The newest occurrence that was fired, folded or missed on purpose. Retention may delete the execution; this stays.
    last_due_at     INTEGER,
    retries         INTEGER NOT NULL CHECK (retries BETWEEN 0 AND 3),
    suspend_after   INTEGER NOT NULL CHECK (suspend_after >= 0),
    -- Failed runs in a row since the last success or Resume.
    failed_runs     INTEGER NOT NULL DEFAULT 0 CHECK (failed_runs >= 0),
    missed          TEXT NOT NULL CHECK (missed IN ('catch_up', 'skip')),
    timeout_s       INTEGER NOT NULL CHECK (timeout_s >= 0),
    version         INTEGER NOT NULL DEFAULT 1,
    created_at      INTEGER NOT NULL,
    created_by      TEXT NOT NULL,
    deleted_at      INTEGER,
    CHECK ((state_reason IS NOT NULL) = (state = 'suspended')),
    CHECK (next_run_at IS NULL OR (state = 'active' AND deleted_at IS NULL)),
    CHECK (next_run_at IS NULL OR last_due_at IS NULL OR next_run_at > last_due_at)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX live_workflow_names ON workflows (name) WHERE deleted_at IS NULL;
CREATE INDEX workflows_by_project ON workflows (project_id);
CREATE INDEX workflows_by_next_run ON workflows (next_run_at) WHERE next_run_at IS NOT NULL;

CREATE TRIGGER last_due_at_is_monotone BEFORE UPDATE OF last_due_at ON workflows
WHEN OLD.last_due_at IS NOT NULL AND (NEW.last_due_at IS NULL OR NEW.last_due_at < OLD.last_due_at)
BEGIN
    SELECT raise(ABORT, 'last_due_at never moves back');
END;

CREATE TABLE executions (
    -- The order in which executions were queued. Pages of history are keyed by it.
    number                 INTEGER PRIMARY KEY AUTOINCREMENT,
    id                     BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    workflow_id            BLOB NOT NULL REFERENCES workflows (id),
    -- The workflow's project: when it was queued, and from the claim on the one that it runs on.
    project_id             BLOB NOT NULL REFERENCES projects (id),
    status                 TEXT NOT NULL CHECK (status IN
                             ('queued', 'running', 'cancelling', 'success', 'failed', 'cancelled', 'interrupted')),
    "trigger"              TEXT NOT NULL CHECK ("trigger" IN ('scheduled', 'manual', 'api', 'retry', 'recovery')),
    original_trigger       TEXT NOT NULL CHECK (original_trigger IN ('scheduled', 'manual', 'api')),
    requested_by           TEXT,
    idempotency_key        TEXT,
    attempt                INTEGER NOT NULL CHECK (attempt >= 1),
    attempts               INTEGER NOT NULL CHECK (attempts >= attempt),
    retry_of               BLOB,
    -- Interruptions in a row before this execution.
    interruptions          INTEGER NOT NULL DEFAULT 0 CHECK (interruptions >= 0),
    queued_at              INTEGER NOT NULL,
    -- A retry waits until then.
    not_before             INTEGER,
    -- Executions start in the order of this time.
    ready_at               INTEGER NOT NULL,
    started_at             INTEGER,
    finished_at            INTEGER,
    due_at                 INTEGER,
    late                   INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
    folded                 INTEGER NOT NULL DEFAULT 0 CHECK (folded >= 0),
    -- server_starts.epoch of the process that claimed it; a writer from another epoch changes nothing.
    epoch                  INTEGER REFERENCES server_starts (epoch),
    configuration_version  INTEGER,
    records                INTEGER,
    error                  TEXT,
    cancelled_by           TEXT,
    destination_unchanged  INTEGER CHECK (destination_unchanged IN (0, 1)),
    -- JSON: lists of model::execution::StepRun and model::execution::Output. They are read and written with their
    -- execution only, so a page of history needs one row each instead of seven.
    steps                  TEXT NOT NULL CHECK (json_valid(steps)),
    outputs                TEXT CHECK (json_valid(outputs)),
    CHECK ((finished_at IS NULL) = (status IN ('queued', 'running', 'cancelling'))),
    CHECK (started_at IS NOT NULL OR status IN ('queued', 'cancelled')),
    CHECK (started_at IS NULL OR status <> 'queued'),
    CHECK ((started_at IS NULL) = (epoch IS NULL)),
    CHECK ("trigger" <> 'scheduled' OR due_at IS NOT NULL),
    CHECK ((retry_of IS NULL) = (attempt = 1))
) STRICT;

-- Never two at a time: of one workflow, of one project.
CREATE UNIQUE INDEX one_active_per_workflow ON executions (workflow_id) WHERE status IN ('running', 'cancelling');
CREATE UNIQUE INDEX one_active_per_project ON executions (project_id) WHERE status IN ('running', 'cancelling');
-- Never twice: an occurrence, a click.
CREATE UNIQUE INDEX one_per_occurrence ON executions (workflow_id, due_at) WHERE "trigger" = 'scheduled';
CREATE UNIQUE INDEX one_per_key ON executions (workflow_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- At most one scheduled execution of a workflow waits.
CREATE UNIQUE INDEX one_scheduled_waits ON executions (workflow_id) WHERE status = 'queued' AND "trigger" = 'scheduled';

CREATE INDEX queue ON executions (ready_at, number) WHERE status = 'queued';
CREATE INDEX queue_by_workflow ON executions (workflow_id, ready_at, number) WHERE status = 'queued';
-- Every index ends in the number, which is the order of a page.
CREATE INDEX executions_by_workflow ON executions (workflow_id, status);
CREATE INDEX executions_of_workflow ON executions (workflow_id);
CREATE INDEX executions_by_project ON executions (project_id);
CREATE INDEX executions_by_status ON executions (status);
CREATE INDEX executions_by_trigger ON executions ("trigger");
CREATE INDEX executions_by_queued_at ON executions (queued_at);
CREATE INDEX executions_by_end ON executions (workflow_id, finished_at) WHERE finished_at IS NOT NULL;

CREATE TRIGGER final_states_are_final BEFORE UPDATE OF status ON executions
WHEN OLD.finished_at IS NOT NULL AND NEW.status <> OLD.status
BEGIN
    SELECT raise(ABORT, 'a final state never changes');
END;

-- Words of the errors of failed executions.
CREATE VIRTUAL TABLE execution_errors USING fts5 (error, content = '', contentless_delete = 1);

CREATE TRIGGER failed_errors_are_searchable AFTER UPDATE OF status ON executions
WHEN NEW.status = 'failed' AND NEW.error IS NOT NULL
BEGIN
    INSERT INTO execution_errors (rowid, error) VALUES (NEW.number, NEW.error);
END;

CREATE TRIGGER deleted_errors_are_not_searchable AFTER DELETE ON executions WHEN OLD.status = 'failed'
BEGIN
    DELETE FROM execution_errors WHERE rowid = OLD.number;
END;

-- Facts for the live feed, numbered without gaps; the oldest are pruned.
CREATE TABLE events (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    -- model::event::Change
    change  TEXT NOT NULL CHECK (json_valid(change))
) STRICT;
