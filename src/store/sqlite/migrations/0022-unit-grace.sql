-- For so many hours a unit and those below it only warn of a posture that turned bad; NULL: as the unit
-- above says, at the root as each gate's own file does.
CREATE TABLE unit_grace (
  id INTEGER PRIMARY KEY REFERENCES unit,
  posture_hours INTEGER CHECK (posture_hours BETWEEN 0 AND 720)
);
