-- The step that an execution begins at, when it was asked to begin later than its workflow does.
ALTER TABLE executions ADD COLUMN from_step TEXT
    CHECK (from_step IN ('profile', 'cleanse', 'match', 'merge', 'export'));
