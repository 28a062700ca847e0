-- What the API shows of requests and proposals; the lists' parameters as in api_org.sql.

-- name: api_proposals
SELECT pr.id, pr.act, pr.subject, pr.unit_id, u.name AS unit_name, u.path, pr.detail AS "detail:json", pr.reason,
  pr.proposed_by, pp.name AS proposed_by_name, pr.proposed_at, pr.expires_at, pr.decided_by,
  dp.name AS decided_by_name, pr.decided_at,
  coalesce(pr.decision, CASE WHEN pr.expires_at <= ?1 THEN 'expired' END) AS decision, ae.given_by
FROM proposal pr JOIN unit u ON u.id = pr.unit_id JOIN account pa ON pa.id = pr.proposed_by
JOIN person pp ON pp.id = pa.person_id LEFT JOIN account da ON da.id = pr.decided_by
LEFT JOIN person dp ON dp.id = da.person_id LEFT JOIN account_entry ae ON pr.subject = 'account:' || ae.id
WHERE ?2 IS NOT NULL
  AND (pr.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
    OR pr.proposed_by = ?2)
  AND (?4 IS NULL OR (pr.decision IS NULL AND pr.expires_at > ?1) = ?4)
  AND pr.id < ?5
ORDER BY pr.id DESC LIMIT ?6

-- name: api_proposal
SELECT pr.id, pr.act, pr.subject, pr.unit_id, u.name AS unit_name, u.path, pr.detail AS "detail:json", pr.reason,
  pr.proposed_by, pp.name AS proposed_by_name, pr.proposed_at, pr.expires_at, pr.decided_by,
  dp.name AS decided_by_name, pr.decided_at,
  coalesce(pr.decision, CASE WHEN pr.expires_at <= ?2 THEN 'expired' END) AS decision, ae.given_by
FROM proposal pr JOIN unit u ON u.id = pr.unit_id JOIN account pa ON pa.id = pr.proposed_by
JOIN person pp ON pp.id = pa.person_id LEFT JOIN account da ON da.id = pr.decided_by
LEFT JOIN person dp ON dp.id = da.person_id LEFT JOIN account_entry ae ON pr.subject = 'account:' || ae.id
WHERE pr.id = ?1

-- name: api_requests
SELECT r.id, r.number, r.kind, r.unit_id, u.name AS unit_name, r.applicant_id, p.name AS applicant_name,
  r.status, r.step, st.name AS step_name,
  coalesce(json_extract(r.form, '$.name'), '') AS summary, r.created_at, r.closed_at
FROM request r JOIN unit u ON u.id = r.unit_id JOIN account a ON a.id = r.applicant_id
JOIN person p ON p.id = a.person_id
LEFT JOIN request_step st ON st.request_id = r.id AND st.step = r.step AND r.status = 'pending'
WHERE ?1 IS NOT NULL
  AND (?4 IS NULL OR r.unit_id IN (SELECT x.id FROM unit x, unit top WHERE top.id = ?4
    AND substr(x.path, 1, length(top.path)) = top.path))
  AND (?5 IS NULL OR instr(lower(r.number), lower(?5)) OR instr(p.name, ?5)
    OR instr(json_extract(r.form, '$.name'), ?5))
  AND (?6 IS NULL OR r.kind = ?6)
  AND (?7 IS NULL OR r.status = ?7)
  AND CASE coalesce(?8, 'all')
    WHEN 'own' THEN r.applicant_id = ?2
    WHEN 'due' THEN r.status = 'pending' AND r.applicant_id <> ?2
      AND EXISTS (SELECT 1 FROM role_grant g JOIN unit gu ON gu.id = g.unit_id JOIN unit su ON su.id = st.unit_id
        WHERE g.account_id = ?2 AND g.ended_at IS NULL AND g.role = st.role
          AND substr(su.path, 1, length(gu.path)) = gu.path)
      AND NOT EXISTS (SELECT 1 FROM request_step d WHERE d.request_id = r.id AND d.decided_by = ?2)
    ELSE r.applicant_id = ?2
      OR r.unit_id IN (SELECT x.id FROM unit x, json_each(?3) g WHERE substr(x.path, 1, length(g.value)) = g.value)
      OR EXISTS (SELECT 1 FROM request_step v JOIN role_grant g ON g.account_id = ?2 AND g.ended_at IS NULL
        AND g.role = v.role JOIN unit gu ON gu.id = g.unit_id JOIN unit su ON su.id = v.unit_id
        WHERE v.request_id = r.id AND substr(su.path, 1, length(gu.path)) = gu.path)
    END
  AND r.id < ?9
ORDER BY r.id DESC LIMIT ?10

-- name: api_requests_due_count
SELECT count(*) FROM request r JOIN request_step st ON st.request_id = r.id AND st.step = r.step
WHERE r.status = 'pending' AND r.applicant_id <> ?1
  AND EXISTS (SELECT 1 FROM role_grant g JOIN unit gu ON gu.id = g.unit_id JOIN unit su ON su.id = st.unit_id
    WHERE g.account_id = ?1 AND g.ended_at IS NULL AND g.role = st.role
      AND substr(su.path, 1, length(gu.path)) = gu.path)
  AND NOT EXISTS (SELECT 1 FROM request_step d WHERE d.request_id = r.id AND d.decided_by = ?1)

-- name: api_request
SELECT r.id, r.number, r.kind, r.unit_id, u.name AS unit_name, r.applicant_id, p.name AS applicant_name,
  r.status, r.step, st.name AS step_name,
  coalesce(json_extract(r.form, '$.name'), '') AS summary, r.created_at, r.closed_at,
  r.form AS "form:json", r.effect AS "effect:json"
FROM request r JOIN unit u ON u.id = r.unit_id JOIN account a ON a.id = r.applicant_id
JOIN person p ON p.id = a.person_id
LEFT JOIN request_step st ON st.request_id = r.id AND st.step = r.step AND r.status = 'pending'
WHERE r.id = ?1

-- name: api_request_steps
SELECT s.step, s.name, s.role, s.unit_id, u.name AS unit_name, s.decision, s.comment, s.decided_by,
  p.name AS decided_by_name, s.decided_at
FROM request_step s JOIN unit u ON u.id = s.unit_id LEFT JOIN account a ON a.id = s.decided_by
LEFT JOIN person p ON p.id = a.person_id
WHERE s.request_id = ?1 ORDER BY s.step

-- name: api_request_visible
SELECT count(*) FROM request r JOIN unit u ON u.id = r.unit_id
WHERE r.id = ?1 AND (r.applicant_id = ?2
  OR EXISTS (SELECT 1 FROM json_each(?3) g WHERE substr(u.path, 1, length(g.value)) = g.value)
  OR EXISTS (SELECT 1 FROM request_step v JOIN role_grant g ON g.account_id = ?2 AND g.ended_at IS NULL
    AND g.role = v.role JOIN unit gu ON gu.id = g.unit_id JOIN unit su ON su.id = v.unit_id
    WHERE v.request_id = r.id AND substr(su.path, 1, length(gu.path)) = gu.path))
