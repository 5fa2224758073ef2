-- The few that wait for someone, without a look at all workflows.
CREATE INDEX suspended_workflows ON workflows (id) WHERE state = 'suspended' AND deleted_at IS NULL;

-- How the last run of each workflow ended, without a look at the run itself: the filters of the list and their counts.
DROP INDEX executions_by_end;
CREATE INDEX executions_by_end ON executions (workflow_id, finished_at, number, status) WHERE finished_at IS NOT NULL;
