-- What switches say over SNMP, as src/server/gateway/survey_effect.h applies it.

-- name: survey_switch
SELECT sw.unit_id, coalesce(s.whole_at, 0), coalesce(s.asked_at, 0)
FROM switch sw LEFT JOIN live_survey s ON s.id = sw.id WHERE sw.id = ?1 AND sw.ended_at IS NULL

-- A gate that cannot reach a switch does not outdo one that does.
-- name: live_survey_said
INSERT INTO live_survey (id, gate, asked_at, said, whole_at, name, description, model, serial, cut)
VALUES (?1, ?2, ?3, ?4, 0, '', '', '', '', 0)
ON CONFLICT (id) DO UPDATE SET gate = excluded.gate, asked_at = excluded.asked_at, said = excluded.said
WHERE live_survey.gate = excluded.gate OR excluded.said = 'ok' OR live_survey.said <> 'ok'
  OR live_survey.asked_at < excluded.asked_at - 7200000

-- name: live_survey_put
INSERT INTO live_survey (id, gate, asked_at, said, whole_at, name, description, model, serial, mac, chassis, cut)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (id) DO UPDATE SET gate = excluded.gate, asked_at = excluded.asked_at, said = excluded.said,
  whole_at = excluded.whole_at, name = excluded.name, description = excluded.description,
  model = excluded.model, serial = excluded.serial, mac = excluded.mac, chassis = excluded.chassis,
  cut = excluded.cut

-- name: live_survey_port_clear
DELETE FROM live_survey_port WHERE switch_id = ?1

-- name: live_survey_port_put
INSERT OR IGNORE INTO live_survey_port (switch_id, port, long_name, alias, enabled, linked, uplink, speed_mbit, macs)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- name: live_survey_neighbour_clear
DELETE FROM live_survey_neighbour WHERE switch_id = ?1

-- name: live_survey_neighbour_put
INSERT INTO live_survey_neighbour (switch_id, port, mac, name, far_port, can) VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: live_place_put
INSERT INTO live_place (switch_id, mac, port, vlan, since_at, last_at, here, turn)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, ?6)
ON CONFLICT (switch_id, mac) DO UPDATE SET
  since_at = iif(live_place.here = 1 AND live_place.port = excluded.port, live_place.since_at, excluded.since_at),
  port = excluded.port, vlan = excluded.vlan, last_at = excluded.last_at, here = 1, turn = excluded.turn

-- Who is not named any more was there when the switch was asked before (?3).
-- name: live_place_leave
UPDATE live_place SET here = 0, last_at = max(last_at, ?3) WHERE switch_id = ?1 AND here = 1 AND turn <> ?2

-- Who left: until ?2, and so many of a switch.
-- name: live_place_forget
DELETE FROM live_place WHERE switch_id = ?1 AND here = 0 AND (last_at < ?2 OR id NOT IN
  (SELECT id FROM live_place WHERE switch_id = ?1 AND here = 0 ORDER BY last_at DESC LIMIT 1024))
