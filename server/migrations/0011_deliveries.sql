-- A dead delivery can be sent again, and a workflow's day can be told as a digest. SQLite cannot change the constraints of
-- a table, so this one is made anew with all its rows.
ALTER TABLE deliveries RENAME TO deliveries_before;
DROP TRIGGER delivered_is_final;
DROP INDEX deliveries_due;
DROP INDEX deliveries_sending;

CREATE TABLE deliveries (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    workflow_id      BLOB NOT NULL REFERENCES workflows (id),
    -- NULL for a digest, which has the time at which it was due.
    execution_id     BLOB REFERENCES executions (id) ON DELETE CASCADE,
    due_at           INTEGER,
    occasion         TEXT NOT NULL CHECK (occasion IN
                       ('success', 'failure', 'recovered', 'took_long', 'suspended', 'did_not_start', 'digest')),
    recipient        TEXT NOT NULL,
    -- model::delivery::Notification
    notification     TEXT NOT NULL CHECK (json_valid(notification)),
    -- Goes with it to the recipient. A delivery that repeats another has the same, so that whoever gets two can tell.
    message_id       BLOB NOT NULL CHECK (length(message_id) = 16),
    -- The dead delivery that this one repeats, and who wanted that.
    resend_of        BLOB REFERENCES deliveries (id) ON DELETE SET NULL,
    requested_by     TEXT,
    status           TEXT NOT NULL CHECK (status IN ('waiting', 'sending', 'delivered', 'failed', 'unknown')),
    attempts         INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    created_at       INTEGER NOT NULL,
    next_attempt_at  INTEGER,
    -- server_starts.epoch of the process that sends it.
    epoch            INTEGER REFERENCES server_starts (epoch),
    finished_at      INTEGER,
    error            TEXT,
    CHECK ((execution_id IS NULL) = (occasion = 'digest')),
    CHECK ((due_at IS NOT NULL) = (occasion = 'digest')),
    CHECK (resend_of IS NULL OR requested_by IS NOT NULL),
    CHECK ((next_attempt_at IS NOT NULL) = (status = 'waiting')),
    CHECK ((finished_at IS NULL) = (status IN ('waiting', 'sending'))),
    CHECK (status <> 'sending' OR epoch IS NOT NULL)
) STRICT;

INSERT INTO deliveries (number, id, workflow_id, execution_id, occasion, recipient, notification, message_id, status, attempts,
    created_at, next_attempt_at, epoch, finished_at, error)
SELECT d.number, d.id, e.workflow_id, d.execution_id, d.occasion, d.recipient, d.notification, d.id, d.status, d.attempts,
    d.created_at, d.next_attempt_at, d.epoch, d.finished_at, d.error
FROM deliveries_before d JOIN executions e ON e.id = d.execution_id ORDER BY d.number;

DROP TABLE deliveries_before;

-- Each piece of news is told to each recipient once, unless somebody has it repeated; and each delivery is repeated once.
CREATE UNIQUE INDEX one_delivery_per_news ON deliveries (execution_id, occasion, recipient)
    WHERE execution_id IS NOT NULL AND requested_by IS NULL;
CREATE UNIQUE INDEX one_digest_per_day ON deliveries (workflow_id, due_at, recipient)
    WHERE due_at IS NOT NULL AND requested_by IS NULL;
CREATE UNIQUE INDEX one_resend_per_delivery ON deliveries (resend_of) WHERE resend_of IS NOT NULL;

CREATE INDEX deliveries_of_execution ON deliveries (execution_id);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at, number) WHERE status = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (epoch) WHERE status = 'sending';
-- What somebody has to look at, in the order of the list.
CREATE INDEX dead_deliveries ON deliveries (finished_at) WHERE status IN ('failed', 'unknown');

CREATE TRIGGER delivered_is_final BEFORE UPDATE OF status ON deliveries
WHEN OLD.finished_at IS NOT NULL
BEGIN
    SELECT raise(ABORT, 'the outcome of a delivery never changes');
END;

CREATE TRIGGER only_what_is_dead_is_resent BEFORE INSERT ON deliveries
WHEN NEW.resend_of IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = NEW.resend_of AND status IN ('failed', 'unknown'))
BEGIN
    SELECT raise(ABORT, 'only a delivery that failed or may have arrived is sent again');
END;

-- When the next digest of a workflow is due, and up to when its days were told.
ALTER TABLE workflows ADD COLUMN digest_at INTEGER;
ALTER TABLE workflows ADD COLUMN digested_until INTEGER;

CREATE INDEX workflows_by_digest ON workflows (digest_at) WHERE digest_at IS NOT NULL;

CREATE TRIGGER digested_until_is_monotone BEFORE UPDATE OF digested_until ON workflows
WHEN OLD.digested_until IS NOT NULL AND (NEW.digested_until IS NULL OR NEW.digested_until < OLD.digested_until)
BEGIN
    SELECT raise(ABORT, 'digested_until never moves back');
END;

-- Events of before say nothing of a delivery's workflow. Of an execution that retention has removed, nobody asks for it.
UPDATE events SET change = json_set(change,
    '$.delivery.workflow_id', coalesce((
        SELECT lower(substr(hex(w.id), 1, 8) || '-' || substr(hex(w.id), 9, 4) || '-' || substr(hex(w.id), 13, 4) || '-' ||
            substr(hex(w.id), 17, 4) || '-' || substr(hex(w.id), 21))
        FROM executions e JOIN workflows w ON w.id = e.workflow_id
        WHERE e.id = unhex(replace(json_extract(change, '$.delivery.execution_id'), '-', ''))
    ), '00000000-0000-0000-0000-000000000000'),
    '$.delivery.workflow_name', coalesce((
        SELECT w.name FROM executions e JOIN workflows w ON w.id = e.workflow_id
        WHERE e.id = unhex(replace(json_extract(change, '$.delivery.execution_id'), '-', ''))
    ), ''))
WHERE json_extract(change, '$.kind') = 'delivery';
