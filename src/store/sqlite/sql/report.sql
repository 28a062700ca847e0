-- The standing reports of admission. ?1 the scope's paths as a JSON array, ?2 a unit or NULL, ?3 now.

-- name: report_strangers
SELECT coalesce(sw.name, '') AS switch, k.port, lower(hex(k.mac)) AS mac, coalesce(s.address, '') AS address,
  coalesce(u.name, '') AS unit,
  CASE WHEN k.terminal_id IS NULL THEN '未登记设备' ELSE '已登记，未装客户端' END AS what,
  CASE k.verdict WHEN 'admit' THEN '准许' WHEN 'isolate' THEN '隔离' ELSE '拒绝' END AS verdict,
  coalesce(t.asset_no, '') AS asset_no, k.first_at, k.last_at
FROM live_knock k LEFT JOIN unit u ON u.id = k.unit_id LEFT JOIN switch sw ON sw.id = k.switch_id
LEFT JOIN terminal t ON t.id = k.terminal_id
LEFT JOIN live_session s ON s.mac = k.mac AND s.ended_at IS NULL
WHERE ?3 IS NOT NULL
  AND k.unit_id IN (SELECT x.id FROM unit x, json_each(?1) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?2 IS NULL OR k.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?2
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (k.terminal_id IS NULL OR (t.kind IN ('pc', 'xpe') AND t.agent_version = ''))
ORDER BY k.last_at DESC, k.mac LIMIT 5000

-- name: report_findings
SELECT f.code, coalesce(sw.name, '') AS switch, f.port, lower(hex(f.mac)) AS mac, f.address, coalesce(u.name, '') AS unit,
  coalesce(t.asset_no, '') AS asset_no, f.count, f.first_at, f.last_at,
  CASE f.state WHEN 'open' THEN '未处置' WHEN 'approved' THEN '已登记设备' ELSE '已处置' END AS state,
  coalesce(f.settled_reason, '') AS done
FROM live_finding_now f LEFT JOIN unit u ON u.id = f.unit_id LEFT JOIN switch sw ON sw.id = f.switch_id
LEFT JOIN terminal t ON t.id = f.terminal_id
WHERE ?3 IS NOT NULL
  AND f.unit_id IN (SELECT x.id FROM unit x, json_each(?1) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?2 IS NULL OR f.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?2
    AND substr(x.path, 1, length(top.path)) = top.path))
ORDER BY f.state = 'open' DESC, f.turn DESC LIMIT 5000

-- name: report_admission
SELECT u.name AS unit, CASE u.mode WHEN 'observe' THEN '监测模式' WHEN 'warn' THEN '提醒模式' ELSE '强制模式' END AS mode,
  (SELECT count(*) FROM terminal t WHERE t.unit_id = u.id AND t.status <> 'scrapped') AS terminals,
  (SELECT count(*) FROM live_session s WHERE s.unit_id = u.id AND s.ended_at IS NULL) AS online,
  (SELECT count(*) FROM live_session s WHERE s.unit_id = u.id AND s.ended_at IS NULL AND s.verdict = 'isolate') AS isolated,
  (SELECT count(*) FROM live_knock k WHERE k.unit_id = u.id AND k.verdict = 'reject' AND k.last_at > ?3 - 2592000000)
    AS rejected,
  (SELECT count(*) FROM live_knock k WHERE k.unit_id = u.id AND k.terminal_id IS NULL AND k.last_at > ?3 - 2592000000)
    AS unknown,
  (SELECT count(*) FROM live_finding_now f WHERE f.unit_id = u.id AND f.state = 'open') AS findings,
  (SELECT count(*) FROM permit p JOIN terminal t ON t.id = p.terminal_id
    WHERE t.unit_id = u.id AND p.ended_at IS NULL AND p.until_at > ?3) AS permits,
  (SELECT count(*) FROM permit p JOIN terminal t ON t.id = p.terminal_id
    WHERE t.unit_id = u.id AND p.ended_at IS NULL AND p.until_at BETWEEN ?3 AND ?3 + 2592000000) AS ending
FROM unit u
WHERE u.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
  AND (?2 IS NULL OR EXISTS (SELECT 1 FROM unit top WHERE top.id = ?2 AND substr(u.path, 1, length(top.path)) = top.path))
ORDER BY u.path LIMIT 5000

-- name: report_refusals
SELECT k.reason AS code, count(*) AS devices, sum(k.count) AS knocks
FROM live_knock k
WHERE k.verdict <> 'admit' AND k.last_at > ?3 - 2592000000
  AND k.unit_id IN (SELECT x.id FROM unit x, json_each(?1) g WHERE substr(x.path, 1, length(g.value)) = g.value)
  AND (?2 IS NULL OR k.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?2
    AND substr(x.path, 1, length(top.path)) = top.path))
GROUP BY k.reason ORDER BY devices DESC, k.reason LIMIT 200

-- name: report_unit
SELECT name FROM unit WHERE id = ?1
