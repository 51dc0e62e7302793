-- Somebody else caused a reply, whether or not its reader has asked for it, such as the
-- answer to a letter: it may come while others look at the phone.
ALTER TABLE outbox ADD COLUMN from_others BOOLEAN NOT NULL DEFAULT FALSE;
