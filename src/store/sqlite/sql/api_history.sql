-- Whom a question about stays means, and what the rows of its answer are called.

-- name: history_person_accounts
SELECT name AS key FROM account WHERE person_id = ?1 LIMIT 50

-- name: history_person_terminals
SELECT id AS key FROM terminal WHERE owner_id = ?1 LIMIT 50

-- name: history_word_accounts
SELECT a.name AS key FROM person p CROSS JOIN account a ON a.person_id = p.id
WHERE instr(p.name, ?1) OR p.staff_no IN (?1, upper(?1)) LIMIT 50

-- name: history_word_owned
SELECT t.id AS key FROM person p CROSS JOIN terminal t ON t.owner_id = p.id
WHERE instr(p.name, ?1) OR p.staff_no IN (?1, upper(?1)) LIMIT 50

-- name: history_word_terminals
SELECT id AS key FROM terminal WHERE asset_no IN (?1, upper(?1)) LIMIT 50

-- Who is the account's person; without an account, the terminal's.
-- name: history_names
SELECT u.name AS unit_name, sw.name AS switch_name, t.asset_no, p.id AS person_id, p.name AS person
FROM (SELECT 1) LEFT JOIN unit u ON u.id = ?1 LEFT JOIN switch sw ON sw.id = ?2
LEFT JOIN terminal t ON t.id = ?3 LEFT JOIN account a ON a.name = ?4
LEFT JOIN person p ON p.id = iif(?4 = '', t.owner_id, a.person_id)
