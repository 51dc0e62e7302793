package bot

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"ella/bot/message"
)

// Room owns one thing people come for: its rules and its conversations. All
// methods compute outside any transaction and do no I/O but reading through the
// room's own store; what is to change is in the Outcome, which the engine
// commits whole or not at all. They are called for many members at once, for
// one member one at a time, and may be called again for the same update.
type Room interface {
	// Name is the room's name: the first part of its verbs and steps.
	Name() string
	// Commands are the commands that the room answers. Always the same.
	Commands() []Command
	// Command answers one of them; rest is what was typed after it, trimmed.
	Command(ctx context.Context, t Turn, name, rest string) (Outcome, error)
	// Press answers a button whose verb begins with the room's name. The data
	// may be old, forged or meant for somebody else: look up who may.
	Press(ctx context.Context, t Turn, v message.Verb) (Outcome, error)
	// Step goes on with a conversation of this room (t.Step.Room == Name). An
	// unknown step name or version is ErrUnknownStep: the engine restarts politely.
	Step(ctx context.Context, t Turn) (Outcome, error)
	// On answers an event of another room, for the same member in the same unit.
	// A room that has no interest returns the zero Outcome.
	On(ctx context.Context, t Turn, e Event) (Outcome, error)
}

// Listener is a room that may understand words which no conversation waits for and
// which are no command.
type Listener interface {
	Room
	// Overhear answers them, and reports false when they mean nothing to it.
	Overhear(ctx context.Context, t Turn) (Outcome, bool, error)
}

// Host is the room that answers in group chats. Everybody in one reads what is said
// there, and nothing is kept of people who only speak there: of whoever Ella does not
// know, t.Person is zero, and no change may write them.
type Host interface {
	Room
	// InGroup answers what was done in a group chat, but for buttons.
	InGroup(ctx context.Context, t Turn) (Outcome, error)
	// Unknown answers whoever pressed a button there and has no conversation with Ella,
	// or one that has not come through the first minute.
	Unknown(ctx context.Context, t Turn) (Outcome, error)
}

// PressedInGroup is a room with buttons that may be pressed in a group chat.
type PressedInGroup interface {
	Room
	// PressInGroup answers such a press of somebody whom Ella knows. The notice is for
	// them alone; what changes in the group chat shows numbers and never a person.
	PressInGroup(ctx context.Context, t Turn, v message.Verb) (Outcome, error)
}

// Paged is a room that has something to show on a member's own page.
type Paged interface {
	Room
	// Page is its part of it, read from top to bottom; none where there is nothing to
	// show. t.Update says nothing that matters.
	Page(ctx context.Context, t Turn) ([]message.Block, error)
}

// Formed is a room with forms.
type Formed interface {
	Room
	// Filled answers a form that was sent, by its data: a verb that begins with the room's
	// name, like a button's. The data and t.Update.Fields may be old or forged. A form in
	// the outcome takes its place, with the problems in it; else the window says that the
	// answer stands in the conversation.
	Filled(ctx context.Context, t Turn, v message.Verb) (Outcome, error)
}

// Command is something that can be typed after a slash, or pressed.
type Command struct {
	Name string // without the slash
	// For is who sees and may use it; empty means everyone. To anyone else it
	// does not exist.
	For []RoleKind
	// Hidden commands work and are not listed. Aside ones are listed in the help
	// and have no button in the menu: a message of their room leads to them.
	Hidden, Aside bool
	// Early commands work before the member has chosen a language and said yes to
	// what is stored, and so do the buttons of a room that has one. Any other makes
	// Ella ask for these first: a platform's hint only orders the picker.
	Early bool
}

// Allows reports whether the person may use the command.
func (c Command) Allows(p Person) bool {
	if len(c.For) == 0 {
		return true
	}
	return slices.ContainsFunc(c.For, p.Has)
}

// VerbCommand is the verb of a button that stands for a command; its Arg is the
// command's name.
const VerbCommand = "do"

// Step is where a conversation stands. It is stored as JSON; a step that a
// later version no longer knows restarts politely.
type Step struct {
	Room    string          `json:"room"`
	Name    string          `json:"name"`
	Version int             `json:"v"`
	Data    json.RawMessage `json:"data,omitempty"`
	// Verbatim: what is typed is carried to somebody as it is, so that "help me" is
	// no command. Only stop is heard.
	Verbatim bool `json:"verbatim,omitempty"`
	// Under is the step of the first minute that this one interrupted, which goes on
	// when it is done. The engine keeps it.
	Under *Step `json:"under,omitempty"`
}

// NewStep builds a step of version 1 with its data.
func NewStep(room, name string, data any) *Step {
	s := &Step{Room: room, Name: name, Version: 1}
	if data != nil {
		// Step data are structs of strings and numbers: they always marshal.
		s.Data, _ = json.Marshal(data)
	}
	return s
}

// Turn is one update of one member, as a room sees it.
type Turn struct {
	Person Person
	Update Update
	// Account is through which the update came. In group chats that is all that is
	// known of whoever Ella does not know.
	Account AccountID
	// Step is where the member's conversation stands, nil when none is under way.
	Step *Step
	Now  time.Time
	// Locale is the catalogue to answer in: the member's own, or the best hint
	// while they have chosen none.
	Locale string
	// Can is what the member's platform can do.
	Can Capabilities
	// Commands are those this member may use, in the order of the rooms.
	Commands []Command
}

// Outcome is what a step asks the engine to commit, all of it or nothing.
// The zero value changes nothing and says nothing.
type Outcome struct {
	Replies []Reply
	// Notice is a short text shown at a pressed button, and NoticeLink a start link
	// that opens with it.
	Notice, NoticeLink string
	// Begin begins a private conversation with whoever pressed a button in a group chat and
	// has none, as if they had come by a link that asks for this. Only a Host's answer to
	// such a press does, and only where Capabilities.Begins.
	Begin *Arrival
	// Aloud is said in the group chat in which this was done, for everybody there to
	// read. Best effort: it may be lost, so nothing may hang on it.
	Aloud *message.Message
	// Form is shown in the window that opened with this update (t.Update.Window), if one
	// did. Best effort: with a form there is no need for replies, since whoever closes it
	// wants none.
	Form *message.Form
	// Next is the step that waits for the member's next words. Done ends the
	// conversation. Neither leaves it where it stands.
	Next *Step
	Done bool
	// Changes run in order inside the unit of work. They must touch nothing but
	// the database, through the room's store.
	Changes []Change
	// Events are handed to every other room after this outcome.
	Events []Event
}

// Say adds a message to the member.
func (o *Outcome) Say(m message.Message) { o.Replies = append(o.Replies, Reply{Message: m}) }

// Do adds a change.
func (o *Outcome) Do(c Change) { o.Changes = append(o.Changes, c) }

// Add takes over everything of another outcome, after what is already there.
func (o *Outcome) Add(other Outcome) {
	o.Replies = append(o.Replies, other.Replies...)
	o.Changes = append(o.Changes, other.Changes...)
	o.Events = append(o.Events, other.Events...)
	if other.Notice != "" {
		o.Notice, o.NoticeLink = other.Notice, other.NoticeLink
	}
	if other.Form != nil {
		o.Form = other.Form
	}
	if other.Aloud != nil {
		o.Aloud = other.Aloud
	}
	if other.Next != nil {
		o.Next, o.Done = other.Next, false
	}
	if other.Done {
		o.Next, o.Done = nil, true
	}
}

// Reply is a message to one member.
type Reply struct {
	// To is the member; empty means the one whose turn it is.
	To MemberID
	// At is one chat of theirs, where they have several; empty: for whoever's turn it is
	// the one that they write in, and for others the one they prefer. It is looked up once
	// the changes are made, and a reply to a chat that is not theirs is dropped.
	At      AddressID
	Message message.Message
	// Topic names what the message shows ("alert-progress:ID"), at most 64
	// bytes. A later reply with the same topic and Replace edits the last one
	// in that chat, or is sent anew where there is none.
	Topic   string
	Replace bool
	// Edit is a message to change in place, usually the one that was pressed.
	Edit Ref
	// TakeBack is a message of the chat to take away, Ella's or the reader's own. Such
	// a reply says nothing.
	TakeBack Ref
	// Asked: whoever it is for has asked for it, and gets it though they have
	// stopped all messages. To anybody else who has stopped nothing is said but in
	// their own turns.
	Asked bool
}

// Tx is a unit of work under way. It is opaque: only the store that began it
// can use it, and it is void once the unit ends.
type Tx interface{ UnitOfWork() }

// Change is one part of a unit of work.
type Change func(ctx context.Context, tx Tx) error
