-- What the API shows of terminals; the lists' parameters as in api_org.sql.

-- name: api_terminals
SELECT t.id, t.uuid AS "uuid:uuid", t.asset_no, t.kind, t.unit_id, u.name AS unit_name, t.owner_id,
  p.name AS owner_name, t.name, t.place, t.status, t.lifeline AS "lifeline:bool", t.posture,
  t.isolated_at, t.isolated_until,
  (SELECT mac FROM terminal_mac m WHERE m.terminal_id = t.id AND m.ended_at IS NULL ORDER BY m.id LIMIT 1) AS "mac:mac",
  EXISTS (SELECT 1 FROM live_session s WHERE s.terminal_id = t.id AND s.ended_at IS NULL) AS "online:bool",
  (SELECT nullif(address, '') FROM live_session s WHERE s.terminal_id = t.id AND s.ended_at IS NULL
    ORDER BY s.id DESC LIMIT 1) AS address,
  (SELECT seen_at FROM live_agent l WHERE l.terminal_id = t.id) AS seen_at,
  (SELECT verdict FROM live_knock k WHERE k.terminal_id = t.id ORDER BY last_at DESC LIMIT 1) AS verdict,
  (SELECT reason FROM live_knock k WHERE k.terminal_id = t.id ORDER BY last_at DESC LIMIT 1) AS reason
FROM terminal t JOIN unit u ON u.id = t.unit_id LEFT JOIN person p ON p.id = t.owner_id
WHERE ?1 IS NOT NULL
  AND (+t.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
    OR +t.owner_id = (SELECT person_id FROM account WHERE id = ?2))
  AND (?4 IS NULL OR +t.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR instr(t.asset_no, upper(?5)) OR instr(t.asset_no, ?5) OR instr(t.name, ?5)
    OR t.owner_id IN (SELECT id FROM person WHERE instr(name, ?5)))
  AND (?6 IS NULL OR t.kind = ?6)
  AND (?7 IS NULL OR t.status = ?7)
  AND (?8 IS NULL OR t.posture = ?8)
  AND (?9 IS NULL OR (t.isolated_at IS NOT NULL) = ?9)
  AND (?10 IS NULL OR EXISTS (SELECT 1 FROM live_session s WHERE s.terminal_id = t.id AND s.ended_at IS NULL) = ?10)
  AND (?11 IS NULL OR t.owner_id = ?11)
  AND t.id > ?12
ORDER BY t.id LIMIT ?13

-- Counted only where ?5 (a word) and ?10 (on the network) are not asked for.
-- name: api_terminals_total
SELECT (SELECT count(*) FROM terminal t
WHERE ?1 IS NOT NULL AND ?5 IS NULL AND ?10 IS NULL
  AND t.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR t.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?6 IS NULL OR t.kind = ?6) AND (?7 IS NULL OR t.status = ?7) AND (?8 IS NULL OR t.posture = ?8)
  AND (?9 IS NULL OR (t.isolated_at IS NOT NULL) = ?9))
+ (SELECT count(*) FROM terminal t
WHERE t.owner_id = (SELECT person_id FROM account WHERE id = ?2)
  AND t.unit_id NOT IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR t.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?6 IS NULL OR t.kind = ?6) AND (?7 IS NULL OR t.status = ?7) AND (?8 IS NULL OR t.posture = ?8)
  AND (?9 IS NULL OR (t.isolated_at IS NOT NULL) = ?9) AND (?11 IS NULL OR t.owner_id = ?11))

-- name: api_terminal
SELECT t.id, t.uuid AS "uuid:uuid", t.asset_no, t.kind, t.unit_id, u.name AS unit_name, t.owner_id,
  p.name AS owner_name, t.name, t.place, t.status, t.lifeline AS "lifeline:bool", t.posture,
  t.isolated_at, t.isolated_until,
  (SELECT mac FROM terminal_mac m WHERE m.terminal_id = t.id AND m.ended_at IS NULL ORDER BY m.id LIMIT 1) AS "mac:mac",
  EXISTS (SELECT 1 FROM live_session s WHERE s.terminal_id = t.id AND s.ended_at IS NULL) AS "online:bool",
  (SELECT nullif(address, '') FROM live_session s WHERE s.terminal_id = t.id AND s.ended_at IS NULL
    ORDER BY s.id DESC LIMIT 1) AS address,
  (SELECT seen_at FROM live_agent l WHERE l.terminal_id = t.id) AS seen_at,
  (SELECT verdict FROM live_knock k WHERE k.terminal_id = t.id ORDER BY last_at DESC LIMIT 1) AS verdict,
  (SELECT reason FROM live_knock k WHERE k.terminal_id = t.id ORDER BY last_at DESC LIMIT 1) AS reason,
  t.hardware_serial, t.os, t.agent_version, t.posture_at, t.posture_failing, t.isolated_reason,
  t.certificate, t.registered_at, t.created_at,
  (SELECT nullif(user, '') FROM live_agent l WHERE l.terminal_id = t.id) AS user
FROM terminal t JOIN unit u ON u.id = t.unit_id LEFT JOIN person p ON p.id = t.owner_id
WHERE t.id = ?1

-- name: api_terminal_macs
SELECT mac AS "mac:mac" FROM terminal_mac WHERE terminal_id = ?1 AND ended_at IS NULL ORDER BY id

-- name: api_terminal_accounts
SELECT a.id AS account_id, a.name AS account, p.name AS person_name
FROM terminal_account ta JOIN account a ON a.id = ta.account_id JOIN person p ON p.id = a.person_id
WHERE ta.terminal_id = ?1 AND ta.ended_at IS NULL ORDER BY ta.id

-- name: api_terminal_permits
SELECT pm.id, pm.terminal_id, t.asset_no, t.kind, t.unit_id, u.name AS unit_name, pm.mac AS "mac:mac",
  pm.switch_id, sw.name AS switch_name, pm.port, pm.from_at, pm.until_at, pm.request_id, pm.ended_at
FROM permit pm JOIN terminal t ON t.id = pm.terminal_id JOIN unit u ON u.id = t.unit_id
JOIN switch sw ON sw.id = pm.switch_id
WHERE pm.terminal_id = ?1 AND pm.ended_at IS NULL ORDER BY pm.id

-- name: api_terminal_unit
SELECT unit_id, coalesce(owner_id, 0) FROM terminal WHERE id = ?1

-- name: api_terminal_knock
SELECT k.mac AS "mac:mac", k.first_at, k.last_at, k.count, nullif(k.switch_id, 0) AS switch_id,
  sw.name AS switch_name, k.port, nullif(k.unit_id, 0) AS unit_id, u.name AS unit_name, k.terminal_id,
  t.asset_no, k.account, k.method, k.verdict, k.reason, k.would_be, k.would_be_reason
FROM live_knock k LEFT JOIN unit u ON u.id = k.unit_id LEFT JOIN switch sw ON sw.id = k.switch_id
LEFT JOIN terminal t ON t.id = k.terminal_id
WHERE k.mac IN (SELECT mac FROM terminal_mac WHERE terminal_id = ?1 AND ended_at IS NULL)
ORDER BY k.last_at DESC LIMIT 1

-- name: api_terminal_acts
SELECT e.seq, e.at, e.act AS kind, CAST(e.bytes AS TEXT) AS entry FROM log_entry e
WHERE e.subject = ?1 AND e.seq < ?2 ORDER BY e.seq DESC LIMIT ?3

-- name: api_terminal_inventory
SELECT i.rowid AS key, i.section, i.name, i.body AS "body:json", i.at AS reported_at
FROM live_inventory i
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND i.terminal_id = ?4
  AND (?5 IS NULL OR i.section = ?5) AND i.rowid > ?6
ORDER BY i.rowid LIMIT ?7

-- name: api_terminal_inventory_total
SELECT count(*) FROM live_inventory i
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND i.terminal_id = ?4
  AND (?5 IS NULL OR i.section = ?5)

-- name: api_terminal_places
SELECT p.mac AS "mac:mac", p.switch_id, p.switch_name, p.port, p.vlan, p.since_at, p.last_at, p.here AS "here:bool"
FROM terminal_mac m JOIN live_place_now p ON p.mac = m.mac
WHERE m.terminal_id = ?1 AND m.ended_at IS NULL ORDER BY p.here DESC, p.last_at DESC
