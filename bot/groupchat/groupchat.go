// Package groupchat is the room for the group chats in which Ella writes for a group
// of the directory: how one is connected, in which languages she writes there, and
// what she answers to what is said to her there.
//
// Everybody in a group chat reads what is said there. So she says little, never
// anything about a person, and nothing is kept of those who only speak there: not
// what they say, not who they are, and not what the chat is called. The platform's
// privacy mode stays on: she is given only what is addressed to her.
package groupchat

import (
	"context"
	"io"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Group is a group that a chat can be connected to: open, and of an organisation
// that is not paused.
type Group struct {
	ID           bot.GroupID
	Organisation bot.OrganisationID
	Name         string
}

// Chat is a group chat that is connected to a group.
type Chat struct {
	ID    bot.GroupChatID
	Group Group
	// Account is through which Ella is in it.
	Account bot.AccountID
	// Number tells it from the group's others: no title is kept.
	Number int
	// Locales are the languages that she writes there, first things first.
	Locales []string
	// On: she may write there, as far as is known. Told: those who answer for it know
	// of that.
	On, Told bool
	// Closed: nothing is written there for now, since its group is closed or its
	// organisation paused.
	Closed bool
	// Invited is when its people were last invited to write to her in private; zero for
	// never.
	Invited time.Time
}

// Code is one that is open: with it its member can connect a chat to the group.
type Code struct {
	Member bot.MemberID
	Group  Group
}

// Store is what this room reads and writes.
type Store interface {
	// Group reads one that a chat can be connected to, Groups those of an organisation,
	// by name. bot.ErrNotFound.
	Group(ctx context.Context, id bot.GroupID) (Group, error)
	Groups(ctx context.Context, organisation bot.OrganisationID) ([]Group, error)
	// Chat reads one, and Chats those of a group by their numbers. bot.ErrNotFound.
	Chat(ctx context.Context, id bot.GroupChatID) (Chat, error)
	Chats(ctx context.Context, group bot.GroupID) ([]Chat, error)
	// At is what is connected where the platform has that name. bot.ErrNotFound. Within
	// are all that are: the chat itself and every topic of it.
	At(ctx context.Context, account bot.AccountID, name string) (Chat, error)
	Within(ctx context.Context, account bot.AccountID, name string) ([]Chat, error)
	// Code reads an open one by what was typed. bot.ErrNotFound, also when it is used or
	// too old.
	Code(ctx context.Context, code string, now time.Time) (Code, error)
	// Keepers are who has to know of a chat: the leaders of its group and whoever
	// connected it, and its organisers where there are neither. Of those who have
	// stopped, or are forgotten, none.
	Keepers(ctx context.Context, c Chat) ([]bot.Member, error)
	// OrganisationOf is the organisation that a chat's group is of, OptedIn whether a
	// member opted in from a chat, and Asker reads a member. bot.ErrNotFound.
	OrganisationOf(ctx context.Context, c Chat) (bot.Organisation, error)
	OptedIn(ctx context.Context, member bot.MemberID, id bot.GroupChatID) (bool, error)
	Asker(ctx context.Context, id bot.MemberID) (bot.Member, error)
	// Pressed is the mark by which somebody's own press in a chat is known again: nobody
	// else can make it.
	Pressed(account bot.AccountID, sender string, id bot.GroupChatID) string
	// Inviting is how far the message is that invites a chat's people, and what the
	// platform calls the chat. bot.ErrNotFound.
	Inviting(ctx context.Context, id bot.GroupChatID) (state Inviting, name string, err error)

	// Agree is a member's own yes to an organisation.
	Agree(ctx context.Context, tx bot.Tx, member bot.MemberID, organisation bot.OrganisationID, now time.Time) error
	// OptIn notes that a member opted in from a chat, if in this unit they hear from its
	// organisation, and it is on; it may be repeated. bot.ErrConflict when the chat is
	// gone. OptOut takes that back for all chats of an organisation, or of all
	// organisations where it is empty.
	OptIn(ctx context.Context, tx bot.Tx, member bot.MemberID, id bot.GroupChatID, now time.Time) error
	OptOut(ctx context.Context, tx bot.Tx, member bot.MemberID, organisation bot.OrganisationID) error
	// UndoChat takes it back for one chat; it may be repeated.
	UndoChat(ctx context.Context, tx bot.Tx, member bot.MemberID, id bot.GroupChatID) error
	// Invite notes that the people of a chat are to be invited now. bot.ErrConflict when
	// they have been since a time. SetInviting writes how far that is over what was read,
	// bot.ErrConflict; again: it counts as if it had not been.
	Invite(ctx context.Context, tx bot.Tx, id bot.GroupChatID, since, now time.Time) error
	SetInviting(ctx context.Context, tx bot.Tx, id bot.GroupChatID, from, to Inviting, again bool) error
	// Lose turns off a chat in which Ella can't write any more.
	Lose(ctx context.Context, tx bot.Tx, id bot.GroupChatID, now time.Time) error

	// Offer writes a code over an earlier one of the same member.
	Offer(ctx context.Context, tx bot.Tx, code string, c Code, now, expires time.Time) error
	// Use uses a code up. bot.ErrConflict when it is not open any more.
	Use(ctx context.Context, tx bot.Tx, code string, c Code, now time.Time) error
	// Connect writes a chat of that name with the next number of its group.
	// bot.ErrConflict when another is connected there, or has that number by now.
	Connect(ctx context.Context, tx bot.Tx, c Chat, name string, by bot.RoleID, now time.Time) error
	// Disconnect deletes one; copies on their way there are set aside. bot.ErrConflict
	// when it is gone.
	Disconnect(ctx context.Context, tx bot.Tx, id bot.GroupChatID) error
	// Speak writes the languages over those that were read. bot.ErrConflict.
	Speak(ctx context.Context, tx bot.Tx, c Chat, locales []string, now time.Time) error
	// Turn writes On and Told over those that were read. bot.ErrConflict.
	Turn(ctx context.Context, tx bot.Tx, c Chat, on, told bool, now time.Time) error
	// Move gives everything that is connected within a chat its new name. What the
	// platform calls the messages there is void with the old one.
	Move(ctx context.Context, tx bot.Tx, account bot.AccountID, from, to string, now time.Time) error
}

// Room is the room for group chats.
type Room struct {
	Store    Store
	Language *language.Bundle
	IDs      bot.IDs
	Jobs     bot.Jobs
	// Random makes codes; many read it at once.
	Random io.Reader
	// Post is how the workers write to members, and Direct how Invite writes in a chat.
	Post   bot.Post
	Direct bot.Direct
	Clock  bot.Clock // of the workers, outside any turn

	quiet quiet
}

var (
	_ bot.Host           = (*Room)(nil)
	_ bot.PressedInGroup = (*Room)(nil)
)

const (
	verbList     = "groupchat.list"     // arg: how many groups were shown
	verbGroup    = "groupchat.group"    // id: group
	verbConnect  = "groupchat.connect"  // id: group
	verbChat     = "groupchat.chat"     // id: chat
	verbLanguage = "groupchat.language" // id: chat, arg: locale to add or take out
	verbCut      = "groupchat.cut"      // id: chat, arg: "" or yes
)

const (
	// most is how many chats a group can have.
	most = 5
	// mostLanguages is how many languages one chat is written to in: each is a text of
	// its own in one message.
	mostLanguages = 4
	// page is how many groups are shown at a time.
	page = 8
)

// Name implements bot.Room.
func (*Room) Name() string { return "groupchat" }

// Commands implements bot.Room.
func (*Room) Commands() []bot.Command {
	those := []bot.RoleKind{bot.Organiser, bot.Leader}
	return []bot.Command{{Name: "chats", For: those, Aside: true}, {Name: "connect", For: those, Hidden: true}}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, _ string) (bot.Outcome, error) {
	if name == "connect" {
		return r.elsewhere(t)
	}
	return r.list(ctx, t, 0)
}

// Press implements bot.Room. For anybody but a leader of its group and an organiser
// of its organisation, a chat does not exist.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbList:
		return r.more(ctx, t, v.Arg)
	case verbGroup, verbConnect:
		g, err := r.group(ctx, t, bot.GroupID(v.ID))
		if err != nil {
			return bot.Outcome{}, err
		}
		if v.Name == verbConnect {
			return r.offer(ctx, t, g)
		}
		return r.card(ctx, t, g)
	case verbYes:
		return r.yes(ctx, t, v)
	}
	act, ok := map[string]func(context.Context, bot.Turn, Chat, string) (bot.Outcome, error){
		verbChat: r.show, verbLanguage: r.speak, verbCut: r.cut, verbInvite: r.invite,
	}[v.Name]
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	c, err := r.Store.Chat(ctx, bot.GroupChatID(v.ID))
	if err != nil {
		return bot.Outcome{}, err
	}
	if _, may := answersFor(t.Person, c.Group); !may {
		return bot.Outcome{}, bot.ErrNotFound
	}
	return act(ctx, t, c, v.Arg)
}

// Step implements bot.Room: this room asks nothing that is answered in words.
func (*Room) Step(context.Context, bot.Turn) (bot.Outcome, error) {
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: who came from a group chat is noted, and forgotten of whoever
// wants no messages any more.
func (r *Room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	switch e := e.(type) {
	case bot.FromChat:
		return r.fromChat(ctx, t, e)
	case bot.SaidStop:
		out.Do(func(ctx context.Context, tx bot.Tx) error {
			return r.Store.OptOut(ctx, tx, t.Person.Member.ID, e.Organisation)
		})
	}
	return out, nil
}

// group reads a group for somebody who answers for it.
func (r *Room) group(ctx context.Context, t bot.Turn, id bot.GroupID) (Group, error) {
	g, err := r.Store.Group(ctx, id)
	if err != nil {
		return g, err
	}
	if _, may := answersFor(t.Person, g); !may {
		return g, bot.ErrNotFound
	}
	return g, nil
}

// answersFor reports by which role somebody may connect chats to a group: its leaders
// may, and the organisers of its organisation.
func answersFor(p bot.Person, g Group) (bot.RoleID, bool) {
	for _, role := range p.Roles {
		if role.Kind == bot.Leader && role.Group == g.ID || role.Kind == bot.Organiser && role.Organisation == g.Organisation {
			return role.ID, true
		}
	}
	return "", false
}

// called are what a chat is called, as values of an entry.
func (c Chat) called() []language.Value {
	return []language.Value{language.Words("Group", c.Group.Name), language.Count("Number", c.Number)}
}
