-- Units and people.

-- name: unit_facts
SELECT id, coalesce(parent_id, 0), kind, code, name, path, mode, ended_at IS NOT NULL FROM unit WHERE id = ?1

-- name: unit_by_code
SELECT id FROM unit WHERE code = ?1

-- name: unit_next_id
SELECT coalesce(max(id), 0) + 1 FROM unit

-- name: unit_insert
INSERT INTO unit (id, parent_id, kind, code, name, path, rev) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: unit_rename
UPDATE unit SET name = ?2, rev = ?3 WHERE id = ?1

-- name: unit_set_mode
UPDATE unit SET mode = ?2, rev = ?3 WHERE id = ?1

-- name: unit_touch
UPDATE unit SET rev = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: unit_ports_put
INSERT INTO unit_ports (id, terminals, phone_beside) VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET terminals = ?2, phone_beside = ?3

-- What the unit says itself, and what the nearest above it says; -1: nothing.
-- name: unit_grace_facts
SELECT coalesce((SELECT posture_hours FROM unit_grace WHERE id = u.id), -1),
  coalesce((SELECT g.posture_hours FROM unit_grace g JOIN unit a ON a.id = g.id
    WHERE g.posture_hours IS NOT NULL AND a.id <> u.id AND substr(u.path, 1, length(a.path)) = a.path
    ORDER BY length(a.path) DESC LIMIT 1), -1)
FROM unit u WHERE u.id = ?1 AND u.ended_at IS NULL

-- name: unit_grace_put
INSERT INTO unit_grace (id, posture_hours) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET posture_hours = ?2

-- name: unit_last_known_facts
SELECT coalesce((SELECT days FROM unit_last_known WHERE id = u.id), -1),
  coalesce((SELECT k.days FROM unit_last_known k JOIN unit a ON a.id = k.id
    WHERE k.days IS NOT NULL AND a.id <> u.id AND substr(u.path, 1, length(a.path)) = a.path
    ORDER BY length(a.path) DESC LIMIT 1), -1)
FROM unit u WHERE u.id = ?1 AND u.ended_at IS NULL

-- name: unit_last_known_put
INSERT INTO unit_last_known (id, days) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET days = ?2

-- name: unit_end
UPDATE unit SET ended_at = ?2, rev = ?3 WHERE id = ?1

-- name: unit_in_use
SELECT (SELECT count(*) FROM unit WHERE parent_id = ?1 AND ended_at IS NULL)
  + (SELECT count(*) FROM person WHERE unit_id = ?1 AND ended_at IS NULL)
  + (SELECT count(*) FROM terminal WHERE unit_id = ?1 AND status <> 'scrapped')
  + (SELECT count(*) FROM switch WHERE unit_id = ?1 AND ended_at IS NULL)
  + (SELECT count(*) FROM role_grant WHERE unit_id = ?1 AND ended_at IS NULL)

-- name: unit_root
SELECT id FROM unit WHERE parent_id IS NULL AND ended_at IS NULL ORDER BY id LIMIT 1

-- name: person_facts
SELECT id, unit_id, name, staff_no, post, phone, ended_at IS NOT NULL FROM person WHERE id = ?1

-- name: person_by_staff_no
SELECT id FROM person WHERE staff_no = ?1

-- name: person_insert
INSERT INTO person (unit_id, name, staff_no, post, phone) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: person_change
UPDATE person SET unit_id = ?2, name = ?3, post = ?4, phone = ?5 WHERE id = ?1

-- name: person_end
UPDATE person SET ended_at = ?2 WHERE id = ?1

-- name: person_account_rev
UPDATE account SET rev = ?2 WHERE person_id = ?1

-- name: person_disable_account
UPDATE account SET enabled = 0, rev = ?2 WHERE person_id = ?1

-- name: person_end_terminal_accounts
UPDATE terminal_account SET ended_at = ?2, rev = ?3
WHERE ended_at IS NULL AND account_id = (SELECT id FROM account WHERE person_id = ?1)

-- name: unit_count
SELECT count(*) FROM unit
