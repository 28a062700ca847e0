-- Units whose breaker stops an effect now; gone when the wave is over. The acts stand in the log.

CREATE TABLE live_tripped (
  unit_id INTEGER PRIMARY KEY,
  effect TEXT NOT NULL,
  terminals INTEGER NOT NULL,         -- that would be touched at once
  population INTEGER NOT NULL,
  tripped_at INTEGER NOT NULL,
  reset_until INTEGER NOT NULL DEFAULT 0 -- the effect is let through until then, by two persons
);
