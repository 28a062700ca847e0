-- Region gates.

-- name: gate_by_name
SELECT id, unit_id, name, ended_at FROM gate WHERE name = ?1

-- name: gate_by_id
SELECT id, unit_id, name, ended_at FROM gate WHERE id = ?1

-- name: gate_insert
INSERT INTO gate (name, unit_id, cosign_key, created_at) VALUES (?1, ?2, ?3, ?4)

-- name: gate_end
UPDATE gate SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: gate_cosign_key
SELECT cosign_key FROM gate WHERE name = ?1 AND ended_at IS NULL
