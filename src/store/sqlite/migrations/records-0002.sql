-- A page of one branch, or of one rare kind, is found without reading the month: the third column
-- answers the other filter.

CREATE INDEX record_unit ON record (unit_id, at, kind);
CREATE INDEX record_kind ON record (kind, at, unit_id);
