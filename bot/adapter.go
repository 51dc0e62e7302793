package bot

import (
	"context"
	"errors"
	"time"

	"ella/bot/message"
)

// Adapter is one account of one platform: the only door to it. An adapter
// receives, decodes, lowers and sends; it stores nothing but through a port and
// knows nothing of members.
type Adapter interface {
	// Capabilities states what the platform can do. It does no I/O and always
	// gives the same answer.
	Capabilities() Capabilities
	// Receive takes updates from the platform until ctx ends, and then returns
	// nil. For each it decodes only enough to name it, calls inbox.Accept, and
	// acknowledges only after Accept returned nil, or ErrTooLarge: that one would
	// never be taken. It blocks. It may be called again once it has returned, never
	// twice at a time. Any error it returns stops this account and is reported.
	Receive(ctx context.Context, inbox Inbox) error
	// Decode reads a raw update, of this version's or any earlier version's
	// shape. It does no I/O. An update that it can't read is ErrUnreadable; one
	// that it can read and that holds nothing for Ella has kind Other.
	// Text in it is valid UTF-8 without NUL.
	Decode(raw []byte) (Update, error)
	// Send lowers and sends one message, and waits for the platform's answer.
	// Every failure is a *SendError. It never retries: the caller is the one
	// retry layer. It may be called for many chats at once.
	Send(ctx context.Context, out Outgoing) (Ref, error)
}

// Typist is an adapter whose platform can show that an answer is on its way.
type Typist interface {
	// Typing shows it once. Best effort: it returns nothing, may be dropped, and
	// must not block for longer than ctx.
	Typing(ctx context.Context, chat string)
}

// Ref is the platform's own name of a message in a chat. Opaque outside the adapter.
type Ref string

// Outgoing is one message on its way to one chat.
type Outgoing struct {
	Chat    string
	Message message.Message
	// Edit is the message to change in place. When the platform can't, the
	// adapter sends a new one and returns its Ref.
	Edit Ref
	// Silent asks the platform to make no sound.
	Silent bool
	// Bulk: it is one of many copies. It lets whatever one person waits for pass.
	Bulk bool
	// Press, when set, is the button press that this answers; Notice is the
	// short text shown for it, and NoticeLink a start link that opens with it, for
	// whoever can't be written to yet. A send with a Press and no blocks only answers
	// the press: it is best effort and returns no Ref.
	Press, Notice, NoticeLink string
	// TakeBack are messages of this chat to take away, Ella's own or the reader's;
	// one that is gone, or too old, is no failure. A send with TakeBack and no blocks
	// does nothing else and returns no Ref.
	TakeBack []Ref
}

// Menus is an adapter whose platform shows each member their own list of commands.
type Menus interface {
	// Menu replaces the list that a chat shows; an empty one brings back what
	// everybody sees. It blocks for one call and may be repeated. Every failure is a
	// *SendError.
	Menu(ctx context.Context, chat string, commands []MenuItem) error
}

// MenuItem is a command with what it does, in the reader's language.
type MenuItem struct{ Command, About string }

// Pages is an adapter whose platform gives each member a page of their own with Ella.
type Pages interface {
	// Publish replaces the page of whoever a chat is with. It blocks for one call and may
	// be repeated. Every failure is a *SendError.
	Publish(ctx context.Context, chat string, page message.Message) error
}

// Windows is an adapter whose platform can show a form over the conversation. The adapter
// opens a window in the moment of a press that asks for one, since the platform waits no
// longer; it says there that it takes a moment, until it is filled.
type Windows interface {
	// Fill shows a form in the window of an update (Update.Window). It blocks for one
	// call. Every failure is a *SendError: Gone when the window was closed.
	Fill(ctx context.Context, chat, window string, form message.Form) error
}

// Acquaintance is an adapter whose platform knows more of a person than their updates
// say.
type Acquaintance interface {
	// Hints is asked once of somebody new. It blocks for one call, at most for ctx; what
	// it can't find out is empty.
	Hints(ctx context.Context, sender string) Hints
}

// Hints are a platform's guesses about a person.
type Hints struct {
	// Locale is a BCP 47 tag, which only orders the picker, and Zone an IANA time zone.
	Locale, Zone string
}

// Rosters is an adapter whose platform has lists of people that it tells.
type Rosters interface {
	// Rosters are the lists, and Within calls each with the people of one, some at a time,
	// by the names that their updates carry (Update.Sender). Both block for a call or
	// more. ErrNoRosters when the account may not see them; ErrNotFound for a list that
	// is gone; any other error may be over later. None holds anything of a person.
	Rosters(ctx context.Context) ([]Roster, error)
	Within(ctx context.Context, roster string, each func(senders []string) error) error
}

// Roster is a list of people of a platform. Both are the platform's; Name was written by
// people.
type Roster struct{ ID, Name string }

// ErrNoRosters reports an account that may not see the lists of people.
var ErrNoRosters = errors.New("bot: the account may not see lists of people")

// Capabilities is what a platform can do, as data. The core may branch on these
// and never on which platform it is.
type Capabilities struct {
	// Platform is what people call it ("Telegram"): its company can see what is
	// written. Empty where nobody else can.
	Platform string
	// StartLink is the address that begins a conversation with Ella, with {} where
	// the payload of /start stands (letters, digits, - and _, at most 64 of them).
	// Empty where there is none.
	StartLink string
	// GroupChats: Ella can be in group chats, and what is written there for her arrives.
	GroupChats bool
	// GroupLink is the address that brings Ella into a group chat, with {} for the
	// payload that she is then given there. Empty where
	// people add her there as they add a person.
	GroupLink string
	// Begins: whoever presses a button in a group chat can be written to in private. Where
	// not, only a StartLink begins a conversation.
	Begins bool
	// TakesBack is for how long after it was written a message can be taken away.
	// 0: never.
	TakesBack time.Duration
	// Forms: forms can be shown (Windows), from any button that asks for one.
	Forms bool
	// Files: a file can be sent.
	Files bool
	// Edit: messages can be changed in place.
	Edit bool
	// Pictures: images can be shown; otherwise their text alternative is.
	Pictures bool
	// Location: a button can ask for the reader's location.
	Location bool
	// ButtonRow is how many buttons fit side by side; Buttons how many in all.
	ButtonRow, Buttons int
	// MessageUnits is how many UTF-16 units one message holds.
	MessageUnits int
	// OneReceiver: the platform gives an account's updates to one process at a
	// time (long polling), so that of several on one database one calls Receive.
	OneReceiver bool
	// AlertsPerSecond is how many alerts a second the platform allows an
	// account. 0 means no limit.
	AlertsPerSecond float64
}

// SendKind is why a message was not sent. The set is closed.
type SendKind string

// The kinds of failure, and what follows from each.
const (
	NotSent   SendKind = "not-sent"   // never left this machine: try again
	Throttled SendKind = "throttled"  // refused for now: wait RetryAfter; not an attempt
	Unclear   SendKind = "unclear"    // left, and no answer came: it may have arrived
	Blocked   SendKind = "blocked"    // the member blocked Ella: the address is off until they write
	Gone      SendKind = "gone"       // the chat or its owner no longer exists: the address is off
	Moved     SendKind = "moved"      // the chat has another name now: NewChat
	Markup    SendKind = "markup"     // the platform refused the form: send it as plain text
	Invalid   SendKind = "invalid"    // the platform refused the content: a fault of ours, never tried again
	NoAccess  SendKind = "no-access"  // the account's token no longer works: stop the account
	NotYet    SendKind = "not-yet"    // the account is not connected: wait
	Forbidden SendKind = "no-consent" // the platform does not let Ella begin this conversation
)

// Passing reports that nothing was sent, and that it is worth trying again.
func (k SendKind) Passing() bool { return k == NotSent || k == Throttled || k == NotYet }

// Hopeless reports that nothing reaches this chat, whatever it is.
func (k SendKind) Hopeless() bool {
	switch k {
	case Blocked, Gone, Forbidden, Moved, NoAccess:
		return true
	default:
		return false
	}
}

// SendError is the only error that Adapter.Send returns. It holds no text, no
// name, no chat and no token: its message is safe to log.
type SendError struct {
	Kind       SendKind
	RetryAfter time.Duration // for Throttled
	// ChatOnly: what is throttled is this chat; the account may write to others.
	ChatOnly bool
	NewChat  string // for Moved; never logged
	// Code is the platform's own error code or number, from a list known to
	// hold nothing personal; may be empty.
	Code string
}

func (e *SendError) Error() string {
	if e.Code == "" {
		return "send: " + string(e.Kind)
	}
	return "send: " + string(e.Kind) + " (" + e.Code + ")"
}

// OrNil is e as an error: nil for a nil e, which as a *SendError in an error is none.
func (e *SendError) OrNil() error {
	if e == nil {
		return nil
	}
	return e
}

// SendKindOf is the kind of a failed send; an error that is no *SendError is
// Unclear, since nothing is known about it. It returns "" for nil.
func SendKindOf(err error) SendKind {
	if err == nil {
		return ""
	}
	if se, ok := errors.AsType[*SendError](err); ok {
		return se.Kind
	}
	return Unclear
}
