-- Since the ninth version: people, and what they show.

INSERT INTO users (id, name, password, issuer, subject, access, created_at, created_by, disabled_at) VALUES
    (x'0199a000000070008000000000000001', 'ann', '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Zm9ydHktdGhyZWUgY2hhcmFjdGVycyBvZiBhIGhhc2g', NULL, NULL,
     '{"everywhere":"administrator","projects":{}}', unixepoch('2026-10-05 08:00:00') * 1000000, 'system', NULL),
    (x'0199a000000070008000000000000002', 'bob', NULL, 'https://id.example.com', '4711',
     '{"everywhere":null,"projects":{"0199a000-0000-7000-8000-0000000000a1":"operator"}}', unixepoch('2026-10-05 08:01:00') * 1000000, 'ann', NULL),
    (x'0199a000000070008000000000000003', 'eva', NULL, NULL, NULL, '{"everywhere":"viewer"}', unixepoch('2026-10-05 08:02:00') * 1000000, 'ann', unixepoch('2026-10-05 09:00:00') * 1000000);

INSERT INTO sessions (hash, id, user_id, created_at, used_at, ends_at, address, agent)
VALUES (x'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', x'0199a000000070008000000000000011', x'0199a000000070008000000000000001', unixepoch('2026-10-05 08:10:00') * 1000000, unixepoch('2026-10-05 08:11:00') * 1000000, unixepoch('2026-10-19 08:10:00') * 1000000, '192.0.2.1', 'a browser');

INSERT INTO invitations (user_id, hash, ends_at)
VALUES (x'0199a000000070008000000000000003', x'a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2', unixepoch('2026-10-06 08:02:00') * 1000000);

INSERT INTO tokens (id, hash, name, role, project_id, user_id, created_at, ends_at, used_at) VALUES
    (x'0199a000000070008000000000000021', x'a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3', 'upstream', 'operator', x'0199a0000000700080000000000000a1', x'0199a000000070008000000000000001', unixepoch('2026-10-05 08:20:00') * 1000000, unixepoch('2026-10-31 08:20:00') * 1000000, NULL),
    (x'0199a000000070008000000000000022', x'a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4', 'command line', 'administrator', NULL, NULL, unixepoch('2026-10-05 08:21:00') * 1000000, NULL, unixepoch('2026-10-05 08:22:00') * 1000000);

INSERT INTO trigger_urls (workflow_id, hash, created_at, created_by)
VALUES (x'0199a0000000700080000000000000b1', x'a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5', unixepoch('2026-10-05 08:30:00') * 1000000, 'ann');
