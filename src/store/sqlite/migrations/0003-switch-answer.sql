-- What a switch is told beyond VLAN and isolation ACL. A table of its own, since a column more would
-- change rows that no entry of the log explains; a switch without a row here has none of it.
CREATE TABLE switch_answer (
  id INTEGER PRIMARY KEY REFERENCES switch,
  acl_normal TEXT NOT NULL,             -- of who is admitted
  voice_vlan TEXT NOT NULL,             -- of phones
  reach TEXT NOT NULL,                  -- what a downloaded ACL of isolation permits
  session_seconds INTEGER NOT NULL,     -- 0: the gate's setting
  coa_address TEXT NOT NULL             -- where it hears Disconnect, '' where it asks from
);
