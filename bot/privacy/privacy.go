// Package privacy is the room for what Ella knows about a person: it shows all of
// it, says how long each thing is kept and why, and forgets it. Its two workers
// erase whoever wants to be forgotten, and whoever has been silent too long.
package privacy

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Store is what this room reads and writes.
type Store interface {
	// Summary is what is known of a person, for a few lines. bot.ErrNotFound for
	// somebody who is not stored yet.
	Summary(ctx context.Context, p bot.Person) (Summary, error)
	// Everything is every row of every table that says something about a person,
	// in the tables' order. sender is who they are on the platform: by it their
	// waiting updates are found.
	Everything(ctx context.Context, p bot.Person, sender string) ([]Section, error)

	// LeaveOrganisation takes back a yes, and with it those to its groups.
	// JoinOrganisation undoes it, but for the groups. bot.ErrNotFound for one that
	// is no longer active. stopped: no messages from it for now, as before.
	LeaveOrganisation(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID) error
	JoinOrganisation(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, stopped bool, now time.Time) error
	// Organisation and Group read what can be left; open is what can be joined too,
	// because it is not paused or closed. bot.ErrNotFound for what is gone.
	Organisation(ctx context.Context, id bot.OrganisationID) (o bot.Organisation, open bool, err error)
	Group(ctx context.Context, id bot.GroupID) (g Group, open bool, err error)
	// LeaveGroup and JoinGroup are a yes to a group and to hearing from its
	// organisation, and its opposite; each may be repeated.
	LeaveGroup(ctx context.Context, tx bot.Tx, id bot.MemberID, g Group) error
	JoinGroup(ctx context.Context, tx bot.Tx, id bot.MemberID, g Group, now time.Time) error

	// UndoChat takes back that a member opted in from a group chat; it may be repeated.
	UndoChat(ctx context.Context, tx bot.Tx, id bot.MemberID, chat bot.GroupChatID) error

	// Forget is quick and final: from this unit on the member has no yes, no role,
	// no open question and no waiting update, nobody counts or finds them, and
	// whoever writes from the same chat is somebody new. What is left of them goes
	// with Erase. sender may be empty where nobody has written. It may be repeated.
	Forget(ctx context.Context, tx bot.Tx, id bot.MemberID, account bot.AccountID, sender string) error
	// Bereft are whom it concerns when a member goes: of each organisation where they
	// are an organiser, or answer complaints, its other organisers; and whoever waits
	// for a role that they invited to.
	Bereft(ctx context.Context, id bot.MemberID) ([]Bereft, error)
	// Erase deletes what is left of forgotten members whose last replies are out,
	// or who have waited for long enough, a little in each unit of work so that
	// nobody else waits. Before anything of theirs goes, takeBack is called once with
	// what stands in their chats and was sent since then, if anything does. It goes on
	// with the others when it fails for one, and returns how many are gone and how many
	// are still left, with an error too.
	Erase(ctx context.Context, since time.Time, takeBack func(ctx context.Context, all []Standing)) (erased, left int, err error)
	// SetDiscreet notes whether a member wants a first line that gives nothing away.
	SetDiscreet(ctx context.Context, tx bot.Tx, id bot.MemberID, discreet bool) error
	// Scrub makes what was deleted unreadable in the files, as far as they are ours.
	// done is false while somebody reads who is in the way.
	Scrub(ctx context.Context) (done bool, err error)

	Watch
	// Write runs a unit of work and returns when it is durable.
	Write(ctx context.Context, unit bot.Change) error
}

// Standing is what stands in the chat of a member who is forgotten: Ella's messages
// there, but for her goodbye, and the list of commands that Address.Menu names.
type Standing struct {
	Address bot.Address
	Refs    []bot.Ref
}

// Summary is what is known of a person, for a few lines.
type Summary struct {
	Since time.Time
	// Consented is the day of the yes to what is stored; zero before it.
	Consented     time.Time
	Organisations []Organisation
	Groups        []Group
	OptIns        []OptIn
	Roles         []Role
	// Chats are where they are reached.
	Chats []Chat
	// Answers is how many invitations they have answered, and Letters how often they
	// wrote to a person.
	Answers, Letters int
	// LastOf are organisations that nobody could write from if this person went.
	LastOf []string
}

// Organisation is one that the person agreed to hear from.
type Organisation struct {
	ID   bot.OrganisationID
	Name string
	// Stopped: no messages from it for now.
	Stopped bool
}

// Chat is where the person is reached; messages come to the preferred one.
type Chat struct {
	Account   bot.AccountID
	Preferred bool
}

// Group is a group that the person is with.
type Group struct {
	ID           bot.GroupID
	Name         string
	Organisation bot.OrganisationID
}

// OptIn is a group chat that the person opted in from; Group is the name of its group.
type OptIn struct {
	ID    bot.GroupChatID
	Group string
}

// Role is a role of the person's; Group is the name of a leader's group.
type Role struct {
	Kind         bot.RoleKind
	Number       int
	Organisation string
	Group        string
}

// Room is the privacy room.
type Room struct {
	Store    Store
	Language *language.Bundle
	Clock    bot.Clock
	Log      *slog.Logger
	// Jobs runs the erasing, and Post asks the silent.
	Jobs bot.Jobs
	Post bot.Post
	// Platform is what people call the platform of an account; empty where it has no name.
	Platform func(id bot.AccountID) string
	// Direct takes messages away from the chats of those who are forgotten, and Menu
	// their own list of commands. Menu never blocks.
	Direct bot.Direct
	Menu   func(a bot.Address, commands []bot.MenuItem)
}

var _ bot.Room = (*Room)(nil)

const (
	verbMine              = "privacy.mydata" // arg: how many buttons of leaving were shown
	verbFile              = "privacy.file"
	verbLeaveOrganisation = "privacy.leave-organisation" // id: organisation
	verbJoinOrganisation  = "privacy.join-organisation"  // id: organisation, arg: stopped, or nothing
	verbLeaveGroup        = "privacy.leave-group"        // id: group
	verbJoinGroup         = "privacy.join-group"         // id: group
	verbUndoChat          = "privacy.undo-chat"          // id: group chat
	verbForget            = "privacy.forget"             // arg: when it was asked, as a Unix day
	verbDiscreet          = "privacy.discreet"           // arg: on, or off
	verbStay              = "privacy.stay"
	verbKeep              = "privacy.keep" // of a question that the silent are asked
)

// Name implements bot.Room.
func (*Room) Name() string { return "privacy" }

// Commands implements bot.Room. Nobody has to say yes to anything first in order
// to read what is stored, or to go.
func (*Room) Commands() []bot.Command {
	return []bot.Command{
		{Name: "mydata", Early: true},
		{Name: "privacy", Early: true, Aside: true},
		{Name: "forgetme", Early: true, Aside: true},
	}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, _ string) (bot.Outcome, error) {
	switch name {
	case "mydata":
		return r.mine(ctx, t, 0)
	case "privacy":
		return r.notice(t)
	default:
		return r.ask(ctx, t)
	}
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbMine:
		return r.more(ctx, t, v.Arg)
	case verbFile:
		return r.file(ctx, t)
	case verbLeaveOrganisation, verbJoinOrganisation:
		return r.organisation(ctx, t, bot.OrganisationID(v.ID), v.Name == verbJoinOrganisation, v.Arg == argStopped)
	case verbLeaveGroup, verbJoinGroup:
		return r.group(ctx, t, bot.GroupID(v.ID), v.Name == verbJoinGroup)
	case verbUndoChat:
		return r.undoChat(ctx, t, bot.GroupChatID(v.ID))
	case verbForget:
		return r.forget(ctx, t, v.Arg)
	case verbDiscreet:
		return r.discreet(ctx, t, v.Arg)
	case verbStay:
		return r.stay(ctx, t, "forgetme.stay")
	case verbKeep:
		return r.stay(ctx, t, "retire.kept")
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room: nothing is asked here that waits for words.
func (*Room) Step(context.Context, bot.Turn) (bot.Outcome, error) {
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: whoever wants nothing kept is forgotten at once.
func (r *Room) On(_ context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	if _, ok := e.(bot.SaidNo); ok {
		r.leave(&out, t)
	}
	return out, nil
}

// known reads what is known of somebody. blank: nothing but an address is stored.
func (r *Room) known(ctx context.Context, p bot.Person) (s Summary, blank bool, err error) {
	s, err = r.Store.Summary(ctx, p)
	if errors.Is(err, bot.ErrNotFound) {
		return s, true, nil
	}
	m := p.Member
	blank = m.Locale == "" && m.Consent == 0 && m.Outcode == "" && m.State == bot.Active &&
		len(p.Roles)+len(p.Organisations)+s.Answers+s.Letters == 0
	return s, blank, err
}
