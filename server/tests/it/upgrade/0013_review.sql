-- Since the thirteenth version: somebody decided about records of a project.

INSERT INTO review_flags (project_id, record_id, flag, set_by, set_at)
SELECT x'0199a0000000700080000000000000a1', column1, column2, 'ann', unixepoch('2026-10-04 11:30:00') * 1000000
FROM (VALUES ('people/00a1b2c3d4e5f607', 'master'), ('people/00a1b2c3d4e5f607', 'selected'), ('people/17', 'not_duplicate'));
