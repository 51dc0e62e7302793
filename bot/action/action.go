// Package action is the room for what people turn up to: who says that they
// come, how many they bring, and what the organiser sees of it.
package action

import (
	"context"
	"errors"
	"strconv"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Answer is what somebody said to an action.
type Answer string

// The answers. Saying nothing is not an answer, and never counted as a no.
const (
	Yes   Answer = "yes"
	Maybe Answer = "maybe"
	No    Answer = "no"
)

// Action is something people turn up to.
type Action struct {
	ID           bot.ActionID
	Organisation bot.OrganisationID
	Alert        bot.AlertID
	// Titles are what it is called, by locale; Original is the locale for readers
	// of any other.
	Titles   map[string]string
	Original string
	Over     bool
}

// title is what the action is called for a reader.
func (a Action) title(p language.Printer) string {
	if t := a.Titles[p.Locale()]; t != "" {
		return t
	}
	return a.Titles[a.Original]
}

// heading shows what the action is called.
func (a Action) heading(p language.Printer) message.Heading {
	return message.Heading{Spans: []message.Span{{Kind: message.Words, Text: a.title(p)}}}
}

// RSVP is one member's answer. Plus is how many they bring beside themselves.
type RSVP struct {
	Answer Answer
	Plus   int
}

// Counts are the answers to an action.
type Counts struct {
	Yes, Maybe, No int
	// Plus is how many those who said yes bring beside themselves.
	Plus int
	// Asked is how many were sent the invitation.
	Asked int
}

// Store is what this room reads and writes.
type Store interface {
	// Action reads one. bot.ErrNotFound.
	Action(ctx context.Context, id bot.ActionID) (Action, error)
	// Invited reports whether the member was sent the alert of an action.
	Invited(ctx context.Context, a Action, id bot.MemberID) (bool, error)
	// RSVP reads a member's answer. bot.ErrNotFound when there is none.
	RSVP(ctx context.Context, id bot.ActionID, member bot.MemberID) (RSVP, error)
	// Counts counts an action's answers.
	Counts(ctx context.Context, a Action) (Counts, error)
	// Open are the actions that a member was invited to, newest first.
	Open(ctx context.Context, member bot.MemberID, limit int) ([]Action, error)
	// Called are an organisation's actions, newest first.
	Called(ctx context.Context, organisation bot.OrganisationID, limit int) ([]Action, error)

	Create(ctx context.Context, tx bot.Tx, a Action, now time.Time) error
	// SetOver ends an action, or opens it again.
	SetOver(ctx context.Context, tx bot.Tx, id bot.ActionID, over bool) error
	// Reply writes a member's answer over an earlier one.
	Reply(ctx context.Context, tx bot.Tx, id bot.ActionID, member bot.MemberID, r RSVP, now time.Time) error
}

// Room is the action room.
type Room struct {
	Store    Store
	Language *language.Bundle
}

var _ bot.Room = (*Room)(nil)

const (
	verbPlus = "action.plus" // id, arg: how many
	verbOver = "action.over" // id, arg: yes|no
)

// maxPlus is how many one member may bring; more than that is a group of its own.
const maxPlus = 20

// offered is how many a member is offered to bring.
var offered = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, maxPlus}

// Name implements bot.Room.
func (*Room) Name() string { return "action" }

// Commands implements bot.Room.
func (*Room) Commands() []bot.Command {
	return []bot.Command{{Name: "actions"}, {Name: "results", For: []bot.RoleKind{bot.Organiser}}}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, _ string) (bot.Outcome, error) {
	if name == "results" {
		return r.list(ctx, t)
	}
	return r.mine(ctx, t)
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	a, err := r.Store.Action(ctx, bot.ActionID(v.ID))
	if err != nil {
		return bot.Outcome{}, err
	}
	switch v.Name {
	case bot.VerbRSVP:
		return r.answer(ctx, t, a, Answer(v.Arg))
	case verbPlus:
		return r.plus(ctx, t, a, v.Arg)
	case bot.VerbResults:
		return r.results(ctx, t, a)
	case verbOver:
		return r.end(ctx, t, a, v.Arg)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room: this room asks nothing that is answered in words.
func (*Room) Step(context.Context, bot.Turn) (bot.Outcome, error) {
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: an alert that asks people to come makes its action, and
// ends it when it is stopped.
func (r *Room) On(_ context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	switch e := e.(type) {
	case bot.CallMade:
		a := Action{ID: e.Action, Organisation: e.Organisation, Alert: e.Alert, Titles: e.Titles, Original: e.Original}
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Create(ctx, tx, a, t.Now) })
	case bot.CallEnded:
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetOver(ctx, tx, e.Action, true) })
	}
	return out, nil
}

// Invitation is what stands under an alert that asks people to come.
func Invitation(p language.Printer, id bot.ActionID) ([]message.Block, error) {
	choices, err := answers(p, id)
	return []message.Block{p.Paragraph("rsvp.ask"), choices}, err
}

func answers(p language.Printer, id bot.ActionID) (message.Choices, error) {
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("rsvp.yes"), bot.VerbRSVP, string(id), string(Yes))
	k.Add(p.Text("rsvp.maybe"), bot.VerbRSVP, string(id), string(Maybe))
	k.Add(p.Text("rsvp.no"), bot.VerbRSVP, string(id), string(No))
	return k.Choices()
}

// may reports whether this person can answer: they were asked. For anyone else
// the action does not exist, wherever they got the button from.
func (r *Room) may(ctx context.Context, t bot.Turn, a Action) error {
	invited, err := r.Store.Invited(ctx, a, t.Person.Member.ID)
	if err != nil {
		return err
	}
	if !invited {
		return bot.ErrNotFound
	}
	return nil
}

func (r *Room) answer(ctx context.Context, t bot.Turn, a Action, answer Answer) (bot.Outcome, error) {
	if answer != Yes && answer != Maybe && answer != No {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if err := r.may(ctx, t, a); err != nil {
		return bot.Outcome{}, err
	}
	rsvp, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		return bot.Outcome{}, err
	}
	rsvp.Answer = answer
	if answer == No {
		rsvp.Plus = 0
	}
	return r.reply(t, a, rsvp)
}

func (r *Room) plus(ctx context.Context, t bot.Turn, a Action, arg string) (bot.Outcome, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 0 || n > maxPlus {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if err := r.may(ctx, t, a); err != nil {
		return bot.Outcome{}, err
	}
	rsvp, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
	if errors.Is(err, bot.ErrNotFound) || (err == nil && rsvp.Answer == No) {
		return r.reply(t, a, RSVP{Answer: Yes, Plus: n})
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	rsvp.Plus = n
	return r.reply(t, a, rsvp)
}

// reply stores an answer and shows it, with what can still be changed.
func (r *Room) reply(t bot.Turn, a Action, rsvp RSVP) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	if a.Over {
		var out bot.Outcome
		out.Say(p.Message(p.Paragraph("rsvp.over")))
		return out, nil
	}
	id := t.Person.Member.ID
	card, err := r.card(p, a, rsvp)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Reply(ctx, tx, a.ID, id, rsvp, t.Now) })
	out.Replies = append(out.Replies, bot.Reply{Message: card, Topic: "rsvp:" + string(a.ID), Replace: true})
	out.Notice = p.Text("rsvp.noted." + string(rsvp.Answer))
	return out, nil
}

// card shows a member their answer to one action.
func (r *Room) card(p language.Printer, a Action, rsvp RSVP) (message.Message, error) {
	blocks := []message.Block{
		a.heading(p),
		p.Paragraph("rsvp.you." + string(rsvp.Answer)),
	}
	if rsvp.Answer != No {
		switch {
		case rsvp.Plus > 0:
			blocks = append(blocks, message.Paragraph{Spans: p.Plural("rsvp.bring", rsvp.Plus)})
		case rsvp.Answer == Yes:
			blocks = append(blocks, p.Paragraph("rsvp.alone"))
		}
		blocks = append(blocks, p.Paragraph("rsvp.ask-plus"))
		var k message.Keyboard
		for i, n := range offered {
			label := "+" + p.Number(n)
			if n == 0 {
				label = p.Text("rsvp.just-me")
			}
			if n == rsvp.Plus {
				label = "✓ " + label
			}
			if i%3 == 1 { // the first stands alone
				k.Break()
			}
			k.Add(label, verbPlus, string(a.ID), strconv.Itoa(n))
		}
		choices, err := k.Choices()
		if err != nil {
			return message.Message{}, err
		}
		blocks = append(blocks, choices)
	}
	blocks = append(blocks, p.Paragraph("rsvp.change"))
	choices, err := answers(p, a.ID)
	return p.Message(append(blocks, choices)...), err
}

// mine lists what a member was invited to, each with their answer.
func (r *Room) mine(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	open, err := r.Store.Open(ctx, t.Person.Member.ID, 5)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	for _, a := range open {
		rsvp, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
		switch {
		case errors.Is(err, bot.ErrNotFound):
			invitation, err := Invitation(p, a.ID)
			if err != nil {
				return bot.Outcome{}, err
			}
			out.Replies = append(out.Replies, bot.Reply{
				Message: p.Message(append([]message.Block{a.heading(p)}, invitation...)...), Topic: "rsvp:" + string(a.ID),
			})
		case err != nil:
			return bot.Outcome{}, err
		default:
			card, err := r.card(p, a, rsvp)
			if err != nil {
				return bot.Outcome{}, err
			}
			out.Replies = append(out.Replies, bot.Reply{Message: card, Topic: "rsvp:" + string(a.ID)})
		}
	}
	if len(open) == 0 {
		return out, sayWithCommand(&out, p, "groups", p.Paragraph("actions.none"))
	}
	return out, nil
}
