package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/role"
)

func (w *world) grant(p bot.Person, r bot.Role) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Roles().Grant(ctx, tx, p.Member.ID, r, w.now()) }
}

func (w *world) roster() role.Roster {
	w.t.Helper()
	o, err := w.Roles().Roster(w.t.Context(), w.home.ID, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// roleOf is the only role that somebody has in the home organisation.
func (w *world) roleOf(p bot.Person) role.Role {
	w.t.Helper()
	var found []role.Role
	for _, r := range w.roster().Roles {
		if r.Holder == p.Member.ID {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d roles, want one", len(found))
	}
	return found[0]
}

func (w *world) organiser(name string) bot.Person {
	w.t.Helper()
	p := w.member(name)
	w.do(w.grant(p, bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}))
	return w.person(name)
}

func (w *world) hold(o role.Roster, by bot.RoleID) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Roles().Hold(ctx, tx, o, by) }
}

func (w *world) change(r role.Role, to role.State) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Roles().Change(ctx, tx, r, to, w.now()) }
}

func (w *world) approve(about role.Role, by bot.RoleID) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Roles().Approve(ctx, tx, about, by, w.now()) }
}

// race lets many try something at once, of whom one succeeds; the others find that
// somebody was faster.
func (w *world) race(what string, many int, try func(n int) error) int {
	w.t.Helper()
	errs := make([]error, many)
	start := make(chan struct{})
	var race sync.WaitGroup
	for n := range many {
		race.Go(func() {
			<-start
			errs[n] = try(n)
		})
	}
	close(start)
	race.Wait()
	winner := -1
	for n, err := range errs {
		switch {
		case err == nil && winner < 0:
			winner = n
		case err == nil:
			w.t.Errorf("%s: a second one succeeded", what)
		case !errors.Is(err, bot.ErrConflict):
			w.t.Errorf("%s: a slower one gets %v", what, err)
		}
	}
	if winner < 0 {
		w.t.Fatalf("%s: nobody succeeded", what)
	}
	return winner
}

// Two organisers who suspend each other at once, again and again: one of them is
// left, never none.
func TestSuspendEachOther(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.organiser("grace")
		w.organiser("omar")
		won := map[int]int{}
		for range 100 {
			o := w.roster()
			roles := o.Roles
			won[w.race("each other", 2, func(n int) error {
				return w.try(w.hold(o, roles[n].ID), w.change(roles[1-n], role.Suspended))
			})]++
			w.rows("organisers who are left", 1, `SELECT count(*) FROM roles WHERE state = 'on'`, nil, "1")
			// Whoever did not hold their roster first is refused by what it finds.
			stale := w.roster()
			for n, r := range stale.Roles {
				if r.State != role.On {
					w.conflicts("a suspended one", w.hold(stale, r.ID), w.change(stale.Roles[1-n], role.Suspended))
				}
			}
			w.Exec(t, `UPDATE roles SET state = 'on'`)
		}
		t.Logf("who was faster: %v", won)
	})
}

// A change is made from the roles as they are, or not at all.
func TestHold(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace, leads := w.organiser("grace"), w.member("omar")
		o := w.roster()
		w.do(w.hold(o, grace.Roles[0].ID))
		w.conflicts("an old roster", w.hold(o, grace.Roles[0].ID))
		o = w.roster()
		w.do(w.grant(leads, bot.Role{Kind: bot.Guardian, Organisation: w.home.ID}))
		w.conflicts("a role more", w.hold(o, ""))
		w.conflicts("a role that is not there", w.hold(w.roster(), "0000000000000000"))
		other := w.organisation("Luton Roma Trust")
		w.do(w.grant(leads, bot.Role{Kind: bot.Organiser, Organisation: other.ID}))
		i := slices.IndexFunc(w.person("omar").Roles, func(r bot.Role) bool { return r.Organisation == other.ID })
		w.conflicts("a foreign organiser", w.hold(w.roster(), w.person("omar").Roles[i].ID))
		o = w.roster()
		w.Exec(t, `UPDATE organisations SET state = 'paused'`)
		w.conflicts("an organisation that was paused since", w.hold(o, grace.Roles[0].ID))
		if o = w.roster(); !o.Paused {
			t.Error("it does not say that it is paused")
		}
		w.Exec(t, `UPDATE organisations SET state = 'active'`)
		w.conflicts("one that was let back in since", w.hold(o, grace.Roles[0].ID))
		w.Exec(t, `UPDATE organisations SET state = 'paused'`)
		w.do(w.hold(o, grace.Roles[0].ID))
		w.Exec(t, `UPDATE organisations SET state = 'removed'`)
		w.conflicts("one that is on its way out", w.hold(o, grace.Roles[0].ID))
		if _, err := w.Roles().Roster(t.Context(), w.home.ID, w.now()); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("the roster of an organisation that is on its way out: %v", err)
		}
	})
}

func TestRoster(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g := w.group("crmc")
		amina, grace := w.member("amina"), w.organiser("grace")
		w.organiser("omar")
		w.do(w.grant(amina, bot.Role{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID}), w.grant(amina, bot.Role{Kind: bot.Guardian, Organisation: w.home.ID}))
		w.do(w.invited(grace.Roles[0].ID, "CODE", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		i := w.invitation("CODE")
		asked := w.given(i, amina, role.Asked)
		asked.Number = 3
		w.do(w.sayYes(i, asked))
		var got []string
		for _, r := range w.roster().Roles {
			got = append(got, fmt.Sprint(r.Kind, r.Number, " ", r.State, " ", r.GroupName, r.Check))
		}
		if want := []string{"organiser1 on ", "organiser2 on ", "organiser3 asked 4217", "guardian1 on ", "leader1 on crmc"}; !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		r, ok := w.roster().Role(asked.ID)
		if !ok || r.Holder != amina.Member.ID || r.InvitedBy != grace.Roles[0].ID || !r.Changed.Equal(w.now()) || r.Locale != "en" ||
			!r.Seen.Equal(w.now().Truncate(24*time.Hour)) {
			t.Errorf("asked for: %+v", r)
		}
		if w.person("amina").Has(bot.Organiser) {
			t.Error("what is asked for is a role already")
		}
		w.rows("the number is not readable", 1, `SELECT count(*) FROM roles WHERE check_sealed = $1`, []any{[]byte("4217")}, "0")
		if where, err := w.Roles().Where(t.Context(), r.ID); err != nil || where != w.home.ID {
			t.Errorf("it is of %v, %v", where, err)
		}
		w.clock.Advance(role.AskLife)
		if _, ok := w.roster().Role(asked.ID); ok {
			t.Error("it waits longer than it may")
		}
		w.Exec(t, `UPDATE groups SET state = 'closed'`)
		if l := w.roster().Roles[3]; !l.GroupClosed || w.roster().Roles[0].GroupClosed {
			t.Errorf("of a closed group: %+v", l)
		}
	})
}

// What a role began that is switched off is void; whatever others began stays.
func TestChangeVoids(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace, omar, third := w.organiser("grace").Roles[0].ID, w.organiser("omar").Roles[0].ID, w.organiser("third")
		off := w.roleOf(third)
		w.do(w.change(off, role.Suspended))
		off.State = role.Suspended
		w.do(w.approve(off, grace), w.approve(off, grace), w.approve(off, omar))
		if got, _ := w.roster().Role(off.ID); !slices.Equal(got.Approved, []bot.RoleID{grace, omar}) {
			t.Errorf("approved by %v", got.Approved)
		}
		for code, by := range map[string]bot.RoleID{"G1": grace, "G2": grace, "O1": omar, "O2": omar} {
			w.do(w.invited(by, code, bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
			if code[1] == '1' {
				p := w.member(code)
				i := w.invitation(code)
				w.do(w.sayYes(i, w.given(i, p, role.Asked)))
			}
		}
		g, _ := w.roster().Role(grace)
		w.do(w.change(g, role.Suspended))
		w.conflicts("from a state that is no more", w.change(g, role.Suspended))
		w.noInvitation("of a suspended one", "G2")
		w.invitation("O2")
		w.rows("used ones stay, for a while", 1, `SELECT count(*) FROM invites WHERE invited_by = $1`, []any{string(grace)}, "1")
		w.rows("asked for", 1, `SELECT invited_by FROM roles WHERE state = 'asked'`, nil, string(omar))
		w.rows("approvals", 1, `SELECT role_id FROM approvals`, nil, string(omar))
		w.do(w.change(off, role.On))
		w.rows("approvals of what has come about", 1, `SELECT count(*) FROM approvals`, nil, "0")
		if !w.person("third").Organises(w.home.ID) {
			t.Error("it is not on again")
		}
	})
}

// Nobody holds the same role twice, and whoever gets it again keeps the number.
func TestGrantTwice(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p, g, h := w.member("amina"), w.group("crmc"), w.group("lrt")
		roles := []bot.Role{
			{Kind: bot.Organiser, Organisation: w.home.ID},
			{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID},
			{Kind: bot.Leader, Organisation: w.home.ID, Group: h.ID},
		}
		for range 2 {
			for _, r := range roles {
				w.do(w.grant(p, r))
			}
		}
		w.do(w.grant(p, roles[1]), w.grant(p, roles[1]))
		if got := w.person("amina"); len(got.Roles) != 3 || !got.Organises(w.home.ID) || !got.Has(bot.Leader) {
			t.Errorf("roles: %+v", got.Roles)
		}
		w.organiser("grace")
		// Suspended and given again, it is there once more.
		w.Exec(t, `UPDATE roles SET state = 'suspended' WHERE number = 1 AND kind = 'organiser'`)
		w.do(w.grant(p, roles[0]))
		if got := w.person("amina"); len(got.Roles) != 3 {
			t.Errorf("roles: %+v", got.Roles)
		}
		w.rows("numbers", 3, `SELECT kind, number, state FROM roles ORDER BY kind, number`, nil, "leader 1 on", "leader 2 on", "organiser 1 on", "organiser 2 on")
	})
}

// A role that is confirmed replaces what its holder had of it before.
func TestChangeReplaces(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace, omar := w.organiser("grace").Roles[0].ID, w.organiser("omar")
		before := w.roleOf(omar)
		w.do(w.change(before, role.Suspended))
		var asked role.Role
		for _, code := range []string{"ONE", "TWO"} {
			w.do(w.invited(grace, code, bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
			i := w.invitation(code)
			asked = w.given(i, omar, role.Asked)
			w.do(w.sayYes(i, asked))
		}
		w.rows("one is asked for at a time, and the old one stays", 1, `SELECT id FROM roles WHERE member_id = $1 ORDER BY state`,
			[]any{string(omar.Member.ID)}, string(asked.ID), string(before.ID))
		w.do(w.change(asked, role.On))
		if got := w.roleOf(omar); got.ID != asked.ID || got.State != role.On || got.Check != "" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestMissAndDrop(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace, p := w.organiser("grace").Roles[0].ID, w.member("amina")
		w.do(w.invited(grace, "CODE", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		i := w.invitation("CODE")
		asked := w.given(i, p, role.Asked)
		w.do(w.sayYes(i, asked))
		miss := func(ctx context.Context, tx bot.Tx) error { return w.Roles().Miss(ctx, tx, asked.ID) }
		drop := func(ctx context.Context, tx bot.Tx) error { return w.Roles().Drop(ctx, tx, asked.ID) }
		w.do(miss, miss)
		if got := w.roleOf(p); got.Wrong != 2 || got.Check != "4217" {
			t.Errorf("got %+v", got)
		}
		w.do(drop)
		w.conflicts("one that is gone", drop)
		w.conflicts("one that is gone", miss)
		w.conflicts("a role that is on", func(ctx context.Context, tx bot.Tx) error { return w.Roles().Drop(ctx, tx, grace) })
	})
}

func TestDue(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace, omar, p := w.organiser("grace").Roles[0].ID, w.organiser("omar").Roles[0].ID, w.member("amina")
		w.do(w.invited(grace, "CODE", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		i := w.invitation("CODE")
		asked := w.given(i, p, role.Asked)
		w.do(w.sayYes(i, asked))
		due := func(after bot.RoleID, limit int, want ...bot.RoleID) {
			t.Helper()
			all, err := w.Roles().Due(t.Context(), w.now().Add(-role.LapseAfter), w.now().Add(-role.AskLife), after, limit)
			var got []bot.RoleID
			for _, d := range all {
				got = append(got, d.Role)
				if d.Organisation != w.home.ID {
					t.Error("of another organisation")
				}
			}
			slices.Sort(want)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("due: %v, %v, want %v", got, err, want)
			}
		}
		due("", 9)
		w.clock.Advance(role.AskLife - time.Millisecond)
		due("", 9)
		w.clock.Advance(time.Millisecond)
		due("", 9, asked.ID)
		w.clock.Advance(role.LapseAfter)
		due("", 9, grace, omar, asked.ID)
		first := slices.Min([]bot.RoleID{grace, omar, asked.ID})
		due("", 1, first)
		due(slices.Max([]bot.RoleID{grace, omar, asked.ID}), 9)
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Seen(ctx, tx, w.person("grace")) })
		due("", 9, omar, asked.ID)
		// A role that was given back has its whole time again.
		off, _ := w.roster().Role(omar)
		w.do(w.change(off, role.Lapsed))
		off.State = role.Lapsed
		w.do(w.change(off, role.On))
		due("", 9, asked.ID)
		w.clock.Advance(role.LapseAfter)
		due("", 9, grace, omar, asked.ID)
		w.Exec(t, `UPDATE organisations SET state = 'paused'`)
		due("", 9)
	})
}

func TestPeopleAndGroups(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other := w.organisation("Luton Roma Trust")
		b, c := w.member("b", w.home), w.member("c", w.home)
		w.member("a", w.home, other)
		w.member("d", other)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			if err := w.Members().Mute(ctx, tx, b.Member.ID, w.home.ID, true); err != nil {
				return err
			}
			return w.Members().SetState(ctx, tx, c.Member.ID, bot.Stopped)
		})
		if n, err := w.Roles().People(t.Context(), w.home.ID); n != 1 || err != nil {
			t.Errorf("%d people, %v", n, err)
		}
		g, h := w.group("b-group"), w.group("a-group")
		closed := w.group("closed")
		closed.Closed = true
		w.do(w.save(closed))
		got, err := w.Roles().Groups(t.Context(), w.home.ID)
		if want := []role.Group{{ID: h.ID, Organisation: w.home.ID, Name: "a-group"}, {ID: g.ID, Organisation: w.home.ID, Name: "b-group"}}; err != nil || !slices.Equal(got, want) {
			t.Errorf("groups: %+v, %v", got, err)
		}
		if one, err := w.Roles().Group(t.Context(), g.ID); err != nil || one != got[1] {
			t.Errorf("group: %+v, %v", one, err)
		}
		if _, err := w.Roles().Group(t.Context(), closed.ID); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a closed group: %v", err)
		}
	})
}

// Roles go by when the silent were last looked for, and since when that counts.
func TestRuns(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		if last, pardoned, err := w.Roles().Runs(t.Context()); err != nil || !last.IsZero() || !pardoned.IsZero() {
			t.Errorf("at first: %v, %v, %v", last, pardoned, err)
		}
		until := w.now().Add(time.Hour)
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Privacy().NoteRun(ctx, tx, w.now(), until) })
		if last, pardoned, err := w.Roles().Runs(t.Context()); err != nil || !last.Equal(w.now()) || !pardoned.Equal(until) {
			t.Errorf("then: %v, %v, %v", last, pardoned, err)
		}
	})
}
