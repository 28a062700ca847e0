-- When head office heard that a session ended: a gate that was away tells it late, and what it tells
-- of the same session afterwards must still find the row.
ALTER TABLE live_session ADD COLUMN told_at INTEGER;
UPDATE live_session SET told_at = ended_at WHERE ended_at IS NOT NULL;
DROP INDEX live_session_ended;
CREATE INDEX live_session_told ON live_session (told_at) WHERE told_at IS NOT NULL;
