-- The hours in which a permit holds; without a row every hour.
CREATE TABLE permit_hours (
  id INTEGER PRIMARY KEY REFERENCES permit,
  windows TEXT NOT NULL                 -- JSON: [{"days", "from_minute", "until_minute"}], as src/policy/hours.h
);
