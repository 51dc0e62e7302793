-- Discretion: what others may see of Ella on a member's phone.

-- Before what somebody else caused stands a line that gives nothing away.
ALTER TABLE members ADD COLUMN discreet BOOLEAN NOT NULL DEFAULT FALSE;
-- An id, set with forgotten_at: replies with a later one say goodbye. What was sent
-- before them is taken away from the chat.
ALTER TABLE members ADD COLUMN goodbye_from TEXT NOT NULL DEFAULT '';

-- Which list of commands the chat shows: a hash of it; '' for everybody's.
ALTER TABLE addresses ADD COLUMN menu TEXT NOT NULL DEFAULT '';

-- Such a reply says nothing: the message that edit_sealed names is to be taken away.
-- On platforms where that can be done, a sent reply stays for as long as it can, with
-- nothing but its ref.
ALTER TABLE outbox ADD COLUMN takes_back BOOLEAN NOT NULL DEFAULT FALSE;
