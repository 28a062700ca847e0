-- Signed policy.

-- name: policy_latest
SELECT epoch, number, body, signature FROM policy ORDER BY epoch DESC, number DESC LIMIT 1

-- name: policy_last_number
SELECT max(number) FROM policy WHERE epoch = ?1

-- name: policy_newer_since
SELECT coalesce(min(published_at), 0) FROM policy WHERE epoch > ?1 OR (epoch = ?1 AND number > ?2)

-- name: policy_insert
INSERT INTO policy (epoch, number, body, signature, published_by, published_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: policy_at
SELECT epoch, number, body, signature FROM policy WHERE id = ?1

-- name: policy_before
SELECT p.body FROM policy p JOIN policy q ON q.id = ?1
WHERE p.epoch < q.epoch OR (p.epoch = q.epoch AND p.number < q.number)
ORDER BY p.epoch DESC, p.number DESC LIMIT 1

-- name: api_policies
SELECT p.id, p.epoch, p.number, p.published_at, p.published_by, pe.name AS published_by_name
FROM policy p LEFT JOIN account a ON a.id = p.published_by LEFT JOIN person pe ON pe.id = a.person_id
WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND p.id < ?4
ORDER BY p.id DESC LIMIT ?5

-- name: api_policy
SELECT p.id, p.epoch, p.number, p.published_at, p.published_by, pe.name AS published_by_name,
  p.body AS "body:json"
FROM policy p LEFT JOIN account a ON a.id = p.published_by LEFT JOIN person pe ON pe.id = a.person_id
WHERE p.id = ?1
