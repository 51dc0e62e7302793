package bot

import (
	"context"
	"time"

	"ella/bot/message"
)

// Queued is a reply that is committed and on its way. The commit that queued it
// also counted its first attempt, since whoever committed sends it at once: a
// crash in between leaves one attempt whose end is unknown, and MaxAttempts
// still holds.
type Queued struct {
	ID      string
	Address AddressID
	Account AccountID
	Chat    string
	Topic   string
	Replace bool
	Edit    Ref
	Message message.Message
	// TakeBack is a message to take away; then there is no other to send.
	TakeBack Ref
	// Discreet: its reader wants a first line that gives nothing away.
	Discreet bool
	// Unasked: somebody else caused it and its reader has not asked for it, so it is
	// held against their stop once more before it is written.
	Unasked bool
	// Attempts counts the attempts begun, this one included.
	Attempts int
	Due      time.Time
}

// MaxAttempts is how often anything is ever sent to one person: no crash and no
// time-out makes a third copy.
const MaxAttempts = 2

// Direct sends what may be lost or done twice without harm: an edit, a message taken
// away, a word in a group chat. It goes past the outbox, at the pace of replies; it
// waits where the platform asks it to, blocks until it is done or ctx ends, and tries
// nothing else again. Every failure is a *SendError.
type Direct func(ctx context.Context, account AccountID, out Outgoing) (Ref, error)

// Post is how a worker of a room writes to members outside of any turn: it commits
// the changes and the replies in one unit of work and sends the replies to the
// members that they name. It blocks until they are committed.
type Post func(ctx context.Context, replies []Reply, changes ...Change) error
