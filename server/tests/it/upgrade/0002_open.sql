-- Two deliveries were on their way, and it was known since when the running one was being cancelled.
UPDATE executions SET cancelled_at = unixepoch('2026-10-20 12:00:04') * 1000000 WHERE id = x'0199a0000000700080000000000000d2';
UPDATE executions SET overdue_at = unixepoch('2026-10-20 15:10:00') * 1000000 WHERE id = x'0199a0000000700080000000000000d3';
UPDATE deliveries SET status = 'sending', attempts = 1, next_attempt_at = NULL, epoch = 2 WHERE id = x'0199a000000070008000000000000074';
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000d5', x'0199a0000000700080000000000000b6', x'0199a0000000700080000000000000a2', 'queued', 'manual', 'manual',
    'ann', NULL, 1, 1, NULL, unixepoch('2026-10-20 14:12:00') * 1000000,
    NULL, unixepoch('2026-10-20 14:12:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
