-- Last month's knocks under other rules.

-- name: dry_run_units
SELECT u.id, u.path, u.mode, coalesce((SELECT g.posture_hours FROM unit_grace g JOIN unit a ON a.id = g.id
  WHERE g.posture_hours IS NOT NULL AND substr(u.path, 1, length(a.path)) = a.path
  ORDER BY length(a.path) DESC LIMIT 1), 0)
FROM unit u

-- name: dry_run_terminal
SELECT kind, posture, posture_failing, posture_at FROM terminal WHERE id = ?1

-- What the unit of an account says today; -1: nothing.
-- name: dry_run_last_known
SELECT coalesce((SELECT k.days FROM unit_last_known k JOIN unit a ON a.id = k.id
  WHERE k.days IS NOT NULL AND substr(u.path, 1, length(a.path)) = a.path
  ORDER BY length(a.path) DESC LIMIT 1), -1)
FROM account x JOIN person p ON p.id = x.person_id JOIN unit u ON u.id = p.unit_id WHERE x.name = ?1

-- name: dry_run_exemptions
SELECT what, from_at, min(coalesce(ended_at, until_at), until_at) FROM exemption WHERE terminal_id = ?1

-- name: dry_run_names
SELECT (SELECT asset_no FROM terminal WHERE id = ?1),
  coalesce((SELECT p.name FROM account a JOIN person p ON p.id = a.person_id WHERE a.name = ?2),
    (SELECT p.name FROM terminal t JOIN person p ON p.id = t.owner_id WHERE t.id = ?1)),
  (SELECT name FROM switch WHERE id = ?3), (SELECT name FROM unit WHERE id = ?4)

-- What is known today of a MAC (?1) with an account (?2), now (?3).
-- name: dry_run_today
SELECT t.kind, t.status, t.posture, t.posture_at, t.isolated_at, t.isolated_until, t.posture_failing,
  coalesce((SELECT group_concat(e.what || ':' || e.until_at) FROM exemption e
    WHERE e.terminal_id = t.id AND e.ended_at IS NULL), ''),
  p.id, p.switch_id, p.port, p.from_at, p.until_at, coalesce(h.windows, ''),
  EXISTS (SELECT 1 FROM deny d WHERE d.mac = k.mac AND d.ended_at IS NULL
    AND (d.until_at IS NULL OR d.until_at > ?3)),
  a.id, a.enabled, EXISTS (SELECT 1 FROM terminal_account x
    WHERE x.terminal_id = t.id AND x.account_id = a.id AND x.ended_at IS NULL), coalesce(v.until_at, 0)
FROM (SELECT ?1 AS mac) k
LEFT JOIN terminal_mac m ON m.mac = k.mac AND m.ended_at IS NULL
LEFT JOIN terminal t ON t.id = m.terminal_id
LEFT JOIN permit p ON p.mac = k.mac AND p.ended_at IS NULL
LEFT JOIN permit_hours h ON h.id = p.id
LEFT JOIN account a ON a.name = ?2
LEFT JOIN visitor v ON v.id = t.id
