-- Since the second version: recoveries, cancelling with its time, timelines, maintenance mode.

INSERT INTO server_starts (epoch, started_at) VALUES (2, unixepoch('2026-10-03 08:00:00') * 1000000);
UPDATE maintenance SET is_on = 1, switched_by = 'ann', switched_at = unixepoch('2026-10-03 08:30:00') * 1000000;
UPDATE maintenance SET is_on = 0, switched_by = 'bob', switched_at = unixepoch('2026-10-03 08:45:00') * 1000000;

INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words, state,
    anchor, next_run_at, retries, suspend_after, missed, timeout_s, created_at, created_by)
VALUES (x'0199a0000000700080000000000000b6', 'Told', x'0199a0000000700080000000000000a2', '["import","profile","cleanse"]',
    '{"type":"on_demand"}', '[60,300,900]', '{"emails":["ops@example.com","boss@example.com"],"on_success":true,"on_failure":true,"on_recovery":false,"longer_than_s":null}',
    'UTC', 'On demand', 'active', unixepoch('2026-10-01 08:10:00') * 1000000, NULL, 0, 3,
    'catch_up', 86400, unixepoch('2026-10-01 08:10:00') * 1000000, 'ann');

-- The server died under it.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000c1', x'0199a0000000700080000000000000b6', x'0199a0000000700080000000000000a2', 'queued', 'manual', 'manual',
    'ann', NULL, 1, 1, NULL, unixepoch('2026-10-03 07:00:00') * 1000000,
    NULL, unixepoch('2026-10-03 07:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-03 07:00:01') * 1000000, epoch = 1, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-03T07:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c1';
UPDATE executions SET status = 'interrupted', finished_at = unixepoch('2026-10-03 08:00:00') * 1000000, error = 'The server stopped while this was running.',
    steps = '[{"step":"import","status":"cancelled","started_at":"2026-10-03T07:00:01.000000Z","finished_at":"2026-10-03T08:00:00.000000Z","rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c1';
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps,
    recovery_of, interruptions)
VALUES (x'0199a0000000700080000000000000c2', x'0199a0000000700080000000000000b6', x'0199a0000000700080000000000000a2', 'queued', 'recovery', 'manual',
    'ann', NULL, 1, 1, NULL, unixepoch('2026-10-03 08:00:01') * 1000000,
    NULL, unixepoch('2026-10-03 07:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]',
    x'0199a0000000700080000000000000c1', 1);
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-03 09:00:02') * 1000000, epoch = 2, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-03T09:00:02.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c2';
UPDATE executions SET status = 'success', finished_at = unixepoch('2026-10-03 09:00:06') * 1000000, records = 3, outputs = '[]',
    steps = '[{"step":"import","status":"success","started_at":"2026-10-03T09:00:02.000000Z","finished_at":"2026-10-03T09:00:03.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"3 records imported"},{"step":"profile","status":"success","started_at":"2026-10-03T09:00:03.000000Z","finished_at":"2026-10-03T09:00:04.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"3 records profiled"},{"step":"cleanse","status":"success","started_at":"2026-10-03T09:00:04.000000Z","finished_at":"2026-10-03T09:00:06.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"1 cell changed"}]'
WHERE id = x'0199a0000000700080000000000000c2';

-- A failure, told to one of two.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000c3', x'0199a0000000700080000000000000b6', x'0199a0000000700080000000000000a2', 'queued', 'api', 'api',
    'token', NULL, 1, 1, NULL, unixepoch('2026-10-03 10:00:00') * 1000000,
    NULL, unixepoch('2026-10-03 10:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-03 10:00:01') * 1000000, epoch = 2, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-03T10:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c3';
UPDATE executions SET status = 'failed', finished_at = unixepoch('2026-10-03 10:00:02') * 1000000, error = 'people.csv: line 3 has 5 fields, but the header has 2',
    steps = '[{"step":"import","status":"failed","started_at":"2026-10-03T10:00:01.000000Z","finished_at":"2026-10-03T10:00:02.000000Z","rows_in":null,"rows_out":null,"error":"people.csv: line 3 has 5 fields, but the header has 2","summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c3';
UPDATE workflows SET failed_runs = 1 WHERE id = x'0199a0000000700080000000000000b6';

-- Cancelled while it ran.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000c4', x'0199a0000000700080000000000000b6', x'0199a0000000700080000000000000a2', 'queued', 'manual', 'manual',
    'bob', NULL, 1, 1, NULL, unixepoch('2026-10-03 11:00:00') * 1000000,
    NULL, unixepoch('2026-10-03 11:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-03 11:00:01') * 1000000, epoch = 2, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-03T11:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c4';
UPDATE executions SET status = 'cancelling', cancelled_by = 'bob', cancelled_at = unixepoch('2026-10-03 11:00:02') * 1000000 WHERE id = x'0199a0000000700080000000000000c4';
UPDATE executions SET status = 'cancelled', finished_at = unixepoch('2026-10-03 11:00:03') * 1000000,
    steps = '[{"step":"import","status":"cancelled","started_at":"2026-10-03T11:00:01.000000Z","finished_at":"2026-10-03T11:00:03.000000Z","rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c4';
