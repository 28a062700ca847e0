-- What imports look up.

-- name: import_terminal
SELECT id FROM terminal WHERE asset_no = ?1

-- name: import_switch
SELECT id FROM switch WHERE name = ?1 AND ended_at IS NULL

-- name: import_same_permit
SELECT count(*) FROM permit
WHERE mac = ?1 AND switch_id = ?2 AND port = ?3 AND until_at = ?4 AND ended_at IS NULL
