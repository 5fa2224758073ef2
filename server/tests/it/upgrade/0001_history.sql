-- What a server of the first version did and finished. The events of it are written by the test (recorder.rs).

INSERT INTO server_starts (epoch, started_at) VALUES (1, unixepoch('2026-10-01 08:00:00') * 1000000);

INSERT INTO projects (id, name, version, config, created_at, created_by) VALUES
    (x'0199a0000000700080000000000000a1', 'Customers', 2, '{"sources":[{"name":"people","file":"people.csv"}]}', unixepoch('2026-10-01 08:01:00') * 1000000, 'ann'),
    (x'0199a0000000700080000000000000a2', 'Suppliers', 2, '{"sources":[{"name":"people","file":"people.csv"}]}', unixepoch('2026-10-01 08:02:00') * 1000000, 'ann'),
    (x'0199a0000000700080000000000000a3', 'Products', 2, '{"sources":[{"name":"people","file":"people.csv"}]}', unixepoch('2026-10-01 08:03:00') * 1000000, 'ann');
INSERT INTO projects (id, name, config, created_at, created_by, deleted_at)
VALUES (x'0199a0000000700080000000000000a4', 'Given up', '{}', unixepoch('2026-10-01 08:05:00') * 1000000, 'ann', unixepoch('2026-10-01 08:06:00') * 1000000);

INSERT INTO project_files (project_id, name, file_id, bytes, uploaded_at) VALUES
    (x'0199a0000000700080000000000000a1', 'people.csv', x'0199a0000000700080000000000000f1', 40, unixepoch('2026-10-01 08:01:30') * 1000000),
    (x'0199a0000000700080000000000000a2', 'people.csv', x'0199a0000000700080000000000000f2', 40, unixepoch('2026-10-01 08:02:30') * 1000000),
    (x'0199a0000000700080000000000000a3', 'people.csv', x'0199a0000000700080000000000000f3', 40, unixepoch('2026-10-01 08:03:30') * 1000000);

-- A workflow of each schedule, and one of each state.
INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words, state,
    anchor, next_run_at, retries, suspend_after, missed, timeout_s, created_at, created_by)
VALUES (x'0199a0000000700080000000000000b1', 'By hand', x'0199a0000000700080000000000000a1', '["import","profile","cleanse"]',
    '{"type":"on_demand"}', '[60,300,900]', '{"emails":[],"on_success":false,"on_failure":true}',
    'Europe/Brussels', 'On demand', 'active', unixepoch('2026-10-01 08:10:00') * 1000000, NULL, 0, 3,
    'catch_up', 86400, unixepoch('2026-10-01 08:10:00') * 1000000, 'ann');
INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words, state,
    anchor, next_run_at, retries, suspend_after, missed, timeout_s, created_at, created_by)
VALUES (x'0199a0000000700080000000000000b2', 'Every six hours', x'0199a0000000700080000000000000a1', '["import","profile","cleanse"]',
    '{"type":"simple","every":6,"unit":"hours"}', '[60,300,900]', '{"emails":[],"on_success":false,"on_failure":true}',
    'UTC', 'Every 6 hours', 'active', unixepoch('2026-10-01 08:10:00') * 1000000, unixepoch('2026-10-01 14:10:00') * 1000000, 0, 0,
    'catch_up', 86400, unixepoch('2026-10-01 08:10:00') * 1000000, 'ann');
INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words, state,
    anchor, next_run_at, retries, suspend_after, missed, timeout_s, created_at, created_by)
VALUES (x'0199a0000000700080000000000000b3', 'Nightly', x'0199a0000000700080000000000000a2', '["import","profile","cleanse"]',
    '{"type":"cron","expression":"0 2 * * *"}', '[60,300,900]', '{"emails":[],"on_success":false,"on_failure":true}',
    'Europe/Brussels', 'At 02:00', 'active', unixepoch('2026-10-01 08:10:00') * 1000000, unixepoch('2026-10-02 00:00:00') * 1000000, 1, 3,
    'catch_up', 86400, unixepoch('2026-10-01 08:10:00') * 1000000, 'ann');
INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words, state,
    anchor, next_run_at, retries, suspend_after, missed, timeout_s, created_at, created_by)
VALUES (x'0199a0000000700080000000000000b4', 'Mondays', x'0199a0000000700080000000000000a3', '["import","profile","cleanse"]',
    '{"type":"cron","expression":"30 5 * * MON"}', '[60,300,900]', '{"emails":[],"on_success":false,"on_failure":true}',
    'America/New_York', 'At 05:30, on Monday', 'active', unixepoch('2026-10-01 08:10:00') * 1000000, unixepoch('2026-10-05 09:30:00') * 1000000, 0, 3,
    'catch_up', 86400, unixepoch('2026-10-01 08:10:00') * 1000000, 'ann');
INSERT INTO workflows (id, name, project_id, steps, schedule, retry_delays_s, notifications, time_zone, schedule_words, state,
    anchor, next_run_at, retries, suspend_after, missed, timeout_s, created_at, created_by)
VALUES (x'0199a0000000700080000000000000b5', 'Fragile', x'0199a0000000700080000000000000a3', '["import","profile","cleanse"]',
    '{"type":"on_demand"}', '[60,300,900]', '{"emails":[],"on_success":false,"on_failure":true}',
    'UTC', 'On demand', 'active', unixepoch('2026-10-01 08:10:00') * 1000000, NULL, 0, 1,
    'catch_up', 86400, unixepoch('2026-10-01 08:10:00') * 1000000, 'ann');
UPDATE workflows SET state = 'paused', next_run_at = NULL, version = 2 WHERE id = x'0199a0000000700080000000000000b4';

-- A click that succeeded.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000e1', x'0199a0000000700080000000000000b1', x'0199a0000000700080000000000000a1', 'queued', 'manual', 'manual',
    'ann', 'click 1', 1, 1, NULL, unixepoch('2026-10-01 09:00:00') * 1000000,
    NULL, unixepoch('2026-10-01 09:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-01 09:00:01') * 1000000, epoch = 1, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-01T09:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000e1';
UPDATE executions SET status = 'success', finished_at = unixepoch('2026-10-01 09:00:05') * 1000000, records = 3, outputs = '[]',
    steps = '[{"step":"import","status":"success","started_at":"2026-10-01T09:00:01.000000Z","finished_at":"2026-10-01T09:00:02.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"3 records imported"},{"step":"profile","status":"success","started_at":"2026-10-01T09:00:02.000000Z","finished_at":"2026-10-01T09:00:03.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"3 records profiled"},{"step":"cleanse","status":"success","started_at":"2026-10-01T09:00:03.000000Z","finished_at":"2026-10-01T09:00:05.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"1 cell changed"}]'
WHERE id = x'0199a0000000700080000000000000e1';

-- A scheduled run that failed, and its retry.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000e2', x'0199a0000000700080000000000000b3', x'0199a0000000700080000000000000a2', 'queued', 'scheduled', 'scheduled',
    NULL, NULL, 1, 2, NULL, unixepoch('2026-10-02 00:00:00') * 1000000,
    NULL, unixepoch('2026-10-02 00:00:00') * 1000000, unixepoch('2026-10-02 00:00:00') * 1000000, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE workflows SET last_due_at = unixepoch('2026-10-02 00:00:00') * 1000000, next_run_at = unixepoch('2026-10-03 00:00:00') * 1000000 WHERE id = x'0199a0000000700080000000000000b3';
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-02 00:00:01') * 1000000, epoch = 1, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-02T00:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000e2';
UPDATE executions SET status = 'failed', finished_at = unixepoch('2026-10-02 00:00:02') * 1000000, error = 'people.csv: line 3 has 5 fields, but the header has 2',
    steps = '[{"step":"import","status":"failed","started_at":"2026-10-02T00:00:01.000000Z","finished_at":"2026-10-02T00:00:02.000000Z","rows_in":null,"rows_out":null,"error":"people.csv: line 3 has 5 fields, but the header has 2","summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000e2';
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000e3', x'0199a0000000700080000000000000b3', x'0199a0000000700080000000000000a2', 'queued', 'retry', 'scheduled',
    NULL, NULL, 2, 2, x'0199a0000000700080000000000000e2', unixepoch('2026-10-02 00:00:02') * 1000000,
    unixepoch('2026-10-02 00:01:02') * 1000000, unixepoch('2026-10-02 00:01:02') * 1000000, unixepoch('2026-10-02 00:00:00') * 1000000, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-02 00:01:02') * 1000000, epoch = 1, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-02T00:01:02.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000e3';
UPDATE executions SET status = 'success', finished_at = unixepoch('2026-10-02 00:01:06') * 1000000, records = 3, outputs = '[]',
    steps = '[{"step":"import","status":"success","started_at":"2026-10-02T00:01:02.000000Z","finished_at":"2026-10-02T00:01:03.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"3 records imported"},{"step":"profile","status":"success","started_at":"2026-10-02T00:01:03.000000Z","finished_at":"2026-10-02T00:01:04.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"3 records profiled"},{"step":"cleanse","status":"success","started_at":"2026-10-02T00:01:04.000000Z","finished_at":"2026-10-02T00:01:06.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"1 cell changed"}]'
WHERE id = x'0199a0000000700080000000000000e3';

-- A failure that suspended its workflow.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000e4', x'0199a0000000700080000000000000b5', x'0199a0000000700080000000000000a3', 'queued', 'manual', 'manual',
    'ann', NULL, 1, 1, NULL, unixepoch('2026-10-02 10:00:00') * 1000000,
    NULL, unixepoch('2026-10-02 10:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-02 10:00:01') * 1000000, epoch = 1, configuration_version = 2,
    steps = '[{"step":"import","status":"running","started_at":"2026-10-02T10:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000e4';
UPDATE executions SET status = 'failed', finished_at = unixepoch('2026-10-02 10:00:02') * 1000000, error = 'people.csv: line 3 has 5 fields, but the header has 2',
    steps = '[{"step":"import","status":"failed","started_at":"2026-10-02T10:00:01.000000Z","finished_at":"2026-10-02T10:00:02.000000Z","rows_in":null,"rows_out":null,"error":"people.csv: line 3 has 5 fields, but the header has 2","summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000e4';
UPDATE workflows SET state = 'suspended', state_reason = '1 run failed in a row', failed_runs = 1 WHERE id = x'0199a0000000700080000000000000b5';

-- Taken back while it waited.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps)
VALUES (x'0199a0000000700080000000000000e5', x'0199a0000000700080000000000000b4', x'0199a0000000700080000000000000a3', 'queued', 'manual', 'manual',
    'bob', NULL, 1, 1, NULL, unixepoch('2026-10-02 11:00:00') * 1000000,
    NULL, unixepoch('2026-10-02 11:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]');
UPDATE executions SET status = 'cancelled', finished_at = unixepoch('2026-10-02 11:00:03') * 1000000, cancelled_by = 'bob', steps = '[{"step":"import","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000e5';
