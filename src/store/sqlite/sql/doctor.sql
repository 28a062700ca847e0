-- What menshen doctor looks for. ?1 is a moment.

-- name: doctor_unsigned_switches
SELECT name, mab_unsigned_until FROM switch
WHERE ended_at IS NULL AND mab_unsigned_until > ?1 ORDER BY mab_unsigned_until

-- name: doctor_gate_certificates
SELECT g.name, coalesce(max(c.not_after), 0) FROM gate g
LEFT JOIN certificate c ON c.gate_id = g.id AND c.revoked_at IS NULL
WHERE g.ended_at IS NULL GROUP BY g.id HAVING coalesce(max(c.not_after), 0) < ?1 ORDER BY 2

-- name: doctor_terminal_certificates
SELECT count(*) FROM terminal t JOIN certificate c ON c.serial = t.certificate
WHERE t.status IN ('in-use', 'in-repair') AND c.not_after < ?1

-- name: doctor_gates
SELECT g.name, g.created_at,
  (SELECT json_extract(h.text, '$.at') FROM log_head h WHERE h.size =
    (SELECT max(lc.size) FROM log_cosign lc WHERE lc.gate = g.name)) AS heard_at
FROM gate g WHERE g.ended_at IS NULL ORDER BY g.id

-- name: doctor_newest_head
SELECT json_extract(text, '$.at') FROM log_head ORDER BY size DESC LIMIT 1

-- name: doctor_last_act
SELECT at, unit_id, subject FROM log_entry WHERE act = ?1 ORDER BY seq DESC LIMIT 1
