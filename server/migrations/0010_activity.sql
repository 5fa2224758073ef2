-- One log for the whole server: who did what, when and from where. It takes the place of the timeline of workflows, whose
-- entries stay.
CREATE TABLE log_of_activity (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    at            INTEGER NOT NULL,
    -- NULL: the system, or someone of whom no more than the address is known.
    actor         TEXT,
    -- model::activity::AuthorIdentity
    identity      TEXT CHECK (identity IN ('local', 'user', 'token', 'trigger_url', 'provider', 'demo', 'command_line')),
    identity_id   BLOB CHECK (length(identity_id) = 16),
    address       TEXT,
    -- model::activity::Subject
    subject       TEXT NOT NULL CHECK (subject IN ('workflow', 'project', 'execution', 'trigger_url', 'user', 'token',
                    'sign_in', 'maintenance', 'server')),
    subject_id    BLOB CHECK (length(subject_id) = 16),
    subject_name  TEXT,
    -- Whose viewers may see it; NULL: administrators alone.
    project_id    BLOB REFERENCES projects (id),
    workflow_id   BLOB REFERENCES workflows (id),
    -- model::activity::ActivityKind, with `changes` and `more_changes`
    what          TEXT NOT NULL CHECK (json_valid(what)),
    kind          TEXT NOT NULL GENERATED ALWAYS AS (what ->> '$.kind') VIRTUAL,
    CHECK ((actor IS NULL) = (identity IS NULL)),
    CHECK ((identity_id IS NOT NULL) = coalesce(identity IN ('user', 'token'), 0))
) STRICT;

-- How those were known who are in the old timeline is not known.
INSERT INTO log_of_activity (number, at, actor, identity, subject, subject_id, subject_name, project_id, workflow_id, what)
SELECT a.number, a.at, a.actor, CASE WHEN a.actor = 'demo' THEN 'demo' WHEN a.actor IS NOT NULL THEN 'local' END,
    'workflow', w.id, w.name, w.project_id, w.id, a.what
FROM activity a JOIN workflows w ON w.id = a.workflow_id ORDER BY a.number;

DROP TABLE activity;
ALTER TABLE log_of_activity RENAME TO activity;

-- One for each way in which it is read, in the order in which it is shown.
CREATE INDEX activity_by_time ON activity (at, number, kind);
CREATE INDEX activity_of_workflow ON activity (workflow_id, at, number, subject) WHERE workflow_id IS NOT NULL;
CREATE INDEX activity_of_project ON activity (project_id, at, number, subject, kind, actor) WHERE project_id IS NOT NULL;
CREATE INDEX activity_of_subject ON activity (subject, at, number, kind);
CREATE INDEX activity_by_actor ON activity (actor, at, number, subject, kind);

-- Retention: entries of a kind of subject that are older than this may be deleted.
CREATE TABLE activity_horizons (
    subject     TEXT PRIMARY KEY,
    kept_since  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO activity_horizons (subject, kept_since)
SELECT value, -9223372036854775808 FROM json_each('["workflow", "project", "execution", "trigger_url", "user", "token",
    "sign_in", "maintenance", "server"]');

CREATE TRIGGER activity_never_changes BEFORE UPDATE ON activity
BEGIN
    SELECT raise(ABORT, 'an entry of the activity never changes');
END;

-- INSERT OR REPLACE deletes without a delete trigger.
CREATE TRIGGER activity_is_only_added_to BEFORE INSERT ON activity
WHEN EXISTS (SELECT 1 FROM activity WHERE number = NEW.number)
BEGIN
    SELECT raise(ABORT, 'an entry of the activity never changes');
END;

-- What is beyond its horizon may go, and of one workflow what a thousand newer entries follow (limits::ACTIVITY_KEPT_MAX);
-- its executions are counted apart, since a program may ask for many.
CREATE TRIGGER activity_stays_for_its_time BEFORE DELETE ON activity
WHEN coalesce(OLD.at >= (SELECT kept_since FROM activity_horizons WHERE subject = OLD.subject), 1)
    AND (OLD.workflow_id IS NULL OR (
        SELECT count(*) FROM (
            SELECT 1 FROM activity newer
            WHERE newer.workflow_id = OLD.workflow_id AND (newer.at, newer.number) > (OLD.at, OLD.number)
                AND (newer.subject = 'execution') = (OLD.subject = 'execution')
            LIMIT 1000)) < 1000)
BEGIN
    SELECT raise(ABORT, 'an entry of the activity is not deleted before its time');
END;

CREATE TRIGGER horizons_only_move_on BEFORE UPDATE ON activity_horizons
WHEN NEW.kept_since < OLD.kept_since OR NEW.subject <> OLD.subject
BEGIN
    SELECT raise(ABORT, 'what was kept stays kept');
END;

CREATE TRIGGER horizons_stay BEFORE DELETE ON activity_horizons
BEGIN
    SELECT raise(ABORT, 'what was kept stays kept');
END;
