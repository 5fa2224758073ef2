-- Since the fifth version: begun at a later step.
INSERT INTO executions (id, workflow_id, project_id, status, "trigger", original_trigger, requested_by, idempotency_key, attempt,
    attempts, retry_of, queued_at, not_before, ready_at, due_at, late, folded, steps,
    from_step)
VALUES (x'0199a0000000700080000000000000c5', x'0199a0000000700080000000000000b1', x'0199a0000000700080000000000000a1', 'queued', 'manual', 'manual',
    'ann', NULL, 1, 1, NULL, unixepoch('2026-10-04 09:00:00') * 1000000,
    NULL, unixepoch('2026-10-04 09:00:00') * 1000000, NULL, 0, 0,
    '[{"step":"import","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"pending","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]',
    'cleanse');
UPDATE executions SET status = 'running', started_at = unixepoch('2026-10-04 09:00:01') * 1000000, epoch = 2, configuration_version = 2,
    steps = '[{"step":"import","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"running","started_at":"2026-10-04T09:00:01.000000Z","finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null}]'
WHERE id = x'0199a0000000700080000000000000c5';
UPDATE executions SET status = 'success', finished_at = unixepoch('2026-10-04 09:00:03') * 1000000, records = 3, outputs = '[]',
    steps = '[{"step":"import","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"profile","status":"skipped","started_at":null,"finished_at":null,"rows_in":null,"rows_out":null,"error":null,"summary":null},{"step":"cleanse","status":"success","started_at":"2026-10-04T09:00:01.000000Z","finished_at":"2026-10-04T09:00:03.000000Z","rows_in":3,"rows_out":3,"error":null,"summary":"1 cell changed"}]'
WHERE id = x'0199a0000000700080000000000000c5';
