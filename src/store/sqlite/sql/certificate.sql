-- The book of issued certificates.

-- name: certificate_by_serial
SELECT id, terminal_id, gate_id, not_after, revoked_at FROM certificate WHERE serial = ?1

-- name: certificate_insert
INSERT INTO certificate (serial, terminal_id, gate_id, not_before, not_after)
VALUES (?1, ?2, ?3, ?4, ?5)

-- name: certificate_revoke
UPDATE certificate SET revoked_at = ?2, revoked_reason = ?3 WHERE serial = ?1 AND revoked_at IS NULL

-- name: certificate_revoke_of_terminal
UPDATE certificate SET revoked_at = ?2, revoked_reason = ?3
WHERE terminal_id = ?1 AND serial <> ?4 AND revoked_at IS NULL

-- name: certificate_revoke_of_gate
UPDATE certificate SET revoked_at = ?2, revoked_reason = ?3
WHERE gate_id = ?1 AND revoked_at IS NULL

-- name: certificate_clear_terminal
UPDATE terminal SET certificate = '', rev = ?2 WHERE id = ?1

-- name: certificate_revoked
SELECT serial FROM certificate WHERE revoked_at IS NOT NULL AND not_after > ?1
