-- What was found on the wire; lists as api_org.sql has them.

-- name: live_finding_put
INSERT INTO live_finding (turn, code, mac, address, first_at, last_at, count, switch_id, port, unit_id,
  terminal_id, account, gate, note)
VALUES ((SELECT coalesce(max(turn), 0) + 1 FROM live_finding), ?1, ?2, ?3, ?4, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (code, mac, address) DO UPDATE SET turn = excluded.turn,
  last_at = max(live_finding.last_at, excluded.last_at), count = live_finding.count + 1,
  port = CASE excluded.switch_id WHEN 0 THEN live_finding.port ELSE excluded.port END,
  switch_id = coalesce(nullif(excluded.switch_id, 0), live_finding.switch_id),
  unit_id = excluded.unit_id, terminal_id = excluded.terminal_id, account = excluded.account,
  gate = excluded.gate, note = excluded.note

-- name: live_finding_forget
DELETE FROM live_finding WHERE last_at < ?1

-- name: finding_facts
SELECT code, mac, address, unit_id, last_at FROM live_finding WHERE id = ?1

-- name: finding_settled_put
INSERT INTO finding_settled (code, mac, address, reason, settled_by, settled_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (code, mac, address) DO UPDATE SET reason = excluded.reason, settled_by = excluded.settled_by,
  settled_at = excluded.settled_at

-- name: finding_settled_at
SELECT settled_at FROM finding_settled WHERE code = ?1 AND mac = ?2 AND address = ?3

-- name: api_findings
SELECT f.turn, f.id, f.code, f.mac AS "mac:mac", f.address, f.first_at, f.last_at, f.count,
  coalesce(nullif(f.switch_id, 0), k.switch_id) AS switch_id, sw.name AS switch_name,
  CASE WHEN f.switch_id <> 0 OR k.switch_id IS NULL THEN f.port ELSE k.port END AS port,
  nullif(f.unit_id, 0) AS unit_id, u.name AS unit_name, f.terminal_id, t.asset_no, f.account, f.gate, f.note,
  (k.mac IS NOT NULL) AS "knocked:bool", f.state,
  f.settled_at, a.name AS settled_by, coalesce(f.settled_reason, '') AS settled_reason
FROM live_finding_now f LEFT JOIN unit u ON u.id = f.unit_id LEFT JOIN live_knock k ON k.mac = f.mac
LEFT JOIN switch sw ON sw.id = coalesce(nullif(f.switch_id, 0), k.switch_id)
LEFT JOIN terminal t ON t.id = f.terminal_id
LEFT JOIN account a ON a.id = f.settled_by
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND f.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR f.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR f.code = ?5)
  AND (?6 IS NULL OR f.mac = ?6)
  AND (?7 IS NULL OR f.state = ?7)
  AND (?8 IS NULL OR f.terminal_id = ?8)
  AND (?9 IS NULL OR f.last_at >= ?9)
  AND (?10 IS NULL OR f.first_at < ?10)
  AND f.turn < ?11
ORDER BY f.turn DESC LIMIT ?12

-- name: api_findings_total
SELECT count(*)
FROM live_finding_now f
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND f.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR f.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR f.code = ?5)
  AND (?6 IS NULL OR f.mac = ?6)
  AND (?7 IS NULL OR f.state = ?7)
  AND (?8 IS NULL OR f.terminal_id = ?8)
  AND (?9 IS NULL OR f.last_at >= ?9)
  AND (?10 IS NULL OR f.first_at < ?10)

-- name: api_finding
SELECT f.id, f.code, f.mac AS "mac:mac", f.address, f.first_at, f.last_at, f.count,
  coalesce(nullif(f.switch_id, 0), k.switch_id) AS switch_id, sw.name AS switch_name,
  CASE WHEN f.switch_id <> 0 OR k.switch_id IS NULL THEN f.port ELSE k.port END AS port,
  nullif(f.unit_id, 0) AS unit_id, u.name AS unit_name, f.terminal_id, t.asset_no, f.account, f.gate, f.note,
  (k.mac IS NOT NULL) AS "knocked:bool", f.state,
  f.settled_at, a.name AS settled_by, coalesce(f.settled_reason, '') AS settled_reason
FROM live_finding_now f LEFT JOIN unit u ON u.id = f.unit_id LEFT JOIN live_knock k ON k.mac = f.mac
LEFT JOIN switch sw ON sw.id = coalesce(nullif(f.switch_id, 0), k.switch_id)
LEFT JOIN terminal t ON t.id = f.terminal_id
LEFT JOIN account a ON a.id = f.settled_by
WHERE f.id = ?1

-- name: finding_approved
SELECT count(*) FROM live_finding_now WHERE code = ?1 AND mac = ?2 AND address = ?3 AND state = 'approved'
