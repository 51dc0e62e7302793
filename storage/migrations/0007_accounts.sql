-- Accounts that come and go: a workspace lets Ella in, or takes her out.

-- What its people call it. accounts.state is 'off' from when Ella was taken out of it
-- until she is let in again.
ALTER TABLE accounts ADD COLUMN title_sealed BYTEA;

-- With what Ella serves an account; one that is configured by the environment has none
-- here. Deleted at once when she is taken out.
CREATE TABLE account_credentials (
  account_id    TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
  version       TEXT NOT NULL,           -- an id, another one after every change
  way           TEXT NOT NULL,           -- how she was let in: own | oauth
  secret_sealed BYTEA NOT NULL,          -- JSON, versioned
  changed_at    BIGINT NOT NULL
);

-- Gone only since its account is off: it is on again when the account is.
ALTER TABLE addresses ADD COLUMN with_account BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX addresses_by_account ON addresses (account_id);

-- How a workspace lets Ella in by OAuth: an invitation, which an operator hands on, and
-- the installations that were begun with it and not ended. Of codes only the keyed index
-- is kept, and nothing of whoever installs.
CREATE TABLE installs (
  id            TEXT NOT NULL PRIMARY KEY,
  kind          TEXT NOT NULL,           -- invitation | begun
  code_index    BYTEA NOT NULL UNIQUE,
  nonce_index   BYTEA,                   -- of the browser in which it was begun
  invitation_id TEXT NOT NULL,           -- of one that was begun; '' else
  created_at    BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  used_at       BIGINT NOT NULL          -- of an invitation; 0: not yet
);
CREATE INDEX installs_by_invitation ON installs (invitation_id, id);
