-- What is over is looked for every few seconds.

CREATE INDEX proposal_open ON proposal (expires_at) WHERE decision IS NULL;
CREATE INDEX login_expires ON login (expires_at);
CREATE INDEX enrol_code_expires ON enrol_code (expires_at);
