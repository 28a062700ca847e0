-- The page of one switch: who is at its ports.
CREATE INDEX live_session_switch ON live_session (switch_id) WHERE ended_at IS NULL;
CREATE INDEX live_knock_switch ON live_knock (switch_id);
