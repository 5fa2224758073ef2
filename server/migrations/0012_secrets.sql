-- Passwords and keys that a project's configuration names. They are sealed before they come here; the key is not here.
CREATE TABLE project_secrets (
    project_id  BLOB NOT NULL REFERENCES projects (id),
    name        TEXT NOT NULL,
    -- A nonce of 12 bytes, what was sealed, and a tag of 16 bytes (server/src/vault).
    sealed      BLOB NOT NULL CHECK (length(sealed) > 28),
    changed_at  INTEGER NOT NULL,
    changed_by  TEXT NOT NULL,
    PRIMARY KEY (project_id, name)
) STRICT, WITHOUT ROWID;
