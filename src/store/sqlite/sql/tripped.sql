-- Breakers that have tripped, and their reset by two persons.

-- name: tripped_put
INSERT INTO live_tripped (unit_id, effect, terminals, population, tripped_at)
SELECT id, ?2, ?3, ?4, ?5 FROM unit WHERE path = ?1
ON CONFLICT (unit_id, effect) DO UPDATE SET terminals = excluded.terminals, population = excluded.population

-- name: tripped_remove
DELETE FROM live_tripped WHERE unit_id = (SELECT id FROM unit WHERE path = ?1) AND effect = ?2

-- name: tripped_all
SELECT u.path, t.reset_until FROM live_tripped t JOIN unit u ON u.id = t.unit_id
WHERE ?1 IS NULL OR t.effect = ?1 ORDER BY u.path

-- name: tripped_reset
UPDATE live_tripped SET reset_until = ?2 WHERE unit_id = ?1

-- name: tripped_stands
SELECT count(*) FROM live_tripped WHERE unit_id = ?1

-- name: api_breakers
SELECT t.unit_id, u.name AS unit_name, t.effect, t.terminals, t.population, t.tripped_at,
  CASE WHEN t.reset_until > ?2 THEN t.reset_until END AS reset_until_at
FROM live_tripped t JOIN unit u ON u.id = t.unit_id
WHERE EXISTS (SELECT 1 FROM json_each(?1) g WHERE substr(u.path, 1, length(g.value)) = g.value)
ORDER BY u.path, t.effect LIMIT 1000
