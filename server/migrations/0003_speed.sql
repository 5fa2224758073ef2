-- The next retry to become ready, without a look at all that waits.
CREATE INDEX waiting_retries ON executions (not_before) WHERE status = 'queued' AND not_before IS NOT NULL;
-- Both filters of the history at once: neither alone is rare.
CREATE INDEX executions_by_status_and_trigger ON executions (status, "trigger");
