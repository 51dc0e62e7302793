package role

import (
	"context"
	"slices"
	"time"

	"ella/bot"
	"ella/bot/headcount"
)

// State is where a role stands.
type State string

// The states of a role. Only one that is on gives any right.
const (
	Asked     State = "asked"     // its holder said yes; a second organiser has not yet
	On        State = "on"        //
	Suspended State = "suspended" // by an organiser, or given up by its holder
	Lapsed    State = "lapsed"    // its holder has not been here for LapseAfter
)

// Role is a role as its organisation keeps it.
type Role struct {
	bot.Role
	State State
	// Holder is whose it is, and Locale what they read. Nobody is ever shown
	// either: organisers know a role by its kind and number.
	Holder bot.MemberID
	Locale string
	// Seen is the day on which the holder was last here.
	Seen             time.Time
	Granted, Changed time.Time
	// GroupName is the name of a leader's group, and GroupClosed says that it is
	// in the directory no more.
	GroupName   string
	GroupClosed bool
	// InvitedBy is the role of the organiser who gave the code; empty for the
	// command line.
	InvitedBy bot.RoleID
	// Check is the number that the holder of one that is asked for tells a second
	// organiser, and Wrong how often it was typed wrong.
	Check string
	Wrong int
	// Approved are the roles of those who said yes to giving it back, whatever has
	// become of them since.
	Approved []bot.RoleID
}

// Roster is an organisation with all of its roles, as they are at one moment.
type Roster struct {
	Organisation bot.Organisation
	// Paused says that nobody can act for the organisation. A role in it can only
	// be given up.
	Paused bool
	// Version rises with every change of any of these roles: a change is made from
	// one version or not at all.
	Version int64
	// Roles are ordered by kind (organisers, guardians, leaders) and number. Those
	// that are asked for and have waited longer than AskLife are left out.
	Roles []Role
}

// Role finds one by its id.
func (o Roster) Role(id bot.RoleID) (Role, bool) {
	for _, r := range o.Roles {
		if r.ID == id {
			return r, true
		}
	}
	return Role{}, false
}

// organisers are the roles that can act for the organisation, but for those of
// somebody left out.
func (o Roster) organisers(without ...bot.MemberID) []Role {
	var all []Role
	for _, r := range o.Roles {
		if r.Kind == bot.Organiser && r.State == On && !slices.Contains(without, r.Holder) {
			all = append(all, r)
		}
	}
	return all
}

// held finds a member's role of the same kind, and of the same group, in
// whatever state it is.
func (o Roster) held(member bot.MemberID, kind bot.RoleKind, group bot.GroupID) (held []Role) {
	for _, r := range o.Roles {
		if r.Holder == member && r.Kind == kind && r.Group == group {
			held = append(held, r)
		}
	}
	return held
}

// next is the number of the next role of a kind.
func (o Roster) next(kind bot.RoleKind) int {
	highest := 0
	for _, r := range o.Roles {
		if r.Kind == kind {
			highest = max(highest, r.Number)
		}
	}
	return highest + 1
}

// approvals are the organisers whose yes to giving a role back counts: their own
// role is on, and it is not about themselves.
func (o Roster) approvals(about Role) []Role {
	var all []Role
	for _, r := range o.organisers(about.Holder) {
		if slices.Contains(about.Approved, r.ID) {
			all = append(all, r)
		}
	}
	return all
}

// begun are the roles asked for with a code of this one's holder.
func (o Roster) begun(by bot.RoleID) []Role {
	var all []Role
	for _, r := range o.Roles {
		if r.State == Asked && r.InvitedBy == by {
			all = append(all, r)
		}
	}
	return all
}

// with are the roles that are switched off with an organiser's: other ones of the
// same holder, and those that were lately given with its codes. Whoever had the phone
// may have given them to themselves.
func (o Roster) with(gone Role, now time.Time) (theirs, given []Role) {
	if gone.Kind != bot.Organiser {
		return nil, nil
	}
	for _, r := range o.Roles {
		switch {
		case r.ID == gone.ID || r.State != On:
		case r.Holder == gone.Holder:
			theirs = append(theirs, r)
		case r.Kind != bot.Organiser && r.InvitedBy == gone.ID && now.Sub(r.Granted) <= givenLately:
			given = append(given, r)
		}
	}
	return theirs, given
}

// Invitation is what a code offers.
type Invitation struct {
	ID           string
	Organisation bot.Organisation
	Kind         bot.RoleKind
	// Group and its name are set for leaders.
	Group     bot.GroupID
	GroupName string
	// By is the role of the organiser who gave the code; empty for the command line.
	By bot.RoleID
	// Inviter is whose role that is. Their own code is not for them.
	Inviter bot.MemberID
}

// Group is an open group of the directory.
type Group struct {
	ID           bot.GroupID
	Organisation bot.OrganisationID
	Name         string
}

// Due is a role whose time is over.
type Due struct {
	Role         bot.RoleID
	Organisation bot.OrganisationID
}

// Store is what this room reads and writes. Every change of roles runs after Hold
// in the same unit of work.
type Store interface {
	// Roster reads the roles of an organisation that is active or paused.
	// bot.ErrNotFound.
	Roster(ctx context.Context, id bot.OrganisationID, now time.Time) (Roster, error)
	// Where is the organisation of a role. bot.ErrNotFound.
	Where(ctx context.Context, id bot.RoleID) (bot.OrganisationID, error)
	// People is how many members hear from an organisation.
	People(ctx context.Context, id bot.OrganisationID) (int, error)
	// Recall fills in what was counted when each number was last shown anew.
	Recall(ctx context.Context, counts ...*headcount.Count) error
	// Keep notes numbers that are shown anew.
	Keep(ctx context.Context, tx bot.Tx, counts []*headcount.Count, now time.Time) error
	// Groups are an organisation's open groups by name; Group is one of them, of
	// any active organisation. bot.ErrNotFound.
	Groups(ctx context.Context, id bot.OrganisationID) ([]Group, error)
	Group(ctx context.Context, id bot.GroupID) (Group, error)
	// Invitation finds one that can still be used by its code, InvitationByID by
	// its id. bot.ErrNotFound for any other: wrong, used and expired codes, those
	// of a group that is gone and of an organisation that is paused are told apart
	// by nobody.
	Invitation(ctx context.Context, code string, now time.Time) (Invitation, error)
	InvitationByID(ctx context.Context, id string, now time.Time) (Invitation, error)
	// Invitations is how many of a role's invitations can still be used.
	Invitations(ctx context.Context, by bot.RoleID, now time.Time) (int, error)
	// Runs is when Ella last looked for those who are silent, and until when nobody's
	// silence counts because she had been away; zero where that is not known.
	Runs(ctx context.Context) (last, pardoned time.Time, err error)
	// Due lists roles that are on since silent or longer and whose holder was not here
	// after it, and such as were asked for before asked, in the order of their ids
	// after one of them.
	Due(ctx context.Context, silent, asked time.Time, after bot.RoleID, limit int) ([]Due, error)

	// Hold keeps everybody else from changing the organisation's roles until the
	// unit ends. bot.ErrConflict when they are no longer as the roster has them,
	// when the organisation was paused or removed since, and when by, the role of
	// whoever acts (empty for somebody without one), is not on.
	Hold(ctx context.Context, tx bot.Tx, o Roster, by bot.RoleID) error
	// AddInvite writes an invitation to a role, from one of its organisers or, with
	// an empty by, from the command line. Only an index of the code is kept.
	AddInvite(ctx context.Context, tx bot.Tx, code string, to bot.Role, by bot.RoleID, now, expires time.Time) error
	// Accept uses an invitation up and writes the role that came of it, in the
	// place of what its holder had of the same kind and group. It also notes their
	// yes to hearing from the organisation. bot.ErrConflict when somebody was
	// faster, or it has expired meanwhile.
	Accept(ctx context.Context, tx bot.Tx, invitation string, given Role, now time.Time) error
	// Change moves a role to another state. bot.ErrConflict when it is no longer in
	// the state that it has here. Whatever a role began that is not on any more is
	// void: its approvals, its invitations, and the roles asked for with them.
	Change(ctx context.Context, tx bot.Tx, r Role, to State, now time.Time) error
	// Drop deletes a role that was asked for.
	Drop(ctx context.Context, tx bot.Tx, id bot.RoleID) error
	// Miss counts a wrong number.
	Miss(ctx context.Context, tx bot.Tx, id bot.RoleID) error
	// Approve notes one organiser's yes to giving a role back.
	Approve(ctx context.Context, tx bot.Tx, about Role, by bot.RoleID, now time.Time) error
}
