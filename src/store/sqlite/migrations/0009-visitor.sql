-- Visitors: another kind of terminal (only the words of a check change, no row), who answers for one
-- and until when, and which VLAN a switch keeps for them.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''phone'', ''other''', '''phone'', ''other'', ''visitor''')
WHERE type = 'table' AND name = 'terminal';
PRAGMA writable_schema = RESET; -- reads the words anew
CREATE TABLE visitor (
  id INTEGER PRIMARY KEY REFERENCES terminal,
  sponsor_id INTEGER NOT NULL REFERENCES person,
  company TEXT NOT NULL,
  until_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX visitor_open ON visitor (until_at) WHERE ended_at IS NULL;
CREATE TABLE switch_visitor (
  id INTEGER PRIMARY KEY REFERENCES switch,
  vlan TEXT NOT NULL                    -- '': visitors find no place here
);
