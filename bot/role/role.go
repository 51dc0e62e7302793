// Package role is the room for roles: how somebody becomes an organiser, a leader
// or the person for complaints, what an organisation's organisers see of that,
// and how a role ends.
//
// What gives power over others takes two people or more: a code alone gives no
// role, a new organiser is confirmed by a second one, and so is giving a role
// back. What takes power away takes one: whoever's phone is lost or stolen must
// be stopped at once.
package role

import (
	"context"
	"io"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Room is the role room.
type Room struct {
	Store    Store
	Language *language.Bundle
	IDs      bot.IDs
	Clock    bot.Clock // of Lapse, outside any turn
	// Random makes codes and numbers; many read it at once.
	Random io.Reader
	// Post is how Lapse writes to members.
	Post bot.Post
}

var _ bot.Room = (*Room)(nil)

const (
	verbYes     = "role.yes"     // id: invitation
	verbNo      = "role.no"      // id: invitation
	verbList    = "role.list"    // id: organisation, arg: how many roles were shown
	verbCard    = "role.card"    // id: role
	verbInvite  = "role.invite"  // id: organisation, arg: kind
	verbPicture = "role.picture" // arg: the code of an invitation
	verbGroups  = "role.groups"  // id: organisation, arg: how many groups were shown
	verbLead    = "role.lead"    // id: group
	verbSuspend = "role.suspend" // id: role
	verbResign  = "role.resign"  // id: role, arg: "" or yes
	verbRestore = "role.restore" // id: role
	verbConfirm = "role.confirm" // id: role
	verbRefuse  = "role.refuse"  // id: role
	verbLater   = "role.later"   // leaves the question for a number

	stepCode   = "code"
	stepNumber = "number"
)

// page is how many roles, or groups, are shown at a time.
const page = 8

// Name implements bot.Room.
func (*Room) Name() string { return "role" }

// Commands implements bot.Room.
func (*Room) Commands() []bot.Command {
	return []bot.Command{{Name: "people", For: []bot.RoleKind{bot.Organiser}}, {Name: "join", Hidden: true}}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, error) {
	if name == "people" {
		return r.people(ctx, t)
	}
	return r.join(ctx, t, rest)
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbYes:
		return r.accept(ctx, t, v.ID)
	case verbNo:
		return r.decline(t)
	case verbList:
		return r.more(ctx, t, bot.OrganisationID(v.ID), v.Arg)
	case verbInvite:
		return r.invite(ctx, t, bot.OrganisationID(v.ID), bot.RoleKind(v.Arg))
	case verbPicture:
		return r.draw(ctx, t, v.Arg)
	case verbGroups:
		return r.chooseGroup(ctx, t, bot.OrganisationID(v.ID), v.Arg)
	case verbLead:
		return r.inviteLeader(ctx, t, bot.GroupID(v.ID))
	case verbLater:
		return r.later(t)
	case verbResign:
		return r.resign(ctx, t, bot.RoleID(v.ID), v.Arg == "yes")
	}
	act, ok := map[string]func(bot.Turn, matter) (bot.Outcome, error){
		verbCard: r.card, verbSuspend: r.suspend, verbRestore: r.restore, verbConfirm: r.askNumber, verbRefuse: r.refuse,
	}[v.Name]
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	m, err := r.matter(ctx, t, bot.RoleID(v.ID))
	if err != nil {
		return bot.Outcome{}, err
	}
	return act(t, m)
}

// Step implements bot.Room.
func (r *Room) Step(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	switch {
	case t.Step.Version != 1:
	case t.Step.Name == stepCode:
		if t.Update.Kind != bot.TextSent {
			return r.askCode(t)
		}
		return r.join(ctx, t, t.Update.Text)
	case t.Step.Name == stepNumber:
		return r.number(ctx, t)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: a code that was shown before the first minute is looked
// at after it.
func (r *Room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	if shown, ok := e.(bot.CodeShown); ok && shown.Code != "" {
		return r.join(ctx, t, shown.Code)
	}
	return bot.Outcome{}, nil
}

// matter is a role, and the organiser of the same organisation who acts on it.
type matter struct {
	Roster
	role, by Role
}

// own reports whether somebody acts on a role of their own.
func (m matter) own() bool { return m.role.Holder == m.by.Holder }

// matter looks up who may. For anybody but an organiser of its organisation a
// role does not exist.
func (r *Room) matter(ctx context.Context, t bot.Turn, id bot.RoleID) (matter, error) {
	where, err := r.Store.Where(ctx, id)
	if err != nil {
		return matter{}, err
	}
	o, by, err := r.acting(ctx, t, where)
	if err != nil {
		return matter{}, err
	}
	about, ok := o.Role(id)
	if !ok {
		return matter{}, bot.ErrNotFound
	}
	return matter{o, about, by}, nil
}

// acting reads an organisation's roles for one of its organisers.
// bot.ErrNotFound for anybody else.
func (r *Room) acting(ctx context.Context, t bot.Turn, id bot.OrganisationID) (Roster, Role, error) {
	o, err := r.Store.Roster(ctx, id, t.Now)
	if err != nil {
		return Roster{}, Role{}, err
	}
	if o.Paused {
		return Roster{}, Role{}, bot.ErrNotFound
	}
	for _, by := range o.organisers() {
		if by.Holder == t.Person.Member.ID {
			return o, by, nil
		}
	}
	return Roster{}, Role{}, bot.ErrNotFound
}

// hold begins a unit that changes roles.
func (r *Room) hold(out *bot.Outcome, o Roster, by bot.RoleID) {
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Hold(ctx, tx, o, by) })
}

// change moves a role to another state.
func (r *Room) change(out *bot.Outcome, about Role, to State, now time.Time) {
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Change(ctx, tx, about, to, now) })
}

// own reports whether the conversation under way is one of this room's. One of
// another room goes on, whatever is done here meanwhile.
func (r *Room) own(t bot.Turn) bool { return t.Step != nil && t.Step.Room == r.Name() }
