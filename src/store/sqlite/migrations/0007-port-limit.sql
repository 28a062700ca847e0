-- How many live terminals a switch port may have (D24): for a unit and what lies below it, or for
-- one switch. Without a row nothing is limited here.
CREATE TABLE unit_ports (
  id INTEGER PRIMARY KEY REFERENCES unit,
  terminals INTEGER NOT NULL,           -- 0: as the unit above says
  phone_beside INTEGER NOT NULL         -- a telephone takes no place
);
CREATE TABLE switch_ports (
  id INTEGER PRIMARY KEY REFERENCES switch,
  terminals INTEGER NOT NULL,           -- 0: as its unit says
  phone_beside INTEGER NOT NULL
);
