-- What a stay that goes on has beside its session: its VLAN and every address that was told of it.
-- Views as live_session is.

ALTER TABLE live_session ADD COLUMN vlan TEXT NOT NULL DEFAULT '';
CREATE INDEX live_session_account ON live_session (account) WHERE ended_at IS NULL;
CREATE INDEX live_session_place ON live_session (switch_id, port) WHERE ended_at IS NULL;
CREATE INDEX live_session_ended ON live_session (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE live_address (
  session_id INTEGER NOT NULL,        -- live_session
  key BLOB NOT NULL,                  -- 16 bytes, IPv4 mapped into ::ffff:0:0/96
  address TEXT NOT NULL,
  source TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (session_id, key)
) WITHOUT ROWID;
CREATE INDEX live_address_key ON live_address (key);
