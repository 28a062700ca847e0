-- A unit's breaker may stop more than one effect at a time. What stood here is told again by the
-- next round.
DROP TABLE live_tripped;
CREATE TABLE live_tripped (
  unit_id INTEGER NOT NULL,
  effect TEXT NOT NULL,
  terminals INTEGER NOT NULL,         -- or accounts, that would be touched at once
  population INTEGER NOT NULL,
  tripped_at INTEGER NOT NULL,
  reset_until INTEGER NOT NULL DEFAULT 0, -- the effect is let through until then, by two persons
  PRIMARY KEY (unit_id, effect)
);
-- The last reading of people out of the bank's directory; each stands in the log.
CREATE TABLE live_directory (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  result TEXT NOT NULL,               -- done, held, failed
  error TEXT NOT NULL,                -- why it failed
  people INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  bad INTEGER NOT NULL,
  disabled INTEGER NOT NULL,          -- who is gone
  held INTEGER NOT NULL,              -- who is gone and kept by the breaker
  bad_shown TEXT NOT NULL             -- the first bad entries, as JSON
);
