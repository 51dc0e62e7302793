-- Group chats in which Ella writes for a group of the directory.

-- A chat is connected to one group. Of what is said in it, and of who is in it,
-- nothing is kept, and neither is its title: people tell it by its number.
CREATE TABLE group_chats (
  id          TEXT NOT NULL PRIMARY KEY,
  account_id  TEXT NOT NULL REFERENCES accounts (id),
  group_id    TEXT NOT NULL REFERENCES groups (id),
  number      BIGINT NOT NULL,           -- within the group
  chat_index  BYTEA NOT NULL,            -- of (account, chat with its topic)
  whole_index BYTEA NOT NULL,            -- of (account, chat without its topic): who leaves it leaves every topic
  chat_sealed BYTEA NOT NULL,
  locales     TEXT NOT NULL,             -- JSON: list of locales to write in
  linked_by   TEXT NOT NULL,             -- whose role connected it; '' when they are forgotten
  state       TEXT NOT NULL,             -- on | off: Ella was taken out, or may not write there
  told        BOOLEAN NOT NULL,          -- those who answer for it know of its state
  created_at  BIGINT NOT NULL,
  changed_at  BIGINT NOT NULL,
  UNIQUE (chat_index)
);
CREATE INDEX group_chats_by_group ON group_chats (group_id, number);
CREATE INDEX group_chats_by_whole ON group_chats (whole_index);
CREATE INDEX group_chats_by_linker ON group_chats (linked_by);

-- The code with which a member connects a chat, once. One is open for each member.
CREATE TABLE group_chat_codes (
  member_id  TEXT NOT NULL PRIMARY KEY REFERENCES members (id),
  code_index BYTEA NOT NULL UNIQUE,
  group_id   TEXT NOT NULL REFERENCES groups (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX group_chat_codes_by_group ON group_chat_codes (group_id);

-- Whether an alert to a group goes to its group chats too.
ALTER TABLE alerts ADD COLUMN chats BOOLEAN NOT NULL DEFAULT FALSE;

-- A copy to a group chat: member_id is the chat's id then, and it is in no number of
-- people. shown is what of it has changed since it was sent, so that it is changed in
-- place only when it is to say something else: no words, and no number below five.
ALTER TABLE deliveries ADD COLUMN chat BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE deliveries ADD COLUMN shown TEXT NOT NULL DEFAULT '';
CREATE INDEX deliveries_to_chats ON deliveries (alert_id) WHERE chat;
