package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/delivery"
	"ella/bot/group"
	"ella/bot/groupchat"
)

// connect connects a chat to a group, under the platform's name for it.
func (w *world) connect(g group.Group, number int, name string, by bot.RoleID) groupchat.Chat {
	w.t.Helper()
	c := groupchat.Chat{
		ID: bot.GroupChatID(w.ids.New()), Group: groupchat.Group{ID: g.ID, Organisation: g.Organisation, Name: g.Name}, Account: w.account,
		Number: number, Locales: []string{"ar", "en"}, On: true, Told: true,
	}
	w.do(w.connects(c, name, by))
	return c
}

func (w *world) connects(c groupchat.Chat, name string, by bot.RoleID) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.GroupChats().Connect(ctx, tx, c, name, by, w.now())
	}
}

func (w *world) turns(c groupchat.Chat, on, told bool) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.GroupChats().Turn(ctx, tx, c, on, told, w.now()) }
}

func (w *world) moves(from, to string) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.GroupChats().Move(ctx, tx, w.account, from, to, w.now())
	}
}

func (w *world) cuts(id bot.GroupChatID) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.GroupChats().Disconnect(ctx, tx, id) }
}

// at is what is connected where the platform has that name, by number; 0 for nothing.
func (w *world) at(name string) int {
	w.t.Helper()
	c, err := w.GroupChats().At(w.t.Context(), w.account, name)
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		w.t.Fatal(err)
	}
	return c.Number
}

func TestConnectedChats(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s, g := w.GroupChats(), w.group("crmc")
		first, topic := w.connect(g, 1, "-100", "r"), w.connect(g, 2, "-200/7", "r")
		other := w.connect(g, 3, "-200/9", "r")
		again := first
		again.ID = bot.GroupChatID(w.ids.New())
		w.conflicts("a number that another has", w.connects(again, "-300", "r"))
		again.Number = 4
		w.conflicts("a chat that is connected already", w.connects(again, "-100", "r"))

		if got, err := s.Chat(t.Context(), first.ID); err != nil || fmt.Sprint(got) != fmt.Sprint(first) {
			t.Errorf("got %+v, %v, want %+v", got, err, first)
		}
		within := func(name string) (numbers []int) {
			found, err := s.Within(t.Context(), w.account, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range found {
				numbers = append(numbers, c.Number)
			}
			return numbers
		}
		if got := fmt.Sprint(within("-100"), within("-200"), within("-200/1"), within("-300"), w.at("-200"), w.at("-200/7")); got != "[1] [2 3] [2 3] [] 0 2" {
			t.Errorf("within: %s", got)
		}
		// Another account knows nothing of it.
		if _, err := s.At(t.Context(), "elsewhere", "-100"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("through another account: %v", err)
		}

		w.do(w.turns(first, false, false))
		w.conflicts("a state that was left", w.turns(first, true, true))
		w.do(func(ctx context.Context, tx bot.Tx) error { return s.Speak(ctx, tx, first, []string{"uk"}, w.now()) })
		w.conflicts("languages that were left", func(ctx context.Context, tx bot.Tx) error { return s.Speak(ctx, tx, first, []string{"pl"}, w.now()) })
		got, err := s.Chat(t.Context(), first.ID)
		if err != nil || got.On || got.Told || !slices.Equal(got.Locales, []string{"uk"}) || got.Closed {
			t.Errorf("turned off: %+v, %v", got, err)
		}

		// All topics move with their chat, and one that is connected there already stays.
		w.do(w.moves("-200", "-1009"))
		if got := fmt.Sprint(w.at("-200/7"), w.at("-1009/7"), w.at("-1009/9"), within("-1009")); got != "0 2 3 [2 3]" {
			t.Errorf("moved: %s", got)
		}
		there := w.connect(g, 4, "-700", "r")
		w.do(w.moves("-100", "-700"), w.moves("-unknown", "-1"))
		if w.at("-700") != 4 || w.at("-100") != 0 {
			t.Error("what is connected under the new name does not stay")
		}
		w.do(w.cuts(other.ID), w.cuts(there.ID))
		w.conflicts("what is disconnected", w.cuts(other.ID))
		w.rows("left", 1, `SELECT id FROM group_chats`, nil, string(topic.ID))

		g.Closed = true
		w.do(w.save(g))
		if got, err := s.Chat(t.Context(), topic.ID); err != nil || !got.Closed {
			t.Errorf("of a closed group: %+v, %v", got, err)
		}
		if _, err := s.Group(t.Context(), g.ID); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a closed group: %v", err)
		}
		w.tidied(29*day, "group_chats 1")
		w.tidied(2*day, "group_chats 0")
	})
}

func TestChatCodes(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s, g := w.GroupChats(), w.group("crmc")
		maria := w.member("maria", w.home)
		c := groupchat.Code{Member: maria.Member.ID, Group: groupchat.Group{ID: g.ID, Organisation: g.Organisation, Name: g.Name}}
		offer := func(code string) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return s.Offer(ctx, tx, code, c, w.now(), w.now().Add(time.Minute))
			}
		}
		open := func(code string) bool {
			got, err := s.Code(t.Context(), code, w.now())
			if err != nil && !errors.Is(err, bot.ErrNotFound) {
				t.Fatal(err)
			}
			if err == nil && got != c {
				t.Errorf("got %+v, want %+v", got, c)
			}
			return err == nil
		}
		use := func(code string, c groupchat.Code) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error { return s.Use(ctx, tx, code, c, w.now()) }
		}
		w.do(offer("ONE"))
		w.do(offer("TWO"))
		if open("ONE") || !open("TWO") || open("two") {
			t.Error("one code is open for a member: the newest")
		}
		someone := c
		someone.Member = "somebody else"
		w.conflicts("somebody else's", use("TWO", someone))
		w.do(use("TWO", c))
		w.conflicts("used", use("TWO", c))
		w.do(offer("THREE"))
		w.clock.Advance(time.Minute)
		if open("THREE") {
			t.Error("too old, and open")
		}
		w.conflicts("too old", use("THREE", c))
		w.do(offer("FOUR"))
		if err := w.Members().Pause(t.Context(), w.home.ID, true); err != nil {
			t.Fatal(err)
		}
		if open("FOUR") {
			t.Error("open, of an organisation that is paused")
		}
	})
}

// calling is an alert on its way to a group's chats as well as to people.
func (w *world) calling(g group.Group, to ...bot.Person) alert.Alert {
	w.t.Helper()
	a := w.draft("march")
	a.Audience, a.InChats = alert.Audience{Group: g.ID, GroupName: g.Name}, true
	w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Edit(ctx, tx, a) })
	a = w.alert(a.ID)
	w.do(w.submit(a), w.freeze(a, "zzzzzzzzzzzzzzzz", memberIDs(to)...),
		func(ctx context.Context, tx bot.Tx) error { return w.Alerts().FreezeChats(ctx, tx, a, w.now()) }, w.release(a))
	return w.alert(a.ID)
}

// to finds the copy to a group chat among others.
func to(copies []delivery.Copy, id bot.GroupChatID) delivery.Copy {
	for _, c := range copies {
		if c.Chat && c.Member == bot.MemberID(id) {
			return c
		}
	}
	return delivery.Copy{}
}

// A copy goes to every chat of the group that is on, and to none of another group;
// before it is written everything is looked at once more.
func TestCopiesToChats(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g, elsewhere := w.group("crmc"), w.group("compas")
		on, off := w.connect(g, 1, "-100", "r"), w.connect(g, 2, "-200", "r")
		cut, lost := w.connect(g, 3, "-300", "r"), w.connect(g, 4, "-400", "r")
		w.connect(elsewhere, 1, "-500", "r")
		w.do(w.turns(off, false, true))
		amina := w.member("amina", w.home)
		a := w.calling(g, amina)
		if len(a.Chats) != 3 || !a.InChats {
			t.Errorf("chats of the alert: %+v", a.Chats)
		}
		copies := w.lease("me", a, 10)
		if len(copies) != 4 {
			t.Fatalf("%d copies, want three to chats and one to a member", len(copies))
		}
		if c := to(copies, on.ID); c.Address.Account != w.account || c.Address.ID != bot.AddressID(on.ID) {
			t.Errorf("leased: %+v", c)
		}
		w.do(w.cuts(cut.ID), func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Unreachable(ctx, tx, bot.AddressID(lost.ID), bot.Forbidden)
		}, w.moves("-100", "-1001"))
		begun := w.begin("me", copies...)
		if c := to(begun, on.ID); c.Address.Chat != "-1001" || c.Stopped || c.Cancelled || !slices.Equal(c.Locales, []string{"ar", "en"}) || c.Attempts != 1 {
			t.Errorf("to one that is on: %+v", c)
		}
		if c := to(begun, cut.ID); !c.Stopped {
			t.Errorf("to one that was disconnected: %+v", c)
		}
		if c := to(begun, lost.ID); c.Stopped || c.Address != (bot.Address{}) {
			t.Errorf("to one that was lost: %+v", c)
		}
		if got, err := w.GroupChats().Chat(t.Context(), lost.ID); err != nil || got.On || got.Told {
			t.Errorf("lost: %+v, %v", got, err)
		}
		for _, c := range begun {
			switch {
			case c.Stopped, c.Address.ID == "":
				w.do(w.ended("me", c, delivery.Skipped, delivery.SkipStopped))
			default:
				end := delivery.End{State: delivery.Sent, Ref: bot.Ref("ref of " + string(c.Member)), Address: c.Address.ID}
				w.do(func(ctx context.Context, tx bot.Tx) error { return w.Delivery("me").Ended(ctx, tx, c, end, w.now()) })
			}
		}
		// In no number of people is there a chat.
		tally, err := w.Alerts().Tally(t.Context(), a.ID)
		slices.Sort(tally.Chats)
		if err != nil || tally.Sent != 1 || tally.Total() != 1 || !slices.Equal(tally.Chats, []string{"sent", "skipped", "skipped"}) {
			t.Errorf("tally: %+v, %v", tally, err)
		}
		made := w.action(a, "March")
		w.Exec(t, `UPDATE alerts SET action_id = $1`, string(made.ID))
		counts, err := w.Actions().Counts(t.Context(), made, w.home.ID)
		if err != nil || counts.Asked != 1 {
			t.Errorf("asked: %+v, %v", counts, err)
		}

		// What stands there can be changed, until the chat moves or is lost.
		cards, err := w.Alerts().Cards(t.Context(), made.ID)
		if err != nil || len(cards) != 1 || cards[0].Ref != bot.Ref("ref of "+string(on.ID)) || cards[0].Name != "-1001" {
			t.Fatalf("cards: %+v, %v", cards, err)
		}
		cards[0].Shown, cards[0].Ref = "10 open-yes ar,en", "another"
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().KeepCard(ctx, tx, cards[0]) })
		kept, err := w.Alerts().Cards(t.Context(), made.ID)
		if err != nil || len(kept) != 1 || fmt.Sprint(kept[0]) != fmt.Sprint(cards[0]) {
			t.Errorf("kept: %+v, %v", kept, err)
		}
		for _, state := range []string{"paused", "active"} {
			w.Exec(t, `UPDATE organisations SET state = $1`, state)
			cards, err := w.Alerts().Cards(t.Context(), made.ID)
			if err != nil || len(cards) > 0 != (state == "active") {
				t.Errorf("cards of an organisation that is %s: %+v, %v", state, cards, err)
			}
		}
		by, err := w.Actions().AskedIn(t.Context(), made.ID, w.account, "-1001")
		if err != nil || by != w.home.ID {
			t.Errorf("asked in the chat: %q, %v", by, err)
		}
		for _, name := range []string{"-100", "-500", "-200", ""} {
			if _, err := w.Actions().AskedIn(t.Context(), made.ID, w.account, name); !errors.Is(err, bot.ErrNotFound) {
				t.Errorf("asked in %q: %v", name, err)
			}
		}
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Rename(ctx, tx, bot.AddressID(on.ID), "-1002")
		})
		if w.at("-1002") != 1 || w.at("-1001") != 0 {
			t.Error("not renamed")
		}
		if cards, err := w.Alerts().Cards(t.Context(), made.ID); err != nil || len(cards) != 0 {
			t.Errorf("a message of the old chat can be changed: %+v, %v", cards, err)
		}

		// What was sent to chats goes with the rest, and is counted nowhere.
		if closed, err := w.Delivery("me").Close(t.Context(), a.ID, w.now()); err != nil || !closed {
			t.Fatalf("close: %v, %v", closed, err)
		}
		w.Exec(t, `UPDATE actions SET state = 'over', over_at = 1`)
		w.tidied(31*day, "deliveries 0")
		w.rows("counted", 2, `SELECT state, people FROM delivery_counts`, nil, "sent 1")
		w.rows("chats that are still on", 1, `SELECT number FROM group_chats ORDER BY chat_index IS NULL, number`, nil, "1", "1")
	})
}

// While a copy to a chat is under way the whole organisation, or the group, may go out.
func TestCopiesToChatsOfNobody(t *testing.T) {
	for what, change := range map[string]func(w *world, g group.Group, a alert.Alert){
		"paused": func(w *world, _ group.Group, _ alert.Alert) {
			if err := w.Members().Pause(w.t.Context(), w.home.ID, true); err != nil {
				w.t.Fatal(err)
			}
		},
		"closed": func(w *world, g group.Group, _ alert.Alert) {
			g.Closed = true
			w.do(w.save(g))
		},
		"cancelled": func(w *world, _ group.Group, a alert.Alert) {
			w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Cancel(ctx, tx, a.ID, w.now()) })
		},
	} {
		t.Run(what, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				g := w.group("crmc")
				c := w.connect(g, 1, "-100", "r")
				a := w.calling(g)
				leased := w.lease("me", a, 10)
				change(w, g, a)
				got := to(w.begin("me", leased...), c.ID)
				if got.Cancelled != (what == "cancelled") || got.Stopped == (what == "cancelled") {
					t.Errorf("begun: %+v", got)
				}
			})
		})
	}
}

// Neither the names of chats nor codes can be read, and a chat stays connected when
// whoever connected it is forgotten, without saying who it was.
func TestChatsKeepNobody(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g := w.group("crmc")
		maria := w.member("maria", w.home)
		w.do(w.grant(maria, bot.Role{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID}))
		role := w.roleOf(maria)
		c := w.connect(g, 1, marker("chat"), role.ID)
		keepers, err := w.GroupChats().Keepers(t.Context(), c)
		if err != nil || len(keepers) != 1 || keepers[0].ID != maria.Member.ID {
			t.Errorf("keepers: %+v, %v", keepers, err)
		}
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.GroupChats().Offer(ctx, tx, marker("CODE"), groupchat.Code{Member: maria.Member.ID, Group: c.Group}, w.now(), w.now().Add(time.Hour))
		})
		if dump := w.dump(); bytes.Contains(dump, []byte(marker("chat"))) || bytes.Contains(dump, []byte(marker("CODE"))) {
			t.Error("the database can be read")
		}
		author := w.organiser("author")
		w.do(w.forget(maria, "maria"))
		w.rows("codes", 1, `SELECT member_id FROM group_chat_codes`, nil)
		w.rows("chats", 2, `SELECT number, linked_by FROM group_chats`, nil, "1 ")
		// With nobody else left who answers for the group, its organisers do.
		keepers, err = w.GroupChats().Keepers(t.Context(), c)
		if err != nil || len(keepers) != 1 || keepers[0].ID != author.Member.ID {
			t.Errorf("keepers: %+v, %v", keepers, err)
		}
		w.do(w.turns(c, false, true))
		w.tidied(29*day, "group_chats 1")
		w.tidied(2*day, "group_chats 0")
	})
}
