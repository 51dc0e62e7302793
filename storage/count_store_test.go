package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/headcount"
)

func (w *world) recall(counts ...*headcount.Count) []*headcount.Count {
	w.t.Helper()
	if err := w.Actions().Recall(w.t.Context(), counts...); err != nil {
		w.t.Fatal(err)
	}
	return counts
}

func (w *world) keep(counts ...*headcount.Count) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Actions().Keep(ctx, tx, counts, w.now()) }
}

// What was shown is remembered by its question, and by that alone.
func TestRecallAndKeep(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.do(w.keep()) // nothing
		w.recall()
		var counts []*headcount.Count
		for i := range 75 {
			counts = append(counts, headcount.Of(i, "numbers", fmt.Sprint(i)))
		}
		for _, c := range w.recall(counts...) {
			if c.Known {
				t.Errorf("%v is known before it was shown", c.Question)
			}
		}
		w.do(w.keep(counts...))
		for i := range counts {
			counts[i] = headcount.Of(i+1, "numbers", fmt.Sprint(i))
		}
		for i, c := range w.recall(counts...) {
			if !c.Known || c.Base != i || c.Anew() {
				t.Errorf("%v is recalled as %d (%v)", c.Question, c.Base, c.Known)
			}
		}
		// Other parts are another question, and any store gives the same answer.
		for _, c := range w.recall(headcount.Of(1, "numbers"), headcount.Of(1, "numbers", "1", ""), headcount.Of(1, "numbers1"), headcount.Of(1, "number", "s1")) {
			if c.Known {
				t.Errorf("%v is known", c.Question)
			}
		}
		seven := headcount.Of(30, "numbers", "7")
		if err := errors.Join(w.Alerts().Recall(t.Context(), seven), w.Groups().Recall(t.Context(), seven)); err != nil || seven.Base != 7 || !seven.Anew() {
			t.Errorf("recalled %+v, %v", seven, err)
		}
		twice := w.recall(headcount.Of(1, "numbers", "7"), headcount.Of(1, "numbers", "7"))
		if twice[0].Base != 7 || twice[1].Base != 7 {
			t.Errorf("asked twice at once: %+v, %+v", twice[0], twice[1])
		}
		w.clock.Advance(time.Minute)
		w.do(w.keep(seven))
		w.rows("since when", 1, `SELECT count(*) FROM shown_counts WHERE people = 30 AND shown_at = $1`, []any{w.now().UnixMilli()}, "1")
		w.rows("one row a question", 1, `SELECT count(*) FROM shown_counts`, nil, "75")
	})
}

// Of two who are shown a number anew at once, with one person between them, one has
// to look again: both are told the same.
func TestKeepFromAnOldView(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		of := func(n int) *headcount.Count { return w.recall(headcount.Of(n, "q"))[0] }
		first, second, same := of(9), of(10), of(9)
		w.do(w.keep(first))
		w.conflicts("another number for the first time", w.keep(second))
		w.do(w.keep(same))
		if again := of(10); again.Shown() != 9 {
			t.Errorf("looked again: %+v", again)
		}
		first, second, same = of(14), of(15), of(14)
		w.do(w.keep(first))
		w.conflicts("another number anew", w.keep(second))
		w.do(w.keep(same))
		if again := of(15); again.Shown() != 14 {
			t.Errorf("looked again: %+v", again)
		}
		// Nothing of a unit is kept that meets an old view.
		w.conflicts("one of two", w.keep(headcount.Of(5, "other"), second))
		if other := w.recall(headcount.Of(6, "other"))[0]; other.Known {
			t.Errorf("kept beside a conflict: %+v", other)
		}
	})
}

// Many who keep the same numbers at once, each in an order of their own, all come
// to an end.
func TestKeepAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		var race sync.WaitGroup
		for i := range 8 {
			race.Go(func() {
				for n := range 10 {
					a, b := headcount.Of(20*n+5, "a"), headcount.Of(20*n+5, "b")
					counts := []*headcount.Count{a, b}
					if i%2 == 0 {
						counts = []*headcount.Count{b, a}
					}
					if err := w.Actions().Recall(t.Context(), counts...); err != nil {
						t.Error(err)
					}
					if err := w.try(w.keep(counts...)); err != nil && !errors.Is(err, bot.ErrConflict) {
						t.Error(err)
					}
				}
			})
		}
		race.Wait()
		w.rows("one row a question", 1, `SELECT count(*) FROM shown_counts`, nil, "2")
	})
}
