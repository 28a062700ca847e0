-- A permit of a day that the branch gave by itself: an approval follows, or it lapses.
CREATE TABLE emergency_permit (
  id INTEGER PRIMARY KEY REFERENCES permit,
  mac BLOB NOT NULL,
  made_by INTEGER NOT NULL REFERENCES account,
  made_at INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX emergency_permit_mac ON emergency_permit (mac, made_at);
