package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/role"
)

// invite is a code from the command line, invited one from an organiser.
func (w *world) invite(code string, r bot.Role, life time.Duration) bot.Change {
	return w.invited("", code, r, life)
}

func (w *world) invited(by bot.RoleID, code string, r bot.Role, life time.Duration) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Roles().AddInvite(ctx, tx, code, r, by, w.now(), w.now().Add(life))
	}
}

// redeem says yes to a code that is there already.
func (w *world) redeem(code string, p bot.Person) bot.Change {
	w.t.Helper()
	i := w.invitation(code)
	return w.sayYes(i, w.given(i, p, role.On))
}

// invitation finds an open one by its code.
func (w *world) invitation(code string) role.Invitation {
	w.t.Helper()
	i, err := w.Roles().Invitation(w.t.Context(), code, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

// given is the role that comes of an invitation.
func (w *world) given(i role.Invitation, p bot.Person, state role.State) role.Role {
	r := role.Role{
		Role:  bot.Role{ID: bot.RoleID(w.ids.New()), Kind: i.Kind, Number: 7, Organisation: i.Organisation.ID, Group: i.Group},
		State: state, Holder: p.Member.ID, InvitedBy: i.By,
	}
	if state == role.Asked {
		r.Check = "4217"
	}
	return r
}

func (w *world) sayYes(i role.Invitation, given role.Role) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Roles().Accept(ctx, tx, i.ID, given, w.now()) }
}

// noInvitation expects that a code can't be told from one that never was.
func (w *world) noInvitation(what, code string) {
	w.t.Helper()
	if i, err := w.Roles().Invitation(w.t.Context(), code, w.now()); !errors.Is(err, bot.ErrNotFound) || i != (role.Invitation{}) {
		w.t.Errorf("%s: %+v, %v", what, i, err)
	}
}

// Of a code only an index is kept; whatever is wrong with one, it looks the same.
func TestInvitation(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g, p, by := w.group("crmc"), w.member("amina"), w.organiser("grace").Roles[0].ID
		organiser := bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}
		leader := bot.Role{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID}
		w.do(w.invited(by, "ORGANISER", organiser, 15*time.Minute), w.invite("LEADER", leader, time.Hour))
		i := w.invitation("ORGANISER")
		if want := (role.Invitation{ID: i.ID, Organisation: w.home, Kind: bot.Organiser, By: by, Inviter: w.person("grace").Member.ID}); i != want || i.ID == "" {
			t.Errorf("of an organiser: %+v", i)
		}
		l := w.invitation("LEADER")
		if want := (role.Invitation{ID: l.ID, Organisation: w.home, Kind: bot.Leader, Group: g.ID, GroupName: "crmc"}); l != want {
			t.Errorf("of a leader: %+v", l)
		}
		if again, err := w.Roles().InvitationByID(t.Context(), l.ID, w.now()); err != nil || again != l {
			t.Errorf("by its id: %+v, %v", again, err)
		}
		w.noInvitation("a wrong code", "WRONG")
		w.noInvitation("a code in small letters", "organiser")
		if n, err := w.Roles().Invitations(t.Context(), by, w.now()); err != nil || n != 1 {
			t.Errorf("%d open ones, %v", n, err)
		}
		w.rows("the code itself is nowhere", 1, `SELECT count(*) FROM invites WHERE id = 'ORGANISER' OR code_index = $1`, []any{[]byte("ORGANISER")}, "0")

		w.clock.Advance(15*time.Minute - time.Millisecond)
		w.invitation("ORGANISER")
		w.clock.Advance(time.Millisecond)
		w.noInvitation("an expired code", "ORGANISER")
		if n, err := w.Roles().Invitations(t.Context(), by, w.now()); err != nil || n != 0 {
			t.Errorf("%d open ones, %v", n, err)
		}
		w.conflicts("an expired one", w.sayYes(i, w.given(i, p, role.Asked)))

		w.Exec(t, `UPDATE groups SET state = 'closed'`)
		w.noInvitation("the code of a closed group", "LEADER")
		w.conflicts("one to a closed group", w.sayYes(l, w.given(l, p, role.On)))
		w.Exec(t, `UPDATE groups SET state = 'open'`)
		w.Exec(t, `UPDATE organisations SET state = 'paused'`)
		w.noInvitation("the code of a paused organisation", "LEADER")
		w.Exec(t, `UPDATE organisations SET state = 'active'`)

		foreign := w.given(l, p, role.On)
		foreign.Kind = bot.Organiser
		w.conflicts("more than it offers", w.sayYes(l, foreign))
		w.do(w.sayYes(l, w.given(l, p, role.On)))
		w.noInvitation("a used code", "LEADER")
		w.conflicts("a used one", w.sayYes(l, w.given(l, p, role.On)))
		got := w.person("amina")
		if len(got.Roles) != 1 || got.Roles[0].Kind != bot.Leader || got.Roles[0].Group != g.ID || got.Roles[0].Number != 7 || !got.Belongs(w.home.ID) {
			t.Errorf("after a yes: %+v", got)
		}
	})
}

// An invitation is void with the role of whoever gave it.
func TestInvitationOfNobody(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace := w.organiser("grace").Roles[0]
		w.do(w.invited(grace.ID, "CODE", bot.Role{Kind: bot.Guardian, Organisation: w.home.ID}, time.Hour))
		w.invitation("CODE")
		w.Exec(t, `UPDATE roles SET state = 'lapsed'`)
		w.noInvitation("of a role that is not on", "CODE")
	})
}

// An invitation is used up once, by however many at once, and gives one role.
func TestInvitationAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const many = 100
		w.do(w.invite("CODE", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		people := make([]bot.Person, many)
		for i := range people {
			people[i] = w.stranger(fmt.Sprint(i))
		}
		w.do(func(ctx context.Context, tx bot.Tx) error {
			for i, p := range people {
				if err := w.join(p, fmt.Sprint(i))(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		i, o := w.invitation("CODE"), w.roster()
		for name, first := range map[string][]bot.Change{"unheld": nil, "held": {w.hold(o, "")}} {
			w.Exec(t, `DELETE FROM roles`)
			w.Exec(t, `UPDATE invites SET used_at = NULL, used_by = NULL`)
			given := make([]role.Role, many)
			for n, p := range people {
				given[n] = w.given(i, p, role.On)
			}
			winner := w.race(name, many, func(n int) error { return w.try(append(slices.Clone(first), w.sayYes(i, given[n]))...) })
			w.rows("roles", 2, `SELECT member_id, kind FROM roles`, nil, string(people[winner].Member.ID)+" organiser")
			w.rows("invites", 1, `SELECT used_by FROM invites`, nil, string(people[winner].Member.ID))
		}
	})
}
