-- The address plan, and the register of network gear.

-- name: address_bound
SELECT id, mac, unit_id FROM address WHERE ip = ?1 AND ended_at IS NULL

-- name: address_of_mac
SELECT id, ip FROM address WHERE mac = ?1 AND ended_at IS NULL ORDER BY id

-- name: address_by_id
SELECT ip, mac, unit_id, ended_at FROM address WHERE id = ?1

-- name: address_insert
INSERT INTO address (ip, mac, unit_id, request_id, note, bound_at, rev) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: address_end
UPDATE address SET ended_at = ?2, rev = ?3 WHERE id = ?1 AND ended_at IS NULL

-- name: gear_by_id
SELECT mac, kind, unit_id, ended_at FROM gear WHERE id = ?1

-- name: gear_standing
SELECT id FROM gear WHERE mac = ?1 AND kind = ?2 AND ended_at IS NULL

-- name: gear_insert
INSERT INTO gear (mac, kind, name, place, unit_id, owner_id, request_id, from_at, until_at, rev)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)

-- name: gear_end
UPDATE gear SET ended_at = ?2, rev = ?3 WHERE id = ?1 AND ended_at IS NULL

-- name: gear_over
SELECT id FROM gear WHERE ended_at IS NULL AND until_at <= ?1

-- name: api_gear
SELECT g.id, g.mac AS "mac:mac", g.kind, g.name, g.place, g.unit_id, u.name AS unit_name, g.owner_id,
  p.name AS owner_name, g.request_id, g.from_at, g.until_at, g.ended_at,
  (SELECT count(*) FROM live_finding_now f WHERE f.mac = g.mac AND f.state = 'approved') AS findings
FROM gear g JOIN unit u ON u.id = g.unit_id JOIN person p ON p.id = g.owner_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND g.unit_id IN (SELECT x.id FROM unit x, json_each(?3) s WHERE substr(x.path, 1, length(s.value)) = s.value)
  AND (?4 IS NULL OR g.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR g.mac = ?5) AND (?6 IS NULL OR (g.ended_at IS NOT NULL) = ?6)
  AND g.id < ?7
ORDER BY g.id DESC LIMIT ?8

-- name: api_gear_total
SELECT count(*) FROM gear g
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND g.unit_id IN (SELECT x.id FROM unit x, json_each(?3) s WHERE substr(x.path, 1, length(s.value)) = s.value)
  AND (?4 IS NULL OR g.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR g.mac = ?5) AND (?6 IS NULL OR (g.ended_at IS NOT NULL) = ?6)

-- name: api_gear_one
SELECT g.id, g.mac AS "mac:mac", g.kind, g.name, g.place, g.unit_id, u.name AS unit_name, g.owner_id,
  p.name AS owner_name, g.request_id, g.from_at, g.until_at, g.ended_at,
  (SELECT count(*) FROM live_finding_now f WHERE f.mac = g.mac AND f.state = 'approved') AS findings
FROM gear g JOIN unit u ON u.id = g.unit_id JOIN person p ON p.id = g.owner_id WHERE g.id = ?1

-- name: api_addresses
SELECT a.id, a.ip, a.mac AS "mac:mac", a.unit_id, u.name AS unit_name, m.terminal_id, t.asset_no, a.request_id, a.note,
  a.bound_at, a.ended_at, coalesce((SELECT s.address FROM live_session s
    WHERE s.mac = a.mac AND s.ended_at IS NULL ORDER BY s.id DESC LIMIT 1), '') AS used
FROM address a JOIN unit u ON u.id = a.unit_id
LEFT JOIN terminal_mac m ON m.mac = a.mac AND m.ended_at IS NULL LEFT JOIN terminal t ON t.id = m.terminal_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND a.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR a.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR substr(a.ip, 1, length(?5)) = ?5)
  AND (?6 IS NULL OR a.mac = ?6)
  AND (?7 IS NULL OR m.terminal_id = ?7)
  AND (a.ended_at IS NOT NULL) = coalesce(?8, 0)
  AND a.id < ?9
ORDER BY a.id DESC LIMIT ?10

-- name: api_addresses_total
SELECT count(*)
FROM address a LEFT JOIN terminal_mac m ON m.mac = a.mac AND m.ended_at IS NULL
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND a.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR a.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR substr(a.ip, 1, length(?5)) = ?5)
  AND (?6 IS NULL OR a.mac = ?6)
  AND (?7 IS NULL OR m.terminal_id = ?7)
  AND (a.ended_at IS NOT NULL) = coalesce(?8, 0)

-- name: api_address
SELECT a.id, a.ip, a.mac AS "mac:mac", a.unit_id, u.name AS unit_name, m.terminal_id, t.asset_no, a.request_id, a.note,
  a.bound_at, a.ended_at, coalesce((SELECT s.address FROM live_session s
    WHERE s.mac = a.mac AND s.ended_at IS NULL ORDER BY s.id DESC LIMIT 1), '') AS used
FROM address a JOIN unit u ON u.id = a.unit_id
LEFT JOIN terminal_mac m ON m.mac = a.mac AND m.ended_at IS NULL LEFT JOIN terminal t ON t.id = m.terminal_id
WHERE a.id = ?1
