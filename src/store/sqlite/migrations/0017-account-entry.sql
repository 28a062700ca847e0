-- How far an account is its owner's own (invariant 9). A row is made with the account.
CREATE TABLE account_entry (
  id INTEGER PRIMARY KEY REFERENCES account,
  given_by INTEGER REFERENCES account,  -- who gave the present password; NULL: its owner, or the installer
  entered_at INTEGER,                   -- NULL: not since somebody else gave a password or took the device
  code_hash BLOB,                       -- of the entry code that is out
  expires_at INTEGER,                   -- of the code
  session BLOB                          -- the token's hash of the session in which the code was given
);
