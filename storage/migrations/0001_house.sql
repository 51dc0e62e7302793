-- The house: one text for SQLite and PostgreSQL. Only expands; nothing here is
-- ever changed by a later migration, only added to.
--
-- Names ending in _sealed are encrypted by field (see seal.go), names ending in
-- _index are keyed look-up indexes. Instants are BIGINT milliseconds since 1970,
-- UTC. Ids are made by the program. No column may hold a nationality, an
-- immigration status, a date of birth or a street address: schema_test.go looks.

-- What the database knows about itself: which key is its own.
CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value BYTEA NOT NULL
);

CREATE TABLE organisations (
  id         TEXT NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  zone       TEXT NOT NULL,
  sample     BOOLEAN NOT NULL,
  state      TEXT NOT NULL,              -- active | paused
  created_at BIGINT NOT NULL
);

-- An account is a bot token, a workspace, or the try page.
CREATE TABLE accounts (
  id         TEXT NOT NULL PRIMARY KEY,
  platform   TEXT NOT NULL,
  name       TEXT NOT NULL,
  state      TEXT NOT NULL,              -- on | off
  created_at BIGINT NOT NULL,
  UNIQUE (platform, name)
);

CREATE TABLE members (
  id            TEXT NOT NULL PRIMARY KEY,
  locale        TEXT NOT NULL,           -- chosen catalogue, '' until chosen
  speaks        TEXT NOT NULL,           -- tag asked for that has no catalogue, else ''
  state         TEXT NOT NULL,           -- active | stopped
  outcode       TEXT NOT NULL,           -- 'B11', readable for audiences; '' unknown
  sector_sealed BYTEA,                   -- 'B11 1'; the most exact place ever kept
  zone          TEXT NOT NULL,
  created_at    BIGINT NOT NULL,
  seen_at       BIGINT NOT NULL          -- rounded to the day
);
CREATE INDEX members_by_locale ON members (locale, state);
CREATE INDEX members_by_outcode ON members (outcode, state);

CREATE TABLE addresses (
  id           TEXT NOT NULL PRIMARY KEY,
  account_id   TEXT NOT NULL REFERENCES accounts (id),
  member_id    TEXT NOT NULL REFERENCES members (id),
  sender_index BYTEA NOT NULL,           -- of (account, sender)
  chat_sealed  BYTEA NOT NULL,
  state        TEXT NOT NULL,            -- on | blocked | gone
  created_at   BIGINT NOT NULL,
  UNIQUE (sender_index)
);
CREATE INDEX addresses_by_member ON addresses (member_id, created_at);

-- A member agreed to hear from an organisation, by their own yes.
CREATE TABLE memberships (
  member_id       TEXT NOT NULL REFERENCES members (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  since           BIGINT NOT NULL,
  PRIMARY KEY (member_id, organisation_id)
);
CREATE INDEX memberships_by_organisation ON memberships (organisation_id, member_id);

CREATE TABLE groups (
  id              TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  source          TEXT NOT NULL,         -- where the foreign id comes from: 'sample', 'csv'
  foreign_id      TEXT NOT NULL,
  name            TEXT NOT NULL,
  about           TEXT NOT NULL,         -- JSON: locale -> one sentence
  languages       TEXT NOT NULL,         -- JSON: list of language tags
  town            TEXT NOT NULL,
  place           TEXT NOT NULL,         -- sector or outcode; '' for nationwide or online
  lat             DOUBLE PRECISION,      -- of the sector, never of a door
  lng             DOUBLE PRECISION,
  nationwide      BOOLEAN NOT NULL,
  meets           TEXT NOT NULL,         -- JSON: locale -> when they meet, in words
  joining         TEXT NOT NULL,         -- JSON: locale -> how to join, in words
  url             TEXT NOT NULL,
  sample          BOOLEAN NOT NULL,
  state           TEXT NOT NULL,         -- open | closed
  version         BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  UNIQUE (source, foreign_id)
);

-- A member is with a group: of their own yes.
CREATE TABLE group_members (
  group_id  TEXT NOT NULL REFERENCES groups (id),
  member_id TEXT NOT NULL REFERENCES members (id),
  since     BIGINT NOT NULL,
  joined    BOOLEAN NOT NULL,            -- the membership of its organisation began with such a yes
  PRIMARY KEY (group_id, member_id)
);
CREATE INDEX group_members_by_member ON group_members (member_id);

CREATE TABLE roles (
  id              TEXT NOT NULL PRIMARY KEY,
  member_id       TEXT NOT NULL REFERENCES members (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  kind            TEXT NOT NULL,         -- organiser | leader
  group_id        TEXT REFERENCES groups (id),
  state           TEXT NOT NULL,         -- on | suspended
  granted_at      BIGINT NOT NULL
);
CREATE INDEX roles_by_member ON roles (member_id, state);
CREATE INDEX roles_by_organisation ON roles (organisation_id, kind, state);

-- A code that gives a role once. Only its keyed index is kept.
CREATE TABLE invites (
  id              TEXT NOT NULL PRIMARY KEY,
  code_index      BYTEA NOT NULL UNIQUE,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  kind            TEXT NOT NULL,
  group_id        TEXT REFERENCES groups (id),
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL,
  used_at         BIGINT,
  used_by         TEXT REFERENCES members (id)
);

-- Where each member's conversation stands. version guards against two at once.
CREATE TABLE conversations (
  member_id   TEXT NOT NULL PRIMARY KEY REFERENCES members (id),
  step_sealed BYTEA,                     -- NULL: none under way
  version     BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL
);

-- Every update, before it is acknowledged. Done rows keep only their key, for
-- the days in which a platform may deliver again.
CREATE TABLE inbox (
  id          TEXT NOT NULL PRIMARY KEY,
  account_id  TEXT NOT NULL REFERENCES accounts (id),
  key_index   BYTEA NOT NULL UNIQUE,     -- of (account, update key)
  lane        BYTEA NOT NULL,            -- of (account, sender): one at a time
  raw_sealed  BYTEA,                     -- NULL once done
  state       TEXT NOT NULL,             -- waiting | done | parked
  attempts    BIGINT NOT NULL,
  reason      TEXT NOT NULL,             -- of a parked one, from a closed list
  received_at BIGINT NOT NULL
);
-- Only what waits is in it: every update passes through this table, and each
-- index costs twice. Ids rise with time, so age needs none.
CREATE INDEX inbox_waiting ON inbox (lane, id) WHERE state = 'waiting';

-- Who holds what only one process may do: poll an account, send an alert's stretch.
CREATE TABLE leases (
  name       TEXT NOT NULL PRIMARY KEY,
  owner      TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Replies on their way. A sent one is deleted, or keeps only its ref if a later
-- reply may change it in place.
CREATE TABLE outbox (
  id             TEXT NOT NULL PRIMARY KEY,
  address_id     TEXT NOT NULL REFERENCES addresses (id),
  topic          TEXT NOT NULL,
  replaces       BOOLEAN NOT NULL,
  edit_sealed    BYTEA,                  -- the message to change in place
  message_sealed BYTEA,                  -- NULL once sent
  state          TEXT NOT NULL,          -- sending | waiting | sent | unknown | refused
  attempts       BIGINT NOT NULL,        -- begun, at most 2
  owner          TEXT NOT NULL,          -- the process that sends it
  reason         TEXT NOT NULL,
  ref_sealed     BYTEA,
  due_at         BIGINT NOT NULL,
  created_at     BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (state, due_at);
CREATE INDEX outbox_by_topic ON outbox (address_id, topic, id);

CREATE TABLE alerts (
  id              TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  author_id       TEXT NOT NULL,
  action_id       TEXT NOT NULL,         -- '' when nobody is asked to come
  locale          TEXT NOT NULL,         -- of the original; '' until its author has said
  audience        TEXT NOT NULL,         -- JSON, versioned: the rule
  hash            BYTEA,                 -- of text, variants and audience; set when submitted
  state           TEXT NOT NULL,         -- draft | freezing | sending | done | cancelled
  frozen_to       TEXT NOT NULL,         -- last member id of the frozen stretch
  expires_at      BIGINT NOT NULL,
  version         BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  submitted_at    BIGINT,
  done_at         BIGINT
);
CREATE INDEX alerts_by_organisation ON alerts (organisation_id, id);
CREATE INDEX alerts_by_state ON alerts (state);

CREATE TABLE alert_variants (
  alert_id    TEXT NOT NULL REFERENCES alerts (id),
  locale      TEXT NOT NULL,
  text_sealed BYTEA NOT NULL,
  origin      TEXT NOT NULL,             -- author
  updated_at  BIGINT NOT NULL,
  PRIMARY KEY (alert_id, locale)
);

-- The ledger: one row a recipient, and the queue at the same time.
CREATE TABLE deliveries (
  alert_id   TEXT NOT NULL REFERENCES alerts (id),
  member_id  TEXT NOT NULL,
  state      TEXT NOT NULL,              -- planned | attempting | sent | refused | unknown | skipped | held | cancelled
  attempts   BIGINT NOT NULL,            -- begun, at most 2
  reason     TEXT NOT NULL,
  locale     TEXT NOT NULL,              -- of the variant that was sent
  address_id TEXT NOT NULL,
  ref_sealed BYTEA,
  owner      TEXT NOT NULL,
  held_until BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (alert_id, member_id)
);
CREATE INDEX deliveries_by_state ON deliveries (alert_id, state, held_until, member_id);
CREATE INDEX deliveries_by_member ON deliveries (member_id);

CREATE TABLE actions (
  id              TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  alert_id        TEXT NOT NULL,
  title_sealed    BYTEA NOT NULL,
  state           TEXT NOT NULL,         -- open | over
  created_at      BIGINT NOT NULL
);
CREATE INDEX actions_by_organisation ON actions (organisation_id, id);

CREATE TABLE rsvps (
  action_id  TEXT NOT NULL REFERENCES actions (id),
  member_id  TEXT NOT NULL REFERENCES members (id),
  answer     TEXT NOT NULL,              -- yes | maybe | no
  plus       BIGINT NOT NULL,            -- how many they bring beside themselves
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (action_id, member_id)
);
CREATE INDEX rsvps_by_member ON rsvps (member_id);

-- What an adapter must remember between runs.
CREATE TABLE shelf (
  account_id   TEXT NOT NULL REFERENCES accounts (id),
  key          TEXT NOT NULL,
  value_sealed BYTEA NOT NULL,
  PRIMARY KEY (account_id, key)
);

-- Numbers that one process raises so that others notice, such as that the
-- directory has changed.
CREATE TABLE counters (
  name  TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
