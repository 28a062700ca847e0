-- Exemptions, and the register of all that weakens protection now.

-- name: terminal_touch
UPDATE terminal SET rev = ?2 WHERE id = ?1

-- name: exemption_insert
INSERT INTO exemption (terminal_id, what, reason, asked_by, confirmed_by, from_at, until_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: exemption_terminal
SELECT terminal_id FROM exemption WHERE id = ?1

-- name: exemption_unit
SELECT t.unit_id FROM exemption e JOIN terminal t ON t.id = e.terminal_id WHERE e.id = ?1

-- name: exemption_end
UPDATE exemption SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: exemption_over
SELECT id FROM exemption WHERE ended_at IS NULL AND until_at <= ?1

-- name: api_register
SELECT r.kind, r.id, r.what, r.subject, r.unit_id, u.name AS unit_name, r.reason, asked.name AS asked_by,
  confirmed.name AS confirmed_by, r.from_at, r.until_at
FROM (
  SELECT 'exemption' AS kind, e.id, e.what, t.asset_no AS subject, t.unit_id, e.reason, e.asked_by,
    e.confirmed_by, e.from_at, e.until_at
  FROM exemption e JOIN terminal t ON t.id = e.terminal_id WHERE e.ended_at IS NULL AND e.until_at > ?1
  UNION ALL
  SELECT 'bypass', b.id, b.origin, x.code, b.unit_id, b.reason, b.proposed_by, b.confirmed_by, b.from_at,
    b.until_at
  FROM bypass b JOIN unit x ON x.id = b.unit_id WHERE b.ended_at IS NULL AND b.until_at > ?1
  UNION ALL
  SELECT 'unsigned-switch', s.id, '', s.name, s.unit_id, '', NULL, NULL, NULL, s.mab_unsigned_until
  FROM switch s WHERE s.ended_at IS NULL AND s.mab_unsigned_until > ?1
  UNION ALL
  SELECT 'emergency-permit', p.id, p.port, t.asset_no, t.unit_id, g.reason, g.made_by, NULL, p.from_at,
    p.until_at
  FROM emergency_permit g JOIN permit p ON p.id = g.id JOIN terminal t ON t.id = p.terminal_id
  WHERE p.ended_at IS NULL AND p.until_at > ?1
  UNION ALL
  SELECT q.kind, q.id, '', coalesce(w.name, x.code), q.unit_id, q.reason, q.asked_by, q.confirmed_by,
    q.from_at, q.until_at
  FROM period q JOIN unit x ON x.id = q.unit_id LEFT JOIN switch w ON w.id = q.switch_id
  WHERE q.ended_at IS NULL AND q.until_at > ?1
  UNION ALL
  SELECT 'port-mode', o.id, o.mode, s.name || ' ' || o.port, s.unit_id, '', NULL, NULL, NULL, NULL
  FROM port_mode o JOIN switch s ON s.id = o.switch_id JOIN unit x ON x.id = s.unit_id
  WHERE s.ended_at IS NULL AND (o.mode = 'observe' AND x.mode <> 'observe' OR o.mode = 'warn' AND x.mode = 'enforce')
  UNION ALL
  SELECT 'lifeline', t.id, t.kind, t.asset_no, t.unit_id, '', NULL, NULL, NULL, NULL
  FROM terminal t WHERE t.lifeline = 1 AND t.status <> 'scrapped'
  UNION ALL
  SELECT 'posture-grace', x.id, CAST(g.posture_hours AS TEXT), x.code, x.id, '', NULL, NULL, NULL, NULL
  FROM unit_grace g JOIN unit x ON x.id = g.id WHERE g.posture_hours > 0
  UNION ALL
  SELECT 'last-known', x.id, CAST(k.days AS TEXT), x.code, x.id, '', NULL, NULL, NULL, NULL
  FROM unit_last_known k JOIN unit x ON x.id = k.id WHERE k.days > 0
) r JOIN unit u ON u.id = r.unit_id
LEFT JOIN account asked ON asked.id = r.asked_by LEFT JOIN account confirmed ON confirmed.id = r.confirmed_by
WHERE r.unit_id IN (SELECT x.id FROM unit x, json_each(?2) s WHERE substr(x.path, 1, length(s.value)) = s.value)
ORDER BY r.until_at IS NULL, r.until_at, r.kind, r.id
