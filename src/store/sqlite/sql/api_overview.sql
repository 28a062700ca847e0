-- Counts and search. ?1 the scope's paths as a JSON array, ?2 a unit or NULL.

-- name: api_overview
WITH scope(id) AS MATERIALIZED (SELECT u.id FROM unit u
  WHERE EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
    AND (?2 IS NULL OR EXISTS (SELECT 1 FROM unit top WHERE top.id = ?2
      AND substr(u.path, 1, length(top.path)) = top.path)))
SELECT
  (SELECT count(*) FROM terminal WHERE isolated_at IS NOT NULL AND unit_id IN scope) AS isolated_by_person,
  (SELECT count(*) FROM live_knock WHERE terminal_id IS NULL AND last_at > ?3 - 604800000 AND +unit_id IN scope)
    AS unknown_devices,
  (SELECT count(*) FROM live_knock WHERE verdict <> 'admit' AND +unit_id IN scope
    AND last_at >= (?3 + 28800000) / 86400000 * 86400000 - 28800000) AS knocks_refused_today,
  (SELECT count(*) FROM request WHERE status = 'pending' AND unit_id IN scope) AS requests_pending,
  (SELECT count(*) FROM proposal WHERE decision IS NULL AND expires_at > ?3 AND unit_id IN scope) AS proposals_open,
  (SELECT count(*) FROM bypass WHERE ended_at IS NULL AND until_at > ?3 AND unit_id IN scope) AS bypasses_open,
  (SELECT coalesce(max(seq) + 1, 0) FROM log_entry) AS audit_size

-- name: api_overview_terminals
WITH scope(id) AS MATERIALIZED (SELECT u.id FROM unit u
  WHERE EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
    AND (?2 IS NULL OR EXISTS (SELECT 1 FROM unit top WHERE top.id = ?2
      AND substr(u.path, 1, length(top.path)) = top.path)))
SELECT k.status, k.posture, sum(k.n) AS n
FROM (SELECT unit_id, status, posture, count(*) AS n FROM terminal GROUP BY unit_id, status, posture) k
WHERE k.unit_id IN scope GROUP BY k.status, k.posture

-- name: api_overview_sessions
WITH scope(id) AS MATERIALIZED (SELECT u.id FROM unit u
  WHERE EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
    AND (?2 IS NULL OR EXISTS (SELECT 1 FROM unit top WHERE top.id = ?2
      AND substr(u.path, 1, length(top.path)) = top.path)))
SELECT k.verdict, sum(k.n) AS n
FROM (SELECT unit_id, verdict, count(*) AS n FROM live_session WHERE ended_at IS NULL GROUP BY unit_id, verdict) k
WHERE k.unit_id IN scope GROUP BY k.verdict

-- name: api_overview_mode
SELECT u.mode AS name, count(*) AS n FROM unit u
WHERE u.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
  AND (?2 IS NULL OR EXISTS (SELECT 1 FROM unit top WHERE top.id = ?2
    AND substr(u.path, 1, length(top.path)) = top.path))
GROUP BY u.mode

-- name: api_search_mac
WITH place AS (SELECT p.switch_id, p.switch_name, p.port, p.last_at FROM live_place_now p WHERE p.mac = ?2),
spelt(mac) AS (SELECT lower(substr(h, 1, 2) || ':' || substr(h, 3, 2) || ':' || substr(h, 5, 2) || ':' ||
  substr(h, 7, 2) || ':' || substr(h, 9, 2) || ':' || substr(h, 11, 2)) FROM (SELECT hex(?2) AS h))
SELECT 'terminal' AS kind, CAST(t.id AS TEXT) AS id, t.asset_no AS title, t.name AS detail,
  p.switch_name AS seen_switch, p.port AS seen_port, p.last_at AS seen_at
FROM terminal_mac m JOIN terminal t ON t.id = m.terminal_id JOIN unit u ON u.id = t.unit_id LEFT JOIN place p
WHERE m.mac = ?2 AND m.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
UNION ALL
SELECT 'knock', spelt.mac, k.port, k.reason, p.switch_name, p.port, p.last_at
FROM live_knock k JOIN unit u ON u.id = k.unit_id JOIN spelt LEFT JOIN place p
WHERE k.mac = ?2 AND k.terminal_id IS NULL
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
UNION ALL
SELECT 'place', CAST(p.switch_id AS TEXT), spelt.mac, '', p.switch_name, p.port, p.last_at
FROM place p JOIN spelt JOIN switch sw ON sw.id = p.switch_id JOIN unit u ON u.id = sw.unit_id
WHERE NOT EXISTS (SELECT 1 FROM terminal_mac m WHERE m.mac = ?2 AND m.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM live_knock k WHERE k.mac = ?2 AND k.terminal_id IS NULL)
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
LIMIT 20

-- name: api_search_address
SELECT 'terminal' AS kind, CAST(t.id AS TEXT) AS id, t.asset_no AS title, s.address AS detail
FROM live_session s JOIN terminal t ON t.id = s.terminal_id JOIN unit u ON u.id = t.unit_id
WHERE s.ended_at IS NULL AND s.address = ?2
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
UNION ALL
SELECT 'terminal', CAST(t.id AS TEXT), t.asset_no, l.address
FROM live_agent l JOIN terminal t ON t.id = l.terminal_id JOIN unit u ON u.id = t.unit_id
WHERE l.address = ?2
  AND NOT EXISTS (SELECT 1 FROM live_session s WHERE s.terminal_id = t.id AND s.ended_at IS NULL AND s.address = ?2)
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
UNION ALL
SELECT 'switch', CAST(sw.id AS TEXT), sw.name, sw.address FROM switch sw JOIN unit u ON u.id = sw.unit_id
WHERE sw.address = ?2
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
LIMIT 20

-- name: api_search_terminal
WITH scope(id) AS MATERIALIZED (SELECT u.id FROM unit u
  WHERE EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value))
SELECT hit.*, p.switch_name AS seen_switch, p.port AS seen_port, p.last_at AS seen_at FROM (
SELECT * FROM (SELECT 'terminal' AS kind, CAST(t.id AS TEXT) AS id, t.asset_no AS title, t.name AS detail
  FROM terminal t WHERE t.asset_no IN (?2, upper(?2)) AND +t.unit_id IN scope)
UNION ALL
SELECT * FROM (SELECT 'terminal', CAST(t.id AS TEXT), t.asset_no, t.name
  FROM terminal t
  WHERE (instr(t.asset_no, upper(?2)) OR instr(t.asset_no, ?2) OR instr(t.name, ?2))
    AND t.asset_no NOT IN (?2, upper(?2)) AND +t.unit_id IN scope LIMIT 8)) hit
LEFT JOIN live_place_now p ON p.mac = (SELECT m.mac FROM terminal_mac m JOIN live_place q ON q.mac = m.mac
  WHERE m.terminal_id = CAST(hit.id AS INTEGER) AND m.ended_at IS NULL ORDER BY q.here DESC, q.last_at DESC LIMIT 1)

-- People and accounts are looked through apart: a join of all of them for a word that is nowhere is dear.
-- name: api_search_person
WITH scope(id) AS MATERIALIZED (SELECT u.id FROM unit u
  WHERE EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)),
hit(id) AS MATERIALIZED (
  SELECT * FROM (SELECT p.id FROM person p
    WHERE (instr(p.name, ?2) OR instr(lower(p.staff_no), lower(?2))) AND +p.unit_id IN scope ORDER BY p.id LIMIT 6)
  UNION
  SELECT * FROM (SELECT a.person_id FROM account a
    WHERE instr(a.name, lower(?2)) AND (SELECT p.unit_id FROM person p WHERE p.id = a.person_id) IN scope
    ORDER BY a.person_id LIMIT 6))
SELECT 'person' AS kind, CAST(p.id AS TEXT) AS id, p.name AS title, p.staff_no || ' ' || u.name AS detail
FROM hit h JOIN person p ON p.id = h.id JOIN unit u ON u.id = p.unit_id
ORDER BY p.id LIMIT 6

-- name: api_search_request
SELECT 'request' AS kind, CAST(r.id AS TEXT) AS id, r.number AS title,
  coalesce(json_extract(r.form, '$.name'), '') AS detail
FROM request r JOIN unit u ON u.id = r.unit_id
WHERE instr(lower(r.number), lower(?2))
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
ORDER BY r.id DESC LIMIT 3

-- name: api_search_switch
SELECT 'switch' AS kind, CAST(sw.id AS TEXT) AS id, sw.name AS title, sw.address AS detail
FROM switch sw JOIN unit u ON u.id = sw.unit_id
WHERE instr(lower(sw.name), lower(?2))
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
ORDER BY sw.id LIMIT 3

-- name: api_feed_entries
SELECT e.seq, e.at, e.act, e.subject, nullif(e.unit_id, 0) AS unit_id, u.path
FROM log_entry e LEFT JOIN unit u ON u.id = e.unit_id WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2
