-- People: consent, belonging, roles, leaving.

-- Which version of the words about what is stored the member said yes to, in
-- which language, on which day. 0: not yet, and then nothing is asked of them.
ALTER TABLE members ADD COLUMN consent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN consent_locale TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN consent_at BIGINT NOT NULL DEFAULT 0;
-- When a member who has long been silent was asked whether to be kept. 0: not.
-- members.state may be 'forgotten' now: from forgotten_at on until all of it is
-- gone, within a minute.
ALTER TABLE members ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN forgotten_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX members_by_seen ON members (seen_at);
CREATE INDEX members_forgotten ON members (id) WHERE forgotten_at > 0;

-- Since when nobody can be reached there, rounded to the day. 0: they can.
ALTER TABLE addresses ADD COLUMN off_at BIGINT NOT NULL DEFAULT 0;

-- on | stopped: of this organisation the member wants no messages for now.
ALTER TABLE memberships ADD COLUMN state TEXT NOT NULL DEFAULT 'on';

-- JSON: what a group helps with, from a closed list (bot/group).
ALTER TABLE groups ADD COLUMN needs TEXT NOT NULL DEFAULT '[]';

-- By its number a role is told apart from the others of its kind in its
-- organisation: no name is kept. roles.state is asked | on | suspended | lapsed;
-- 'asked' has been accepted by its member and waits for a second organiser.
ALTER TABLE roles ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE roles ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
-- Of one that is asked for: what the newcomer tells the second organiser, and how
-- often it was told wrong.
ALTER TABLE roles ADD COLUMN check_sealed BYTEA;
ALTER TABLE roles ADD COLUMN wrong BIGINT NOT NULL DEFAULT 0;
-- Who gave the code: a role, or '' for the command line. Its holder can't be the
-- second to confirm, and when they are suspended what they began is void.
ALTER TABLE roles ADD COLUMN invited_by TEXT NOT NULL DEFAULT '';
ALTER TABLE invites ADD COLUMN invited_by TEXT NOT NULL DEFAULT '';

-- Rises with every change of an organisation's roles: whoever changes one holds
-- this row first, so that of two who change them at once one is refused.
ALTER TABLE organisations ADD COLUMN roles_version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX invites_by_inviter ON invites (invited_by);

-- One organiser's yes to something that takes two. It is deleted when it has had
-- its effect, and void as soon as the organiser's role is not on.
CREATE TABLE approvals (
  id              TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  subject         TEXT NOT NULL,         -- role.restore
  subject_id      TEXT NOT NULL,
  role_id         TEXT NOT NULL,         -- whose yes
  created_at      BIGINT NOT NULL,
  UNIQUE (subject, subject_id, role_id)
);
CREATE INDEX approvals_by_role ON approvals (role_id);

-- What a member wrote to whoever answers for something in an organisation.
CREATE TABLE letters (
  id              TEXT NOT NULL PRIMARY KEY,
  kind            TEXT NOT NULL,         -- complaint | young
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  member_id       TEXT NOT NULL REFERENCES members (id),
  locale          TEXT NOT NULL,         -- of the member who wrote
  speaks          TEXT NOT NULL DEFAULT '', -- what they asked for that has no catalogue
  text_sealed     BYTEA,                 -- NULL where the words are not kept
  state           TEXT NOT NULL,         -- open | read | answered | closed
  created_at      BIGINT NOT NULL,
  changed_at      BIGINT NOT NULL
);
CREATE INDEX letters_by_member ON letters (member_id);
CREATE INDEX letters_by_organisation ON letters (organisation_id, state);

-- An action that another organisation was asked to take part in.
CREATE TABLE action_shares (
  action_id       TEXT NOT NULL REFERENCES actions (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  state           TEXT NOT NULL,         -- asked | accepted | declined | ended
  created_at      BIGINT NOT NULL,
  changed_at      BIGINT NOT NULL,
  PRIMARY KEY (action_id, organisation_id)
);
CREATE INDEX action_shares_by_organisation ON action_shares (organisation_id, state);
CREATE INDEX alerts_by_action ON alerts (action_id);

-- Since when an action is over, so that its answers go in time. 0: it is not, or
-- has been since before this was kept.
ALTER TABLE actions ADD COLUMN over_at BIGINT NOT NULL DEFAULT 0;

-- When somebody wants to be forgotten, their id is taken off the alerts that they
-- wrote, and off those whose audience was frozen as far as them.
CREATE INDEX alerts_by_author ON alerts (author_id);
CREATE INDEX alerts_by_frozen ON alerts (frozen_to) WHERE frozen_to <> '';

-- Through which organisation the one who answers was asked. '': the action's own.
ALTER TABLE rsvps ADD COLUMN organisation_id TEXT NOT NULL DEFAULT '';

-- Caused by somebody else: not sent any more once its reader has stopped.
ALTER TABLE outbox ADD COLUMN unasked BOOLEAN NOT NULL DEFAULT FALSE;

-- What is left of copies and answers when it is no longer kept whose they were.
CREATE TABLE delivery_counts (
  alert_id TEXT NOT NULL REFERENCES alerts (id),
  state    TEXT NOT NULL,
  people   BIGINT NOT NULL,
  PRIMARY KEY (alert_id, state)
);
CREATE TABLE rsvp_counts (
  action_id       TEXT NOT NULL REFERENCES actions (id),
  organisation_id TEXT NOT NULL,
  answer          TEXT NOT NULL,
  people          BIGINT NOT NULL,
  plus            BIGINT NOT NULL,
  PRIMARY KEY (action_id, organisation_id, answer)
);

-- What was counted when a number of people was last shown anew: what is shown
-- never moves by fewer than five of them.
CREATE TABLE shown_counts (
  question_index BYTEA NOT NULL PRIMARY KEY,
  people         BIGINT NOT NULL,
  shown_at       BIGINT NOT NULL
);

-- An organisation's people as they were last counted: how many read which language
-- where, and how many in which group, and nobody's id. Every number of an audience
-- is taken from it, and it is made anew only when five people differ from it.
CREATE TABLE cohorts (
  organisation_id TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
  people_sealed   BYTEA NOT NULL,
  version         BIGINT NOT NULL,
  counted_at      BIGINT NOT NULL
);
