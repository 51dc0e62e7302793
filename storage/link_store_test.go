package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/address"
	"ella/bot/code"
	"ella/bot/engine"
	"ella/bot/role"
	"ella/storage/storagetest"
)

const linkCode = "0123456789ABCDEFGHJKMNPQRS"

func (w *world) offered(maker bot.Person, sender, code string) address.Link {
	w.t.Helper()
	l := address.Link{ID: w.ids.New(), Maker: maker.Member.ID, MadeAt: maker.Address.ID, Expires: w.now().Add(15 * time.Minute)}
	w.do(func(ctx context.Context, tx bot.Tx) error { return w.Links().Offer(ctx, tx, code, l, sender, w.now()) })
	return l
}

func (w *world) types(l address.Link, other bot.Person, sender string) bot.Change {
	l.Other, l.TypedAt = other.Member.ID, other.Address.ID
	return func(ctx context.Context, tx bot.Tx) error { return w.Links().Type(ctx, tx, l, sender, w.now()) }
}

func (w *world) asksMaker(l address.Link) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Links().Ask(ctx, tx, l, w.now()) }
}

func (w *world) joins(l address.Link) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Links().Join(ctx, tx, l, w.now()) }
}

// toJoin is a request that only lacks the last yes.
func (w *world) toJoin(maker bot.Person, sender string, other bot.Person, otherSender string) address.Link {
	w.t.Helper()
	l := w.offered(maker, sender, linkCode[:10]+w.ids.New())
	w.do(w.types(l, other, otherSender))
	l, err := w.Links().Link(w.t.Context(), l.ID, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	w.do(w.asksMaker(l))
	return l
}

func (w *world) parts(id bot.MemberID, chat bot.AddressID) bot.Change {
	as := bot.MemberID(w.ids.New())
	return func(ctx context.Context, tx bot.Tx) error { return w.Links().Part(ctx, tx, id, chat, as) }
}

// A code works once, for a quarter of an hour, and nobody is joined before both have
// said yes.
func TestLinkCode(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo := w.member("amina", w.home), w.member("bo", w.home)
		l := w.offered(amina, "amina", linkCode)
		if _, err := w.Links().Typed(t.Context(), strings.Replace(linkCode, "S", "T", 1), w.now()); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a wrong code: %v", err)
		}
		if got, err := w.Links().Typed(t.Context(), linkCode, w.now()); err != nil || got.ID != l.ID {
			t.Errorf("the code: %v, %v", got.ID, err)
		}
		if _, err := w.Links().Typed(t.Context(), linkCode, w.now().Add(code.Life)); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("an old code: %v", err)
		}
		w.conflicts("before anybody typed it", w.joins(l))
		people := make([]bot.Person, 100)
		for i := range people {
			people[i] = w.member(fmt.Sprint("m", i))
		}
		winner := w.race("typing a code", len(people), func(n int) error { return w.try(w.types(l, people[n], fmt.Sprint("m", n))) })
		if _, err := w.Links().Typed(t.Context(), linkCode, w.now()); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a used code: %v", err)
		}
		l, err := w.Links().Link(t.Context(), l.ID, w.now())
		if err != nil || l.Other != people[winner].Member.ID {
			t.Fatalf("it is another's than the winner's: %v", err)
		}
		w.conflicts("before the second side said yes", w.joins(l))
		w.do(w.asksMaker(l))
		stolen := l
		stolen.Other = bo.Member.ID
		w.conflicts("with somebody else", w.joins(stolen))
		w.do(w.joins(l))
		w.conflicts("twice", w.joins(l))
		w.rows("requests left", 1, `SELECT count(*) FROM links`, nil, "0")
		late := w.toJoin(amina, "amina", bo, "bo")
		w.clock.Advance(16 * time.Minute)
		w.conflicts("too late", w.joins(late))
	})
}

// Whoever stays has all that the other had, and the more careful of what both had.
func TestJoin(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other := w.organisation("Another Roof")
		g := w.group("crmc")
		amina, amin2 := w.member("amina", w.home), w.member("slack", w.home, other)
		w.do(
			w.with(amin2, g), w.grant(amina, bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}),
			w.grant(amina, bot.Role{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID}),
			func(ctx context.Context, tx bot.Tx) error {
				return errors.Join(w.Groups().Settle(ctx, tx, amin2.Member.ID, "LS1 5", "LS1"), w.Members().Mute(ctx, tx, amin2.Member.ID, w.home.ID, true))
			}, w.discreet(amin2, true))
		grace := w.organiser("grace")
		w.do(w.change(w.roleOf(grace), role.Suspended))
		w.do(w.approve(w.roleOf(grace), w.person("amina").Roles[0].ID))
		made := w.action(w.draft("come"), "Picnic")
		w.do(w.reply(made, amina, action.Yes, 1))
		w.clock.Advance(time.Minute)
		w.do(w.reply(made, amin2, action.No, 0))
		w.do(w.joins(w.toJoin(amina, "amina", amin2, "slack")))

		for _, sender := range []string{"amina", "slack"} {
			p := w.person(sender)
			if p.Member.ID != amina.Member.ID || p.Member.Sector != "LS1 5" || !p.Member.Discreet || len(p.Organisations) != 2 || len(p.Muted) != 1 || len(p.Roles) != 2 {
				t.Errorf("from %s: %+v", sender, p)
			}
		}
		w.rows("answers", 2, `SELECT answer, plus FROM rsvps`, nil, "no 0")
		w.rows("approvals", 1, `SELECT count(*) FROM approvals`, nil, "1")
		w.rows("groups", 1, `SELECT count(*) FROM group_members WHERE member_id = $1`, []any{string(amina.Member.ID)}, "1")
		w.rows("whoever went", 1, `SELECT count(*) FROM members WHERE id = $1`, []any{string(amin2.Member.ID)}, "0")
	})
}

// Whoever has a role keeps it in the chats that they made a code in, and carries it into
// nobody else's: not when it is switched off, nor when it came only after they typed the
// code, nor when both have one.
func TestJoinCarriesNoRole(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		mallory, bo, olga := w.member("mallory", w.home), w.member("bo", w.home), w.organiser("olga")
		l := w.toJoin(mallory, "mallory", olga, "olga")
		for _, state := range []role.State{role.On, role.Asked, role.Suspended, role.Lapsed} {
			w.Exec(t, `UPDATE roles SET state = $1`, string(state))
			w.conflicts("the other has a role: "+string(state), w.joins(l))
			if got, err := w.Links().Link(t.Context(), l.ID, w.now()); err != nil || !got.Answers {
				t.Errorf("%s: %v, %v", state, got.Answers, err)
			}
		}
		w.Exec(t, `UPDATE organisations SET state = 'paused'`)
		w.conflicts("of a paused organisation", w.joins(l))
		w.Exec(t, `UPDATE organisations SET state = 'active'`)
		w.Exec(t, `UPDATE roles SET state = 'on'`)

		later := w.toJoin(mallory, "mallory", bo, "bo")
		if later.Answers {
			t.Error("bo has no role yet")
		}
		w.do(w.grant(bo, bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}))
		w.conflicts("it came in between", w.joins(later))
		w.conflicts("both have one", w.joins(w.toJoin(olga, "olga", bo, "bo")))
		for _, who := range []string{"olga", "bo"} {
			if p := w.person(who); len(p.Roles) != 1 {
				t.Errorf("%s has %d roles", who, len(p.Roles))
			}
		}

		w.do(w.joins(w.toJoin(olga, "olga", mallory, "mallory")))
		if p := w.person("mallory"); p.Member.ID != olga.Member.ID || len(p.Roles) != 1 {
			t.Errorf("who made the code stays, and their role: %+v", p)
		}
		// Taken out again, the role stays where it was made.
		w.do(w.parts(olga.Member.ID, mallory.Address.ID))
		if p := w.person("mallory"); len(p.Roles) > 0 {
			t.Error("a role went with the chat that was joined to it")
		}
	})
}

// Nobody becomes one or two while it is being found out who gets an alert.
func TestNotWhileFreezing(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, slack := w.member("amina", w.home), w.member("slack", w.home)
		l := w.toJoin(amina, "amina", slack, "slack")
		a := w.draft("news")
		w.do(w.submit(a))
		w.conflicts("joined while freezing", w.joins(l))
		if is, err := w.Links().Freezing(t.Context(), amina.Member.ID, slack.Member.ID); err != nil || !is {
			t.Errorf("freezing: %v, %v", is, err)
		}
		w.do(w.freeze(a, "zzzzzzzzzzzzzzzz", amina.Member.ID, slack.Member.ID), w.release(a))
		w.do(w.joins(l))
	})
}

// roleless takes all roles of somebody away, with what hangs on them.
func (w *world) roleless(p bot.Person) {
	w.t.Helper()
	const theirs = `(SELECT id FROM roles WHERE member_id = $1)`
	for _, statement := range []string{
		`DELETE FROM approvals WHERE role_id IN ` + theirs + ` OR subject_id IN ` + theirs,
		`UPDATE group_chats SET linked_by = '' WHERE linked_by IN ` + theirs,
		`DELETE FROM roles WHERE member_id = $1`,
	} {
		w.Exec(w.t, statement, string(p.Member.ID))
	}
}

// Messages come to the chat they prefer, and to another when that is off.
func TestPrefer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, slack := w.member("amina", w.home), w.member("slack", w.home)
		w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
		arrives := func(what string, want bot.Person) {
			t.Helper()
			q := w.queue("me", w.author, bot.Reply{To: amina.Member.ID, Message: say("x").Message})
			if len(q) != 1 || q[0].Address != want.Address.ID {
				t.Errorf("%s: not there", what)
			}
		}
		w.author = w.organiser("author")
		prefer := func(p bot.Person) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return w.Links().Prefer(ctx, tx, amina.Member.ID, p.Address.ID, w.now())
			}
		}
		arrives("at first where the code was made", amina)
		w.do(prefer(slack))
		arrives("where they say", slack)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Engine("").Unreachable(ctx, tx, slack.Address.ID, bot.Blocked)
		})
		arrives("where they can be reached", amina)
		w.conflicts("a chat of somebody else", prefer(w.author))
		q := w.queue("me", w.person("amina"), bot.Reply{At: slack.Address.ID, Message: say("x").Message}, bot.Reply{At: w.author.Address.ID, Message: say("x").Message})
		if len(q) != 0 {
			t.Errorf("%d replies to a chat that is off or not theirs", len(q))
		}
	})
}

// From either chat everything goes, of both.
func TestForgetLinked(t *testing.T) {
	for _, from := range []string{"amina", "slack"} {
		t.Run(from, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				amina, slack := w.life("amina"), w.life("slack")
				w.roleless(slack)
				w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
				w.offered(w.person("slack"), "slack", linkCode)
				before := w.traces(amina, "amina")
				for name, trace := range w.traces(slack, "slack") {
					before["second "+name] = trace
				}
				w.do(w.forget(w.person(from), from))
				w.erase()
				for name, tables := range storagetest.DumpOf(t, w.url).Find(before) {
					if len(tables) > 0 {
						t.Errorf("%s is still in %v", name, tables)
					}
				}
			})
		})
	}
}

// The file about a person tells what waits in each of their chats.
func TestEverythingOfBothChats(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, slack := w.member("amina", w.home), w.member("slack", w.home)
		w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
		u, _ := w.accept(w.raw("k", "slack", "words"))
		w.do(w.failed(u.ID, engine.Panicked, true))
		all, err := w.Privacy().Everything(t.Context(), w.person("amina"), "amina")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if want := map[string]int{"inbox": 1, "addresses": 2}[s.Table]; want > 0 && len(s.Rows) != want {
				t.Errorf("%d rows of %s, want %d", len(s.Rows), s.Table, want)
			}
		}
	})
}

// A chat that is taken out is a member with the same yeses; all else stays, and both may
// be joined again.
func TestPart(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, slack := w.organiser("amina"), w.member("slack")
		w.do(w.agree(amina, w.home))
		w.conflicts("the only chat", w.parts(amina.Member.ID, amina.Address.ID))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Groups().Settle(ctx, tx, amina.Member.ID, "LS1 5", "LS1")
		})
		w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
		w.conflicts("somebody else's chat", w.parts(w.member("bo").Member.ID, slack.Address.ID))
		w.do(w.parts(amina.Member.ID, slack.Address.ID))
		p := w.person("slack")
		if p.Member.ID == amina.Member.ID || p.Member.Sector != "LS1 5" || !p.Belongs(w.home.ID) || len(p.Roles) > 0 || p.Member.Consent != 1 {
			t.Errorf("taken out: %+v", p)
		}
		if own := w.person("amina"); len(own.Roles) != 1 || !own.Belongs(w.home.ID) {
			t.Errorf("left: %+v", own)
		}
		w.conflicts("again", w.parts(amina.Member.ID, slack.Address.ID))
		w.do(w.joins(w.toJoin(w.person("amina"), "amina", w.person("slack"), "slack")))
		if p := w.person("amina"); p.Member.ID != w.person("slack").Member.ID || len(p.Roles) != 1 {
			t.Errorf("joined again: %+v", p)
		}
	})
}
