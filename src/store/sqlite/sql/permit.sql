-- Permits and the deny list.

-- name: permit_by_id
SELECT p.id, p.terminal_id, p.mac, p.switch_id, p.port, p.ended_at, t.unit_id, t.uuid
FROM permit p JOIN terminal t ON t.id = p.terminal_id WHERE p.id = ?1

-- name: permit_insert
INSERT INTO permit (terminal_id, mac, switch_id, port, from_at, until_at, request_id, rev)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: permit_touch
UPDATE permit SET rev = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: permit_hours_put
INSERT INTO permit_hours (id, windows) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET windows = ?2

-- name: permit_end
UPDATE permit SET ended_at = ?2, rev = ?3 WHERE id = ?1 AND ended_at IS NULL

-- name: permit_end_of_mac
UPDATE permit SET ended_at = ?2, rev = ?3 WHERE mac = ?1 AND ended_at IS NULL

-- name: permit_end_of_terminal
UPDATE permit SET ended_at = ?2, rev = ?3 WHERE terminal_id = ?1 AND ended_at IS NULL

-- name: permit_over
SELECT id FROM permit WHERE ended_at IS NULL AND until_at <= ?1

-- name: emergency_insert
INSERT INTO emergency_permit (id, mac, made_by, made_at, reason) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: emergency_recent
SELECT count(*) FROM emergency_permit WHERE mac = ?1 AND made_at > ?2

-- name: emergency_standing
SELECT count(*) FROM permit WHERE mac = ?1 AND ended_at IS NULL AND until_at > ?2

-- name: emergency_in_force
SELECT p.id FROM emergency_permit e JOIN permit p ON p.id = e.id
WHERE e.mac = ?1 AND p.switch_id = ?2 AND p.port = ?3 AND p.ended_at IS NULL AND p.until_at > ?4

-- name: deny_by_id
SELECT id, mac, ended_at FROM deny WHERE id = ?1

-- name: deny_insert
INSERT INTO deny (mac, reason, created_at, until_at, rev) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: deny_end
UPDATE deny SET ended_at = ?2, rev = ?3 WHERE id = ?1 AND ended_at IS NULL

-- name: deny_over
SELECT id FROM deny WHERE ended_at IS NULL AND until_at <= ?1

-- name: permit_of_mac
SELECT id, switch_id, port, until_at FROM permit WHERE mac = ?1 AND ended_at IS NULL

-- name: permit_move
UPDATE permit SET switch_id = ?2, port = ?3, request_id = ?4, rev = ?5 WHERE id = ?1 AND ended_at IS NULL
