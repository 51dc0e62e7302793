package storage_test

import (
	"context"
	"reflect"
	"testing"

	"ella/bot"
	"ella/bot/group"
	"ella/bot/place"
)

func TestSaveGroups(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		revision := func() int64 {
			t.Helper()
			n, err := w.Groups().Revision(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		all := func(want ...group.Group) {
			t.Helper()
			got, err := w.Groups().All(t.Context())
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("directory (%v):\n got %+v\nwant %+v", err, got, want)
			}
		}
		if n := revision(); n != 0 {
			t.Errorf("an empty directory has revision %d", n)
		}
		full := group.Group{
			ID: bot.GroupID(w.ids.New()), Organisation: w.home.ID, Source: "csv", ForeignID: "1", Name: "Coventry Refugee and Migrant Centre",
			About: map[string]string{"en": "They help.", "ar": "يساعدون."}, Meets: map[string]string{"en": "Tuesdays"}, Joining: map[string]string{"pl": "Przyjdź"},
			Languages: []string{"en", "ar"}, Town: "Coventry", Place: "CV1 2", Point: place.Point{Lat: 52.4, Lng: -1.5}, URL: "https://example.org", Sample: true,
		}
		bare := group.Group{
			ID: bot.GroupID(w.ids.New()), Organisation: w.home.ID, Source: "sample", ForeignID: "1", Name: "Right to Remain", Nationwide: true,
			About: map[string]string{}, Meets: map[string]string{}, Joining: map[string]string{},
		}
		w.do(w.save(full, bare))
		first := revision()
		all(full, bare)

		// The same entry again, changed and under another id: it keeps its own.
		changed := full
		changed.ID, changed.Name, changed.Closed, changed.Point, changed.Place = bot.GroupID(w.ids.New()), "CRMC", true, place.Point{}, ""
		w.do(w.save(changed))
		if n := revision(); n <= first {
			t.Errorf("the revision went from %d to %d", first, n)
		}
		changed.ID = full.ID
		all(changed, bare)
		w.rows("version", 1, `SELECT version FROM groups ORDER BY id`, nil, "2", "1")

		// All or nothing: an entry of nobody spoils the rest.
		before := revision()
		orphan := bare
		orphan.Organisation, orphan.ForeignID, orphan.ID = "nobody", "2", bot.GroupID(w.ids.New())
		again := bare
		again.Name = "changed"
		if err := w.try(w.save(again, orphan)); err == nil {
			t.Error("an entry of an organisation that is not there was saved")
		}
		all(changed, bare)
		if n := revision(); n != before {
			t.Errorf("a failed import raised the revision to %d", n)
		}
	})
}

func (w *world) with(p bot.Person, g group.Group) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Groups().With(ctx, tx, p.Member.ID, g, w.now()) }
}

func (w *world) without(p bot.Person, g group.Group) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Groups().Without(ctx, tx, p.Member.ID, g) }
}

// A yes to a group is one to its organisation as well. It ends with the last of
// the organisation's groups, unless the member said yes to the organisation itself.
func TestWithAndWithout(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g, h := w.group("crmc"), w.group("lrt")
		for name, c := range map[string]struct {
			changes func(p bot.Person) []bot.Change
			belongs bool
		}{
			"never with it": {func(p bot.Person) []bot.Change { return []bot.Change{w.without(p, g)} }, false},
			"with it":       {func(p bot.Person) []bot.Change { return []bot.Change{w.with(p, g), w.with(p, g)} }, true},
			"and back": {func(p bot.Person) []bot.Change {
				return []bot.Change{w.with(p, g), w.with(p, g), w.without(p, g), w.without(p, g)}
			}, false},
			"one of two": {func(p bot.Person) []bot.Change {
				return []bot.Change{w.with(p, g), w.with(p, h), w.without(p, g)}
			}, true},
			"both of two": {func(p bot.Person) []bot.Change {
				return []bot.Change{w.with(p, g), w.with(p, h), w.without(p, g), w.without(p, h)}
			}, false},
			"a yes of their own before": {func(p bot.Person) []bot.Change {
				return []bot.Change{w.agree(p, w.home), w.with(p, g), w.without(p, g)}
			}, true},
			"a yes of their own after": {func(p bot.Person) []bot.Change {
				return []bot.Change{w.with(p, g), w.agree(p, w.home), w.without(p, g)}
			}, true},
			"a yes of their own, and a group never joined": {func(p bot.Person) []bot.Change {
				return []bot.Change{w.agree(p, w.home), w.without(p, g)}
			}, true},
		} {
			p := w.member(name)
			w.do(c.changes(p)...)
			if got := w.person(name).Belongs(w.home.ID); got != c.belongs {
				t.Errorf("%s: hears from the organisation: %v, want %v", name, got, c.belongs)
			}
		}
		for id, want := range map[bot.GroupID]int{g.ID: 1, h.ID: 1, "nowhere": 0} {
			if n, err := w.Groups().MemberCount(t.Context(), id); err != nil || n != want {
				t.Errorf("%d members, want %d (%v)", n, want, err)
			}
		}
	})
}

func TestSettle(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		for _, c := range []struct{ sector, outcode string }{{"CV1 2", "CV1"}, {"", "BT1"}, {"B11 1", "B11"}, {"", ""}} {
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Groups().Settle(ctx, tx, p.Member.ID, c.sector, c.outcode)
			})
			if m := w.person("amina").Member; m.Sector != c.sector || m.Outcode != c.outcode {
				t.Errorf("settled in %q %q, found in %q %q", c.sector, c.outcode, m.Sector, m.Outcode)
			}
		}
	})
}
