-- One file a month (China Standard Time) of mass records. A batch's root is an entry of the log;
-- the root covers every column but id and batch_id.

CREATE TABLE batch (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,               -- 'gate:north', 'terminal:<uuid>'
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  root BLOB NOT NULL,
  UNIQUE (source, first)
);

CREATE TABLE record (
  id INTEGER PRIMARY KEY,
  batch_id INTEGER NOT NULL REFERENCES batch,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  unit_id INTEGER,
  terminal_id INTEGER,
  mac BLOB,
  account TEXT,
  switch_id INTEGER,
  port TEXT,
  verdict TEXT,
  reason TEXT,
  body TEXT NOT NULL                  -- JSON
);
CREATE INDEX record_at ON record (at);
CREATE INDEX record_terminal ON record (terminal_id, at);
CREATE INDEX record_mac ON record (mac, at);
