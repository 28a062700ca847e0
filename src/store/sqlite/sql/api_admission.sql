-- What the API shows of admission; the lists' parameters as in api_org.sql.

-- name: api_knocks
SELECT k.mac AS "mac:mac", k.first_at, k.last_at, k.count, nullif(k.switch_id, 0) AS switch_id,
  sw.name AS switch_name, k.port, nullif(k.unit_id, 0) AS unit_id, u.name AS unit_name, k.terminal_id,
  t.asset_no, k.account, k.method, k.verdict, k.reason, k.would_be, k.would_be_reason
FROM live_knock k LEFT JOIN unit u ON u.id = k.unit_id LEFT JOIN switch sw ON sw.id = k.switch_id
LEFT JOIN terminal t ON t.id = k.terminal_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND (k.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
    OR (k.unit_id = 0 AND EXISTS (SELECT 1 FROM json_each(?3) g, unit root
      WHERE root.parent_id IS NULL AND root.path = g.value)))
  AND (?4 IS NULL OR k.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR k.mac = ?5)
  AND (?6 IS NULL OR k.verdict = ?6)
  AND (?7 IS NULL OR k.reason = ?7)
  AND (?8 IS NULL OR (k.terminal_id IS NULL) = ?8)
  AND (?9 IS NULL OR (k.would_be <> k.verdict AND k.would_be <> '') = ?9)
  AND (k.last_at, k.mac) < (?10, ?11)
ORDER BY k.last_at DESC, k.mac DESC LIMIT ?12

-- name: api_knocks_total
SELECT count(*) FROM live_knock k
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND (k.unit_id IN (SELECT s.id FROM unit s, json_each(?3) g WHERE substr(s.path, 1, length(g.value)) = g.value)
    OR (k.unit_id = 0 AND EXISTS (SELECT 1 FROM json_each(?3) g, unit root
      WHERE root.parent_id IS NULL AND root.path = g.value)))
  AND (?4 IS NULL OR k.unit_id IN (SELECT s.id FROM unit s, unit top WHERE top.id = ?4
    AND substr(s.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR k.mac = ?5)
  AND (?6 IS NULL OR k.verdict = ?6)
  AND (?7 IS NULL OR k.reason = ?7)
  AND (?8 IS NULL OR (k.terminal_id IS NULL) = ?8)
  AND (?9 IS NULL OR (k.would_be <> k.verdict AND k.would_be <> '') = ?9)

-- name: api_knock
SELECT k.mac AS "mac:mac", k.first_at, k.last_at, k.count, nullif(k.switch_id, 0) AS switch_id,
  sw.name AS switch_name, k.port, nullif(k.unit_id, 0) AS unit_id, u.name AS unit_name, k.terminal_id,
  t.asset_no, k.account, k.method, k.verdict, k.reason, k.would_be, k.would_be_reason
FROM live_knock k LEFT JOIN unit u ON u.id = k.unit_id LEFT JOIN switch sw ON sw.id = k.switch_id
LEFT JOIN terminal t ON t.id = k.terminal_id
WHERE k.mac = ?1

-- name: api_sessions
SELECT s.id, s.gate, s.mac AS "mac:mac", s.terminal_id, t.asset_no, s.account,
  nullif(s.switch_id, 0) AS switch_id, sw.name AS switch_name, s.port, nullif(s.unit_id, 0) AS unit_id,
  u.name AS unit_name, s.address, s.method, s.verdict, s.reason, s.started_at, s.seen_at, s.ended_at,
  s.end_cause, s.octets_in, s.octets_out
FROM live_session s LEFT JOIN unit u ON u.id = s.unit_id LEFT JOIN switch sw ON sw.id = s.switch_id
LEFT JOIN terminal t ON t.id = s.terminal_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND +s.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR +s.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR s.mac = ?5)
  AND (?6 IS NULL OR s.terminal_id = ?6)
  AND (?7 IS NULL OR s.account = ?7)
  AND (?8 IS NULL OR (s.ended_at IS NULL) = ?8)
  AND s.id < ?9
ORDER BY s.id DESC LIMIT ?10

-- name: api_session
SELECT s.id, s.gate, s.mac AS "mac:mac", s.terminal_id, t.asset_no, s.account,
  nullif(s.switch_id, 0) AS switch_id, sw.name AS switch_name, s.port, nullif(s.unit_id, 0) AS unit_id,
  u.name AS unit_name, s.address, s.method, s.verdict, s.reason, s.started_at, s.seen_at, s.ended_at,
  s.end_cause, s.octets_in, s.octets_out
FROM live_session s LEFT JOIN unit u ON u.id = s.unit_id LEFT JOIN switch sw ON sw.id = s.switch_id
LEFT JOIN terminal t ON t.id = s.terminal_id
WHERE s.id = ?1

-- name: api_sessions_total
SELECT count(*) FROM live_session s
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND +s.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR +s.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR s.mac = ?5)
  AND (?6 IS NULL OR s.terminal_id = ?6)
  AND (?7 IS NULL OR s.account = ?7)
  AND (?8 IS NULL OR (s.ended_at IS NULL) = ?8)

-- name: api_permits
SELECT pm.id, pm.terminal_id, t.asset_no, t.kind, t.unit_id, u.name AS unit_name, pm.mac AS "mac:mac",
  pm.switch_id, sw.name AS switch_name, pm.port, pm.from_at, pm.until_at, pm.request_id, pm.ended_at,
  coalesce(h.windows, '[]') AS "hours:json"
FROM permit pm JOIN terminal t ON t.id = pm.terminal_id JOIN unit u ON u.id = t.unit_id
JOIN switch sw ON sw.id = pm.switch_id LEFT JOIN permit_hours h ON h.id = pm.id
WHERE ?2 IS NOT NULL
  AND +t.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR +t.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR pm.mac = ?5)
  AND (?6 IS NULL OR ?6 = CASE WHEN pm.ended_at IS NOT NULL THEN 'ended' WHEN pm.until_at <= ?1 THEN 'expired'
    ELSE 'valid' END)
  AND pm.id < ?7
ORDER BY pm.id DESC LIMIT ?8

-- name: api_permits_total
SELECT count(*) FROM permit pm JOIN terminal t ON t.id = pm.terminal_id
WHERE ?2 IS NOT NULL
  AND +t.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR +t.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR pm.mac = ?5)
  AND (?6 IS NULL OR ?6 = CASE WHEN pm.ended_at IS NOT NULL THEN 'ended' WHEN pm.until_at <= ?1 THEN 'expired'
    ELSE 'valid' END)

-- name: api_permit
SELECT pm.id, pm.terminal_id, t.asset_no, t.kind, t.unit_id, u.name AS unit_name, pm.mac AS "mac:mac",
  pm.switch_id, sw.name AS switch_name, pm.port, pm.from_at, pm.until_at, pm.request_id, pm.ended_at,
  coalesce(h.windows, '[]') AS "hours:json"
FROM permit pm JOIN terminal t ON t.id = pm.terminal_id JOIN unit u ON u.id = t.unit_id
JOIN switch sw ON sw.id = pm.switch_id LEFT JOIN permit_hours h ON h.id = pm.id
WHERE pm.id = ?1

-- name: api_denies
SELECT d.id, d.mac AS "mac:mac", d.reason, d.created_at, d.until_at, d.ended_at FROM deny d
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL
  AND (?4 IS NULL OR d.mac = ?4) AND (?5 IS NULL OR (d.ended_at IS NOT NULL) = ?5)
  AND d.id < ?6
ORDER BY d.id DESC LIMIT ?7

-- name: api_denies_total
SELECT count(*) FROM deny d
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL
  AND (?4 IS NULL OR d.mac = ?4) AND (?5 IS NULL OR (d.ended_at IS NOT NULL) = ?5)

-- name: api_deny
SELECT d.id, d.mac AS "mac:mac", d.reason, d.created_at, d.until_at, d.ended_at FROM deny d WHERE d.id = ?1

-- name: api_bypasses
SELECT b.id, b.unit_id, u.name AS unit_name, b.reason, b.origin, pa.name AS proposed_by, ca.name AS confirmed_by,
  b.from_at, b.until_at, b.ended_at
FROM bypass b JOIN unit u ON u.id = b.unit_id LEFT JOIN account pa ON pa.id = b.proposed_by
LEFT JOIN account ca ON ca.id = b.confirmed_by
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND b.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR b.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND b.id < ?5
ORDER BY b.id DESC LIMIT ?6

-- name: api_bypass
SELECT b.id, b.unit_id, u.name AS unit_name, b.reason, b.origin, pa.name AS proposed_by, ca.name AS confirmed_by,
  b.from_at, b.until_at, b.ended_at
FROM bypass b JOIN unit u ON u.id = b.unit_id LEFT JOIN account pa ON pa.id = b.proposed_by
LEFT JOIN account ca ON ca.id = b.confirmed_by
WHERE b.id = ?1

-- name: api_bypass_facts
SELECT unit_id, origin, coalesce(proposed_by, 0), coalesce(confirmed_by, 0), until_at, ended_at IS NOT NULL
FROM bypass WHERE id = ?1

-- name: api_campaigns
SELECT c.id, c.unit_id, u.name AS unit_name, c.name, c.places, c.used,
  (SELECT count(*) FROM campaign_item i WHERE i.campaign_id = c.id) AS items, c.until_at, c.created_at, c.ended_at
FROM campaign c JOIN unit u ON u.id = c.unit_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND c.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?4 IS NULL OR c.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND c.id < ?5
ORDER BY c.id DESC LIMIT ?6

-- name: api_campaign
SELECT c.id, c.unit_id, u.name AS unit_name, c.name, c.places, c.used,
  (SELECT count(*) FROM campaign_item i WHERE i.campaign_id = c.id) AS items, c.until_at, c.created_at, c.ended_at
FROM campaign c JOIN unit u ON u.id = c.unit_id WHERE c.id = ?1

-- name: api_campaign_items
SELECT i.id, i.mac AS "mac:mac", i.asset_no, i.name, i.owner_id, p.name AS owner_name, i.terminal_id
FROM campaign_item i LEFT JOIN person p ON p.id = i.owner_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND i.campaign_id = ?4
  AND (?5 IS NULL OR (i.terminal_id IS NOT NULL) = ?5) AND i.id > ?6
ORDER BY i.id LIMIT ?7

-- name: api_campaign_items_total
SELECT count(*) FROM campaign_item i
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND i.campaign_id = ?4
  AND (?5 IS NULL OR (i.terminal_id IS NOT NULL) = ?5)

-- name: api_campaign_unit
SELECT unit_id FROM campaign WHERE id = ?1

-- name: api_switches
SELECT sw.id, sw.unit_id, u.name AS unit_name, sw.name, sw.address, sw.vendor, sw.coa_port, sw.vlan_normal,
  sw.vlan_isolation, sw.acl_isolation, sw.mab_unsigned_until, sw.created_at, sw.ended_at,
  coalesce(a.acl_normal, '') AS acl_normal, coalesce(a.voice_vlan, '') AS voice_vlan,
  coalesce(a.reach, '') AS reach, coalesce(a.session_seconds, 0) AS session_seconds,
  coalesce(a.coa_address, '') AS coa_address, coalesce(sp.terminals, 0) AS port_terminals,
  coalesce(sp.phone_beside, 1) AS "phone_beside:bool", coalesce(sv.vlan, '') AS visitor_vlan,
  coalesce(sn.version, 'none') AS snmp_version
FROM switch sw JOIN unit u ON u.id = sw.unit_id LEFT JOIN switch_answer a ON a.id = sw.id
LEFT JOIN switch_ports sp ON sp.id = sw.id LEFT JOIN switch_visitor sv ON sv.id = sw.id LEFT JOIN switch_snmp sn ON sn.id = sw.id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
  AND sw.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value
    OR substr(g.value, 1, length(x.path)) = x.path)
  AND (?4 IS NULL OR sw.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR instr(lower(sw.name), lower(?5)) OR instr(sw.address, ?5))
  AND sw.id > ?6
ORDER BY sw.id LIMIT ?7

-- name: api_switch
SELECT sw.id, sw.unit_id, u.name AS unit_name, sw.name, sw.address, sw.vendor, sw.coa_port, sw.vlan_normal,
  sw.vlan_isolation, sw.acl_isolation, sw.mab_unsigned_until, sw.created_at, sw.ended_at,
  coalesce(a.acl_normal, '') AS acl_normal, coalesce(a.voice_vlan, '') AS voice_vlan,
  coalesce(a.reach, '') AS reach, coalesce(a.session_seconds, 0) AS session_seconds,
  coalesce(a.coa_address, '') AS coa_address, coalesce(sp.terminals, 0) AS port_terminals,
  coalesce(sp.phone_beside, 1) AS "phone_beside:bool", coalesce(sv.vlan, '') AS visitor_vlan,
  coalesce(sn.version, 'none') AS snmp_version
FROM switch sw JOIN unit u ON u.id = sw.unit_id LEFT JOIN switch_answer a ON a.id = sw.id
LEFT JOIN switch_ports sp ON sp.id = sw.id LEFT JOIN switch_visitor sv ON sv.id = sw.id LEFT JOIN switch_snmp sn ON sn.id = sw.id WHERE sw.id = ?1

-- name: api_gates
SELECT g.id, g.name, g.unit_id, u.name AS unit_name, g.created_at, g.ended_at,
  (SELECT max(not_after) FROM certificate c WHERE c.gate_id = g.id AND c.revoked_at IS NULL) AS certificate_until_at,
  (SELECT max(size) FROM log_cosign lc WHERE lc.gate = g.name) AS cosigned_size,
  (SELECT json_extract(lc.text, '$.at') FROM log_cosign lc WHERE lc.gate = g.name ORDER BY lc.id DESC LIMIT 1) AS seen_at
FROM gate g JOIN unit u ON u.id = g.unit_id
WHERE g.unit_id IN (SELECT x.id FROM unit x, json_each(?1) s WHERE substr(x.path, 1, length(s.value)) = s.value)
ORDER BY g.id LIMIT 1000

-- name: api_gates_near
SELECT g.name FROM switch sw JOIN unit su ON su.id = sw.unit_id
JOIN gate g ON g.ended_at IS NULL JOIN unit u ON u.id = g.unit_id
WHERE sw.id = ?1 ORDER BY substr(su.path, 1, length(u.path)) = u.path DESC, length(u.path) DESC, g.id LIMIT 1000

-- name: api_gate_keys
SELECT name AS gate, cosign_key AS pem FROM gate WHERE ?1 = 1 ORDER BY id LIMIT 1000

-- name: api_permit_unit
SELECT t.unit_id FROM permit pm JOIN terminal t ON t.id = pm.terminal_id WHERE pm.id = ?1

-- name: api_deny_ended
SELECT ended_at IS NOT NULL FROM deny WHERE id = ?1

-- name: api_switch_unit
SELECT unit_id FROM switch WHERE id = ?1
