-- The foundation: organisation, people, terminals, permits, requests, and the log over them.
--
-- Every table is state that the audit log must explain, row by row, unless its name begins with
-- log_ (the log itself), live_ (derived, rebuilt from records or by its sources) or schema_.
-- A row is never deleted while something may refer to it: it ends (ended_at). Times are
-- milliseconds since 1970 UTC; rev is the sequence number of the entry that last changed what a
-- gate needs to know, so that a gate asks for "everything after rev".

CREATE TABLE unit (
  id INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES unit,
  kind TEXT NOT NULL CHECK (kind IN ('head-office', 'branch', 'outlet', 'department')),
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,          -- '/1/4/17/': the ids from the root to itself
  mode TEXT NOT NULL DEFAULT 'observe' CHECK (mode IN ('observe', 'warn', 'enforce')),
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE INDEX unit_rev ON unit (rev);

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL REFERENCES unit,
  name TEXT NOT NULL,
  staff_no TEXT NOT NULL UNIQUE,
  post TEXT NOT NULL DEFAULT '',      -- 'department-head', 'device-officer', ''
  phone TEXT NOT NULL DEFAULT '',
  ended_at INTEGER
);
CREATE INDEX person_unit ON person (unit_id);

-- The OA account: one person, one account (D30). It logs on to the console and to the network.
CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL UNIQUE REFERENCES person,
  name TEXT NOT NULL UNIQUE,          -- lower case
  password_hash TEXT NOT NULL,        -- argon2id
  password_at INTEGER NOT NULL,
  must_change INTEGER NOT NULL DEFAULT 1,
  nt_sealed BLOB,                     -- to the gates; nobody here can open it (invariant 10)
  totp_sealed BLOB,                   -- by the server's own key
  totp_state TEXT NOT NULL DEFAULT 'none' CHECK (totp_state IN ('none', 'proposed', 'active')),
  totp_step INTEGER NOT NULL DEFAULT 0, -- last used time step: a code works once
  failures INTEGER NOT NULL DEFAULT 0,
  locked_until INTEGER NOT NULL DEFAULT 0,
  enabled INTEGER NOT NULL DEFAULT 1,
  rev INTEGER NOT NULL
);
CREATE INDEX account_rev ON account (rev);

-- Earlier password hashes, so that one is not taken again at once.
CREATE TABLE password_history (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  password_hash TEXT NOT NULL,
  replaced_at INTEGER NOT NULL
);
CREATE INDEX password_history_account ON password_history (account_id);

CREATE TABLE role_grant (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  role TEXT NOT NULL CHECK (role IN ('security', 'system', 'regional', 'auditor', 'approver', 'device-officer')),
  unit_id INTEGER NOT NULL REFERENCES unit,
  granted_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX role_grant_account ON role_grant (account_id);

-- A console session. The token itself is in the browser only.
CREATE TABLE login (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  token_hash BLOB NOT NULL UNIQUE,
  stage TEXT NOT NULL CHECK (stage IN ('password', 'full')), -- 'password': TOTP or a new password is due
  source TEXT NOT NULL,               -- address it is bound to
  started_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX login_account ON login (account_id);

CREATE TABLE terminal (
  id INTEGER PRIMARY KEY,
  uuid BLOB NOT NULL UNIQUE,
  asset_no TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('pc', 'xpe', 'ce', 'printer', 'camera', 'atm', 'phone', 'other')),
  unit_id INTEGER NOT NULL REFERENCES unit,
  owner_id INTEGER REFERENCES person,
  name TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL CHECK (status IN ('applied', 'approved', 'in-use', 'in-repair', 'scrapped')),
  lifeline INTEGER NOT NULL DEFAULT 0,
  hardware_serial TEXT NOT NULL DEFAULT '',
  os TEXT NOT NULL DEFAULT '',
  agent_version TEXT NOT NULL DEFAULT '',
  posture TEXT NOT NULL DEFAULT 'unknown' CHECK (posture IN ('unknown', 'good', 'bad', 'silent')),
  posture_at INTEGER NOT NULL DEFAULT 0,
  posture_failing TEXT NOT NULL DEFAULT '',
  isolated_at INTEGER,                -- by a person; NULL: not
  isolated_until INTEGER,             -- NULL: until released
  isolated_reason TEXT NOT NULL DEFAULT '',
  certificate TEXT NOT NULL DEFAULT '', -- serial in force
  queue_epoch BLOB,                   -- of its event queue: two at once are a cloned image
  registered_at INTEGER,
  created_at INTEGER NOT NULL,
  rev INTEGER NOT NULL
);
CREATE INDEX terminal_unit ON terminal (unit_id);
CREATE INDEX terminal_owner ON terminal (owner_id);
CREATE INDEX terminal_rev ON terminal (rev);

CREATE TABLE terminal_mac (
  id INTEGER PRIMARY KEY,
  terminal_id INTEGER NOT NULL REFERENCES terminal,
  mac BLOB NOT NULL,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE UNIQUE INDEX terminal_mac_owned ON terminal_mac (mac) WHERE ended_at IS NULL;
CREATE INDEX terminal_mac_terminal ON terminal_mac (terminal_id);
CREATE INDEX terminal_mac_rev ON terminal_mac (rev);

-- Which accounts may be used on a terminal (D08).
CREATE TABLE terminal_account (
  id INTEGER PRIMARY KEY,
  terminal_id INTEGER NOT NULL REFERENCES terminal,
  account_id INTEGER NOT NULL REFERENCES account,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE UNIQUE INDEX terminal_account_pair ON terminal_account (terminal_id, account_id) WHERE ended_at IS NULL;
CREATE INDEX terminal_account_rev ON terminal_account (rev);

CREATE TABLE certificate (
  id INTEGER PRIMARY KEY,
  serial TEXT NOT NULL UNIQUE,
  terminal_id INTEGER REFERENCES terminal,
  gate_id INTEGER REFERENCES gate,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  revoked_at INTEGER,
  revoked_reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX certificate_terminal ON certificate (terminal_id);

CREATE TABLE gate (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  unit_id INTEGER NOT NULL REFERENCES unit,
  cosign_key TEXT NOT NULL DEFAULT '', -- PEM, checks its co-signatures
  created_at INTEGER NOT NULL,
  ended_at INTEGER
);

CREATE TABLE switch (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL REFERENCES unit,
  name TEXT NOT NULL UNIQUE,
  address TEXT NOT NULL UNIQUE,
  vendor TEXT NOT NULL,
  secret_sealed BLOB NOT NULL,        -- to the gates
  coa_port INTEGER NOT NULL DEFAULT 3799,
  vlan_normal TEXT NOT NULL DEFAULT '',
  vlan_isolation TEXT NOT NULL DEFAULT '',
  acl_isolation TEXT NOT NULL DEFAULT '',
  mab_unsigned_until INTEGER,         -- the recorded, ending exception of invariant 9
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE INDEX switch_rev ON switch (rev);

CREATE TABLE permit (
  id INTEGER PRIMARY KEY,
  terminal_id INTEGER NOT NULL REFERENCES terminal,
  mac BLOB NOT NULL,
  switch_id INTEGER NOT NULL REFERENCES switch,
  port TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  request_id INTEGER REFERENCES request,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE UNIQUE INDEX permit_mac ON permit (mac) WHERE ended_at IS NULL;
CREATE INDEX permit_rev ON permit (rev);

CREATE TABLE deny (
  id INTEGER PRIMARY KEY,
  mac BLOB NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  until_at INTEGER,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE UNIQUE INDEX deny_mac ON deny (mac) WHERE ended_at IS NULL;
CREATE INDEX deny_rev ON deny (rev);

-- An emergency bypass: proposed by one person, in force when a second has confirmed it, or at once
-- on the gate itself (confirmed afterwards). Ends by itself.
CREATE TABLE bypass (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL REFERENCES unit,
  reason TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('console', 'gate')),
  proposed_by INTEGER REFERENCES account,
  confirmed_by INTEGER REFERENCES account,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  ended_at INTEGER,
  rev INTEGER NOT NULL
);
CREATE INDEX bypass_rev ON bypass (rev);

-- Acts that need a second person before they take effect (invariant 9).
CREATE TABLE proposal (
  id INTEGER PRIMARY KEY,
  act TEXT NOT NULL,                  -- 'account.totp-reset', 'unit.mode', ...
  subject TEXT NOT NULL,
  unit_id INTEGER NOT NULL REFERENCES unit,
  detail TEXT NOT NULL,               -- JSON: what will be done
  reason TEXT NOT NULL,
  proposed_by INTEGER NOT NULL REFERENCES account,
  proposed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  decided_by INTEGER REFERENCES account,
  decided_at INTEGER,
  decision TEXT CHECK (decision IN ('confirmed', 'refused', 'expired'))
);

CREATE TABLE request (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,        -- 'DR-2026-000123', what people say
  kind TEXT NOT NULL,                 -- as src/server/engine/requests/ declares
  unit_id INTEGER NOT NULL REFERENCES unit,
  applicant_id INTEGER NOT NULL REFERENCES account,
  form TEXT NOT NULL,                 -- JSON
  status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'refused', 'withdrawn')),
  step INTEGER NOT NULL,              -- the one that is due, from 0
  effect TEXT NOT NULL DEFAULT '{}',  -- JSON: asset number, permit, ... what came of it
  created_at INTEGER NOT NULL,
  closed_at INTEGER
);
CREATE INDEX request_applicant ON request (applicant_id);
CREATE INDEX request_pending ON request (status, id);

-- One row a step. Who may decide is looked up anew at each step, from role and unit.
CREATE TABLE request_step (
  id INTEGER PRIMARY KEY,
  request_id INTEGER NOT NULL REFERENCES request,
  step INTEGER NOT NULL,
  name TEXT NOT NULL,                 -- 'department', 'technology'
  role TEXT NOT NULL,
  unit_id INTEGER NOT NULL REFERENCES unit,
  decision TEXT CHECK (decision IN ('approved', 'refused')),
  comment TEXT NOT NULL DEFAULT '',
  decided_by INTEGER REFERENCES account,
  decided_at INTEGER,
  UNIQUE (request_id, step)
);
CREATE INDEX request_step_due ON request_step (role, unit_id) WHERE decision IS NULL;

CREATE TABLE campaign (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL REFERENCES unit,
  name TEXT NOT NULL,
  code_hash BLOB NOT NULL UNIQUE,
  places INTEGER NOT NULL,            -- at most so many terminals
  used INTEGER NOT NULL DEFAULT 0,
  until_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
);

-- The imported list of a campaign: only these may enrol with its code.
CREATE TABLE campaign_item (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  mac BLOB NOT NULL,
  asset_no TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  owner_id INTEGER REFERENCES person,
  terminal_id INTEGER REFERENCES terminal, -- once enrolled
  UNIQUE (campaign_id, mac)
);

-- A one-time code from an approved onboarding request.
CREATE TABLE enrol_code (
  id INTEGER PRIMARY KEY,
  terminal_id INTEGER NOT NULL REFERENCES terminal,
  code_hash BLOB NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
);

CREATE TABLE policy (
  id INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  number INTEGER NOT NULL,
  body TEXT NOT NULL,
  signature BLOB NOT NULL,
  published_by INTEGER REFERENCES account,
  published_at INTEGER NOT NULL,
  UNIQUE (epoch, number)
);

CREATE TABLE setting (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL
);

-- ---- the log ----

CREATE TABLE log_entry (
  seq INTEGER PRIMARY KEY,            -- from 0
  bytes BLOB NOT NULL,                -- exactly what the leaf hash covers
  leaf BLOB NOT NULL,
  at INTEGER NOT NULL,                -- of the bytes, for searching
  act TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  unit_id INTEGER NOT NULL,
  subject TEXT NOT NULL
);
CREATE INDEX log_entry_subject ON log_entry (subject, seq);
CREATE INDEX log_entry_account ON log_entry (account_id, seq);
CREATE INDEX log_entry_act ON log_entry (act, seq);

CREATE TABLE log_node (               -- one node per complete subtree of 256, 65536, ... entries
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  digest BLOB NOT NULL,
  PRIMARY KEY (level, position)
);

CREATE TABLE log_head (               -- one per commit
  size INTEGER PRIMARY KEY,
  text TEXT NOT NULL                  -- a line as src/journal/head.h writes it
);

CREATE TABLE log_cosign (
  id INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  gate TEXT NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (size, gate)
);

-- ---- derived: what is now, rebuilt by its sources ----

CREATE TABLE live_cursor (            -- through which sequence a source's records are committed
  source TEXT PRIMARY KEY,
  epoch BLOB NOT NULL,
  seq INTEGER NOT NULL
);

CREATE TABLE live_agent (
  terminal_id INTEGER PRIMARY KEY,
  seen_at INTEGER NOT NULL,
  user TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT ''
);

CREATE TABLE live_inventory (
  terminal_id INTEGER NOT NULL,
  section TEXT NOT NULL,
  name TEXT NOT NULL,                 -- one package, one card; '' for a section of one piece
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (terminal_id, section, name)
);

-- One row a MAC: where it last knocked and what it was told.
CREATE TABLE live_knock (
  mac BLOB PRIMARY KEY,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  switch_id INTEGER NOT NULL,
  port TEXT NOT NULL,
  unit_id INTEGER NOT NULL,
  terminal_id INTEGER,
  account TEXT NOT NULL,
  method TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  would_be TEXT NOT NULL,
  would_be_reason TEXT NOT NULL
);
CREATE INDEX live_knock_last ON live_knock (last_at);
CREATE INDEX live_knock_terminal ON live_knock (terminal_id);

CREATE TABLE live_session (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL UNIQUE,       -- the Class that the gate issued
  gate TEXT NOT NULL,
  mac BLOB NOT NULL,
  terminal_id INTEGER,
  account TEXT NOT NULL,
  switch_id INTEGER NOT NULL,
  port TEXT NOT NULL,
  unit_id INTEGER NOT NULL,
  address TEXT NOT NULL,
  method TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_cause TEXT NOT NULL DEFAULT '',
  octets_in INTEGER NOT NULL DEFAULT 0,
  octets_out INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX live_session_mac ON live_session (mac);
CREATE INDEX live_session_terminal ON live_session (terminal_id);
CREATE INDEX live_session_open ON live_session (unit_id) WHERE ended_at IS NULL;

-- Which batches of the monthly files are committed; what a file holds beyond these is dropped at
-- the next start. The proof itself stands in the entries.
CREATE TABLE log_batch (
  month INTEGER NOT NULL,
  source TEXT NOT NULL,
  first INTEGER NOT NULL,
  PRIMARY KEY (month, source, first)
) WITHOUT ROWID;
