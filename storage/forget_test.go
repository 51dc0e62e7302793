package storage_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/address"
	"ella/bot/delivery"
	"ella/bot/engine"
	"ella/bot/groupchat"
	"ella/bot/language"
	"ella/bot/privacy"
	"ella/locales"
	"ella/storage/storagetest"
)

// forget has somebody forgotten as the privacy room does.
func (w *world) forget(p bot.Person, sender string) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Privacy().Forget(ctx, tx, p.Member.ID, p.Address.Account, sender)
	}
}

// erase runs the erasing until nobody is left, and scrubs.
func (w *world) erase() {
	w.t.Helper()
	for range 10 {
		_, left, err := w.Privacy().Erase(w.t.Context(), time.Time{}, func(context.Context, []privacy.Standing) {})
		if err != nil {
			w.t.Fatal(err)
		}
		if left == 0 {
			if err := w.Scrub(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
			return
		}
		w.clock.Advance(10 * time.Second)
	}
	w.t.Fatal("somebody is still there after 100 seconds")
}

// traces are the bytes by which somebody could be found: their ids, and what their
// platform's names are turned into.
func (w *world) traces(p bot.Person, sender string) map[string][]byte {
	account := string(p.Address.Account)
	all := map[string][]byte{
		"member": []byte(p.Member.ID), "address": []byte(p.Address.ID),
		"sender": w.Index("addresses.sender_index", account, sender), "lane": w.Index("inbox.lane", account, sender),
	}
	for _, name := range []string{"sender", "lane"} {
		all[name+" as hex"] = []byte(hex.EncodeToString(all[name]))
	}
	return all
}

// a life that leaves something in every table.
func (w *world) life(name string) bot.Person {
	w.t.Helper()
	other := w.organisation("Another Roof of " + name)
	p := w.member(name, w.home)
	w.fill(other, p)
	w.Exec(w.t, `UPDATE invites SET used_at = 1, used_by = $2 WHERE id = $1`, "i"+string(other.ID), string(p.Member.ID))
	c := w.connect(w.group("the group of "+name), 1, "chat of "+name, "r")
	w.do(func(ctx context.Context, tx bot.Tx) error {
		return errors.Join(
			w.Groups().Settle(ctx, tx, p.Member.ID, "LS1 5", "LS1"),
			w.Members().Consent(ctx, tx, p.Member.ID, 1, "en", w.now()),
			w.Engine("me").Converse(ctx, tx, p.Member.ID, bot.NewStep("group", "place", nil), 0),
			w.Links().Offer(ctx, tx, "link code of "+name, address.Link{ID: w.ids.New(), Maker: p.Member.ID, MadeAt: p.Address.ID, Expires: w.now()}, name, w.now()),
			w.GroupChats().OptIn(ctx, tx, p.Member.ID, c.ID, w.now()),
			w.GroupChats().Offer(ctx, tx, "code of "+name, groupchat.Code{Member: p.Member.ID, Group: groupchat.Group{ID: bot.GroupID("g" + string(other.ID))}}, w.now(), w.now()),
		)
	})
	a := w.sending("for "+name, p)
	made := w.action(a, "An action for "+name)
	w.do(w.ended("me", w.begun("me", a)[0], delivery.Sent, ""), w.reply(made, p, action.Yes, 2))
	for _, key := range []string{"done", "parked", "waiting"} {
		u, _ := w.accept(w.raw(key+name, name, "words of "+name))
		switch key {
		case "done":
			w.do(w.finish(u.ID))
		case "parked":
			w.do(w.failed(u.ID, engine.Panicked, true))
		}
	}
	topic := say("to " + name)
	topic.Topic = "topic"
	w.queue("me", p, topic, say("to "+name))
	return w.person(name)
}

// Forgetting leaves nothing of a person in any table, and everything of others.
func TestForget(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		lee := w.life("lee")
		before := storagetest.DumpOf(t, w.url)
		amina := w.life("amina")
		traces := w.traces(amina, "amina")
		found := storagetest.DumpOf(t, w.url).Find(traces)
		for _, table := range []string{
			"members", "addresses", "memberships", "group_members", "roles", "conversations", "outbox", "alerts", "deliveries", "rsvps", "letters",
		} {
			if !slices.Contains(found["member"], table) && !slices.Contains(found["address"], table) {
				t.Errorf("%s holds nothing of her to begin with: the test shows nothing", table)
			}
		}
		if len(found["lane"]) == 0 || len(found["sender"]) == 0 {
			t.Errorf("found %v to begin with: the test shows nothing", found)
		}

		w.do(w.forget(amina, "amina"))
		if _, _, err := w.Engine("").Person(t.Context(), w.account, "amina"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("her chat still finds her: %v", err)
		}
		w.rows("what is left of her", 4, `SELECT locale, outcode, consent, zone FROM members WHERE id = $1`, []any{string(amina.Member.ID)}, "  0 ")
		found = storagetest.DumpOf(t, w.url).Find(traces)
		if got := slices.Concat(found["sender"], found["lane"]); len(got) > 0 {
			t.Errorf("who she is on the platform is still in %v", got)
		}
		if _, left, err := w.Privacy().Erase(t.Context(), time.Time{}, func(context.Context, []privacy.Standing) {}); err != nil || left != 1 {
			t.Errorf("with a reply on its way %d are left, want 1 (%v)", left, err)
		}
		w.erase()
		after := storagetest.DumpOf(t, w.url)
		for name, tables := range after.Find(traces) {
			if len(tables) > 0 {
				t.Errorf("%s is still in %v", name, tables)
			}
		}
		// Of her alerts, actions and organisations the rows stay, as somebody's; what
		// was there before she came is as it was, byte for byte, but for what only counts.
		for table, rows := range before {
			for _, row := range rows {
				row, _, _ = strings.Cut(row, " roles_version=")
				kept := slices.ContainsFunc(after[table], func(now string) bool { return strings.HasPrefix(now, row) })
				if !kept && table != "counters" {
					t.Errorf("%s has lost or changed a row of others: %q", table, row)
				}
			}
		}
		if got := w.person("lee"); !reflect.DeepEqual(got, lee) {
			t.Errorf("lee is %+v, was %+v", got, lee)
		}
	})
}

// What was computed before its member was forgotten by another process, or for their
// silence, gives them nothing again: not a language, not a yes, not a message. And
// whatever is written of them all the same goes with them.
func TestNothingComesBackAfterForgetting(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		lee, amina := w.member("lee", w.home), w.member("amina", w.home)
		g := w.group("crmc")
		w.clock.Advance(400 * day)
		p := w.person("amina") // as a turn that is under way has her
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Privacy().ForgetQuiet(ctx, tx, privacy.Quiet{Member: amina.Member.ID, Seen: time.UnixMilli(seenAt(w, amina))})
		})
		id := p.Member.ID
		for what, change := range map[string]bot.Change{
			"seen":     func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Seen(ctx, tx, p) },
			"present":  func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Present(ctx, tx, id) },
			"language": func(ctx context.Context, tx bot.Tx) error { return w.Members().SetLanguage(ctx, tx, id, "ar", "") },
			"consent":  func(ctx context.Context, tx bot.Tx) error { return w.Members().Consent(ctx, tx, id, 1, "ar", w.now()) },
			"resume":   func(ctx context.Context, tx bot.Tx) error { return w.Members().SetState(ctx, tx, id, bot.Active) },
			"agree":    w.agree(p, w.home),
			"with":     func(ctx context.Context, tx bot.Tx) error { return w.Groups().With(ctx, tx, id, g, w.now()) },
		} {
			w.conflicts(what, change)
		}
		late := say("to her")
		late.To, late.Asked = id, true
		if queued := w.queue("me", lee, late); len(queued) > 0 {
			t.Error("somebody who is forgotten is written to, having asked for it")
		}
		// A row that came back to life is still erased.
		w.Exec(t, `UPDATE members SET state = 'active', locale = 'ar' WHERE id = $1`, string(id))
		w.erase()
		w.rows("members", 1, `SELECT id FROM members`, nil, string(lee.Member.ID))
		for what, change := range map[string]bot.Change{
			"seen": func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Seen(ctx, tx, p) }, "agree": w.agree(p, w.home),
		} {
			w.conflicts(what+" of somebody who is gone", change)
		}
		w.do(w.agree(lee, w.home), func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Present(ctx, tx, lee.Member.ID) })
	})
}

func seenAt(w *world, p bot.Person) int64 {
	at, err := strconv.ParseInt(w.Ask(w.t, 1, `SELECT seen_at FROM members WHERE id = $1`, string(p.Member.ID))[0], 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	return at
}

// One who can't be erased, because something refers to them that nobody knows of,
// keeps no other.
func TestEraseGoesOn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		first, second := w.member("first", w.home), w.member("second", w.home)
		w.Exec(t, `CREATE TABLE refers (member_id TEXT NOT NULL REFERENCES members (id))`)
		w.Exec(t, `INSERT INTO refers VALUES ($1)`, string(min(first.Member.ID, second.Member.ID)))
		w.do(w.forget(first, "first"), w.forget(second, "second"))
		erased, left, err := w.Privacy().Erase(t.Context(), time.Time{}, func(context.Context, []privacy.Standing) {})
		if erased != 1 || left != 1 || err == nil {
			t.Errorf("%d erased, %d left, %v", erased, left, err)
		}
		w.Exec(t, `DROP TABLE refers`)
		w.erase()
		w.rows("members", 1, `SELECT id FROM members`, nil)
	})
}

// What can be left is read however it stands, and tells whether it can be joined.
func TestLeavable(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g := w.group("crmc")
		open := func(organisation, group bool) {
			t.Helper()
			o, oOpen, err1 := w.Privacy().Organisation(t.Context(), w.home.ID)
			got, gOpen, err2 := w.Privacy().Group(t.Context(), g.ID)
			if err1 != nil || err2 != nil || o.Name != w.home.Name || got.Name != g.Name || oOpen != organisation || gOpen != group {
				t.Errorf("%+v %v %v, %+v %v %v", o, oOpen, err1, got, gOpen, err2)
			}
		}
		open(true, true)
		g.Closed = true
		w.do(w.save(g))
		open(true, false)
		g.Closed = false
		w.do(w.save(g))
		if err := w.Members().Pause(t.Context(), w.home.ID, true); err != nil {
			t.Fatal(err)
		}
		open(false, false)
		if _, _, err := w.Privacy().Organisation(t.Context(), "nothing"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("one that is gone: %v", err)
		}
	})
}

// Forgetting may be repeated, of somebody who is gone too.
func TestForgetTwice(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.life("amina")
		w.do(w.forget(p, "amina"), w.forget(p, "amina"))
		w.erase()
		w.do(w.forget(p, "amina"))
		w.erase()
		w.rows("her", 1, `SELECT count(*) FROM members WHERE id = $1`, []any{string(p.Member.ID)}, "0")
	})
}

// Whoever writes again after having been forgotten is somebody new at once, while
// the old rows still wait for the goodbye.
func TestForgetAndComeBack(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.life("amina")
		w.do(w.forget(p, "amina"))
		again := w.member("amina", w.home)
		w.erase()
		if got := w.person("amina"); got.Member.ID != again.Member.ID || !got.Belongs(w.home.ID) {
			t.Errorf("she is %+v", got)
		}
	})
}

// Whatever was under way when somebody went may still end, and hurts nobody: the
// alert closes, its numbers add up, and the copies of others are as they were.
func TestForgetInTheMiddleOfAnAlert(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		var people []bot.Person
		for i := range 4 {
			people = append(people, w.member(fmt.Sprint("m", i), w.home))
		}
		a := w.sending("come", people...)
		begun := w.begin("me", w.lease("me", a, 2)...)
		leased := w.lease("me", a, 1)
		w.do(w.ended("me", begun[0], delivery.Sent, ""))
		for i := range people[:3] {
			w.do(w.forget(people[i], fmt.Sprint("m", i)))
		}
		// One that is begun now sees that its reader is gone.
		late := w.begin("me", leased...)
		if len(late) != 1 || !late[0].Stopped {
			t.Errorf("begun %+v", late)
		}
		w.erase()
		if got := w.begin("me", leased...); len(got) > 0 {
			t.Errorf("begun once more: %+v", got)
		}
		w.do(w.ended("me", begun[1], delivery.Sent, ""), w.ended("me", late[0], delivery.Skipped, delivery.SkipStopped), w.copyUnsent("me", begun[1], w.now()))
		tally, err := w.Alerts().Tally(t.Context(), a.ID)
		if err != nil || tally.Sent != 1 || tally.Unknown != 2 || tally.Waiting != 1 || tally.Total() != 4 {
			t.Errorf("tally %+v, %v", tally, err)
		}
		w.do(w.ended("me", w.begun("me", a)[0], delivery.Sent, ""))
		if closed, err := w.Delivery("me").Close(t.Context(), a.ID, w.now()); err != nil || !closed {
			t.Errorf("it does not close: %v", err)
		}
		w.ledger("of who stayed", "sent 1 ")
	})
}

// Of copies that were planned for somebody who had gone by then only the number
// stays, once they are taken up.
func TestForgetWhileFreezing(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		stays, gone := w.member("stays", w.home), w.member("gone", w.home)
		a := w.draft("come")
		w.do(w.submit(a), w.forget(gone, "gone"))
		w.erase()
		w.do(w.freeze(a, "zzzzzzzzzzzzzzzz", stays.Member.ID, gone.Member.ID), w.release(a))
		for _, c := range w.begun("me", a) {
			if c.Stopped != (c.Member == gone.Member.ID) {
				t.Errorf("begun %+v", c)
			}
			state := delivery.Sent
			if c.Stopped {
				state = delivery.Skipped
			}
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Delivery("me").Ended(ctx, tx, c, delivery.End{State: state}, w.now())
			})
		}
		w.rows("copies", 2, `SELECT member_id, state FROM deliveries`, nil, string(stays.Member.ID)+" sent")
		w.rows("counts", 2, `SELECT state, people FROM delivery_counts`, nil, "skipped 1")
		if closed, err := w.Delivery("me").Close(t.Context(), a.ID, w.now()); err != nil || !closed {
			t.Errorf("it does not close: %v", err)
		}
	})
}

// What an organiser began and nobody has finished goes with them; what was
// finished stays.
func TestForgetAnOrganiser(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace, other := w.organiser("grace"), w.organiser("other")
		by := grace.Roles[0].ID
		role := bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}
		w.do(w.invited(by, "OPEN", role, time.Hour), w.invited(by, "ASKED", role, time.Hour), w.invited(by, "GIVEN", role, time.Hour))
		asked, given := w.member("asked"), w.member("given")
		w.do(w.sayYes(w.invitation("ASKED"), w.given(w.invitation("ASKED"), asked, "asked")))
		w.do(w.sayYes(w.invitation("GIVEN"), w.given(w.invitation("GIVEN"), given, "on")))
		w.do(w.change(w.roleOf(given), "suspended"))
		w.do(w.approve(w.roleOf(given), by))
		draft, sent := w.draft("half"), w.sending("whole", other)
		for _, id := range []bot.AlertID{draft.ID, sent.ID} {
			w.Exec(t, `UPDATE alerts SET author_id = $2 WHERE id = $1`, string(id), string(grace.Member.ID))
		}
		w.do(w.forget(grace, "grace"))
		w.erase()
		w.rows("roles", 2, `SELECT state, invited_by FROM roles WHERE member_id <> $1 ORDER BY state`, []any{string(w.author.Member.ID)}, "on ", "suspended ")
		w.rows("invitations", 1, `SELECT invited_by FROM invites`, nil, "", "")
		w.rows("approvals", 1, `SELECT id FROM approvals`, nil)
		w.rows("alerts", 2, `SELECT id, author_id FROM alerts`, nil, string(sent.ID)+" ")
		w.rows("texts", 1, `SELECT alert_id FROM alert_variants`, nil, string(sent.ID))
	})
}

// Every table is either told to a person who asks what is stored, or holds nothing
// of any person: a new one has to be put here, and a new column that names a member
// or holds sealed words into a table that is told.
func TestEveryTableIsTold(t *testing.T) {
	nobody := map[string]string{
		"meta": "the key's own", "organisations": "public", "accounts": "bots", "groups": "public", "leases": "processes",
		"actions": "what an organisation does", "action_shares": "organisations", "shelf": "what an adapter remembers of its account",
		"counters": "numbers", "delivery_counts": "numbers", "rsvp_counts": "numbers", "shown_counts": "numbers", "cohorts": "numbers",
		"alert_variants": "told with alerts and deliveries", "migrations": "the program's own",
		"account_credentials": "tokens of bots", "installs": "of workspaces, and of nobody in them",
	}
	person := []string{"member_id", "author_id", "used_by", "address_id", "lane", "sender_index", "role_id", "invited_by"}
	w := newWorld(t, storagetest.SQLite)
	told := map[string]bool{}
	sections, err := w.Privacy().Everything(t.Context(), w.life("amina"), "amina")
	if err != nil {
		t.Fatal(err)
	}
	words, err := language.Load(locales.Files)
	if words == nil {
		t.Fatal(err)
	}
	p := words.For("en")
	for _, s := range sections {
		told[s.Table] = true
		if !p.Has("stored." + s.Table) {
			t.Errorf("people have no word for %s", s.Table)
		}
		for _, row := range s.Rows {
			for _, d := range row {
				if !p.Has("stored.label." + d.Label) {
					t.Errorf("people have no word for %s of %s", d.Label, s.Table)
				}
				if term, ok := d.Value.(privacy.Term); ok && !slices.Contains(privacy.Terms(), term) {
					t.Errorf("people have no word for %q in %s", term, s.Table)
				}
			}
		}
		if len(s.Rows) == 0 {
			t.Errorf("nothing of %s is told to somebody who has a row there", s.Table)
		}
	}
	for _, row := range w.Ask(t, 2, `SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`) {
		table, column, _ := strings.Cut(row, " ")
		if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "sqlite_") {
			continue
		}
		switch {
		case told[table] == (nobody[table] != ""):
			t.Errorf("%s has to be either in what people are told, or among the tables that hold nothing of anybody", table)
		case !told[table] && slices.Contains(person, column):
			t.Errorf("%s.%s says something of a person and is not told", table, column)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(nobody)) {
		if len(w.Ask(t, 1, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = $1`, table)) == 0 {
			t.Errorf("there is no table %s", table)
		}
	}
}

// What is told is the person's own, opened, and of nobody else.
func TestEverything(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.life("lee")
		amina := w.life("amina")
		sections, err := w.Privacy().Everything(t.Context(), amina, "amina")
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%v", sections)
		for _, want := range []string{"LS1 5", "chat of amina", "Common Ground", "for amina", "An action for amina", "to amina"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not told", want)
			}
		}
		if strings.Contains(text, "lee") || strings.Contains(text, string(amina.Member.ID)) {
			t.Errorf("told: %s", text)
		}
	})
}

// history gives people so many copies and answers, alert after alert, as years do.
func (w *world) history(alerts int, people ...bot.Person) {
	w.t.Helper()
	for i := range alerts {
		a := w.draft(fmt.Sprint("alert ", i))
		made := w.action(a, fmt.Sprint("action ", i))
		w.do(w.submit(a), w.freeze(a, "zzzzzzzzzzzzzzzz", memberIDs(people)...))
		w.Exec(w.t, `UPDATE deliveries SET state = 'sent', address_id = (SELECT id FROM addresses d WHERE d.member_id = deliveries.member_id) WHERE alert_id = $1`, string(a.ID))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			for _, p := range people {
				if err := w.reply(made, p, action.Yes, 1)(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// In SQLite's files not a byte is left of somebody with a history: no id, no index,
// in no free page and not between the rows of any page. Pages that were split while
// she was there held copies of her rows.
func TestForgetLeavesNoBytes(t *testing.T) {
	w := newWorld(t, storagetest.SQLite)
	var people []bot.Person
	for i := range 60 {
		people = append(people, w.member(fmt.Sprint("m", i), w.home))
	}
	w.history(150, people...)
	for _, n := range w.shuffled(50) {
		p, sender := people[n], fmt.Sprint("m", n)
		traces := w.traces(p, sender)
		if err := w.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		found := storagetest.FindInFiles(t, w.url, traces)
		if found["member in "] < 300 || found["address in "] == 0 || found["sender in "] == 0 {
			t.Fatalf("found %v to begin with: the test shows nothing", found)
		}
		w.do(w.forget(p, sender))
		w.erase()
		if found := storagetest.FindInFiles(t, w.url, traces); len(found) > 0 {
			t.Errorf("%s is still in the files: %v", sender, found)
		}
	}
	w.rows("what SQLite says of its file", 1, `PRAGMA integrity_check`, nil, "ok")
}

func (w *world) shuffled(n int) []int { return rand.New(rand.NewPCG(1, 2)).Perm(n) }
