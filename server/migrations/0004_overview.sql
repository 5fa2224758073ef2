-- The attempts of one run.
CREATE INDEX retries_of ON executions (retry_of) WHERE retry_of IS NOT NULL;
-- What ended lately, over all workflows, without reading the rows: the overview's failures and its charts.
CREATE INDEX executions_ended ON executions (finished_at, status, started_at) WHERE finished_at IS NOT NULL;
