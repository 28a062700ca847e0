-- Named values of the installation, such as the bank's name on letters.

-- name: setting_set
INSERT INTO setting (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: setting_add
INSERT INTO setting (name, value) VALUES (?1, ?2)

-- name: setting_get
SELECT value FROM setting WHERE name = ?1

-- name: setting_list
SELECT id, name, value FROM setting ORDER BY name

-- name: setting_remove
DELETE FROM setting WHERE name = ?1
