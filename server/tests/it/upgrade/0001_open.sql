-- What was under way when the server of that time was stopped for the upgrade.

-- Both slots are busy.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000d1', x'0199a0000000700080000000000000b1', x'0199a0000000700080000000000000a1', 'queued', 'manual', 'manual',
    'ann', NULL, 1, 1, NULL, unixepoch('2026-10-20 12:00:00') * 1000000,
    NULL, unixepoch('2026-10-20 12:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-20 12:00:01') * 1000000, epoch = 1, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-20T12:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000d1';
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000d2', x'0199a0000000700080000000000000b5', x'0199a0000000700080000000000000a3', 'queued', 'api', 'api',
    'token', NULL, 1, 1, NULL, unixepoch('2026-10-20 12:00:02') * 1000000,
    NULL, unixepoch('2026-10-20 12:00:02') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-20 12:00:03') * 1000000, epoch = 1, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-20T12:00:03.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000d2';
UPDATE executions SET status = 'cancelling', cancelled_by = 'ann' WHERE id = x'0199a0000000700080000000000000d2';

-- An occurrence waits, with another folded into it; and a click.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000d3', x'0199a0000000700080000000000000b2', x'0199a0000000700080000000000000a1', 'queued', 'scheduled', 'scheduled',
    NULL, NULL, 1, 1, NULL, unixepoch('2026-10-20 14:10:00') * 1000000,
    NULL, unixepoch('2026-10-20 14:10:00') * 1000000, unixepoch('2026-10-20 14:10:00') * 1000000, 0, 1,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE workflows SET last_due_at = unixepoch('2026-10-20 20:10:00') * 1000000, next_run_at = unixepoch('2026-10-21 02:10:00') * 1000000 WHERE id = x'0199a0000000700080000000000000b2';
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000d4', x'0199a0000000700080000000000000b3', x'0199a0000000700080000000000000a2', 'queued', 'manual', 'manual',
    'bob', 'click 2', 1, 1, NULL, unixepoch('2026-10-20 14:11:00') * 1000000,
    NULL, unixepoch('2026-10-20 14:11:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
