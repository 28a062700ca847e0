-- What is over at ?1 and of no more use.

-- name: sweep_emergency_request_over
SELECT r.id FROM request r WHERE r.status = 'pending' AND r.kind = 'emergency-permit' AND NOT EXISTS (
  SELECT 1 FROM emergency_permit e JOIN permit p ON p.id = e.id
  WHERE p.ended_at IS NULL AND p.until_at > ?1
    AND lower(hex(e.mac)) = replace(json_extract(r.form, '$.mac'), ':', ''))

-- name: sweep_request_facts
SELECT unit_id, number FROM request WHERE id = ?1 AND status = 'pending'

-- name: sweep_proposal_over
SELECT id FROM proposal WHERE decision IS NULL AND expires_at <= ?1

-- name: sweep_proposal_facts
SELECT unit_id, act FROM proposal WHERE id = ?1

-- One is enough to begin, an hour late: so many go in one entry.
-- name: sweep_login_over
SELECT id FROM login WHERE expires_at <= ?1 - 3600000 LIMIT 1

-- name: sweep_logins
DELETE FROM login WHERE id IN (SELECT id FROM login WHERE expires_at <= ?1 LIMIT 256)

-- name: sweep_enrol_code_over
SELECT id FROM enrol_code WHERE expires_at <= ?1 - 2592000000 LIMIT 1

-- name: sweep_enrol_codes
DELETE FROM enrol_code WHERE id IN (SELECT id FROM enrol_code WHERE expires_at <= ?1 LIMIT 256)

-- Sessions that ended, by when that was heard.
-- name: sweep_session_over
SELECT id FROM live_session WHERE told_at <= ?1 ORDER BY told_at LIMIT 256

-- name: sweep_session
DELETE FROM live_session WHERE id = ?1 AND told_at IS NOT NULL

-- name: sweep_session_addresses
DELETE FROM live_address WHERE session_id = ?1
