-- The newest of what a person started, for the bell of every page, however much others started since.
CREATE INDEX started_by ON executions (requested_by) WHERE "trigger" = 'manual';
