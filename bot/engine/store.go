package engine

import (
	"context"

	"ella/bot"
	"ella/bot/message"
)

// Store keeps what the engine must not lose. All its errors wrap what was being
// done and hold nothing of any person.
type Store interface {
	// Accept makes an update durable before it returns. fresh is false when the
	// same account and key were accepted before, in whatever state they are now.
	// bot.ErrTooLarge when the body is.
	Accept(ctx context.Context, id string, raw bot.Raw) (w Waiting, fresh bool, err error)
	// Waiting returns accepted updates that are neither done nor parked, in the
	// order they were accepted, after the given id, at most limit.
	Waiting(ctx context.Context, after string, limit int) ([]Waiting, error)
	// Shared reports whether other processes work on the same database. Then a
	// lane is claimed before it is worked.
	Shared() bool
	// ClaimLane takes a lane for this process, until it releases it or dies, and
	// returns what waits in it then, in the order it was accepted; of very much
	// the eldest. mine is false when another process has it. Shared databases only.
	ClaimLane(ctx context.Context, lane string) (waiting []Waiting, mine bool, err error)
	// ReleaseLane gives a lane back and then reports whether anything is left in
	// it: whoever accepted that meanwhile found the lane taken and went away.
	ReleaseLane(ctx context.Context, lane string) (left bool, err error)

	// Person loads whoever the account knows as sender, with where their
	// conversation stands. bot.ErrNotFound for somebody new.
	Person(ctx context.Context, account bot.AccountID, sender string) (bot.Person, Conversation, error)

	// Write runs a unit of work and returns when it is durable.
	Write(ctx context.Context, unit bot.Change) error
	// Unavailable reports whether an error says that the database can't take
	// writes for now (full disk, lost connection), so that trying the same again
	// later is right and nothing is wrong with the update.
	Unavailable(err error) bool

	// These run inside a unit.

	// Join writes a new member with their address. bot.ErrConflict when the
	// sender is known by now.
	Join(ctx context.Context, tx bot.Tx, p bot.Person, sender string) error
	// Seen notes that the member wrote: their address can be reached again. Present
	// is for who is noted as here already. bot.ErrConflict when they were forgotten
	// since they were loaded: nothing more may be written of them, and nobody forgets
	// them before the unit ends.
	Seen(ctx context.Context, tx bot.Tx, p bot.Person) error
	Present(ctx context.Context, tx bot.Tx, id bot.MemberID) error
	// SetZone notes the zone in which times are shown to a member. bot.ErrConflict as
	// for Seen.
	SetZone(ctx context.Context, tx bot.Tx, id bot.MemberID, zone string) error
	// Unreachable turns an address off until its owner writes again.
	Unreachable(ctx context.Context, tx bot.Tx, id bot.AddressID, kind bot.SendKind) error
	// Converse stores where the conversation stands; a nil step ends it.
	// bot.ErrConflict when its version is no longer the one that was loaded.
	Converse(ctx context.Context, tx bot.Tx, id bot.MemberID, step *bot.Step, version int64) error
	// Finish ends an update: done, and its body deleted. bot.ErrConflict when it
	// was ended before.
	Finish(ctx context.Context, tx bot.Tx, updateID string) error
	// Failed counts a failed try. With park the update is set aside with its
	// reason for a human to look at. bot.ErrConflict when it was ended before.
	Failed(ctx context.Context, tx bot.Tx, updateID string, reason Reason, park bool) error
	// Queue puts replies into the outbox of the address, or of the member that a
	// reply names. Replies to a member without a reachable address are dropped, and
	// those to another member who has stopped, unless they asked for them.
	Queue(ctx context.Context, tx bot.Tx, from bot.Address, replies []bot.Reply) ([]bot.Queued, error)
}

// Waiting is an accepted update that was not acted on yet.
type Waiting struct {
	ID       string
	Account  bot.AccountID
	Lane     string
	Sender   string
	Body     []byte
	Attempts int
}

// Conversation is where a member's conversation stands. A new one is version 0.
type Conversation struct {
	Step    *bot.Step
	Version int64
	// Seen: the member is noted as here today and as reachable already.
	Seen bool
}

// Reason is why an update failed. The set is closed; nothing else is kept of it.
type Reason string

// The reasons.
const (
	Unreadable Reason = "unreadable" // the adapter can't decode it
	Panicked   Reason = "panicked"   // a room broke down
	RoomFailed Reason = "room"       // a room gave an error
	NotStored  Reason = "not-stored" // its unit could not be committed
	NoAccount  Reason = "no-account" // its account is not served by this process
)

// Outbox takes committed replies and sends them, in order for each address. It
// never blocks and never fails: what it does not send now it finds again in the store.
type Outbox interface {
	Send(replies []bot.Queued)
	// Notice answers a press with a short text, and with a start link that opens with
	// it where there is one. Best effort.
	Notice(account bot.AccountID, chat, press, text, link string)
	// Aloud says something in a group chat. Best effort.
	Aloud(account bot.AccountID, group string, m message.Message)
	// Page shows a member their own page. Best effort.
	Page(account bot.AccountID, chat string, page message.Message)
	// Window fills a window that waits. Where there is none any more, instead is said in
	// the chat, unless it is empty. Best effort.
	Window(account bot.AccountID, chat, window string, form message.Form, instead message.Message)
	// Menu shows a member their own list of commands, or everybody's again where it
	// is empty, and then notes the list's name, a.Menu. Best effort.
	Menu(a bot.Address, commands []bot.MenuItem)
}
