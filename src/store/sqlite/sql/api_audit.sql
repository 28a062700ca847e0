-- The auditor's reading; the lists' parameters as in api_org.sql.

-- The same page by the index that its filters fit best; audit.c chooses. A clock that went back does
-- not matter: `at` bounds the numbers, and is looked at again.

-- name: api_audit_entries
SELECT e.seq, e.at, e.act, e.account_id, e.unit_id, e.subject, CAST(e.bytes AS TEXT) AS entry
FROM log_entry e
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL
  AND (?4 IS NULL OR e.account_id = ?4)
  AND (?5 IS NULL OR substr(e.act, 1, length(?5)) = ?5)
  AND (?6 IS NULL OR e.subject = ?6)
  AND (?7 IS NULL OR e.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?7
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?8 IS NULL OR e.at >= ?8) AND (?9 IS NULL OR e.at < ?9)
  AND e.seq >= coalesce((SELECT min(seq) FROM log_entry INDEXED BY log_entry_at WHERE at >= ?8),
    CASE WHEN ?8 IS NULL THEN 0 END)
  AND e.seq < min(?10, coalesce((SELECT max(seq) + 1 FROM log_entry INDEXED BY log_entry_at WHERE at < ?9),
    CASE WHEN ?9 IS NULL THEN ?10 END))
ORDER BY e.seq DESC LIMIT ?11

-- name: api_audit_of_subject
SELECT e.seq, e.at, e.act, e.account_id, e.unit_id, e.subject, CAST(e.bytes AS TEXT) AS entry
FROM log_entry e
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL
  AND e.subject = ?6
  AND (?4 IS NULL OR e.account_id = ?4)
  AND (?5 IS NULL OR substr(e.act, 1, length(?5)) = ?5)
  AND (?7 IS NULL OR e.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?7
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?8 IS NULL OR e.at >= ?8) AND (?9 IS NULL OR e.at < ?9)
  AND e.seq >= coalesce((SELECT min(seq) FROM log_entry INDEXED BY log_entry_at WHERE at >= ?8),
    CASE WHEN ?8 IS NULL THEN 0 END)
  AND e.seq < min(?10, coalesce((SELECT max(seq) + 1 FROM log_entry INDEXED BY log_entry_at WHERE at < ?9),
    CASE WHEN ?9 IS NULL THEN ?10 END))
ORDER BY e.seq DESC LIMIT ?11

-- name: api_audit_of_account
SELECT e.seq, e.at, e.act, e.account_id, e.unit_id, e.subject, CAST(e.bytes AS TEXT) AS entry
FROM log_entry e
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL
  AND e.account_id = ?4
  AND (?5 IS NULL OR substr(e.act, 1, length(?5)) = ?5)
  AND (?6 IS NULL OR e.subject = ?6)
  AND (?7 IS NULL OR e.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?7
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?8 IS NULL OR e.at >= ?8) AND (?9 IS NULL OR e.at < ?9)
  AND e.seq >= coalesce((SELECT min(seq) FROM log_entry INDEXED BY log_entry_at WHERE at >= ?8),
    CASE WHEN ?8 IS NULL THEN 0 END)
  AND e.seq < min(?10, coalesce((SELECT max(seq) + 1 FROM log_entry INDEXED BY log_entry_at WHERE at < ?9),
    CASE WHEN ?9 IS NULL THEN ?10 END))
ORDER BY e.seq DESC LIMIT ?11

-- The newest of each unit, of which the newest of all.
-- name: api_audit_of_unit
WITH k(id) AS MATERIALIZED (SELECT x.id FROM unit x, unit top WHERE top.id = ?7
  AND substr(x.path, 1, length(top.path)) = top.path)
SELECT e.seq, e.at, e.act, e.account_id, e.unit_id, e.subject, CAST(e.bytes AS TEXT) AS entry
FROM log_entry e
WHERE e.seq IN (SELECT j.value FROM k, json_each((SELECT json_group_array(seq) FROM (SELECT e.seq FROM log_entry e
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL
  AND e.unit_id = k.id
  AND (?4 IS NULL OR e.account_id = ?4)
  AND (?5 IS NULL OR substr(e.act, 1, length(?5)) = ?5)
  AND (?6 IS NULL OR e.subject = ?6)
  AND (?8 IS NULL OR e.at >= ?8) AND (?9 IS NULL OR e.at < ?9)
  AND e.seq >= coalesce((SELECT min(seq) FROM log_entry INDEXED BY log_entry_at WHERE at >= ?8),
    CASE WHEN ?8 IS NULL THEN 0 END)
  AND e.seq < min(?10, coalesce((SELECT max(seq) + 1 FROM log_entry INDEXED BY log_entry_at WHERE at < ?9),
    CASE WHEN ?9 IS NULL THEN ?10 END))
ORDER BY e.seq DESC LIMIT ?11))) j)
ORDER BY e.seq DESC LIMIT ?11

-- The newest of each act whose name begins so.
-- name: api_audit_of_act
WITH RECURSIVE names(act) AS (SELECT min(act) FROM log_entry WHERE act >= ?5
  UNION ALL SELECT (SELECT min(act) FROM log_entry WHERE act > names.act) FROM names
  WHERE substr(names.act, 1, length(?5)) = ?5),
k(act) AS MATERIALIZED (SELECT act FROM names WHERE substr(act, 1, length(?5)) = ?5)
SELECT e.seq, e.at, e.act, e.account_id, e.unit_id, e.subject, CAST(e.bytes AS TEXT) AS entry
FROM log_entry e
WHERE e.seq IN (SELECT j.value FROM k, json_each((SELECT json_group_array(seq) FROM (SELECT e.seq FROM log_entry e
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL
  AND e.act = k.act
  AND (?4 IS NULL OR e.account_id = ?4)
  AND (?6 IS NULL OR e.subject = ?6)
  AND (?7 IS NULL OR e.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?7
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?8 IS NULL OR e.at >= ?8) AND (?9 IS NULL OR e.at < ?9)
  AND e.seq >= coalesce((SELECT min(seq) FROM log_entry INDEXED BY log_entry_at WHERE at >= ?8),
    CASE WHEN ?8 IS NULL THEN 0 END)
  AND e.seq < min(?10, coalesce((SELECT max(seq) + 1 FROM log_entry INDEXED BY log_entry_at WHERE at < ?9),
    CASE WHEN ?9 IS NULL THEN ?10 END))
ORDER BY e.seq DESC LIMIT ?11))) j)
ORDER BY e.seq DESC LIMIT ?11

-- name: api_audit_heads
SELECT h.size, h.text FROM log_head h
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND h.size < ?4
ORDER BY h.size DESC LIMIT ?5

-- name: api_cosigns
SELECT text FROM log_cosign WHERE size = ?1 ORDER BY gate
