-- Terminals and what they own.

-- name: visitor_put
INSERT INTO visitor (id, sponsor_id, company, until_at) VALUES (?1, ?2, ?3, ?4)

-- name: visitor_end
UPDATE visitor SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: visitor_over
SELECT id FROM visitor WHERE ended_at IS NULL AND until_at <= ?1

-- name: terminal_by_id
SELECT id, uuid, unit_id, owner_id, kind, status, lifeline, posture, posture_at, posture_failing,
  isolated_at, isolated_until, certificate, queue_epoch, asset_no, name, os, agent_version
FROM terminal WHERE id = ?1

-- name: terminal_by_uuid
SELECT id, uuid, unit_id, owner_id, kind, status, lifeline, posture, posture_at, posture_failing,
  isolated_at, isolated_until, certificate, queue_epoch, asset_no, name, os, agent_version
FROM terminal WHERE uuid = ?1

-- name: terminal_by_mac
SELECT t.id, t.uuid, t.unit_id, t.owner_id, t.kind, t.status, t.lifeline, t.posture, t.posture_at,
  t.posture_failing, t.isolated_at, t.isolated_until, t.certificate, t.queue_epoch, t.asset_no,
  t.name, t.os, t.agent_version
FROM terminal t JOIN terminal_mac m ON m.terminal_id = t.id AND m.ended_at IS NULL
WHERE m.mac = ?1

-- name: terminal_insert
INSERT INTO terminal (uuid, asset_no, kind, unit_id, owner_id, name, place, status, lifeline,
  hardware_serial, created_at, rev)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)

-- name: terminal_asset_no_last
SELECT max(asset_no) FROM terminal WHERE asset_no GLOB ?1

-- name: terminal_set_status
UPDATE terminal SET status = ?2, rev = ?3,
  registered_at = CASE WHEN ?2 = 'in-use' THEN coalesce(registered_at, ?4) ELSE registered_at END
WHERE id = ?1

-- name: terminal_change
UPDATE terminal SET unit_id = ?2, owner_id = ?3, name = ?4, place = ?5, rev = ?6 WHERE id = ?1

-- name: terminal_set_lifeline
UPDATE terminal SET lifeline = ?2, rev = ?3 WHERE id = ?1

-- name: terminal_isolate
UPDATE terminal SET isolated_at = ?2, isolated_until = ?3, isolated_reason = ?4, rev = ?5
WHERE id = ?1

-- name: terminal_set_posture
UPDATE terminal SET posture = ?2, posture_failing = ?4, rev = ?5,
  posture_at = CASE WHEN posture = 'bad' AND ?2 = 'bad' THEN posture_at ELSE ?3 END
WHERE id = ?1

-- name: terminal_set_agent
UPDATE terminal SET agent_version = ?2, os = ?3, queue_epoch = ?4, certificate = ?5, rev = ?6
WHERE id = ?1

-- name: terminal_set_enrolled
UPDATE terminal SET status = 'in-use', registered_at = coalesce(registered_at, ?2), name = ?3,
  os = ?4, hardware_serial = ?5, certificate = ?6, queue_epoch = NULL, posture = 'unknown',
  posture_at = 0, posture_failing = '', rev = ?7
WHERE id = ?1

-- name: terminal_mac_by_mac
SELECT id, terminal_id FROM terminal_mac WHERE mac = ?1 AND ended_at IS NULL

-- name: terminal_mac_count
SELECT count(*) FROM terminal_mac WHERE terminal_id = ?1 AND ended_at IS NULL

-- name: terminal_mac_insert
INSERT INTO terminal_mac (terminal_id, mac, rev) VALUES (?1, ?2, ?3)

-- name: terminal_mac_end
UPDATE terminal_mac SET ended_at = ?3, rev = ?4
WHERE terminal_id = ?1 AND mac = ?2 AND ended_at IS NULL

-- name: terminal_mac_end_all
UPDATE terminal_mac SET ended_at = ?2, rev = ?3 WHERE terminal_id = ?1 AND ended_at IS NULL

-- name: terminal_account_insert
INSERT INTO terminal_account (terminal_id, account_id, rev) VALUES (?1, ?2, ?3)

-- name: terminal_account_end
UPDATE terminal_account SET ended_at = ?3, rev = ?4
WHERE terminal_id = ?1 AND account_id = ?2 AND ended_at IS NULL

-- name: terminal_account_end_all
UPDATE terminal_account SET ended_at = ?2, rev = ?3 WHERE terminal_id = ?1 AND ended_at IS NULL

-- name: terminal_session_open
SELECT count(*) FROM live_session WHERE terminal_id = ?1 AND ended_at IS NULL

-- name: terminal_agents
SELECT id, uuid, unit_id, lifeline, posture FROM terminal
WHERE status = 'in-use' AND certificate <> ''

-- name: terminal_isolation_over
SELECT id FROM terminal WHERE isolated_at IS NOT NULL AND isolated_until <= ?1

-- name: terminal_unit_path
SELECT path FROM unit WHERE id = ?1

-- name: terminal_agents_below
SELECT count(*) FROM terminal t JOIN unit u ON u.id = t.unit_id
WHERE t.status = 'in-use' AND t.certificate <> '' AND substr(u.path, 1, length(?1)) = ?1

-- name: terminal_in_use_below
SELECT count(*) FROM terminal t JOIN unit u ON u.id = t.unit_id
WHERE t.status = 'in-use' AND substr(u.path, 1, length(?1)) = ?1

-- name: terminal_isolated_since_below
SELECT count(*) FROM terminal t JOIN unit u ON u.id = t.unit_id
WHERE t.isolated_at >= ?2 AND substr(u.path, 1, length(?1)) = ?1
