package storage_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"ella/bot"
	"ella/bot/role"
)

// Only an organiser whose role is on submits an alert, and only of their organisation.
func TestSubmitWithoutRole(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.draft("Come.")
		mine := w.roleOf(w.author)
		w.do(w.change(mine, role.Suspended))
		w.conflicts("of a suspended organiser", w.submit(a))
		other := w.organisation("Luton Roma Trust")
		w.do(w.grant(w.author, bot.Role{Kind: bot.Organiser, Organisation: other.ID}), w.grant(w.author, bot.Role{Kind: bot.Guardian, Organisation: w.home.ID}))
		w.conflicts("of another's organiser", w.submit(a))
		mine.State = role.Suspended
		w.do(w.change(mine, role.On))
		w.Exec(t, `UPDATE organisations SET state = 'paused'`)
		w.conflicts("of a paused organisation", w.submit(a))
		w.Exec(t, `UPDATE organisations SET state = 'active'`)
		w.do(w.submit(a))
	})
}

// Somebody sends and is suspended at the same moment, again and again: nothing is
// ever on its way for somebody who is suspended.
func TestSubmitAgainstSuspension(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.draft("The first.")
		grace := w.organiser("grace").Roles[0].ID
		sent := 0
		for range 100 {
			a, mine := w.draft("Come."), w.roleOf(w.author)
			// As the rooms do: what is read first is changed in one unit, or read again.
			suspend := func() error {
				for {
					o := w.roster()
					sending, err := w.Alerts().UnderWay(t.Context(), w.author.Member.ID, w.home.ID)
					if err != nil {
						return err
					}
					changes := []bot.Change{w.hold(o, grace), w.change(mine, role.Suspended)}
					for _, a := range sending {
						changes = append(changes, func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Cancel(ctx, tx, a.ID, w.now()) })
					}
					if err := w.try(changes...); !errors.Is(err, bot.ErrConflict) {
						return err
					}
				}
			}
			start := make(chan struct{})
			var both sync.WaitGroup
			var suspended, submitted error
			both.Go(func() { <-start; suspended = suspend() })
			both.Go(func() { <-start; submitted = w.try(w.submit(a)) })
			close(start)
			both.Wait()
			if suspended != nil || submitted != nil && !errors.Is(submitted, bot.ErrConflict) {
				t.Fatalf("suspended: %v, submitted: %v", suspended, submitted)
			}
			want := "draft"
			if submitted == nil {
				want = "cancelled"
				sent++
			}
			w.rows("the alert", 1, `SELECT state FROM alerts WHERE id = $1`, []any{string(a.ID)}, want)
			w.Exec(t, `UPDATE roles SET state = 'on'`)
		}
		t.Logf("%d of 100 were submitted first", sent)
	})
}

// What an author has under way is theirs, of one organisation, and neither a draft
// nor at its end.
func TestUnderWay(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.draft("A draft.")
		freezing, sending, done, others := w.draft("One."), w.sending("Two."), w.sending("Three."), w.sending("Four.")
		w.do(w.submit(freezing))
		w.Exec(t, `UPDATE alerts SET state = 'done' WHERE id = $1`, string(done.ID))
		w.Exec(t, `UPDATE alerts SET author_id = 'other' WHERE id = $1`, string(others.ID))
		got, err := w.Alerts().UnderWay(t.Context(), w.author.Member.ID, w.home.ID)
		if err != nil || len(got) != 2 || got[0].ID != freezing.ID || got[1].ID != sending.ID || got[1].State != sending.State || got[1].Organisation != w.home.ID {
			t.Errorf("under way: %+v, %v", got, err)
		}
		if got, err := w.Alerts().UnderWay(t.Context(), w.author.Member.ID, "0000000000000000"); err != nil || len(got) != 0 {
			t.Errorf("of another organisation: %+v, %v", got, err)
		}
	})
}
