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
