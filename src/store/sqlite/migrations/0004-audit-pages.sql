-- The auditor's filters: a page of one unit, of one span of time, or of an act in a unit is found
-- without reading the log.

CREATE INDEX log_entry_unit ON log_entry (unit_id, seq);
CREATE INDEX log_entry_at ON log_entry (at);
DROP INDEX log_entry_act;
CREATE INDEX log_entry_act ON log_entry (act, seq, unit_id);
