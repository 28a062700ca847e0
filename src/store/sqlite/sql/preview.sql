-- Whom a unit would keep out if it enforced: ?1 the unit, ?2 since when a MAC must have knocked.

-- name: api_preview_seen
SELECT count(*) FROM live_knock k JOIN unit u ON u.id = k.unit_id JOIN unit top ON top.id = ?1
WHERE substr(u.path, 1, length(top.path)) = top.path AND k.last_at >= ?2

-- name: api_preview_kept_out
SELECT count(*) FROM live_knock k JOIN unit u ON u.id = k.unit_id JOIN unit top ON top.id = ?1
WHERE substr(u.path, 1, length(top.path)) = top.path AND k.last_at >= ?2
  AND k.verdict = 'admit' AND k.would_be IN ('isolate', 'reject')

-- name: api_preview_reasons
SELECT k.would_be_reason AS reason, count(*) AS terminals
FROM live_knock k JOIN unit u ON u.id = k.unit_id JOIN unit top ON top.id = ?1
WHERE substr(u.path, 1, length(top.path)) = top.path AND k.last_at >= ?2
  AND k.verdict = 'admit' AND k.would_be IN ('isolate', 'reject')
GROUP BY k.would_be_reason ORDER BY terminals DESC, reason LIMIT 500

-- name: api_preview_rows
SELECT k.mac AS "mac:mac", k.terminal_id, t.asset_no, p.name AS owner, k.would_be AS verdict,
  k.would_be_reason AS reason, sw.name AS switch_name, k.port, k.last_at
FROM live_knock k JOIN unit u ON u.id = k.unit_id JOIN unit top ON top.id = ?1
LEFT JOIN terminal t ON t.id = k.terminal_id LEFT JOIN person p ON p.id = t.owner_id
LEFT JOIN switch sw ON sw.id = k.switch_id
WHERE substr(u.path, 1, length(top.path)) = top.path AND k.last_at >= ?2
  AND k.verdict = 'admit' AND k.would_be IN ('isolate', 'reject')
ORDER BY k.last_at DESC, k.mac LIMIT 500
