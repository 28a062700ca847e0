-- What listeners and surveys found (D06, D07, D22, D24): one row for a code, a MAC and an address,
-- from their records. `turn` grows with each report, so that a page's order is that of the last one.
CREATE TABLE live_finding (
  id INTEGER PRIMARY KEY,
  turn INTEGER NOT NULL UNIQUE,
  code TEXT NOT NULL,                   -- as src/policy/finding.h
  mac BLOB NOT NULL,
  address TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL,               -- reports, not frames
  switch_id INTEGER NOT NULL,           -- 0: not known
  port TEXT NOT NULL,
  unit_id INTEGER NOT NULL,
  terminal_id INTEGER,
  account TEXT NOT NULL,
  gate TEXT NOT NULL,
  note TEXT NOT NULL,                   -- the evidence of the last one
  UNIQUE (code, mac, address)
);
CREATE INDEX live_finding_last ON live_finding (last_at);
CREATE INDEX live_finding_mac ON live_finding (mac);
-- That a person dealt with one, and how. It is open again when it is reported again.
CREATE TABLE finding_settled (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  mac BLOB NOT NULL,
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  settled_by INTEGER NOT NULL REFERENCES account,
  settled_at INTEGER NOT NULL,
  UNIQUE (code, mac, address)
);
