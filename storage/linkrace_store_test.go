package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"ella/bot"
	"ella/bot/address"
	"ella/bot/role"
)

// atOnce does all at the same time, again while a conflict says so, as the engine does.
// Whatever else they return, none of it is a deadlock or a broken unit.
func (w *world) atOnce(what string, all ...bot.Change) {
	w.t.Helper()
	errs := make([]error, len(all))
	var race sync.WaitGroup
	for n, change := range all {
		race.Go(func() {
			for range 20 {
				if errs[n] = w.try(change); !errors.Is(errs[n], bot.ErrConflict) {
					return
				}
			}
		})
	}
	race.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, bot.ErrConflict) {
			w.t.Errorf("%s: %v", what, err)
		}
	}
}

// Both make codes, both type the other's, both say yes, and both say the last yes at the
// same moment: they become one, once, and nothing waits for anything.
func TestBothMakeCodes(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for n := range 12 {
			names := [2]string{fmt.Sprint("a", n), fmt.Sprint("b", n)}
			people := [2]bot.Person{w.member(names[0], w.home), w.member(names[1], w.home)}
			var links [2]address.Link
			for i, p := range people {
				links[i] = w.offered(p, names[i], linkCode[:10]+w.ids.New())
				links[i].Other, links[i].TypedAt = people[1-i].Member.ID, people[1-i].Address.ID
			}
			w.atOnce("typing", w.types(links[0], people[1], names[1]), w.types(links[1], people[0], names[0]))
			w.atOnce("the first yes", w.asksMaker(links[0]), w.asksMaker(links[1]))
			w.atOnce("the last yes", w.joins(links[0]), w.joins(links[1]))
			one, two := w.person(names[0]), w.person(names[1])
			if one.Member.ID != two.Member.ID {
				t.Fatalf("pair %d: still two", n)
			}
			w.rows("requests", 1, `SELECT count(*) FROM links`, nil, "0")
			w.rows("chats", 1, `SELECT count(*) FROM addresses WHERE member_id = $1`, []any{string(one.Member.ID)}, "2")
		}
	})
}

// Becoming one, taking a chat out, forgetting, answering, being given a role and a turn of
// either, all at the same moment and in every order: no deadlock, nobody is in between,
// and a role is never carried over.
func TestJoinAmongEverything(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for n := range 15 {
			a, b := fmt.Sprint("a", n), fmt.Sprint("b", n)
			one, two := w.member(a, w.home), w.member(b, w.home)
			g := w.group(fmt.Sprint("g", n))
			l := w.toJoin(one, a, two, b)
			present := func(p bot.Person) bot.Change {
				return func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Present(ctx, tx, p.Member.ID) }
			}
			turn := func(p bot.Person, change bot.Change) bot.Change {
				return func(ctx context.Context, tx bot.Tx) error {
					if err := present(p)(ctx, tx); err != nil {
						return err
					}
					return change(ctx, tx)
				}
			}
			all := []bot.Change{
				w.joins(l), w.joins(l), turn(one, w.with(one, g)), turn(two, w.with(two, g)), turn(two, w.agree(two, w.home)),
				turn(two, w.grant(two, bot.Role{Kind: bot.Organiser, Organisation: w.home.ID})),
				func(ctx context.Context, tx bot.Tx) error {
					return w.Engine("").SetZone(ctx, tx, two.Member.ID, "Europe/London")
				},
			}
			if n%3 == 0 {
				all = append(all, w.forget(one, a))
			}
			w.atOnce("all at once", all...)
			if n%3 == 0 {
				continue
			}
			p, q := w.person(a), w.person(b)
			joined := p.Member.ID == q.Member.ID
			if joined && len(p.Roles) > 0 || !joined && len(q.Roles) != 1 || !p.Belongs(w.home.ID) || !q.Belongs(w.home.ID) {
				t.Errorf("round %d: joined %v, roles %d and %d", n, joined, len(p.Roles), len(q.Roles))
			}
		}
		w.rows("rows of nobody", 1, `SELECT count(*) FROM group_members w WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.id = w.member_id)`, nil, "0")
	})
}

// A code of somebody who is forgotten meanwhile is none, whichever side they were.
func TestCodeOfTheForgotten(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo, cyn := w.member("amina", w.home), w.member("bo", w.home), w.member("cyn", w.home)
		l := w.offered(amina, "amina", linkCode)
		asked := w.toJoin(cyn, "cyn", bo, "bo")
		w.do(w.forget(amina, "amina"), w.forget(bo, "bo"))
		if _, err := w.Links().Typed(t.Context(), linkCode, w.now()); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a code of who is forgotten: %v", err)
		}
		l.Other, l.TypedAt = cyn.Member.ID, cyn.Address.ID
		w.conflicts("typed all the same", w.types(l, cyn, "cyn"))
		w.conflicts("with who is forgotten", w.joins(asked))
		w.rows("requests", 1, `SELECT count(*) FROM links`, nil, "0")
	})
}

// What hangs on the member who goes is then the one's who stays: letters, what they came
// by, drafts, what they opted in from; a chat that is taken out takes only what is of its
// account. Stopped stays stopped.
func TestJoinMovesTheRest(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, slack := w.life("amina"), w.life("slack")
		w.roleless(slack)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetState(ctx, tx, slack.Member.ID, bot.Stopped)
		})
		before := map[string]string{}
		of := map[string]string{
			"letters": `SELECT count(*) FROM letters WHERE member_id IN ($1, $2)`, "opt-ins": `SELECT count(*) FROM opt_ins WHERE member_id IN ($1, $2)`,
			"invites": `SELECT count(*) FROM invites WHERE used_by IN ($1, $2)`, "drafts": `SELECT count(*) FROM alerts WHERE author_id IN ($1, $2)`,
			"answers": `SELECT count(*) FROM rsvps WHERE member_id IN ($1, $2)`, "copies": `SELECT count(*) FROM deliveries WHERE member_id IN ($1, $2)`,
		}
		for what, query := range of {
			before[what] = w.Ask(t, 1, query, string(amina.Member.ID), string(slack.Member.ID))[0]
		}
		w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
		for what, query := range of {
			if got := w.Ask(t, 1, query, string(amina.Member.ID), "")[0]; got != before[what] {
				t.Errorf("%s: %s, before %s", what, got, before[what])
			}
		}
		p := w.person("slack")
		if p.Member.State != bot.Stopped || p.Member.ID != amina.Member.ID {
			t.Errorf("the state is %s", p.Member.State)
		}
		if len(w.Ask(t, 1, `SELECT id FROM roles WHERE member_id = $1 AND state = $2`, string(slack.Member.ID), string(role.On))) > 0 {
			t.Error("a role of who went")
		}
		opted := w.Ask(t, 1, of["opt-ins"], string(amina.Member.ID), "")[0]
		w.do(w.parts(amina.Member.ID, slack.Address.ID))
		apart := w.person("slack")
		if got := w.Ask(t, 1, of["opt-ins"], string(amina.Member.ID), "")[0]; got != opted || apart.Member.State != bot.Stopped {
			t.Errorf("opted in %s, before %s; taken out: %s", got, opted, apart.Member.State)
		}
	})
}
