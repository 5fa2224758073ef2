-- When a cancel was asked for; a running execution stops a little later.
ALTER TABLE executions ADD COLUMN cancelled_at INTEGER;
-- The interrupted execution that a recovery takes the place of.
ALTER TABLE executions ADD COLUMN recovery_of BLOB;
-- When it was told that this scheduled execution did not start in time.
ALTER TABLE executions ADD COLUMN overdue_at INTEGER;

-- Scheduled executions that wait and of which that was not told yet.
CREATE INDEX starts_awaited ON executions (queued_at)
    WHERE status = 'queued' AND "trigger" = 'scheduled' AND overdue_at IS NULL;

-- Active workflows whose schedule has no next occurrence. There should be none.
CREATE INDEX unarmed_workflows ON workflows (id)
    WHERE state = 'active' AND deleted_at IS NULL AND next_run_at IS NULL AND json_extract(schedule, '$.type') <> 'on_demand';

-- The timeline of each workflow: who changed what, and what its schedule did without leaving an execution behind.
CREATE TABLE activity (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow_id  BLOB NOT NULL REFERENCES workflows (id),
    at           INTEGER NOT NULL,
    -- NULL: the system.
    actor        TEXT,
    -- model::activity::ActivityKind
    what         TEXT NOT NULL CHECK (json_valid(what))
) STRICT;

CREATE INDEX activity_of_workflow ON activity (workflow_id);

-- The outbox. A row is written in the transaction that made the news, and worked off by a loop of its own.
CREATE TABLE deliveries (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    execution_id     BLOB NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
    occasion         TEXT NOT NULL CHECK (occasion IN
                       ('success', 'failure', 'recovered', 'took_long', 'suspended', 'did_not_start')),
    recipient        TEXT NOT NULL,
    -- model::delivery::Notification
    notification     TEXT NOT NULL CHECK (json_valid(notification)),
    status           TEXT NOT NULL CHECK (status IN ('waiting', 'sending', 'delivered', 'failed', 'unknown')),
    attempts         INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    created_at       INTEGER NOT NULL,
    next_attempt_at  INTEGER,
    -- server_starts.epoch of the process that sends it.
    epoch            INTEGER REFERENCES server_starts (epoch),
    finished_at      INTEGER,
    error            TEXT,
    CHECK ((next_attempt_at IS NOT NULL) = (status = 'waiting')),
    CHECK ((finished_at IS NULL) = (status IN ('waiting', 'sending'))),
    CHECK (status <> 'sending' OR epoch IS NOT NULL),
    -- Each piece of news is told to each recipient once.
    UNIQUE (execution_id, occasion, recipient)
) STRICT;

CREATE INDEX deliveries_due ON deliveries (next_attempt_at, number) WHERE status = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (epoch) WHERE status = 'sending';

CREATE TRIGGER delivered_is_final BEFORE UPDATE OF status ON deliveries
WHEN OLD.finished_at IS NOT NULL
BEGIN
    SELECT raise(ABORT, 'the outcome of a delivery never changes');
END;

-- One row: the switch of maintenance mode.
CREATE TABLE maintenance (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    is_on  INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    switched_by  TEXT,
    switched_at  INTEGER
) STRICT;

INSERT INTO maintenance (one, is_on) VALUES (1, 0);
