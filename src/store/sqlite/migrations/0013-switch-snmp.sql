-- With what a switch is asked over SNMP. A table of its own, as 0003 has it; sealed to the gates at
-- once, so that head office cannot read it again.
CREATE TABLE switch_snmp (
  id INTEGER PRIMARY KEY REFERENCES switch,
  version TEXT NOT NULL,                -- '2c', '3'; 'none': it is not asked any more
  sealed BLOB                           -- vendor/snmp.h's text; NULL with 'none'
);
