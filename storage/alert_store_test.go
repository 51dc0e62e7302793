package storage_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/group"
)

func TestDraft(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		if _, err := w.Alerts().Alert(t.Context(), "nowhere"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("an alert that is not there is %v", err)
		}
		a := w.draft("Come at six.")
		if a.Version != 0 || a.State != alert.Draft || a.Variants[0].Text != "Come at six." {
			t.Errorf("a new draft is %+v", a)
		}
		a.Action, a.Audience = "action1", alert.Audience{Version: 1, Place: "CV1", PlaceName: "Coventry", Km: 10, Locale: "ar", Group: "g", GroupName: "CRMC"}
		a.Expires = w.now().Add(time.Hour)
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Edit(ctx, tx, a) })
		got := w.alert(a.ID)
		want := a
		want.Version = 1
		if !got.Expires.Equal(want.Expires) {
			t.Errorf("expires %v, want %v", got.Expires, want.Expires)
		}
		got.Expires = want.Expires
		if !reflect.DeepEqual(got, want) {
			t.Errorf("edited:\n got %+v\nwant %+v", got, want)
		}
	})
}

// Every change of a draft is refused from an old view of it, and once it is none.
func TestStaleDraft(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		changes := map[string]func(a alert.Alert) bot.Change{
			"edit": func(a alert.Alert) bot.Change {
				return func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Edit(ctx, tx, a) }
			},
			"name the original": func(a alert.Alert) bot.Change {
				return func(ctx context.Context, tx bot.Tx) error { return w.Alerts().NameOriginal(ctx, tx, a, "pl", w.now()) }
			},
			"set a variant":  func(a alert.Alert) bot.Change { return w.variant(a, "ar", "مرحبا") },
			"drop a variant": func(a alert.Alert) bot.Change { return w.variant(a, "ar", "") },
			"submit":         w.submit,
		}
		unnamed := func() alert.Alert {
			a := w.draft("Come at six.")
			w.Exec(t, `DELETE FROM alert_variants WHERE alert_id = $1`, string(a.ID))
			w.Exec(t, `UPDATE alerts SET locale = '' WHERE id = $1`, string(a.ID))
			return a
		}
		for name, change := range changes {
			a := unnamed()
			stale := a
			stale.Version = 7
			w.conflicts(name+" of a version to come", change(stale))
			w.do(change(a))
			if name != "submit" {
				if got := w.alert(a.ID); got.Version != 1 {
					t.Errorf("%s: version %d", name, got.Version)
				}
			}
			w.conflicts(name+" of an old version", change(a))
			b := unnamed()
			w.do(w.submit(b))
			w.conflicts(name+" of what is submitted", change(b))
			missing := a
			missing.ID = "nowhere"
			w.conflicts(name+" of nothing", change(missing))
		}
	})
}

func (w *world) variant(a alert.Alert, locale, text string) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Alerts().SetVariant(ctx, tx, a, alert.Variant{Locale: locale, Text: text}, w.now())
	}
}

func TestVariants(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := alert.Alert{
			ID: bot.AlertID(w.ids.New()), Organisation: w.home.ID, Author: "author", Expires: w.now(),
			Variants: []alert.Variant{{Text: "Przyjdźcie o szóstej."}},
		}
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Create(ctx, tx, a, w.now()) })
		a = w.alert(a.ID)
		if want := []alert.Variant{{Text: "Przyjdźcie o szóstej."}}; !slices.Equal(a.Variants, want) {
			t.Fatalf("in no language yet: %+v", a.Variants)
		}
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().NameOriginal(ctx, tx, a, "pl", w.now()) })
		// Named wrong and then right: the text moves along.
		a = w.alert(a.ID)
		for _, locale := range []string{"uk", "pl", "pl"} {
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Alerts().NameOriginal(ctx, tx, a, locale, w.now())
			})
			a = w.alert(a.ID)
			if want := []alert.Variant{{Locale: locale, Text: "Przyjdźcie o szóstej."}}; !slices.Equal(a.Variants, want) {
				t.Fatalf("named %s: %+v", locale, a.Variants)
			}
		}
		for _, v := range []alert.Variant{{Locale: "uk", Text: "Приходьте."}, {Locale: "ar", Text: "تعالوا."}, {Locale: "en", Text: "Come."}, {Locale: "ar", Text: "تعالوا معنا."}, {Locale: "en"}} {
			w.do(w.variant(w.alert(a.ID), v.Locale, v.Text))
		}
		want := []alert.Variant{{Locale: "pl", Text: "Przyjdźcie o szóstej."}, {Locale: "ar", Text: "تعالوا معنا."}, {Locale: "uk", Text: "Приходьте."}}
		if got := w.alert(a.ID); !slices.Equal(got.Variants, want) || got.Version != 9 {
			t.Errorf("version %d: %+v", got.Version, got.Variants)
		}
	})
}

// Ten press "send" at once: it is submitted once.
func TestSubmitAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.draft("Come.")
		a.Hash = []byte("hash")
		errs := make([]error, 10)
		var race sync.WaitGroup
		for i := range errs {
			race.Go(func() { errs[i] = w.try(w.submit(a)) })
		}
		race.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, bot.ErrConflict) {
				t.Error(err)
			}
		}
		if got := w.alert(a.ID); won != 1 || got.State != alert.Freezing || string(got.Hash) != "hash" {
			t.Errorf("submitted %d times, now %s, hash %q", won, got.State, got.Hash)
		}
	})
}

func TestDiscardAndCancel(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		discard := func(a alert.Alert) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Discard(ctx, tx, a.ID) }
		}
		cancel := func(a alert.Alert) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Cancel(ctx, tx, a.ID, w.now()) }
		}
		a := w.draft("Come.")
		w.do(w.variant(a, "ar", "تعالوا"))
		w.conflicts("cancel a draft", cancel(a))
		w.do(discard(a))
		w.conflicts("discard twice", discard(a))
		if _, err := w.Alerts().Alert(t.Context(), a.ID); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a discarded draft is %v", err)
		}
		w.rows("its texts", 1, `SELECT count(*) FROM alert_variants`, nil, "0")

		b := w.sending("Come.", w.member("amina", w.home))
		w.conflicts("discard what is sent", discard(b))
		w.do(cancel(b))
		w.conflicts("cancel twice", cancel(b))
		if got := w.alert(b.ID); got.State != alert.Cancelled || len(got.Variants) != 1 {
			t.Errorf("cancelled: %+v", got)
		}
		c := w.draft("Come.")
		w.do(w.submit(c), cancel(c))
		w.conflicts("freeze on after a cancel", w.freeze(c, "zz", "someone"))
		w.do(w.release(c))
		if got := w.alert(c.ID); got.State != alert.Cancelled {
			t.Errorf("released after a cancel: %s", got.State)
		}
		w.rows("copies of what was cancelled while freezing", 1, `SELECT count(*) FROM deliveries WHERE alert_id = $1`, []any{string(c.ID)}, "0")
	})
}

// Candidates are those who agreed, are active and can be reached.
func TestCandidates(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other, g := w.organisation("Luton Roma Trust"), w.group("crmc")
		amina, bo := w.member("amina", w.home), w.member("bo", w.home, other)
		w.member("of another", other)
		w.member("of none")
		stopped, blocked, both := w.member("stopped", w.home), w.member("blocked", w.home), w.member("both", w.home)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetState(ctx, tx, stopped.Member.ID, bot.Stopped)
		})
		off := func(p bot.Person) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return w.Engine("").Unreachable(ctx, tx, p.Address.ID, bot.Blocked)
			}
		}
		w.do(off(blocked), off(both))
		// A second address, still on.
		second := bot.Person{Member: w.stranger("x").Member, Address: both.Address}
		second.Address.ID = bot.AddressID(w.ids.New())
		w.do(w.join(second, "second"))
		w.Exec(t, `UPDATE addresses SET member_id = $1 WHERE id = $2`, string(both.Member.ID), string(second.Address.ID))
		w.do(w.with(bo, g))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Groups().Settle(ctx, tx, amina.Member.ID, "CV1 2", "CV1")
		})
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetLanguage(ctx, tx, amina.Member.ID, "ar", "ku")
		})

		candidates := func(o bot.Organisation, g bot.GroupID, after bot.MemberID, limit int, want ...bot.Person) []alert.Candidate {
			t.Helper()
			got, err := w.Alerts().Candidates(t.Context(), o.ID, alert.Among{Group: g}, after, limit)
			if err != nil {
				t.Fatal(err)
			}
			ids := make([]bot.MemberID, len(got))
			for i, c := range got {
				ids[i] = c.Member
			}
			if !slices.Equal(ids, memberIDs(want)) {
				t.Errorf("%s, group %q, after %q: %v, want %v", o.Name, g, after, ids, memberIDs(want))
			}
			return got
		}
		got := candidates(w.home, "", "", 10, amina, bo, both)
		if want := (alert.Candidate{Member: amina.Member.ID, Locale: "ar", Speaks: "ku", Sector: "CV1 2", Outcode: "CV1"}); got[0] != want {
			t.Errorf("candidate: %+v", got[0])
		}
		candidates(w.home, "", "", 2, amina, bo)
		candidates(w.home, "", bo.Member.ID, 10, both)
		candidates(w.home, g.ID, "", 10, bo)
		candidates(w.home, "nowhere", "", 10)
		candidates(bot.Organisation{ID: "nobody"}, "", "", 10)

		// A group that nobody is with is in the list too: it tells of nobody.
		empty, closed := w.group("lrt"), group.Group{ID: "closed", Organisation: w.home.ID, Source: "csv", ForeignID: "x", Name: "x", Closed: true}
		w.do(w.save(closed))
		choices, err := w.Alerts().GroupChoices(t.Context(), w.home.ID)
		if want := []alert.GroupChoice{{ID: g.ID, Name: "crmc"}, {ID: empty.ID, Name: "lrt"}}; err != nil || !slices.Equal(choices, want) {
			t.Errorf("groups to choose from: %+v, %v", choices, err)
		}
		if choices, err := w.Alerts().GroupChoices(t.Context(), other.ID); err != nil || len(choices) > 0 {
			t.Errorf("another organisation may choose %+v, %v", choices, err)
		}
	})
}

// someone is a member of whom nothing is known.
func (w *world) someone() bot.MemberID {
	w.t.Helper()
	id := w.ids.New()
	w.Exec(w.t, `INSERT INTO members (id, locale, speaks, state, outcode, zone, created_at, seen_at) VALUES ($1, '', '', 'active', '', '', 0, 0)`, id)
	return bot.MemberID(id)
}

// Freezing goes on where it was, and however often it is done a member has one copy.
func TestFreeze(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		var members []bot.MemberID
		for range 120 {
			members = append(members, w.someone())
		}
		a := w.draft("Come.")
		w.conflicts("freeze a draft", w.freeze(a, members[9], members[:10]...))
		w.do(w.submit(a))
		to := func(want bot.MemberID) {
			t.Helper()
			if got, err := w.Alerts().FrozenTo(t.Context(), a.ID); err != nil || got != want {
				t.Errorf("frozen to %q (%v), want %q", got, err, want)
			}
		}
		to("")
		w.do(w.freeze(a, members[99], members[:100]...))
		to(members[99])
		// Again, whole and in part, as after a crash: at most it is refused.
		for _, again := range []bot.Change{w.freeze(a, members[99], members[:100]...), w.freeze(a, members[49], members[:50]...)} {
			if err := w.try(again); err != nil && !errors.Is(err, bot.ErrConflict) {
				t.Error(err)
			}
		}
		to(members[99])
		w.do(w.freeze(a, members[119], members[90:]...))
		w.do(w.freeze(a, "zzzzzzzzzzzzzzzz")) // a stretch in which nobody fits
		w.rows("copies", 3, `SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts`, nil, "planned 0 120")
		if got := w.alert(a.ID); got.State != alert.Freezing {
			t.Errorf("before the release: %s", got.State)
		}
		w.do(w.release(a), w.release(a))
		if got := w.alert(a.ID); got.State != alert.Sending {
			t.Errorf("after the release: %s", got.State)
		}
		w.conflicts("freeze what is being sent", w.freeze(a, "zzzzzzzzzzzzzzzzz", "late"))
	})
}

// The author is told of an alert while they organise and want to hear from Ella.
func TestAuthor(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p, other := w.member("amina"), w.organisation("Luton Roma Trust")
		a := alert.Alert{ID: "a", Organisation: w.home.ID, Author: p.Member.ID}
		is := func(what string, want error) {
			t.Helper()
			got, err := w.Alerts().Author(t.Context(), a)
			if !errors.Is(err, want) || err == nil && !reflect.DeepEqual(got, w.person("amina").Member) {
				t.Errorf("%s: %+v, %v", what, got, err)
			}
		}
		is("no role", bot.ErrNotFound)
		w.do(w.grant(p, bot.Role{Kind: bot.Organiser, Organisation: other.ID}), w.grant(p, bot.Role{Kind: bot.Leader, Organisation: w.home.ID, Group: w.group("crmc").ID}))
		is("other roles", bot.ErrNotFound)
		w.do(w.grant(p, bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}))
		is("an organiser", nil)
		state := func(s bot.MemberState) {
			w.do(func(ctx context.Context, tx bot.Tx) error { return w.Members().SetState(ctx, tx, p.Member.ID, s) })
		}
		state(bot.Stopped)
		is("who said stop", bot.ErrNotFound)
		state(bot.Active)
		w.Exec(t, `UPDATE roles SET state = 'suspended'`)
		is("suspended", bot.ErrNotFound)
		a.Author = "nobody"
		is("nobody", bot.ErrNotFound)
	})
}

func TestTallyAndRecent(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.draft("first")
		states := strings.Fields("planned attempting held sent sent sent refused refused unknown skipped cancelled")
		w.do(w.submit(a))
		for _, state := range states {
			id := w.someone()
			w.do(w.freeze(a, id, id))
			w.Exec(t, `UPDATE deliveries SET state = $2 WHERE member_id = $1`, string(id), state)
		}
		got, err := w.Alerts().Tally(t.Context(), a.ID)
		if want := (alert.Tally{Waiting: 3, Sent: 3, Refused: 2, Unknown: 1, Skipped: 2}); err != nil || !reflect.DeepEqual(got, want) || got.Total() != len(states) {
			t.Errorf("tally %+v, %v", got, err)
		}
		if got, err := w.Alerts().Tally(t.Context(), "nowhere"); err != nil || got.Total() != 0 {
			t.Errorf("tally of nothing: %+v, %v", got, err)
		}
		w.clock.Advance(time.Second)
		b := w.sending("second")
		done := w.sending("over")
		w.Exec(t, `UPDATE alerts SET state = 'done' WHERE id = $1`, string(done.ID))
		draft := w.draft("not yet")
		// What is under way comes first, then the newest.
		recent, err := w.Alerts().Recent(t.Context(), w.home.ID, 5)
		var ids []bot.AlertID
		for _, r := range recent {
			ids = append(ids, r.ID)
		}
		if err != nil || !slices.Equal(ids, []bot.AlertID{b.ID, a.ID, draft.ID, done.ID}) || recent[0].Variants[0].Text != "second" {
			t.Errorf("recent: %+v, %v", recent, err)
		}
		if recent, err := w.Alerts().Recent(t.Context(), w.home.ID, 1); err != nil || len(recent) != 1 || recent[0].ID != b.ID {
			t.Errorf("the last one: %+v, %v", recent, err)
		}
		if recent, err := w.Alerts().Recent(t.Context(), "another", 5); err != nil || len(recent) > 0 {
			t.Errorf("of another organisation: %+v, %v", recent, err)
		}
	})
}
