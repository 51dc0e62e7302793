package storage_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/groupchat"
)

func (w *world) optsIn(p bot.Person, c groupchat.Chat) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.GroupChats().OptIn(ctx, tx, p.Member.ID, c.ID, w.now())
	}
}

// optedIn is how many have opted in from all chats.
func (w *world) optedIn(what string, want int) {
	w.t.Helper()
	w.rows(what, 1, `SELECT count(*) FROM opt_ins`, nil, fmt.Sprint(want))
}

// Only who hears from the organisation of a chat's group is noted, once, and while the
// chat is on; and whatever ends that ends it.
func TestOptIn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g := w.group("crmc")
		c, cut := w.connect(g, 1, "-100", "r"), w.connect(g, 2, "-200", "r")
		amina, bo, cyn := w.member("amina", w.home), w.member("bo", w.home), w.member("cyn", w.home)
		other := w.organisation("Luton Roma Trust")
		elsewhere := w.member("elsewhere", other)
		w.do(w.optsIn(amina, c), w.optsIn(amina, c), w.optsIn(amina, cut), w.optsIn(bo, c), w.optsIn(cyn, c))
		w.do(w.optsIn(elsewhere, c), w.optsIn(w.member("nobody"), c))
		w.optedIn("of those who hear from it", 4)
		if is, err := w.GroupChats().OptedIn(t.Context(), amina.Member.ID, c.ID); err != nil || !is {
			t.Errorf("noted: %v, %v", is, err)
		}
		w.do(w.cuts(cut.ID))
		w.optedIn("with a chat that was disconnected", 3)
		w.conflicts("a chat that is gone", w.optsIn(amina, cut))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.GroupChats().OptOut(ctx, tx, amina.Member.ID, other.ID)
		})
		w.optedIn("of another organisation", 3)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.GroupChats().OptOut(ctx, tx, amina.Member.ID, w.home.ID)
		})
		w.optedIn("opted out", 2)
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Members().Leave(ctx, tx, bo.Member.ID, w.home.ID) })
		w.optedIn("left", 1)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().Mute(ctx, tx, amina.Member.ID, w.home.ID, true)
		}, w.optsIn(amina, c))
		w.optedIn("who wants no messages", 1)
		w.do(w.forget(cyn, "cyn"))
		w.optedIn("forgotten", 0)
		// A chat that Ella was taken out of is no way in, and goes with who came by it.
		w.do(w.optsIn(w.member("dan", w.home), c))
		w.do(w.turns(c, false, false), w.optsIn(w.member("eve", w.home), c))
		w.optedIn("from one that is off", 1)
		w.tidied(31*day, "opt_ins 0", "group_chats 0")
		last := w.connect(g, 3, "-300", "r")
		w.do(w.optsIn(w.member("fay", w.home), last))
		if err := w.Members().RemoveOrganisation(t.Context(), w.home.ID); err != nil {
			t.Fatal(err)
		}
		w.optedIn("of an organisation that was removed", 0)
	})
}

// An alert can go to who opted in from a chat, or from any chat of an account, and to
// nobody of another organisation.
func TestCandidatesWhoOptedIn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g := w.group("crmc")
		c, second := w.connect(g, 1, "-100", "r"), w.connect(g, 2, "-200", "r")
		people := []bot.Person{w.member("amina", w.home), w.member("bo", w.home), w.member("cyn", w.home)}
		w.do(w.optsIn(people[0], c), w.optsIn(people[0], second), w.optsIn(people[1], second))
		count := func(what string, o bot.Organisation, among alert.Among, want int) {
			t.Helper()
			got, err := w.Alerts().Candidates(t.Context(), o.ID, among, "", 10)
			if err != nil || len(got) != want {
				t.Errorf("%s: %d, %v, want %d", what, len(got), err, want)
			}
		}
		count("everybody", w.home, alert.Among{}, 3)
		count("of one chat", w.home, alert.Among{Chat: c.ID}, 1)
		count("of the other", w.home, alert.Among{Chat: second.ID}, 2)
		count("of the account", w.home, alert.Among{Account: w.account}, 2)
		count("of another account", w.home, alert.Among{Account: "elsewhere"}, 0)
		other := w.organisation("Luton Roma Trust")
		w.do(w.agree(people[0], other))
		count("of another organisation", other, alert.Among{Chat: c.ID}, 0)
		count("of the account, for another organisation", other, alert.Among{Account: w.account}, 0)
		readers, err := w.Alerts().ChatReaders(t.Context(), w.home.ID)
		sum := 0
		for _, n := range readers[second.ID] {
			sum += n
		}
		if err != nil || len(readers) != 2 || sum != 2 {
			t.Errorf("counted: %v, %v", readers, err)
		}
		found, err := w.Alerts().MembersOf(t.Context(), w.account, []string{"bo", "somebody else", "amina"})
		if err != nil || len(found) != 2 {
			t.Errorf("of a list: %v, %v", found, err)
		}
		if found, err := w.Alerts().MembersOf(t.Context(), "elsewhere", []string{"bo"}); err != nil || len(found) != 0 {
			t.Errorf("of a list elsewhere: %v, %v", found, err)
		}
		w.do(w.cuts(second.ID))
		count("of one that is disconnected", w.home, alert.Among{Chat: second.ID}, 0)
	})
}

// What the platform calls a list of people can't be read in the database, comes back as
// it was, and goes with the choice.
func TestRosterIsSealed(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.draft("march")
		a.Audience = alert.Audience{Account: w.account, Roster: marker("roster"), RosterName: marker("name")}
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Edit(ctx, tx, a) })
		got := w.alert(a.ID)
		got.Audience.Version = 0
		if got.Audience != a.Audience {
			t.Errorf("read back: %+v", got.Audience)
		}
		if dump := w.dump(); bytes.Contains(dump, []byte(marker("roster"))) || bytes.Contains(dump, []byte(marker("name"))) {
			t.Error("it can be read")
		}
		w.rows("an older Ella must not read it", 1, `SELECT audience FROM alerts`, nil, `{"v":2,"account":"`+string(w.account)+`"}`)
		got.Audience = alert.Audience{}
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Edit(ctx, tx, got) })
		w.rows("another choice", 1, `SELECT audience FROM alerts WHERE roster_sealed IS NULL`, nil, `{"v":1}`)
	})
}

// The people of a chat are invited once a day at most, and how far that is is changed
// over what was read only.
func TestInviting(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		c := w.connect(w.group("crmc"), 1, "-100", "r")
		invite := func(ctx context.Context, tx bot.Tx) error {
			return w.GroupChats().Invite(ctx, tx, c.ID, w.now().Add(-day), w.now())
		}
		set := func(from, to groupchat.Inviting, again bool) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return w.GroupChats().SetInviting(ctx, tx, c.ID, from, to, again)
			}
		}
		w.do(invite)
		w.conflicts("twice in a day", invite)
		if state, name, err := w.GroupChats().Inviting(t.Context(), c.ID); err != nil || state != groupchat.Asked || name != "-100" {
			t.Errorf("asked for: %q, %v", state, err)
		}
		w.conflicts("from what it is not", set(groupchat.Writing, groupchat.NotInviting, false))
		w.do(set(groupchat.Asked, groupchat.Writing, false), set(groupchat.Writing, groupchat.NotInviting, false))
		w.conflicts("twice in a day, when it was written", invite)
		w.clock.Advance(day)
		w.do(invite, set(groupchat.Asked, groupchat.NotInviting, true), invite)
	})
}
