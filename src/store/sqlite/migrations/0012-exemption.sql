-- Named exemptions of a terminal: proposed by one person, confirmed by a second, ended by themselves.
CREATE TABLE exemption (
  id INTEGER PRIMARY KEY,
  terminal_id INTEGER NOT NULL REFERENCES terminal,
  what TEXT NOT NULL,                   -- a posture check ("antivirus"), "supplicant", "account-live"
  reason TEXT NOT NULL,
  asked_by INTEGER NOT NULL REFERENCES account,
  confirmed_by INTEGER NOT NULL REFERENCES account,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE UNIQUE INDEX exemption_open ON exemption (terminal_id, what) WHERE ended_at IS NULL;
CREATE INDEX exemption_until ON exemption (until_at) WHERE ended_at IS NULL;
