-- From the second version to the eleventh, which made their table anew: a success told to two, and a failure.

INSERT INTO deliveries (id, execution_id, occasion, recipient, notification, status, created_at, next_attempt_at)
VALUES (x'0199a000000070008000000000000071', x'0199a0000000700080000000000000c2', 'success', 'ops@example.com',
    '{"occasion":"success","workflow_id":"0199a000-0000-7000-8000-0000000000b6","workflow_name":"Told","project_name":"Suppliers","execution_id":"0199a000-0000-7000-8000-0000000000c2","at":"2026-10-03T09:00:06.000000Z","started_at":"2026-10-03T09:00:06.000000Z","duration_ms":4000,"records":3,"failed_step":null,"reason":null}',
    'waiting', unixepoch('2026-10-03 09:00:06') * 1000000, unixepoch('2026-10-03 09:00:06') * 1000000);
INSERT INTO deliveries (id, execution_id, occasion, recipient, notification, status, created_at, next_attempt_at)
VALUES (x'0199a000000070008000000000000072', x'0199a0000000700080000000000000c2', 'success', 'boss@example.com',
    '{"occasion":"success","workflow_id":"0199a000-0000-7000-8000-0000000000b6","workflow_name":"Told","project_name":"Suppliers","execution_id":"0199a000-0000-7000-8000-0000000000c2","at":"2026-10-03T09:00:06.000000Z","started_at":"2026-10-03T09:00:06.000000Z","duration_ms":4000,"records":3,"failed_step":null,"reason":null}',
    'waiting', unixepoch('2026-10-03 09:00:06') * 1000000, unixepoch('2026-10-03 09:00:06') * 1000000);
INSERT INTO deliveries (id, execution_id, occasion, recipient, notification, status, created_at, next_attempt_at)
VALUES (x'0199a000000070008000000000000073', x'0199a0000000700080000000000000c3', 'failure', 'ops@example.com',
    '{"occasion":"failure","workflow_id":"0199a000-0000-7000-8000-0000000000b6","workflow_name":"Told","project_name":"Suppliers","execution_id":"0199a000-0000-7000-8000-0000000000c3","at":"2026-10-03T10:00:02.000000Z","started_at":"2026-10-03T10:00:02.000000Z","duration_ms":4000,"records":null,"failed_step":"import","reason":"people.csv: line 3 has 5 fields, but the header has 2"}',
    'waiting', unixepoch('2026-10-03 10:00:02') * 1000000, unixepoch('2026-10-03 10:00:02') * 1000000);
INSERT INTO deliveries (id, execution_id, occasion, recipient, notification, status, created_at, next_attempt_at)
VALUES (x'0199a000000070008000000000000074', x'0199a0000000700080000000000000c3', 'failure', 'boss@example.com',
    '{"occasion":"failure","workflow_id":"0199a000-0000-7000-8000-0000000000b6","workflow_name":"Told","project_name":"Suppliers","execution_id":"0199a000-0000-7000-8000-0000000000c3","at":"2026-10-03T10:00:02.000000Z","started_at":"2026-10-03T10:00:02.000000Z","duration_ms":4000,"records":null,"failed_step":"import","reason":"people.csv: line 3 has 5 fields, but the header has 2"}',
    'waiting', unixepoch('2026-10-03 10:00:02') * 1000000, unixepoch('2026-10-03 10:00:02') * 1000000);

UPDATE deliveries SET status = 'sending', attempts = 1, next_attempt_at = NULL, epoch = 2 WHERE id = x'0199a000000070008000000000000071';
UPDATE deliveries SET status = 'delivered', finished_at = unixepoch('2026-10-03 09:00:07') * 1000000 WHERE id = x'0199a000000070008000000000000071';
UPDATE deliveries SET status = 'sending', attempts = 1, next_attempt_at = NULL, epoch = 2 WHERE id = x'0199a000000070008000000000000072';
UPDATE deliveries SET status = 'unknown', finished_at = unixepoch('2026-10-03 09:00:08') * 1000000, error = 'The connection broke.' WHERE id = x'0199a000000070008000000000000072';
UPDATE deliveries SET status = 'sending', attempts = 10, next_attempt_at = NULL, epoch = 2 WHERE id = x'0199a000000070008000000000000073';
UPDATE deliveries SET status = 'failed', finished_at = unixepoch('2026-10-04 10:00:00') * 1000000, error = '550 no such mailbox' WHERE id = x'0199a000000070008000000000000073';
