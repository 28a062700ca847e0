-- Accounts that the bank's directory proves on the network; without a row they are built in. What
-- proves them at the console is theirs here all the same.
CREATE TABLE account_directory (
  id INTEGER PRIMARY KEY REFERENCES account,
  directory INTEGER NOT NULL
);
