-- Frozen periods of a unit, and maintenance windows of a unit or one of its switches: asked for by
-- one person, confirmed by a second, ended by themselves. One of a kind and place at a time.
CREATE TABLE period (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('frozen', 'maintenance')),
  unit_id INTEGER NOT NULL REFERENCES unit, -- and all below it
  switch_id INTEGER REFERENCES switch,      -- of a maintenance window: this one alone
  reason TEXT NOT NULL,
  asked_by INTEGER NOT NULL REFERENCES account,
  confirmed_by INTEGER NOT NULL REFERENCES account,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE UNIQUE INDEX period_of_unit ON period (unit_id, kind) WHERE ended_at IS NULL AND switch_id IS NULL;
CREATE UNIQUE INDEX period_of_switch ON period (switch_id, kind) WHERE ended_at IS NULL AND switch_id IS NOT NULL;

-- A mode of its own for one switch port, whatever its unit's is; '' follows the unit again.
CREATE TABLE port_mode (
  id INTEGER PRIMARY KEY,
  switch_id INTEGER NOT NULL REFERENCES switch,
  port TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('', 'observe', 'warn', 'enforce')),
  UNIQUE (switch_id, port)
);

-- From when on a unit that warns is to enforce, as people are told. Nothing changes by itself.
CREATE TABLE unit_announced (
  id INTEGER PRIMARY KEY REFERENCES unit,
  enforce_from INTEGER NOT NULL       -- 0: not announced
);
