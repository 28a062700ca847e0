-- What the API shows of units, people and accounts.
-- Lists take ?1 now, ?2 the caller's account, ?3 the paths of the caller's scope as a JSON array,
-- then the filters, then the key of the page before and the limit.

-- name: api_units
SELECT u.id, u.parent_id, u.kind, u.code, u.name, u.path, u.mode, u.ended_at,
  coalesce(p.n, 0) AS people, coalesce(t.n, 0) AS terminals, coalesce(s.n, 0) AS online,
  coalesce(s.isolated, 0) AS isolated, coalesce(up.terminals, 0) AS port_terminals,
  coalesce(up.phone_beside, 1) AS "phone_beside:bool", nullif(ua.enforce_from, 0) AS enforce_from_at,
  ug.posture_hours AS posture_grace_hours, uk.days AS last_known_days
FROM unit u
LEFT JOIN unit_ports up ON up.id = u.id LEFT JOIN unit_announced ua ON ua.id = u.id
LEFT JOIN unit_grace ug ON ug.id = u.id LEFT JOIN unit_last_known uk ON uk.id = u.id
LEFT JOIN (SELECT unit_id, count(*) AS n FROM person WHERE ended_at IS NULL GROUP BY unit_id) p
  ON p.unit_id = u.id
LEFT JOIN (SELECT unit_id, count(*) AS n FROM terminal WHERE status <> 'scrapped' GROUP BY unit_id) t
  ON t.unit_id = u.id
LEFT JOIN (SELECT unit_id, sum(k) AS n, sum(CASE verdict WHEN 'isolate' THEN k ELSE 0 END) AS isolated
  FROM (SELECT unit_id, verdict, count(*) AS k FROM live_session WHERE ended_at IS NULL GROUP BY unit_id, verdict)
  GROUP BY unit_id) s ON s.unit_id = u.id
WHERE ?1 IS NOT NULL AND (
  EXISTS (SELECT 1 FROM json_each(?3) g WHERE substr(u.path, 1, length(g.value)) = g.value)
  OR EXISTS (SELECT 1 FROM account a JOIN person me ON me.id = a.person_id JOIN unit mine ON mine.id = me.unit_id
    WHERE a.id = ?2 AND substr(mine.path, 1, length(u.path)) = u.path))
ORDER BY u.path

-- name: api_unit
SELECT u.id, u.parent_id, u.kind, u.code, u.name, u.path, u.mode, u.ended_at,
  (SELECT count(*) FROM person WHERE unit_id = u.id AND ended_at IS NULL) AS people,
  (SELECT count(*) FROM terminal WHERE unit_id = u.id AND status <> 'scrapped') AS terminals,
  (SELECT count(*) FROM live_session WHERE unit_id = u.id AND ended_at IS NULL) AS online,
  (SELECT count(*) FROM live_session WHERE unit_id = u.id AND ended_at IS NULL AND verdict = 'isolate') AS isolated,
  coalesce(up.terminals, 0) AS port_terminals, coalesce(up.phone_beside, 1) AS "phone_beside:bool",
  nullif(ua.enforce_from, 0) AS enforce_from_at, ug.posture_hours AS posture_grace_hours,
  uk.days AS last_known_days
FROM unit u LEFT JOIN unit_ports up ON up.id = u.id LEFT JOIN unit_announced ua ON ua.id = u.id
LEFT JOIN unit_grace ug ON ug.id = u.id LEFT JOIN unit_last_known uk ON uk.id = u.id WHERE u.id = ?1

-- name: api_people
SELECT p.id, p.unit_id, u.name AS unit_name, p.name, p.staff_no, p.post, p.phone, p.ended_at,
  a.id AS account_id, a.name AS account
FROM person p JOIN unit u ON u.id = p.unit_id LEFT JOIN account a ON a.person_id = p.id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND +p.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR p.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR instr(p.name, ?5) OR instr(lower(p.staff_no), lower(?5)) OR instr(a.name, lower(?5)))
  AND p.id > ?6
ORDER BY p.id LIMIT ?7

-- name: api_people_total
SELECT count(*)
FROM person p LEFT JOIN account a ON a.person_id = p.id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND +p.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR p.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR instr(p.name, ?5) OR instr(lower(p.staff_no), lower(?5)) OR instr(a.name, lower(?5)))

-- name: api_person
SELECT p.id, p.unit_id, u.name AS unit_name, p.name, p.staff_no, p.post, p.phone, p.ended_at,
  a.id AS account_id, a.name AS account
FROM person p JOIN unit u ON u.id = p.unit_id LEFT JOIN account a ON a.person_id = p.id
WHERE p.id = ?1

-- name: api_accounts
SELECT a.id, a.name, a.person_id, p.name AS person_name, p.unit_id, u.name AS unit_name,
  (a.enabled AND p.ended_at IS NULL) AS "enabled:bool", a.must_change AS "must_change:bool",
  a.password_at, nullif(max(a.locked_until, ?1 - 1), ?1 - 1) AS slowed_until,
  a.totp_state = 'active' AS "totp:bool",
  (SELECT json_group_array(json_object('id', r.id, 'role', r.role, 'unit_id', r.unit_id, 'unit_name', ru.name,
    'granted_at', r.granted_at)) FROM role_grant r JOIN unit ru ON ru.id = r.unit_id
    WHERE r.account_id = a.id AND r.ended_at IS NULL) AS "roles:json", e.entered_at, e.expires_at AS entry_expires_at
FROM account a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = p.unit_id
LEFT JOIN account_entry e ON e.id = a.id
WHERE ?2 IS NOT NULL
  AND +p.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR p.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR instr(a.name, lower(?5)) OR instr(p.name, ?5))
  AND (?6 IS NULL OR EXISTS (SELECT 1 FROM role_grant r WHERE r.account_id = a.id AND r.role = ?6
    AND r.ended_at IS NULL))
  AND (?7 IS NULL OR (a.enabled AND p.ended_at IS NULL) = ?7)
  AND a.id > ?8
ORDER BY a.id LIMIT ?9

-- name: api_accounts_total
SELECT count(*)
FROM account a JOIN person p ON p.id = a.person_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND +p.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR p.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR instr(a.name, lower(?5)) OR instr(p.name, ?5))
  AND (?6 IS NULL OR EXISTS (SELECT 1 FROM role_grant r WHERE r.account_id = a.id AND r.role = ?6
    AND r.ended_at IS NULL))
  AND (?7 IS NULL OR (a.enabled AND p.ended_at IS NULL) = ?7)

-- name: api_account
SELECT a.id, a.name, a.person_id, p.name AS person_name, p.unit_id, u.name AS unit_name,
  (a.enabled AND p.ended_at IS NULL) AS "enabled:bool", a.must_change AS "must_change:bool",
  a.password_at, nullif(max(a.locked_until, ?2 - 1), ?2 - 1) AS slowed_until,
  a.totp_state = 'active' AS "totp:bool",
  (SELECT json_group_array(json_object('id', r.id, 'role', r.role, 'unit_id', r.unit_id, 'unit_name', ru.name,
    'granted_at', r.granted_at)) FROM role_grant r JOIN unit ru ON ru.id = r.unit_id
    WHERE r.account_id = a.id AND r.ended_at IS NULL) AS "roles:json", e.entered_at, e.expires_at AS entry_expires_at
FROM account a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = p.unit_id
LEFT JOIN account_entry e ON e.id = a.id
WHERE a.id = ?1

-- name: api_unit_ids
SELECT u.id FROM unit u
WHERE EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
  AND (?2 IS NULL OR EXISTS (SELECT 1 FROM unit top WHERE top.id = ?2
    AND substr(u.path, 1, length(top.path)) = top.path))
