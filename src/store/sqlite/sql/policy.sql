-- Signed policy.

-- name: policy_latest
SELECT epoch, number, body, signature FROM policy ORDER BY epoch DESC, number DESC LIMIT 1

-- name: policy_last_number
SELECT max(number) FROM policy WHERE epoch = ?1

-- name: policy_insert
INSERT INTO policy (epoch, number, body, signature, published_by, published_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
