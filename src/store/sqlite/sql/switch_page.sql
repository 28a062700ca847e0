-- The page of one switch, and the breaker of a test bank.

-- name: api_switch_sessions
SELECT s.port, s.mac AS "mac:mac", s.terminal_id, t.asset_no, t.kind, s.account, s.address, s.method, s.verdict,
  s.reason, s.started_at
FROM live_session s LEFT JOIN terminal t ON t.id = s.terminal_id
WHERE s.switch_id = ?1 AND s.ended_at IS NULL ORDER BY s.port, s.id

-- name: api_switch_knocks
SELECT k.port, k.mac AS "mac:mac", k.terminal_id, k.verdict, k.reason, k.last_at
FROM live_knock k WHERE k.switch_id = ?1 AND k.last_at > ?2 ORDER BY k.port, k.last_at DESC

-- name: api_switch_permits
SELECT p.port, p.mac AS "mac:mac", p.terminal_id, t.asset_no, p.until_at
FROM permit p JOIN terminal t ON t.id = p.terminal_id
WHERE p.switch_id = ?1 AND p.ended_at IS NULL AND p.until_at > ?2 ORDER BY p.port, p.id

-- name: api_switch_findings
SELECT f.port, f.mac AS "mac:mac", f.id, f.code, f.last_at
FROM live_finding_now f WHERE f.switch_id = ?1 AND f.state = 'open' ORDER BY f.port, f.turn DESC

-- name: api_switch_configuration
SELECT sw.name, sw.address, sw.vendor, sw.coa_port, sw.vlan_normal, sw.vlan_isolation, sw.acl_isolation,
  coalesce(a.voice_vlan, '') AS voice_vlan, coalesce(a.reach, '') AS reach
FROM switch sw LEFT JOIN switch_answer a ON a.id = sw.id WHERE sw.id = ?1

-- name: api_switch_survey
SELECT s.asked_at, s.said, s.gate, s.name, s.description, s.model, s.serial, s.cut AS "cut:bool",
  nullif(s.whole_at, 0) AS told_at
FROM live_survey s WHERE s.id = ?1

-- name: api_switch_states
SELECT p.port, p.long_name, p.alias, p.enabled AS "enabled:bool", p.linked AS "linked:bool",
  p.uplink AS "uplink:bool", p.speed_mbit, p.macs
FROM live_survey_port p WHERE p.switch_id = ?1 ORDER BY p.id

-- Who stands there, and whether it has a session at this switch.
-- name: api_switch_seen
SELECT p.port, p.mac AS "mac:mac", p.vlan, p.since_at, m.terminal_id, t.asset_no,
  EXISTS (SELECT 1 FROM live_session s WHERE s.mac = p.mac AND s.switch_id = p.switch_id
    AND s.ended_at IS NULL) AS "session:bool"
FROM live_place p LEFT JOIN terminal_mac m ON m.mac = p.mac AND m.ended_at IS NULL
LEFT JOIN terminal t ON t.id = m.terminal_id
WHERE p.switch_id = ?1 AND p.here = 1 ORDER BY p.port, p.mac

-- A switch of ours by its address or its name, gear on the register, a terminal; or nobody knows it.
-- name: api_switch_neighbours
SELECT n.port, n.mac AS "mac:mac", n.name, n.far_port,
  CASE WHEN n.can & 4 THEN 'phone' WHEN n.can & 16 THEN 'access-point' WHEN n.can & 8 THEN 'router'
    WHEN n.can & 32 THEN 'switch' ELSE 'other' END AS kind,
  CASE WHEN sw.id IS NOT NULL THEN 'switch' WHEN g.id IS NOT NULL THEN 'gear' WHEN t.id IS NOT NULL THEN 'terminal'
    ELSE 'unknown' END AS known,
  sw.id AS switch_id, sw.name AS switch_name, t.id AS terminal_id, t.asset_no
FROM live_survey_neighbour n
LEFT JOIN switch sw ON sw.id = coalesce(
  (SELECT x.id FROM live_survey x WHERE x.mac = n.mac OR x.chassis = n.mac LIMIT 1),
  (SELECT x.id FROM live_survey x WHERE x.name = n.name AND n.name <> '' LIMIT 1),
  (SELECT x.id FROM switch x WHERE x.name = n.name AND n.name <> '' AND x.ended_at IS NULL LIMIT 1))
  AND sw.ended_at IS NULL
LEFT JOIN gear g ON g.id = (SELECT x.id FROM gear x WHERE x.mac = n.mac AND x.ended_at IS NULL LIMIT 1)
LEFT JOIN terminal_mac m ON m.mac = n.mac AND m.ended_at IS NULL
LEFT JOIN terminal t ON t.id = m.terminal_id
WHERE n.switch_id = ?1 ORDER BY n.port, n.id
