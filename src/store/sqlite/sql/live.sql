-- What is now, derived from agents' and gates' records.

-- name: live_agent_put
INSERT INTO live_agent (terminal_id, seen_at, user, address) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (terminal_id) DO UPDATE SET seen_at = excluded.seen_at, user = excluded.user,
  address = CASE excluded.address WHEN '' THEN live_agent.address ELSE excluded.address END

-- name: live_inventory_put
INSERT INTO live_inventory (terminal_id, section, name, body, at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (terminal_id, section, name) DO UPDATE SET body = excluded.body, at = excluded.at

-- name: live_inventory_remove
DELETE FROM live_inventory WHERE terminal_id = ?1 AND section = ?2 AND name = ?3 AND body = ?4

-- name: live_inventory_clear
DELETE FROM live_inventory WHERE terminal_id = ?1 AND section = ?2

-- name: live_knock_put
INSERT INTO live_knock (mac, first_at, last_at, count, switch_id, port, unit_id, terminal_id,
  account, method, verdict, reason, would_be, would_be_reason)
VALUES (?1, ?2, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (mac) DO UPDATE SET last_at = excluded.last_at, count = live_knock.count + 1,
  switch_id = excluded.switch_id, port = excluded.port, unit_id = excluded.unit_id,
  terminal_id = excluded.terminal_id, account = excluded.account, method = excluded.method,
  verdict = excluded.verdict, reason = excluded.reason, would_be = excluded.would_be,
  would_be_reason = excluded.would_be_reason

-- A session that was over and is heard again (?19) begins anew. ?21: now.
-- name: live_session_put
INSERT INTO live_session (session, gate, mac, terminal_id, account, switch_id, port, unit_id,
  address, method, verdict, reason, started_at, seen_at, ended_at, end_cause, octets_in, octets_out, vlan,
  told_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?18, ?13, ?14, ?15, ?16, ?17, ?20,
  iif(?14 IS NULL, NULL, ?21))
ON CONFLICT (session) DO UPDATE SET seen_at = max(live_session.seen_at, excluded.seen_at),
  address = CASE excluded.address WHEN '' THEN live_session.address ELSE excluded.address END,
  verdict = excluded.verdict, reason = excluded.reason, account = excluded.account,
  terminal_id = coalesce(excluded.terminal_id, live_session.terminal_id),
  vlan = excluded.vlan,
  started_at = iif(live_session.ended_at IS NOT NULL AND ?19, excluded.started_at, live_session.started_at),
  ended_at = iif(?19, NULL, coalesce(live_session.ended_at, excluded.ended_at)),
  told_at = iif(?19, NULL, coalesce(live_session.told_at, excluded.told_at)),
  end_cause = CASE WHEN ?19 THEN '' WHEN live_session.end_cause = '' THEN excluded.end_cause
    ELSE live_session.end_cause END,
  octets_in = iif(live_session.ended_at IS NOT NULL AND ?19, excluded.octets_in,
    max(live_session.octets_in, excluded.octets_in)),
  octets_out = iif(live_session.ended_at IS NOT NULL AND ?19, excluded.octets_out,
    max(live_session.octets_out, excluded.octets_out))

-- name: live_session_state
SELECT ended_at IS NOT NULL, started_at, seen_at FROM live_session WHERE session = ?1

-- So many a session as a stay keeps.
-- name: live_address_put
INSERT INTO live_address (session_id, key, address, source, first_at, last_at)
SELECT s.id, ?2, ?3, ?4, ?5, ?5 FROM live_session s
WHERE s.session = ?1 AND ((SELECT count(*) FROM live_address a WHERE a.session_id = s.id) < 16
  OR EXISTS (SELECT 1 FROM live_address a WHERE a.session_id = s.id AND a.key = ?2))
ON CONFLICT (session_id, key) DO UPDATE SET last_at = max(live_address.last_at, excluded.last_at)

-- name: live_address_list
SELECT a.key, a.address, a.source, a.first_at, a.last_at FROM live_session s
JOIN live_address a ON a.session_id = s.id WHERE s.session = ?1 ORDER BY a.first_at LIMIT 16

-- name: live_address_clear
DELETE FROM live_address WHERE session_id = (SELECT id FROM live_session WHERE session = ?1)

-- name: live_inventory_of
SELECT section, name, body, at FROM live_inventory WHERE terminal_id = ?1 ORDER BY section, name

-- name: live_knock_count
SELECT count FROM live_knock WHERE mac = ?1

-- name: log_cosign_count
SELECT count(*) FROM log_cosign

-- name: lost_session
SELECT mac, coalesce(terminal_id, 0), switch_id, unit_id, started_at, seen_at, ended_at IS NOT NULL, session, account,
  port, method, verdict, reason, vlan FROM live_session WHERE id = ?1

-- name: lost_session_end
UPDATE live_session SET ended_at = ?2, told_at = ?3, end_cause = 'ended by a person' WHERE id = ?1
