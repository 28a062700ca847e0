-- Accounts, their passwords, second factors, roles and console sessions.

-- name: account_by_name
SELECT id FROM account WHERE name = ?1

-- name: account_facts
SELECT a.id, a.name, a.enabled, a.must_change, a.password_at, a.totp_state, a.totp_step, a.failures,
  a.locked_until, p.id, p.name, p.unit_id, u.path, u.name, a.password_hash, p.ended_at IS NOT NULL,
  coalesce(e.entered_at, 0)
FROM account a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = p.unit_id
LEFT JOIN account_entry e ON e.id = a.id
WHERE a.id = ?1

-- name: account_grants
SELECT g.id, g.role, g.unit_id, u.path, u.name, g.granted_at
FROM role_grant g JOIN unit u ON u.id = g.unit_id
WHERE g.account_id = ?1 AND g.ended_at IS NULL ORDER BY g.id

-- name: account_of_person
SELECT id FROM account WHERE person_id = ?1

-- name: account_insert
INSERT INTO account (person_id, name, password_hash, password_at, must_change, nt_sealed, rev)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: account_remember_password
INSERT INTO password_history (account_id, password_hash, replaced_at)
SELECT id, password_hash, ?2 FROM account WHERE id = ?1 AND password_hash <> '!'

-- name: account_set_password
UPDATE account SET password_hash = ?2, password_at = ?3, must_change = ?4, nt_sealed = ?5,
  failures = 0, locked_until = 0, rev = ?6
WHERE id = ?1

-- name: account_old_passwords
SELECT password_hash FROM password_history WHERE account_id = ?1 ORDER BY id DESC LIMIT 4

-- name: account_set_enabled
UPDATE account SET enabled = ?2, rev = ?3 WHERE id = ?1

-- name: account_in_directory
SELECT directory FROM account_directory WHERE id = ?1

-- name: account_set_directory
INSERT INTO account_directory (id, directory) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET directory = ?2

-- name: account_directory_count
SELECT count(*) FROM account_directory WHERE directory = 1

-- name: account_directory_list
SELECT a.id, a.name, u.path FROM account a JOIN account_directory d ON d.id = a.id
JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = p.unit_id
WHERE d.directory = 1 AND a.enabled = 1 ORDER BY a.id

-- name: account_directory_below
SELECT count(*) FROM account a JOIN account_directory d ON d.id = a.id
JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = p.unit_id
WHERE d.directory = 1 AND a.enabled = 1 AND substr(u.path, 1, length(?1)) = ?1

-- name: directory_tell
INSERT INTO live_directory (id, started_at, ended_at, result, error, people, created, updated, bad,
  disabled, held, bad_shown)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (id) DO UPDATE SET started_at = ?1, ended_at = ?2, result = ?3, error = ?4, people = ?5,
  created = ?6, updated = ?7, bad = ?8, disabled = ?9, held = ?10, bad_shown = ?11

-- name: directory_last
SELECT started_at, ended_at, result, error, people, created, updated, bad, disabled, held,
  bad_shown AS "bad_shown:json"
FROM live_directory

-- name: account_entry_insert
INSERT INTO account_entry (id, given_by, entered_at) VALUES (?1, ?2, ?3)

-- name: account_entry_given
UPDATE account_entry SET given_by = ?2, entered_at = NULL, session = NULL WHERE id = ?1

-- name: account_entry_void
UPDATE account_entry SET entered_at = NULL, session = NULL WHERE id = ?1

-- name: account_entry_open
UPDATE account_entry SET entered_at = NULL, code_hash = ?2, expires_at = ?3, session = NULL WHERE id = ?1

-- name: account_entry_code
SELECT code_hash, expires_at FROM account_entry WHERE id = ?1 AND code_hash IS NOT NULL

-- name: account_entry_begin
UPDATE account_entry SET session = (SELECT token_hash FROM login WHERE id = ?2) WHERE id = ?1

-- name: account_entry_finish
UPDATE account_entry SET given_by = NULL, entered_at = ?3, code_hash = NULL, expires_at = NULL, session = NULL
WHERE id = ?1 AND session = (SELECT token_hash FROM login WHERE id = ?2)

-- name: account_demand_change
UPDATE account SET must_change = 1 WHERE id = ?1

-- name: account_touch
UPDATE account SET rev = ?2 WHERE id = ?1

-- name: account_unlock
UPDATE account SET failures = 0, locked_until = 0, rev = ?2 WHERE id = ?1

-- name: account_forget_failures
UPDATE account SET failures = 0 WHERE id = ?1 AND failures > 0

-- name: account_count_failure
UPDATE account SET failures = failures + 1 WHERE id = ?1

-- name: account_slow
UPDATE account SET locked_until = ?2 WHERE id = ?1

-- name: account_totp
SELECT totp_sealed, totp_step, totp_state FROM account WHERE id = ?1

-- name: account_set_totp
UPDATE account SET totp_sealed = ?2, totp_state = ?3, totp_step = 0 WHERE id = ?1

-- name: account_use_totp
UPDATE account SET totp_state = 'active', totp_step = ?2 WHERE id = ?1 AND totp_step < ?2

-- name: account_count
SELECT count(*) FROM account

-- name: role_insert
INSERT INTO role_grant (account_id, role, unit_id, granted_at) VALUES (?1, ?2, ?3, ?4)

-- name: role_one
SELECT account_id, role, unit_id FROM role_grant WHERE id = ?1 AND ended_at IS NULL

-- name: role_end
UPDATE role_grant SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: role_end_all
UPDATE role_grant SET ended_at = ?2 WHERE account_id = ?1 AND ended_at IS NULL

-- name: role_same
SELECT count(*) FROM role_grant WHERE account_id = ?1 AND role = ?2 AND unit_id = ?3 AND ended_at IS NULL

-- name: role_against_auditor
SELECT count(*) FROM role_grant
WHERE account_id = ?1 AND ended_at IS NULL AND (role = 'auditor') <> (?2 = 'auditor')

-- name: login_by_token
SELECT l.id, l.account_id, l.stage, l.source, l.started_at, l.expires_at, coalesce(e.session = l.token_hash, 0)
FROM login l LEFT JOIN account_entry e ON e.id = l.account_id
WHERE l.token_hash = ?1 AND l.ended_at IS NULL AND l.expires_at > ?2

-- name: login_insert
INSERT INTO login (account_id, token_hash, stage, source, started_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: login_full
UPDATE login SET stage = 'full' WHERE id = ?1

-- name: login_end
UPDATE login SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: login_end_of_account
UPDATE login SET ended_at = ?2 WHERE account_id = ?1 AND ended_at IS NULL AND id <> ?3
