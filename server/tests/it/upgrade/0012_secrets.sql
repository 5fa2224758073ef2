-- Two secrets of one project.
INSERT INTO project_secrets (project_id, name, sealed, changed_at, changed_by)
VALUES (x'0199a0000000700080000000000000a1', 'crm-password', randomblob(40), unixepoch('2026-10-05 09:00:00') * 1000000, 'ann'),
    (x'0199a0000000700080000000000000a1', 's3.keys', randomblob(90), unixepoch('2026-10-05 09:01:00') * 1000000, 'local');
