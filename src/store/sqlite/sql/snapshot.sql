-- What a gate knows of its region: rows whose rev is above ?1; ?2 = 1 leaves out what is gone,
-- for a gate that begins with nothing.

-- name: snapshot_units
SELECT u.id, u.parent_id, u.mode, u.code, u.name, coalesce(p.terminals, 0), coalesce(p.phone_beside, 1),
  coalesce(f.from_at, 0), coalesce(f.until_at, 0), coalesce(m.from_at, 0), coalesce(m.until_at, 0),
  coalesce(a.enforce_from, 0), coalesce(g.posture_hours, -1), coalesce(k.days, -1)
FROM unit u LEFT JOIN unit_ports p ON p.id = u.id LEFT JOIN unit_announced a ON a.id = u.id
LEFT JOIN unit_grace g ON g.id = u.id LEFT JOIN unit_last_known k ON k.id = u.id
LEFT JOIN period f ON f.unit_id = u.id AND f.kind = 'frozen' AND f.ended_at IS NULL AND f.switch_id IS NULL
LEFT JOIN period m ON m.unit_id = u.id AND m.kind = 'maintenance' AND m.ended_at IS NULL AND m.switch_id IS NULL
WHERE u.rev > ?1 AND ?2 IN (0, 1) ORDER BY u.path

-- name: snapshot_switches
SELECT sw.id, sw.unit_id, sw.name, sw.address, sw.secret_sealed, sw.vendor, sw.coa_port, sw.vlan_normal,
  sw.vlan_isolation, sw.acl_isolation, sw.mab_unsigned_until, sw.ended_at, coalesce(a.acl_normal, ''),
  coalesce(a.voice_vlan, ''), coalesce(a.reach, ''), coalesce(a.session_seconds, 0),
  coalesce(a.coa_address, ''), coalesce(p.terminals, 0), coalesce(p.phone_beside, 1),
  coalesce(v.vlan, ''), n.sealed, coalesce(m.from_at, 0), coalesce(m.until_at, 0),
  coalesce((SELECT group_concat(substr(o.mode, 1, 1) || o.port, char(10)) FROM port_mode o
    WHERE o.switch_id = sw.id AND o.mode <> ''), '')
FROM switch sw LEFT JOIN switch_answer a ON a.id = sw.id LEFT JOIN switch_ports p ON p.id = sw.id
LEFT JOIN switch_visitor v ON v.id = sw.id LEFT JOIN switch_snmp n ON n.id = sw.id
LEFT JOIN period m ON m.switch_id = sw.id AND m.kind = 'maintenance' AND m.ended_at IS NULL
WHERE sw.rev > ?1 AND (?2 = 0 OR sw.ended_at IS NULL)

-- name: snapshot_terminals
SELECT t.id, t.uuid, t.unit_id, t.kind, t.status, t.lifeline, t.posture, t.posture_at, t.isolated_at,
  t.isolated_until, t.certificate, t.name, t.asset_no, coalesce(v.until_at, 0),
  t.posture_failing, coalesce((SELECT group_concat(e.what || ':' || e.until_at) FROM exemption e
    WHERE e.terminal_id = t.id AND e.ended_at IS NULL), '')
FROM terminal t LEFT JOIN visitor v ON v.id = t.id WHERE t.rev > ?1 AND ?2 IN (0, 1)

-- name: snapshot_macs
SELECT id, mac, terminal_id, ended_at FROM terminal_mac
WHERE rev > ?1 AND (?2 = 0 OR ended_at IS NULL)

-- name: snapshot_accounts
SELECT a.id, a.name, p.unit_id, a.enabled, 0, iif(coalesce(d.directory, 0), NULL, a.nt_sealed),
  coalesce(d.directory, 0)
FROM account a JOIN person p ON p.id = a.person_id LEFT JOIN account_directory d ON d.id = a.id
WHERE a.rev > ?1 AND ?2 IN (0, 1)

-- name: snapshot_terminal_accounts
SELECT id, terminal_id, account_id, ended_at FROM terminal_account
WHERE rev > ?1 AND (?2 = 0 OR ended_at IS NULL)

-- name: snapshot_permits
SELECT p.id, p.mac, p.switch_id, p.port, p.from_at, p.until_at, p.ended_at, p.terminal_id,
  coalesce(h.windows, '')
FROM permit p LEFT JOIN permit_hours h ON h.id = p.id
WHERE p.rev > ?1 AND (?2 = 0 OR p.ended_at IS NULL)

-- name: snapshot_denies
SELECT id, mac, until_at, ended_at FROM deny WHERE rev > ?1 AND (?2 = 0 OR ended_at IS NULL)

-- name: snapshot_bypasses
SELECT id, unit_id, from_at, until_at, ended_at FROM bypass
WHERE rev > ?1 AND (?2 = 0 OR ended_at IS NULL)

-- name: snapshot_revoked
SELECT id, serial FROM certificate
WHERE gate_id IS NOT NULL AND revoked_at IS NOT NULL AND ?1 IS NOT NULL AND ?2 IN (0, 1)

-- name: snapshot_addresses
SELECT id, mac, ip, ended_at FROM address WHERE rev > ?1 AND (?2 = 0 OR ended_at IS NULL)
