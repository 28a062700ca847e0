-- Indexes for the console's counts and searches: with 100,000 terminals a page answers from them
-- alone.

DROP INDEX terminal_unit;
CREATE INDEX terminal_unit ON terminal (unit_id, status, posture, kind, isolated_at);
CREATE INDEX terminal_isolated ON terminal (unit_id) WHERE isolated_at IS NOT NULL;
DROP INDEX live_session_open;
CREATE INDEX live_session_open ON live_session (unit_id, verdict) WHERE ended_at IS NULL;
CREATE INDEX live_session_address ON live_session (address) WHERE ended_at IS NULL;
CREATE INDEX live_agent_address ON live_agent (address);
CREATE INDEX live_knock_unknown ON live_knock (last_at, unit_id) WHERE terminal_id IS NULL;
CREATE INDEX live_knock_refused ON live_knock (last_at, unit_id) WHERE verdict <> 'admit';
