-- Requests, their steps, and proposals.

-- name: proposal_facts
SELECT id, act, unit_id, detail, proposed_by, expires_at, decision, decided_at,
  CAST(substr(subject, instr(subject, ':') + 1) AS INTEGER),
  coalesce((SELECT e.given_by FROM account_entry e WHERE proposal.subject = 'account:' || e.id), 0)
FROM proposal WHERE id = ?1

-- name: proposal_confirmed
SELECT count(*) FROM proposal
WHERE act = ?1 AND subject = ?2 AND proposed_by = ?3 AND decision = 'confirmed' AND decided_at > ?4

-- name: proposal_subject
SELECT CAST(substr(subject, instr(subject, ':') + 1) AS INTEGER), reason FROM proposal WHERE id = ?1

-- name: proposal_same_open
SELECT count(*) FROM proposal WHERE act = ?1 AND subject = ?2 AND decision IS NULL AND expires_at > ?3

-- name: proposal_insert
INSERT INTO proposal (act, subject, unit_id, detail, reason, proposed_by, proposed_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: proposal_decide
UPDATE proposal SET decision = ?2, decided_by = ?3, decided_at = ?4 WHERE id = ?1 AND decision IS NULL

-- name: request_next_id
SELECT coalesce(max(id), 0) + 1 FROM request

-- name: request_insert
INSERT INTO request (id, number, kind, unit_id, applicant_id, form, status, step, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 0, ?7)

-- name: request_step_insert
INSERT INTO request_step (request_id, step, name, role, unit_id) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: request_facts
SELECT id, kind, unit_id, applicant_id, form, status, step, number, effect FROM request WHERE id = ?1

-- name: request_step_facts
SELECT s.role, s.unit_id, u.path, s.decision, s.name FROM request_step s JOIN unit u ON u.id = s.unit_id
WHERE s.request_id = ?1 AND s.step = ?2

-- name: request_step_count
SELECT count(*) FROM request_step WHERE request_id = ?1

-- name: request_decided_before
SELECT count(*) FROM request_step WHERE request_id = ?1 AND decided_by = ?2

-- name: request_step_decide
UPDATE request_step SET decision = ?3, comment = ?4, decided_by = ?5, decided_at = ?6
WHERE request_id = ?1 AND step = ?2 AND decision IS NULL

-- name: request_advance
UPDATE request SET step = step + 1 WHERE id = ?1

-- name: request_close
UPDATE request SET status = ?2, effect = ?3, closed_at = ?4 WHERE id = ?1

-- name: request_approvers
SELECT count(DISTINCT a.id) FROM role_grant g JOIN account a ON a.id = g.account_id
JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = g.unit_id
WHERE g.ended_at IS NULL AND g.role = ?1 AND a.enabled AND p.ended_at IS NULL AND a.id <> ?3
  AND substr(?2, 1, length(u.path)) = u.path

-- name: request_mac_owner
SELECT t.id FROM terminal_mac m JOIN terminal t ON t.id = m.terminal_id WHERE m.mac = ?1 AND m.ended_at IS NULL

-- name: request_switch
SELECT sw.unit_id, u.path FROM switch sw JOIN unit u ON u.id = sw.unit_id WHERE sw.id = ?1 AND sw.ended_at IS NULL

-- name: request_technology_unit
SELECT u.id FROM unit u
WHERE u.ended_at IS NULL AND u.kind = 'department'
  AND (u.code = (SELECT value FROM setting WHERE name = 'technology-unit') OR u.name = '科技部')
  AND u.parent_id = (SELECT id FROM unit WHERE parent_id IS NULL)
ORDER BY u.code = (SELECT value FROM setting WHERE name = 'technology-unit') DESC, u.id LIMIT 1
