-- People, what they may do, and what they show in place of a password. Of every secret only the SHA-256 is kept.

CREATE TABLE users (
    id           BLOB PRIMARY KEY CHECK (length(id) = 16),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Argon2id as a PHC string; NULL for whoever has not chosen one, or signs in elsewhere.
    password     TEXT,
    -- Who they are to the OpenID Connect provider.
    issuer       TEXT,
    subject      TEXT,
    -- model::Access as JSON
    access       TEXT NOT NULL CHECK (json_valid(access)),
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    disabled_at  INTEGER,
    CHECK ((issuer IS NULL) = (subject IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX user_names ON users (name COLLATE NOCASE);
CREATE UNIQUE INDEX user_subjects ON users (issuer, subject) WHERE subject IS NOT NULL;

CREATE TABLE sessions (
    hash        BLOB PRIMARY KEY CHECK (length(hash) = 32),
    -- What it is called where it is listed.
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    -- Kept to the minute.
    used_at     INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL,
    address     TEXT,
    agent       TEXT,
    CHECK (ends_at > created_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Links with which someone chooses a password, once. A new one takes the place of the last.
CREATE TABLE invitations (
    user_id  BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash     BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    ends_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    hash        BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    role        TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'editor', 'administrator')),
    -- NULL: in all projects.
    project_id  BLOB REFERENCES projects (id),
    -- Whose it is: it does no more than they may. NULL: of the server, made on its command line.
    user_id     BLOB REFERENCES users (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    ends_at     INTEGER,
    used_at     INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_of_user ON tokens (user_id);

-- The address that starts one workflow, for systems that can only call an address.
CREATE TABLE trigger_urls (
    workflow_id  BLOB PRIMARY KEY REFERENCES workflows (id),
    hash         BLOB NOT NULL CHECK (length(hash) = 32),
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;
