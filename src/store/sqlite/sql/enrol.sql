-- Enrolment: one-time codes and campaigns.

-- name: enrol_code_by_hash
SELECT id, terminal_id, expires_at, used_at FROM enrol_code WHERE code_hash = ?1

-- name: enrol_code_insert
INSERT INTO enrol_code (terminal_id, code_hash, expires_at) VALUES (?1, ?2, ?3)

-- name: enrol_code_end_of_terminal
UPDATE enrol_code SET expires_at = ?2 WHERE terminal_id = ?1 AND used_at IS NULL AND expires_at > ?2

-- name: enrol_code_use
UPDATE enrol_code SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL

-- name: enrol_campaign_by_hash
SELECT id, unit_id, places, used, until_at, ended_at FROM campaign WHERE code_hash = ?1

-- name: enrol_campaign_by_id
SELECT id, unit_id, ended_at FROM campaign WHERE id = ?1

-- name: enrol_campaign_insert
INSERT INTO campaign (unit_id, name, code_hash, places, until_at, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: enrol_campaign_end
UPDATE campaign SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL

-- name: enrol_campaign_use
UPDATE campaign SET used = used + 1 WHERE id = ?1

-- name: enrol_campaign_item
SELECT id, asset_no, name, owner_id, terminal_id FROM campaign_item
WHERE campaign_id = ?1 AND mac = ?2

-- name: enrol_campaign_item_insert
INSERT INTO campaign_item (campaign_id, mac, asset_no, name, owner_id) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: enrol_campaign_item_use
UPDATE campaign_item SET terminal_id = ?2 WHERE id = ?1

-- name: terminal_by_asset_no
SELECT id, uuid, unit_id, owner_id, kind, status, lifeline, posture, posture_at, posture_failing,
  isolated_at, isolated_until, certificate, queue_epoch, asset_no, name, os, agent_version
FROM terminal WHERE asset_no = ?1
