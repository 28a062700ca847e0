-- Frozen periods, maintenance windows, and the modes of single ports.

-- name: period_insert
INSERT INTO period (kind, unit_id, switch_id, reason, asked_by, confirmed_by, from_at, until_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: period_facts
SELECT kind, unit_id, coalesce(switch_id, 0), ended_at IS NOT NULL FROM period WHERE id = ?1

-- name: period_end
UPDATE period SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: period_over
SELECT id FROM period WHERE ended_at IS NULL AND until_at <= ?1

-- Frozen periods that hold now (?2) for a unit (?1).
-- name: period_frozen
SELECT count(*) FROM period p JOIN unit top ON top.id = p.unit_id JOIN unit u ON u.id = ?1
WHERE p.kind = 'frozen' AND p.ended_at IS NULL AND p.from_at <= ?2 AND p.until_at > ?2
  AND substr(u.path, 1, length(top.path)) = top.path

-- name: api_periods
SELECT p.id, p.kind, p.unit_id, u.name AS unit_name, p.switch_id, sw.name AS switch_name, p.reason,
  asked.name AS asked_by, confirmed.name AS confirmed_by, p.from_at, p.until_at, p.ended_at
FROM period p JOIN unit u ON u.id = p.unit_id LEFT JOIN switch sw ON sw.id = p.switch_id
JOIN account asked ON asked.id = p.asked_by JOIN account confirmed ON confirmed.id = p.confirmed_by
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND p.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR p.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND p.id < ?5
ORDER BY p.id DESC LIMIT ?6

-- name: port_mode_put
INSERT INTO port_mode (switch_id, port, mode) VALUES (?1, ?2, ?3)
ON CONFLICT (switch_id, port) DO UPDATE SET mode = ?3

-- name: port_mode_get
SELECT mode FROM port_mode WHERE switch_id = ?1 AND port = ?2

-- name: port_mode_text
SELECT coalesce((SELECT group_concat(substr(mode, 1, 1) || port, char(10)) FROM port_mode
  WHERE switch_id = ?1 AND mode <> ''), '')

-- name: api_port_modes
SELECT m.id, m.switch_id, sw.name AS switch_name, u.id AS unit_id, u.name AS unit_name, m.port, m.mode,
  u.mode AS unit_mode
FROM port_mode m JOIN switch sw ON sw.id = m.switch_id JOIN unit u ON u.id = sw.unit_id
WHERE m.mode <> '' AND sw.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
ORDER BY u.path, sw.name, m.port LIMIT 2000

-- name: unit_announced_put
INSERT INTO unit_announced (id, enforce_from) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET enforce_from = ?2
