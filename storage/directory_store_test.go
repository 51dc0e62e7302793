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

func TestWithAndWithout(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p, q, g := w.member("amina"), w.member("bo"), w.group("crmc")
		with := func(p bot.Person) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error { return w.Groups().With(ctx, tx, p.Member.ID, g, w.now()) }
		}
		without := func(p bot.Person) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error { return w.Groups().Without(ctx, tx, p.Member.ID, g.ID) }
		}
		count := func(want int) {
			t.Helper()
			n, err := w.Groups().MemberCount(t.Context(), g.ID)
			if err != nil || n != want {
				t.Errorf("%d members, want %d (%v)", n, want, err)
			}
		}
		count(0)
		w.do(without(p))
		w.do(with(p), with(p), with(q))
		count(2)
		if !w.person("amina").Belongs(w.home.ID) {
			t.Error("a yes to a group is none to its organisation")
		}
		w.do(without(p), without(p))
		count(1)
		if !w.person("amina").Belongs(w.home.ID) {
			t.Error("leaving a group leaves its organisation")
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
