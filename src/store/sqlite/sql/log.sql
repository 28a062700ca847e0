-- The log's own statements: the writer's bookkeeping and the auditor's reading.

-- name: log_insert_entry
INSERT INTO log_entry (seq, bytes, leaf, at, act, account_id, unit_id, subject)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: log_insert_node
INSERT INTO log_node (level, position, digest) VALUES (?1, ?2, ?3)

-- name: log_insert_head
INSERT INTO log_head (size, text) VALUES (?1, ?2)

-- name: log_insert_batch
INSERT INTO log_batch (month, source, first) VALUES (?1, ?2, ?3)

-- name: log_set_cursor
INSERT INTO live_cursor (source, epoch, seq) VALUES (?1, ?2, ?3)
ON CONFLICT (source) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq

-- name: log_cursor
SELECT epoch, seq FROM live_cursor WHERE source = ?1

-- name: log_size
SELECT coalesce(max(seq) + 1, 0) FROM log_entry

-- name: log_entry_bytes
SELECT bytes, leaf FROM log_entry WHERE seq = ?1

-- name: log_leaf
SELECT leaf FROM log_entry WHERE seq = ?1

-- name: log_node
SELECT digest FROM log_node WHERE level = ?1 AND position = ?2

-- name: log_head_from
SELECT text FROM log_head WHERE size >= ?1 ORDER BY size LIMIT 1

-- name: log_head_last
SELECT text FROM log_head ORDER BY size DESC LIMIT 1

-- name: log_cosign_insert
INSERT INTO log_cosign (size, gate, text) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING

-- name: log_cosigns
SELECT gate, text FROM log_cosign WHERE size = ?1 ORDER BY gate

-- name: log_cosigned_heads
SELECT c.size, c.gate, c.text, h.text, g.cosign_key
FROM log_cosign c LEFT JOIN log_head h ON h.size = c.size LEFT JOIN gate g ON g.name = c.gate
ORDER BY c.id
