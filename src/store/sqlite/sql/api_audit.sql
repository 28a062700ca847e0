-- The auditor's reading; the lists' parameters as in api_org.sql.

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
  AND e.seq < ?10
ORDER BY e.seq DESC LIMIT ?11

-- name: api_audit_heads
SELECT h.size, h.text FROM log_head h
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND h.size < ?4
ORDER BY h.size DESC LIMIT ?5

-- name: api_cosigns
SELECT text FROM log_cosign WHERE size = ?1 ORDER BY gate
