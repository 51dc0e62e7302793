package bot

import (
	"context"
	"errors"
	"time"
)

// Raw is an update as the platform gave it, with just enough read to name it.
type Raw struct {
	Account AccountID
	// Key is unique for this update within the account, and the same when the
	// platform delivers it again.
	Key string
	// Sender names who it is from, within the account; it decides the lane, so
	// that one person's updates are taken one after the other.
	Sender string
	// Body is the update, kept encrypted until it has been acted on. At most
	// 1 MiB; longer ones are refused by Accept.
	Body []byte
}

// Inbox takes updates in. Accept returns nil only when the update is durable,
// or was already accepted under the same key. Many may call it at once; it
// blocks while too many updates wait.
type Inbox interface {
	Accept(ctx context.Context, raw Raw) error
}

// ErrUnreadable reports an update that an adapter can't decode. It carries
// nothing of the update.
var ErrUnreadable = errors.New("bot: unreadable update")

// UpdateKind is what a member did. The set is closed.
type UpdateKind string

// The kinds of updates.
const (
	TextSent       UpdateKind = "text"
	ButtonPressed  UpdateKind = "press"
	LocationShared UpdateKind = "location"
	ChatBlocked    UpdateKind = "blocked"     // the member blocked Ella on the platform
	ChatUnblocked  UpdateKind = "unblocked"   // and lifted it
	Unsupported    UpdateKind = "unsupported" // a sticker, a file: deserves a kind answer
	VoiceSent      UpdateKind = "voice"       // a voice note: so does it
	TextChanged    UpdateKind = "changed"     // the member changed what they had written: what it said was acted on
	BroughtBack    UpdateKind = "brought"     // the member sent one of Ella's own messages to her
	PageOpened     UpdateKind = "page"        // the member looks at their own page
	ShortcutUsed   UpdateKind = "shortcut"    // a command chosen from the platform's menu: Text, about Quoted
	FormFilled     UpdateKind = "form"        // a form was sent: Data and Fields
	ProfileChanged UpdateKind = "profile"     // what the platform knows of them is another: LocaleHint, Zone
	Other          UpdateKind = "other"       // nothing for Ella: no answer

	// These are done in group chats: Update.Group says in which.
	GroupJoined UpdateKind = "group-joined" // Ella was brought in, or may write there again
	GroupLeft   UpdateKind = "group-left"   // she was taken out, or may not write there any more
	GroupMoved  UpdateKind = "group-moved"  // the platform gave it another name: NewGroup
	ChatLeft    UpdateKind = "chat-left"    // the sender left it, or was taken out, where the platform says so
)

// Update is one thing that one person did.
type Update struct {
	Kind UpdateKind
	// Sender and Chat are the platform's names of the person and of their private
	// conversation with Ella, also when they did it in a group: what is said to
	// one person must never be read by others. Opaque outside the adapter.
	Sender, Chat string
	// Text is what was typed, whole, for TextSent. Commands arrive as typed.
	Text string
	// Data is a pressed button's data, as it came: it may be forged. Message is
	// the message it stood on; Press names the press for an answer. What is sent has
	// its own name as Message.
	Data    string
	Message Ref
	Press   string
	// OnPage: the button was pressed on the member's own page, so whoever pressed it does
	// not see the conversation at this moment.
	OnPage bool
	// Window is the window that opened with this, or that this came from: it waits to be
	// filled (Windows.Fill). Empty where none did.
	Window string
	// Fields are what was filled in, by the names of the form's fields, for FormFilled. It
	// came from outside: what is missing was left empty, or forged away.
	Fields map[string]string
	// Quoted are the words of the message that a shortcut was used on, whoever wrote them;
	// empty where it was used on none.
	Quoted string
	// Answers is the message of Ella's that a text was written as an answer to.
	Answers Ref
	// Group is the platform's name of the group chat in which it was done, with the
	// topic of it, after a slash, where it has topics; empty in private. Everybody there
	// reads what is said there. NewGroup is its name from now on, for GroupMoved.
	Group, NewGroup string
	// Nameless: the platform hides who did it (an anonymous administrator, a channel):
	// Sender is then nobody's.
	Nameless bool
	// Lat and Lng are a shared location, in degrees. Never stored.
	Lat, Lng float64
	// LocaleHint is the platform's guess of the person's language, a BCP 47 tag
	// or empty. It only orders the picker.
	LocaleHint string
	// Zone is the IANA time zone that the platform knows of the person, for
	// ProfileChanged; empty where it does not say.
	Zone string
	// At is when the platform says it happened; zero where it does not say.
	At time.Time
}
