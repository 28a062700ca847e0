-- While no directory answers, a unit's accounts and those below it are let in by a proof that is no older
-- than so many days; 0: they wait in silence; NULL: as the unit above says, at the root as each gate's own file does.
CREATE TABLE unit_last_known (
  id INTEGER PRIMARY KEY REFERENCES unit,
  days INTEGER CHECK (days BETWEEN 0 AND 30)
);
