-- One person in several chats: a code made in one and typed in the other joins them
-- into one member, once both have said yes.

-- When the member last said that messages are to come here. 0: never. Of those that
-- can be reached the latest is the one; where none was said, the newest.
ALTER TABLE addresses ADD COLUMN preferred_at BIGINT NOT NULL DEFAULT 0;
-- The lane of its updates (inbox.lane), kept of addresses that were linked: whoever is
-- forgotten from one of them leaves nothing unread in the others. NULL: never linked.
ALTER TABLE addresses ADD COLUMN lane_index BYTEA;

-- A code, and what became of it. One is open for each member; it goes when it has had
-- its effect, or its time is over.
CREATE TABLE links (
  id         TEXT NOT NULL PRIMARY KEY,
  member_id  TEXT NOT NULL REFERENCES members (id), -- who made the code
  address_id TEXT NOT NULL,              -- and where
  code_index BYTEA NOT NULL,
  state      TEXT NOT NULL,              -- open | typed | asked: the code was typed; who typed it said yes
  other_id   TEXT REFERENCES members (id), -- who typed it
  other_address_id TEXT NOT NULL,        -- and where; '' before
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  UNIQUE (member_id),
  UNIQUE (code_index)
);
CREATE INDEX links_by_other ON links (other_id);

-- A copy that was being written when its reader's chats were joined: under which member
-- it was begun, so that its end is still found.
ALTER TABLE deliveries ADD COLUMN begun_as TEXT NOT NULL DEFAULT '';
-- The reader may have had the same in another chat: this copy is never begun again.
ALTER TABLE deliveries ADD COLUMN had BOOLEAN NOT NULL DEFAULT FALSE;
