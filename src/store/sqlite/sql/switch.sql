-- Access switches and the bypass of a unit.

-- name: switch_by_id
SELECT id, unit_id, name, ended_at FROM switch WHERE id = ?1

-- name: switch_insert
INSERT INTO switch (unit_id, name, address, vendor, secret_sealed, coa_port, vlan_normal,
  vlan_isolation, acl_isolation, mab_unsigned_until, created_at, rev)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)

-- name: switch_change
UPDATE switch SET unit_id = ?2, name = ?3, address = ?4, vendor = ?5,
  secret_sealed = coalesce(?6, secret_sealed), coa_port = ?7, vlan_normal = ?8,
  vlan_isolation = ?9, acl_isolation = ?10, mab_unsigned_until = ?11, rev = ?12
WHERE id = ?1 AND ended_at IS NULL

-- name: switch_answer_put
INSERT INTO switch_answer (id, acl_normal, voice_vlan, reach, session_seconds, coa_address)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (id) DO UPDATE SET acl_normal = ?2, voice_vlan = ?3, reach = ?4, session_seconds = ?5,
  coa_address = ?6

-- name: switch_touch
UPDATE switch SET rev = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: switch_ports_put
INSERT INTO switch_ports (id, terminals, phone_beside) VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET terminals = ?2, phone_beside = ?3

-- name: switch_snmp_put
INSERT INTO switch_snmp (id, version, sealed) VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET version = ?2, sealed = ?3

-- name: switch_visitor_put
INSERT INTO switch_visitor (id, vlan) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET vlan = ?2

-- name: switch_configuration
SELECT sw.name, sw.address, sw.vendor, sw.secret_sealed, sw.coa_port, sw.vlan_normal,
  sw.vlan_isolation, sw.acl_isolation, coalesce(a.voice_vlan, ''), coalesce(a.reach, '')
FROM switch sw LEFT JOIN switch_answer a ON a.id = sw.id WHERE sw.name = ?1 AND sw.ended_at IS NULL

-- name: switch_end
UPDATE switch SET ended_at = ?2, rev = ?3 WHERE id = ?1 AND ended_at IS NULL

-- name: switch_set_mab_unsigned
UPDATE switch SET mab_unsigned_until = ?2, rev = ?3 WHERE id = ?1 AND ended_at IS NULL

-- name: bypass_by_id
SELECT id, unit_id, origin, proposed_by, confirmed_by, ended_at FROM bypass WHERE id = ?1

-- name: bypass_insert
INSERT INTO bypass (unit_id, reason, origin, proposed_by, confirmed_by, from_at, until_at, rev)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: bypass_confirm
UPDATE bypass SET confirmed_by = ?2, rev = ?3 WHERE id = ?1 AND confirmed_by IS NULL

-- name: bypass_end
UPDATE bypass SET ended_at = ?2, rev = ?3 WHERE id = ?1 AND ended_at IS NULL

-- name: bypass_over
SELECT id FROM bypass WHERE ended_at IS NULL AND until_at <= ?1

-- name: bypass_open_from_gate
SELECT id FROM bypass WHERE unit_id = ?1 AND origin = 'gate' AND ended_at IS NULL
