-- What switches say of themselves over SNMP: as of their last survey, replaced switch by switch.
CREATE TABLE live_survey (
  id INTEGER PRIMARY KEY,               -- the switch's
  gate TEXT NOT NULL,                   -- whose survey asked it
  asked_at INTEGER NOT NULL,
  said TEXT NOT NULL,                   -- of that: "ok", "silent", ...
  whole_at INTEGER NOT NULL,            -- when what follows was told, by its gate's clock; 0: never
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  model TEXT NOT NULL,
  serial TEXT NOT NULL,
  mac BLOB,                             -- its bridge's
  chassis BLOB,                         -- by which neighbours know it
  cut INTEGER NOT NULL
);
CREATE INDEX live_survey_mac ON live_survey (mac);
CREATE INDEX live_survey_chassis ON live_survey (chassis);
CREATE INDEX live_survey_name ON live_survey (name);
CREATE TABLE live_survey_port (
  id INTEGER PRIMARY KEY,
  switch_id INTEGER NOT NULL,
  port TEXT NOT NULL,
  long_name TEXT NOT NULL,
  alias TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  linked INTEGER NOT NULL,
  uplink INTEGER NOT NULL,
  speed_mbit INTEGER NOT NULL,          -- 0: not told
  macs INTEGER NOT NULL,
  UNIQUE (switch_id, port)
);
CREATE TABLE live_survey_neighbour (
  id INTEGER PRIMARY KEY,
  switch_id INTEGER NOT NULL,
  port TEXT NOT NULL,
  mac BLOB,
  name TEXT NOT NULL,
  far_port TEXT NOT NULL,
  can INTEGER NOT NULL                  -- LldpSystemCapabilitiesMap, first octet
);
CREATE INDEX live_survey_neighbour_switch ON live_survey_neighbour (switch_id);
-- Where a MAC stands at an access port, or stood last.
CREATE TABLE live_place (
  id INTEGER PRIMARY KEY,
  switch_id INTEGER NOT NULL,
  mac BLOB NOT NULL,
  port TEXT NOT NULL,
  vlan INTEGER NOT NULL,                -- 0: not told
  since_at INTEGER NOT NULL,            -- at this port
  last_at INTEGER NOT NULL,             -- while it is there: when that was told
  here INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  UNIQUE (switch_id, mac)
);
CREATE INDEX live_place_mac ON live_place (mac);
CREATE INDEX live_place_gone ON live_place (switch_id, last_at) WHERE here = 0;
-- Of several switches that name a MAC the one where it arrived last.
CREATE VIEW live_place_now AS
SELECT p.mac, p.switch_id, sw.name AS switch_name, p.port, p.vlan, p.since_at, p.here,
  CASE p.here WHEN 1 THEN max(p.last_at, s.asked_at) ELSE p.last_at END AS last_at
FROM live_place p JOIN switch sw ON sw.id = p.switch_id JOIN live_survey s ON s.id = p.switch_id
WHERE p.id = (SELECT q.id FROM live_place q WHERE q.mac = p.mac
  ORDER BY q.here DESC, CASE q.here WHEN 1 THEN q.since_at ELSE q.last_at END DESC, q.id LIMIT 1);
