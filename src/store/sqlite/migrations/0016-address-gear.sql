-- The address plan (D22): which MAC an address is bound to. Gates hand it to their listeners.
CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  ip TEXT NOT NULL,                     -- as base/addr.h writes a host
  mac BLOB NOT NULL,
  unit_id INTEGER NOT NULL REFERENCES unit,
  request_id INTEGER REFERENCES request,
  note TEXT NOT NULL,
  bound_at INTEGER NOT NULL,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE UNIQUE INDEX address_bound ON address (ip) WHERE ended_at IS NULL;
CREATE INDEX address_mac ON address (mac);
CREATE INDEX address_unit ON address (unit_id);
CREATE INDEX address_rev ON address (rev);
-- The register of network gear that the bank approved (D24).
CREATE TABLE gear (
  id INTEGER PRIMARY KEY,
  mac BLOB NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('switch', 'router', 'access-point', 'dhcp-server')),
  name TEXT NOT NULL,
  place TEXT NOT NULL,
  unit_id INTEGER NOT NULL REFERENCES unit,
  owner_id INTEGER NOT NULL REFERENCES person,
  request_id INTEGER REFERENCES request,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE UNIQUE INDEX gear_standing ON gear (mac, kind) WHERE ended_at IS NULL;
CREATE INDEX gear_until ON gear (until_at) WHERE ended_at IS NULL;
CREATE INDEX gear_rev ON gear (rev);
-- A finding that its register explains is approved, as long as the entry stands.
CREATE VIEW live_finding_now AS
SELECT f.*, s.settled_at, s.settled_by, s.reason AS settled_reason,
  CASE WHEN EXISTS (SELECT 1 FROM gear g WHERE g.mac = f.mac AND g.ended_at IS NULL AND CASE f.code
      WHEN 'bridge' THEN g.kind <> 'dhcp-server'
      WHEN 'soft-ap' THEN g.kind = 'access-point'
      WHEN 'many-behind' THEN g.kind IN ('router', 'access-point')
      WHEN 'dhcp-server' THEN g.kind = 'dhcp-server'
      ELSE f.code IN ('router', 'router-advert', 'nat') AND g.kind = 'router' END) THEN 'approved'
    WHEN s.settled_at >= f.last_at THEN 'settled' ELSE 'open' END AS state
FROM live_finding f
LEFT JOIN finding_settled s ON s.code = f.code AND s.mac = f.mac AND s.address = f.address;
