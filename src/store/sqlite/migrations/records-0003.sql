-- Who was where when: one row for each stay on the network that is over, with the id of the record
-- that told its end. Derived from that record and from what was told before it; its text for the
-- screen stands in the record. Every index ends with the end, so that a page is a run of it.

CREATE TABLE stay (
  id INTEGER PRIMARY KEY,             -- the record's
  session TEXT NOT NULL,              -- the Class that the gate issued
  began_at INTEGER NOT NULL,
  heard_at INTEGER NOT NULL,          -- the switch's last word of it
  ended_at INTEGER NOT NULL,
  why TEXT NOT NULL,
  unit_id INTEGER,
  terminal_id INTEGER,
  mac BLOB,
  account TEXT,
  switch_id INTEGER,
  port TEXT,
  addresses TEXT NOT NULL             -- JSON: [{address, source, first_at, last_at}]
);
CREATE INDEX stay_ended ON stay (ended_at);
CREATE INDEX stay_mac ON stay (mac, ended_at);
CREATE INDEX stay_account ON stay (account, ended_at) WHERE account IS NOT NULL;
CREATE INDEX stay_terminal ON stay (terminal_id, ended_at) WHERE terminal_id IS NOT NULL;
CREATE INDEX stay_place ON stay (switch_id, port, ended_at);
CREATE INDEX stay_unit ON stay (unit_id, ended_at);
-- Who ended long after a time, and yet was there, is rare.
CREATE INDEX stay_long ON stay (ended_at) WHERE ended_at - began_at > 86400000;

CREATE TABLE stay_address (
  id INTEGER PRIMARY KEY,             -- 16 times the stay's, and which of its addresses
  key BLOB NOT NULL,                  -- 16 bytes, IPv4 mapped into ::ffff:0:0/96
  ended_at INTEGER NOT NULL           -- the stay's
);
CREATE INDEX stay_address_key ON stay_address (key, ended_at);
