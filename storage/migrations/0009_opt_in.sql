-- Who opted in from which group chat: they pressed the button there by which one
-- writes to Ella in private, and said yes to the organisation of the chat's group.
CREATE TABLE opt_ins (
  chat_id   TEXT NOT NULL REFERENCES group_chats (id),
  member_id TEXT NOT NULL REFERENCES members (id),
  since     BIGINT NOT NULL,
  PRIMARY KEY (chat_id, member_id)
);
CREATE INDEX opt_ins_by_member ON opt_ins (member_id);

-- When the people of a chat were last invited to write to Ella in private; 0 never.
-- invite is how far the message is: '' | asked | writing. It is written once at most.
ALTER TABLE group_chats ADD COLUMN invited_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE group_chats ADD COLUMN invite TEXT NOT NULL DEFAULT '';

-- Which of the platform's own lists of people an alert is for: what the platform calls
-- it, and its people. Who is in it is never kept.
ALTER TABLE alerts ADD COLUMN roster_sealed BYTEA;
