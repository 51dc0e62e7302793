// Package relay is the room in which what a member writes is carried to a person who
// answers for something in an organisation, and the answer back. Neither learns who
// the other is: only the words cross. So far it carries complaints, and what young
// people write.
package relay

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Kind is what a letter is about. The set is closed.
type Kind string

// The kinds of letters.
const (
	Complaint Kind = "complaint"
	Question  Kind = "question"
	// Young is of somebody who says that they are under 18. Its words are carried and
	// not kept.
	Young Kind = "young"
)

// State is what has become of a letter.
type State string

// The states of a letter.
const (
	Open     State = "open"
	Read     State = "read"
	Answered State = "answered"
	// Closed: its writer has stopped all messages since, so no answer is carried.
	Closed State = "closed"
)

// Letter is what a member wrote to an organisation.
type Letter struct {
	ID           bot.LetterID
	Kind         Kind
	Organisation bot.Organisation
	From         bot.MemberID
	// Locale is the catalogue that its writer reads, Speaks the language that they
	// asked for when no catalogue has it.
	Locale, Speaks string
	// Text is empty where the words are not kept.
	Text  string
	State State
}

// Recipient is somebody whom a letter reaches.
type Recipient struct {
	Member bot.MemberID
	Locale string
}

// Store is what this room reads and writes.
type Store interface {
	// Organisations are those that can be written to, oldest first.
	Organisations(ctx context.Context) ([]bot.Organisation, error)
	// Recipients are who is told of a letter to an organisation: its guardians, or
	// where there are none its organisers; those who can be reached, but for the one
	// who writes it.
	Recipients(ctx context.Context, organisation bot.OrganisationID, but bot.MemberID) ([]Recipient, error)
	// Unanswered are an organisation's letters that wait for an answer, the eldest first.
	Unanswered(ctx context.Context, organisation bot.OrganisationID, limit int) ([]Letter, error)
	// Letter reads one. bot.ErrNotFound.
	Letter(ctx context.Context, id bot.LetterID) (Letter, error)
	// Waiting counts the letters of a member that wait for an answer: those to one
	// organisation, or all where it is empty.
	Waiting(ctx context.Context, organisation bot.OrganisationID, from bot.MemberID) (int, error)

	// Write keeps a new letter.
	Write(ctx context.Context, tx bot.Tx, l Letter, now time.Time) error
	// Mark notes what has become of a letter; an answered one stays answered.
	// bot.ErrConflict when it is closed, or gone.
	Mark(ctx context.Context, tx bot.Tx, id bot.LetterID, state State, now time.Time) error
	// CloseAll closes the letters of a member: those to one organisation, or all
	// where it is empty.
	CloseAll(ctx context.Context, tx bot.Tx, from bot.MemberID, organisation bot.OrganisationID, now time.Time) error
}

// Room is the relay.
type Room struct {
	Store    Store
	Language *language.Bundle
	IDs      bot.IDs
}

var _ bot.Room = (*Room)(nil)

const (
	verbTo     = "relay.to"     // id: organisation, arg: kind
	verbRead   = "relay.read"   // id: letter
	verbAnswer = "relay.answer" // id: letter

	stepWrite  = "write"  // data: writing
	stepAnswer = "answer" // data: answering
)

// maxText is how many characters are carried at once: one message on every
// platform, with what Ella writes around it.
const maxText = 2000

// maxWaiting is how many letters of one member to one organisation may lie open.
const maxWaiting = 5

// Name implements bot.Room.
func (*Room) Name() string { return "relay" }

// Commands implements bot.Room. The command "young" is what the words of somebody
// mean who says that they are under 18: see language.Bundle.Young.
func (*Room) Commands() []bot.Command {
	return []bot.Command{
		{Name: "letters", Aside: true, For: []bot.RoleKind{bot.Guardian, bot.Organiser}},
		{Name: "complain", Aside: true, Early: true},
		{Name: "ask", Hidden: true, Early: true},
		{Name: "young", Hidden: true, Early: true},
	}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, _ string) (bot.Outcome, error) {
	switch name {
	case "young":
		return r.young(ctx, t)
	case "letters":
		return r.letters(ctx, t)
	case "ask":
		if t.Update.Window != "" {
			return r.emptyForm(ctx, t)
		}
		return r.begin(ctx, t, Question)
	}
	return r.begin(ctx, t, Complaint)
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbTo:
		return r.askWords(ctx, t, bot.OrganisationID(v.ID), Kind(v.Arg))
	case verbRead, verbAnswer:
		l, err := r.received(ctx, t, bot.LetterID(v.ID))
		if err != nil {
			return bot.Outcome{}, err
		}
		if v.Name == verbRead {
			return r.read(t, l)
		}
		return r.askAnswer(t, l)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room.
func (r *Room) Step(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	if t.Step.Version != 1 {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	switch t.Step.Name {
	case stepWrite:
		return r.write(ctx, t)
	case stepAnswer:
		return r.answer(ctx, t)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: whoever stops gets no answer to earlier letters either,
// and is told so.
func (r *Room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	stop, ok := e.(bot.SaidStop)
	if !ok {
		return out, nil
	}
	id := t.Person.Member.ID
	waiting, err := r.Store.Waiting(ctx, stop.Organisation, id)
	if err != nil || waiting == 0 {
		return out, err
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.CloseAll(ctx, tx, id, stop.Organisation, t.Now)
	})
	p := r.Language.For(t.Locale)
	out.Say(p.Message(p.Paragraph("relay.stopped")))
	return out, nil
}

// sayWithHelp says something with the button of the help: no dead end.
func sayWithHelp(out *bot.Outcome, p language.Printer, said ...message.Block) error {
	var k message.Keyboard
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	out.Say(p.Message(append(said, choices)...))
	return err
}
