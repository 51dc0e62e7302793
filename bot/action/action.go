// Package action is the room for what people turn up to: who says that they
// come, how many they bring, and what the organiser sees of it.
package action

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/headcount"
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
	// Alert is the one that it began with; empty when that has gone with the
	// organisation that had called it.
	Alert bot.AlertID
	// Titles are what it is called, by locale; Original is the locale for readers
	// of any other.
	Titles   map[string]string
	Original string
	Over     bool
	// Paused: the organisation that called it is, or is on its way out. Nobody joins
	// in while that is so, and nobody else is asked to come.
	Paused bool
}

// title is what the action is called for a reader.
func (a Action) title(p language.Printer) string {
	if t := a.Titles[p.Locale()]; t != "" {
		return t
	}
	return a.Titles[a.Original]
}

// called is what the action is called, as a value of an entry.
func (a Action) called(p language.Printer) language.Value {
	return language.Words("Title", a.title(p))
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

// Counts are the answers of those whom one organisation asked.
type Counts struct {
	Yes, Maybe, No int
	// Plus is how many those who said yes bring beside themselves.
	Plus int
	// Asked is how many were sent an invitation.
	Asked int
}

// Sharing is how far an organisation takes part in an action of another.
type Sharing string

// The states of sharing. Each organisation writes to its own people only; of the
// other's it learns how many come altogether, while both want it.
const (
	Unasked  Sharing = ""
	Asked    Sharing = "asked"
	Accepted Sharing = "accepted"
	Declined Sharing = "declined"
	// Ended by either side, or taken back before it was answered.
	Ended Sharing = "ended"
)

// Partner is another organisation than the action's own, and how far it takes part.
type Partner struct {
	bot.Organisation
	Sharing Sharing
	// Wrote is set when it has asked its own people to come: their answers stay
	// its own to see, whatever becomes of the sharing.
	Wrote bool
}

// Store is what this room reads and writes.
type Store interface {
	// Action reads one. bot.ErrNotFound.
	Action(ctx context.Context, id bot.ActionID) (Action, error)
	// AskedBy is the organisation that first sent the member an alert which asks
	// them to come to an action. bot.ErrNotFound when none did.
	AskedBy(ctx context.Context, id bot.ActionID, member bot.MemberID) (bot.OrganisationID, error)
	// Answered finds the action whose invitation, or whose card, stands under that name
	// in a member's chat. bot.ErrNotFound.
	Answered(ctx context.Context, address bot.AddressID, card bot.Ref) (bot.ActionID, error)
	// Invited are the open actions that somebody was sent an invitation to, or was shown,
	// or answered since a time, newest first.
	Invited(ctx context.Context, person bot.Person, since time.Time, limit int) ([]Action, error)
	// LastAsked reports whether nothing else stands in somebody's chat below what last
	// asked them about an action, as far as it is kept what stands there.
	LastAsked(ctx context.Context, id bot.ActionID, person bot.Person) (bool, error)
	// AskedIn is the organisation that asked, in the group chat that the platform calls
	// so, to come to an action. bot.ErrNotFound when none did, or may any more.
	AskedIn(ctx context.Context, id bot.ActionID, account bot.AccountID, group string) (bot.OrganisationID, error)
	// Shown reports whether somebody was shown an action's card, or has answered.
	Shown(ctx context.Context, id bot.ActionID, person bot.Person) (bool, error)
	// RSVP reads a member's answer. bot.ErrNotFound when there is none.
	RSVP(ctx context.Context, id bot.ActionID, member bot.MemberID) (RSVP, error)
	// Counts counts the answers of those whom an organisation asked.
	Counts(ctx context.Context, a Action, organisation bot.OrganisationID) (Counts, error)
	// Open are the actions that a member was asked to come to, or answered, newest first.
	Open(ctx context.Context, member bot.MemberID, limit int) ([]Action, error)
	// Called are the actions of an organisation and those that it takes part in,
	// newest first.
	Called(ctx context.Context, organisation bot.OrganisationID, limit int) ([]Action, error)
	// Organisation reads one. bot.ErrNotFound.
	Organisation(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error)
	// Partners are all other organisations that are not paused, by name, whether
	// or not they take part.
	Partners(ctx context.Context, a Action) ([]Partner, error)
	// Organisers are the members who organise for an organisation now and have not
	// stopped.
	Organisers(ctx context.Context, organisation bot.OrganisationID) ([]bot.Member, error)
	// Recall fills in what was counted when each number was last shown anew.
	Recall(ctx context.Context, counts ...*headcount.Count) error

	Create(ctx context.Context, tx bot.Tx, a Action, now time.Time) error
	// SetOver ends an action, or opens it again.
	SetOver(ctx context.Context, tx bot.Tx, id bot.ActionID, over bool) error
	// Reply writes a member's answer over an earlier one. An earlier one stays with
	// the organisation that asked for it.
	Reply(ctx context.Context, tx bot.Tx, id bot.ActionID, member bot.MemberID, by bot.OrganisationID, r RSVP, now time.Time) error
	// Agree is a member's own yes to hearing from an organisation. It may be repeated.
	Agree(ctx context.Context, tx bot.Tx, member bot.MemberID, organisation bot.OrganisationID, now time.Time) error
	// Share takes an organisation's part in an action from one state to the next.
	// bot.ErrConflict when it stands elsewhere by now.
	Share(ctx context.Context, tx bot.Tx, id bot.ActionID, organisation bot.OrganisationID, from, to Sharing, now time.Time) error
	// Keep notes numbers that are shown anew. bot.ErrConflict when one of them was
	// shown to somebody else meanwhile.
	Keep(ctx context.Context, tx bot.Tx, counts []*headcount.Count, now time.Time) error
}

// Room is the action room.
type Room struct {
	Store    Store
	Language *language.Bundle
	// Words are those of an alert for one reader, without the question; the alert room
	// has them. bot.ErrNotFound when it is gone, or was taken back.
	Words func(ctx context.Context, id bot.AlertID, reader bot.Reader) ([]message.Block, error)
}

var _ bot.Room = (*Room)(nil)

const (
	verbPlus    = "action.plus"    // id, arg: how many
	verbOver    = "action.over"    // id, arg: yes|no
	verbShare   = "action.share"   // id: with whom, arg: how many were shown
	verbAsk     = "action.ask"     // id, arg: organisation to be asked
	verbAccept  = "action.accept"  // id, arg: organisation that was asked
	verbDecline = "action.decline" // id, arg: organisation that was asked
	verbPart    = "action.part"    // id, arg: organisation whose part ends
	verbSaid    = "action.said"    // id, arg: what somebody said in words
	verbHear    = "action.hear"    // id, arg: organisation, or no
	verbPicture = "action.picture" // id: its link as a picture
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
		return r.results(ctx, t, a, bot.OrganisationID(v.Arg))
	case verbOver:
		return r.end(ctx, t, a, v.Arg)
	case verbSaid:
		h, ok := readHeard(v.Arg)
		if !ok {
			return bot.Outcome{}, bot.ErrUnknownStep
		}
		return r.chosen(ctx, t, a, h)
	case verbHear:
		return r.hear(ctx, t, a, v.Arg)
	case bot.VerbLink, verbPicture:
		return r.link(ctx, t, a, v.Name == verbPicture)
	case verbShare:
		return r.choose(ctx, t, a, v.Arg)
	case verbAsk, verbAccept, verbDecline, verbPart:
		return r.share(ctx, t, a, v.Name, bot.OrganisationID(v.Arg))
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room: this room asks nothing that is answered in words.
func (*Room) Step(context.Context, bot.Turn) (bot.Outcome, error) {
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: an alert that asks people to come makes its action, and
// ends it when it is stopped. Whoever came by a link to one is led there.
func (r *Room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	switch e := e.(type) {
	case bot.CallMade:
		a := Action{ID: e.Action, Organisation: e.Organisation, Alert: e.Alert, Titles: e.Titles, Original: e.Original}
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Create(ctx, tx, a, t.Now) })
	case bot.CallEnded:
		a, err := r.Store.Action(ctx, e.Action)
		if err != nil {
			return bot.Outcome{}, err
		}
		return r.turn(ctx, a, true)
	case bot.LinkFollowed:
		if e.Action != "" {
			return r.followed(ctx, t, e.Action)
		}
	}
	return out, nil
}
