package storage_test

import (
	"context"
	"reflect"
	"testing"

	"ella/bot"
	"ella/bot/alert"
)

func (w *world) keepCohort(o bot.Organisation, c alert.Cohort) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Alerts().KeepCohort(ctx, tx, o.ID, c, w.now()) }
}

// A cohort is kept as it was counted, sealed, over the one that was read.
func TestCohort(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other := w.organisation("Luton Roma Trust")
		is := func(o bot.Organisation, want alert.Cohort) {
			t.Helper()
			if got, err := w.Alerts().Cohort(t.Context(), o.ID); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("the cohort is %+v (%v), want %+v", got, err, want)
			}
		}
		is(w.home, alert.Cohort{})
		first := alert.Cohort{Places: map[string]alert.Readers{"CV1 1": {"ar": 3, "": 1}, "": {"en": 2}}, Groups: map[bot.GroupID]alert.Readers{"g": {"ar": 2}}}
		w.do(w.keepCohort(w.home, first))
		w.conflicts("counted at once", w.keepCohort(w.home, alert.Cohort{}))
		read, err := w.Alerts().Cohort(t.Context(), w.home.ID)
		if err != nil || read.Version == 0 {
			t.Fatalf("read %+v, %v", read, err)
		}
		first.Version = read.Version
		is(w.home, first)
		is(other, alert.Cohort{})
		read.Places = map[string]alert.Readers{"CV1 2": {"uk": 9}}
		w.do(w.keepCohort(w.home, read))
		w.conflicts("counted from an old view", w.keepCohort(w.home, first))
		read.Version++
		is(w.home, read)
		w.rows("since when", 1, `SELECT count(*) FROM cohorts WHERE counted_at = $1`, []any{w.now().UnixMilli()}, "1")
	})
}

// Those are counted in groups whom an alert would reach, in the groups of the
// organisation that writes.
func TestGroupReaders(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		crmc, empty := w.group("crmc"), w.group("empty")
		amina, bo, cyn := w.member("amina", w.home), w.member("bo", w.home), w.member("cyn", w.home)
		stranger, stopped, muted, blocked := w.member("stranger"), w.member("stopped", w.home), w.member("muted", w.home), w.member("blocked", w.home)
		for _, p := range []bot.Person{amina, bo, cyn, stranger, stopped, muted, blocked} {
			w.Exec(t, `INSERT INTO group_members (group_id, member_id, since, joined) VALUES ($1, $2, 1, FALSE)`, string(crmc.ID), string(p.Member.ID))
		}
		w.do(
			func(ctx context.Context, tx bot.Tx) error {
				return w.Members().SetLanguage(ctx, tx, bo.Member.ID, "en", "ku")
			},
			func(ctx context.Context, tx bot.Tx) error {
				return w.Members().SetState(ctx, tx, stopped.Member.ID, bot.Stopped)
			},
			func(ctx context.Context, tx bot.Tx) error {
				return w.Members().Mute(ctx, tx, muted.Member.ID, w.home.ID, true)
			},
			func(ctx context.Context, tx bot.Tx) error {
				return w.Engine("").Unreachable(ctx, tx, blocked.Address.ID, bot.Blocked)
			},
		)
		got, err := w.Alerts().GroupReaders(t.Context(), w.home.ID)
		if want := (map[bot.GroupID]alert.Readers{crmc.ID: {"en": 2, "ku": 1}}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("readers %v (%v), want %v; %s is empty", got, err, want, empty.ID)
		}
		// They are the same people as those who are addressed.
		for _, g := range []bot.GroupID{crmc.ID, empty.ID} {
			n := 0
			for _, people := range got[g] {
				n += people
			}
			if all, err := w.Alerts().Candidates(t.Context(), w.home.ID, alert.Among{Group: g}, "", 100); err != nil || len(all) != n {
				t.Errorf("%d would be written to (%v), and %d are counted", len(all), err, n)
			}
		}
		other, err := w.Alerts().GroupReaders(t.Context(), w.organisation("Amare").ID)
		if err != nil || len(other) != 0 {
			t.Errorf("another organisation counts %v, %v", other, err)
		}
	})
}
