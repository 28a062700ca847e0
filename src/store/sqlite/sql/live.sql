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

-- name: live_session_put
INSERT INTO live_session (session, gate, mac, terminal_id, account, switch_id, port, unit_id,
  address, method, verdict, reason, started_at, seen_at, ended_at, end_cause, octets_in, octets_out)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?15, ?16, ?17)
ON CONFLICT (session) DO UPDATE SET seen_at = max(live_session.seen_at, excluded.seen_at),
  address = CASE excluded.address WHEN '' THEN live_session.address ELSE excluded.address END,
  verdict = excluded.verdict, reason = excluded.reason, account = excluded.account,
  terminal_id = coalesce(excluded.terminal_id, live_session.terminal_id),
  ended_at = coalesce(live_session.ended_at, excluded.ended_at),
  end_cause = CASE live_session.end_cause WHEN '' THEN excluded.end_cause ELSE live_session.end_cause END,
  octets_in = max(live_session.octets_in, excluded.octets_in),
  octets_out = max(live_session.octets_out, excluded.octets_out)

-- name: live_inventory_of
SELECT section, name, body, at FROM live_inventory WHERE terminal_id = ?1 ORDER BY section, name

-- name: live_knock_count
SELECT count FROM live_knock WHERE mac = ?1

-- name: log_cosign_count
SELECT count(*) FROM log_cosign
