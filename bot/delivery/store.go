package delivery

import (
	"context"
	"time"

	"ella/bot"
)

// Store is the outbox and the ledger. All its errors hold nothing personal.
type Store interface {
	// Write runs a unit of work and returns when it is durable.
	Write(ctx context.Context, unit bot.Change) error
	// Unavailable reports whether an error says that the database takes no
	// writes for now.
	Unavailable(err error) bool

	// LastRef is the platform's name of the last message with that topic in
	// that chat; empty when there is none.
	LastRef(ctx context.Context, address bot.AddressID, topic string) (bot.Ref, error)
	// Welcome reports whether whoever has that address still wants to hear what they
	// did not ask for: not after a stop, nor when they are gone.
	Welcome(ctx context.Context, address bot.AddressID) (bool, error)
	// LeftReplies returns replies that nobody is sending: those of owners that
	// are gone, those whose time has come, and owner's own that it has had for a
	// minute and does not hold (a commit may succeed although Write reported an
	// error). It takes them over for owner and counts the attempt; a reply that
	// has no attempt left becomes unknown instead. In order of queueing, at most
	// limit.
	LeftReplies(ctx context.Context, owner string, held func(id string) bool, now time.Time, limit int) ([]bot.Queued, error)
	// ReplyGone forgets a reply that was sent and that nothing will ever change.
	ReplyGone(ctx context.Context, q bot.Queued) error
	// ReplyStands records that a reply arrived which nothing will ever change, on a
	// platform where it can be taken away: its ref is kept.
	ReplyStands(ctx context.Context, q bot.Queued, ref bot.Ref) error
	// ReplyEnded records how an attempt at any other reply ended.
	ReplyEnded(ctx context.Context, tx bot.Tx, q bot.Queued, end End) error
	// ReplyUnsent takes back an attempt that never left this machine: the reply
	// waits until due.
	ReplyUnsent(ctx context.Context, tx bot.Tx, q bot.Queued, due time.Time) error
	// Unreachable turns an address off until its owner writes again.
	Unreachable(ctx context.Context, tx bot.Tx, id bot.AddressID, kind bot.SendKind) error
	// Menu notes which list of commands the chat of an address shows.
	Menu(ctx context.Context, tx bot.Tx, id bot.AddressID, menu string) error
	// Rename gives an address the new name that its chat has on the platform.
	Rename(ctx context.Context, tx bot.Tx, id bot.AddressID, chat string) error
	// Queue puts replies into the outbox of the members that they name.
	Queue(ctx context.Context, tx bot.Tx, from bot.Address, replies []bot.Reply) ([]bot.Queued, error)

	// Running lists the alerts that are being sent.
	Running(ctx context.Context) ([]Running, error)
	// Recover takes back what owners that are gone had begun: back to planned
	// where an attempt is left, else unknown. It returns how many of each. Of
	// owner's own it takes back what it has had for a minute and does not hold,
	// by Copy.Key; see LeftReplies.
	Recover(ctx context.Context, owner string, held func(key string) bool, now time.Time) (again, unknown int, err error)
	// Lease takes at most n planned copies of an alert for owner until then, so
	// that no other process looks at them. It counts no attempt. The address in
	// each is what can be said now, for pacing.
	Lease(ctx context.Context, alert bot.AlertID, owner string, now, until time.Time, n int) ([]Copy, error)
	// Begin counts an attempt in each of these copies that is still planned and
	// leased by owner, and returns those with what is looked at once more;
	// durable when it returns.
	Begin(ctx context.Context, owner string, now time.Time, copies []Copy) ([]Copy, error)
	// Ended records how an attempt ended.
	Ended(ctx context.Context, tx bot.Tx, c Copy, end End, now time.Time) error
	// Unsent takes back an attempt that never left this machine, until then.
	Unsent(ctx context.Context, tx bot.Tx, c Copy, until, now time.Time) error
	// Close ends an alert that has nothing planned, attempting or held any more.
	// It reports false while there is.
	Close(ctx context.Context, alert bot.AlertID, now time.Time) (bool, error)
	// Alive renews owner's claim to be running, for ttl.
	Alive(ctx context.Context, owner string, now time.Time, ttl time.Duration) error
}

// Running is an alert that is being sent, or that was cancelled and still has
// copies to be set aside.
type Running struct {
	ID      bot.AlertID
	Expires time.Time
	// Cancelled: it was when this was read, or what it asks people to come to was
	// over. What counts is what the copy says.
	Cancelled bool
}

// Copy is one alert to one member, or to one group chat, with what is looked at once
// more right before it is written.
type Copy struct {
	Alert  bot.AlertID
	Member bot.MemberID
	// Chat: it goes to a group chat. Member and Address.ID are the chat's id then, and
	// Locales are the languages that it is written in there.
	Chat     bool
	Locales  []string
	Attempts int
	// Locale is the member's catalogue; Speaks what they asked for instead.
	Locale, Speaks string
	Zone           string
	// Discreet: the member wants a first line that gives nothing away.
	Discreet bool
	// Stopped: the member said stop, or left the organisation, since the audience was
	// frozen; of a group chat, it was disconnected, or its group or organisation is out.
	Stopped bool
	// Cancelled: the alert was.
	Cancelled bool
	// Over: what it asks people to come to is, for whoever asks them.
	Over bool
	// Address is where to send it; zero when none can be reached.
	Address bot.Address
}

// Key names a copy among everything that a delivery holds.
func (c Copy) Key() string { return string(c.Alert) + "/" + string(c.Member) }

// State is where a copy, or a reply, ended.
type State string

// The states that an attempt can end in.
const (
	Sent    State = "sent"
	Refused State = "refused"
	Unknown State = "unknown"
	Skipped State = "skipped"
	Planned State = "planned" // once more
)

// End is how an attempt ended.
type End struct {
	State  State
	Reason string // a bot.SendKind or a Skip; from a closed list
	Ref    bot.Ref
	// Stands: on its platform a message can be taken away.
	Stands bool
	// Locale is the variant's that was sent.
	Locale  string
	Address bot.AddressID
}

// The reasons for which a copy is skipped.
const (
	SkipStopped     = "stopped"
	SkipExpired     = "expired"
	SkipCancelled   = "cancelled"
	SkipOver        = "over"
	SkipUnreachable = "unreachable"
)
