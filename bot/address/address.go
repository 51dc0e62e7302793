// Package address is the room for where a member is reached: it joins the chats that
// one person has on several platforms into one member, says in which of them messages
// arrive, and takes a chat out again.
package address

import (
	"context"
	"io"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// most is how many chats one member may have.
const most = 3

// Store is what this room reads and writes.
type Store interface {
	// Chats are a member's addresses in the order in which they began.
	Chats(ctx context.Context, id bot.MemberID) ([]Chat, error)
	// Link reads an open request by its id, and Typed one whose code nobody has typed yet
	// by that code. bot.ErrNotFound, also when it is used or too old.
	Link(ctx context.Context, id string, now time.Time) (Link, error)
	Typed(ctx context.Context, code string, now time.Time) (Link, error)
	// Waiting is the request whose code a member has typed and not answered about.
	// bot.ErrNotFound.
	Waiting(ctx context.Context, other bot.MemberID, now time.Time) (Link, error)
	// Answers reports whether a member has a role of any kind, or had one that can be
	// given back.
	Answers(ctx context.Context, id bot.MemberID) (bool, error)
	// Freezing reports whether an organisation that either of two members hears from is
	// just finding out who gets an alert; and of one member, given twice, whether a copy is
	// being written to them. Until it is over nobody becomes one, or two.
	Freezing(ctx context.Context, one, other bot.MemberID) (bool, error)

	// Offer writes a code of a member over what they had begun before. sender is who they
	// are on the platform.
	Offer(ctx context.Context, tx bot.Tx, code string, l Link, sender string, now time.Time) error
	// Type uses a code up: of many who type it at once one gets through. bot.ErrConflict
	// for the others.
	Type(ctx context.Context, tx bot.Tx, l Link, sender string, now time.Time) error
	// Ask notes the yes of who typed the code. bot.ErrConflict when the request is gone.
	Ask(ctx context.Context, tx bot.Tx, l Link, now time.Time) error
	// Drop ends a request; one that is gone is none.
	Drop(ctx context.Context, tx bot.Tx, id string) error
	// Join makes one member of two, who have both said yes: whoever made the code stays,
	// with the chats and all else of the other, who is no more. bot.ErrConflict when the
	// request is not open any more, one of them is forgotten, who typed it Answers, or
	// Freezing.
	Join(ctx context.Context, tx bot.Tx, l Link, now time.Time) error
	// Part makes a member of its own, with that id, of a chat of a member who has several:
	// with the same language, place and consent, in the same organisations and groups.
	// All else stays. bot.ErrConflict when it is not theirs or their only one, or Freezing.
	Part(ctx context.Context, tx bot.Tx, id bot.MemberID, chat bot.AddressID, as bot.MemberID) error
	// Prefer has messages come to a chat of a member. bot.ErrConflict when it is not theirs.
	Prefer(ctx context.Context, tx bot.Tx, id bot.MemberID, chat bot.AddressID, now time.Time) error
}

// Chat is one address of a member.
type Chat struct {
	ID      bot.AddressID
	Account bot.AccountID
	// Preferred: messages come here. Off: nobody can be reached here.
	Preferred, Off bool
}

// Link is a request to join two members into one.
type Link struct {
	ID string
	// Maker made the code, at MadeAt.
	Maker  bot.MemberID
	MadeAt bot.AddressID
	// Other typed it, at TypedAt; empty before.
	Other   bot.MemberID
	TypedAt bot.AddressID
	// What they read, and the zone of Maker; of a newcomer nothing.
	MakerLocale, MakerZone, OtherLocale string
	// Asked: Other has said yes.
	Asked   bool
	Expires time.Time
	// Answers: Other has a role, or had one.
	Answers bool
	// Stopped: one of the two has stopped messages, all or an organisation's, so that they
	// stay stopped for both.
	Stopped bool
}

// Room is the room for addresses.
type Room struct {
	Store    Store
	Language *language.Bundle
	IDs      bot.IDs
	// Random makes codes; many read it at once.
	Random io.Reader
	// Platform is what people call the platform of an account; empty where it has no name.
	Platform func(id bot.AccountID) string
	// First answers whoever has not come through the first minute.
	First func(ctx context.Context, t bot.Turn, why bot.Lostness) (bot.Outcome, error)
}

var _ bot.Room = (*Room)(nil)

const (
	verbYes    = "address.yes"    // id: link; of whoever is asked
	verbNo     = "address.no"     // id: link
	verbPrefer = "address.prefer" // id: address
	verbPart   = "address.part"   // id: address
	verbParted = "address.parted" // id: address: it is to be so
	verbStay   = "address.stay"
)

// Name implements bot.Room.
func (*Room) Name() string { return "address" }

// Commands implements bot.Room. Whoever begins with a code on a second platform need not
// go through the first minute twice.
func (*Room) Commands() []bot.Command {
	return []bot.Command{
		{Name: "link", Early: true, Aside: true},
		{Name: "unlink", Early: true, Hidden: true},
	}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, error) {
	switch {
	case name == "link" && rest != "":
		return r.typed(ctx, t, rest)
	case t.Person.Member.Locale == "":
		return r.First(ctx, t, bot.NoLanguage)
	case t.Person.Member.Consent == 0:
		return r.First(ctx, t, bot.NoConsent)
	case name == "link":
		return r.offer(ctx, t)
	}
	return r.unlink(ctx, t)
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbYes, verbNo:
		return r.answered(ctx, t, v.ID, v.Name == verbYes)
	case verbPrefer:
		return r.prefer(ctx, t, bot.AddressID(v.ID))
	case bot.VerbWhere:
		return r.where(ctx, t)
	case verbPart, verbParted:
		return r.part(ctx, t, bot.AddressID(v.ID), v.Name == verbParted)
	case verbStay:
		return r.edit(t, "address.stay")
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room: nothing is asked here that waits for words.
func (*Room) Step(context.Context, bot.Turn) (bot.Outcome, error) {
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: whoever typed a code as their first words and now chose a
// language is asked in it.
func (r *Room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	if _, ok := e.(bot.LanguageChosen); !ok || t.Person.Member.Consent > 0 {
		return out, nil
	}
	l, err := r.Store.Waiting(ctx, t.Person.Member.ID, t.Now)
	if err != nil {
		return out, ignoreMissing(err)
	}
	return out, r.askOther(&out, t, l.ID)
}

// edit answers a press in the place of the question.
func (r *Room) edit(t bot.Turn, key string, values ...language.Value) (bot.Outcome, error) {
	var out bot.Outcome
	out.Replies = append(out.Replies, bot.Reply{Message: sentence(r.Language.For(t.Locale), key, values...), Edit: t.Update.Message})
	return out, nil
}

// say answers with one sentence.
func (r *Room) say(t bot.Turn, key string) (bot.Outcome, error) {
	var out bot.Outcome
	out.Say(sentence(r.Language.For(t.Locale), key))
	return out, nil
}

// sentence is one entry, with the commands that it names if it names any.
func sentence(p language.Printer, key string, values ...language.Value) message.Message {
	if key == "address.answers" {
		values = append(values, language.Command("Forget", "/forgetme"))
	}
	return p.Message(p.Paragraph(key, append(values, command(key))...))
}

func command(key string) language.Value {
	switch key {
	case "address.full", "address.joined-here":
		return language.Command("Command", "/unlink")
	case "address.joined-stopped":
		return language.Command("Command", "/mydata")
	}
	return language.Command("Command", "/link")
}
