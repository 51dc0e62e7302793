package telegram_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
)

type silence struct{ from, to time.Time }

// TestAway: whoever needs to know hears of every silence that was longer than a
// button press lives, and of no other.
func TestAway(t *testing.T) {
	for name, c := range map[string]struct {
		// told is how long it was away; 0 if nobody is told.
		run  func(s *scripted, begin func() func() error, shelf *shelf)
		told time.Duration
	}{
		"first start": {run: func(_ *scripted, begin func() func() error, _ *shelf) {
			stop := begin()
			pass(time.Hour)
			_ = stop()
		}},
		"short stop": {run: func(_ *scripted, begin func() func() error, _ *shelf) {
			stop := begin()
			pass(time.Hour)
			_ = stop()
			pass(90 * time.Second)
			stop = begin()
			pass(time.Minute)
			_ = stop()
		}},
		"long stop": {told: 10 * time.Minute, run: func(_ *scripted, begin func() func() error, _ *shelf) {
			stop := begin()
			pass(10 * time.Second)
			_ = stop()
			pass(10*time.Minute - 10*time.Second)
			stop = begin()
			pass(time.Hour)
			_ = stop()
		}},
		"no network": {told: 10*time.Minute + 9*time.Second, run: func(s *scripted, begin func() func() error, _ *shelf) {
			stop := begin()
			pass(time.Second)
			s.cut(errors.New("no route to host"))
			pass(10 * time.Minute)
			s.cut(nil)
			pass(time.Hour)
			_ = stop()
		}},
		"no network for a moment": {run: func(s *scripted, begin func() func() error, _ *shelf) {
			stop := begin()
			pass(time.Second)
			s.cut(errors.New("no route to host"))
			pass(time.Minute)
			s.cut(nil)
			pass(time.Hour)
			_ = stop()
		}},
		"a shelf that fails for a while": {run: func(_ *scripted, begin func() func() error, shelf *shelf) {
			stop := begin()
			shelf.fail(errors.New("the disk is full"))
			pass(time.Hour)
			shelf.fail(nil)
			pass(time.Hour)
			_ = stop()
		}},
	} {
		for _, webhook := range []bool{false, true} {
			mode := "polling"
			if webhook {
				mode = "webhook"
				if name == "no network" || name == "no network for a moment" {
					continue // whether Telegram reaches the webhook only Telegram knows
				}
			}
			t.Run(name+"/"+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var told []silence
					s, shelf := &scripted{}, &shelf{}
					begin := func() func() error {
						a := connected(t, s, func(o *telegram.Options) {
							o.Shelf = shelf
							o.Away = func(_ context.Context, from, to time.Time) { told = append(told, silence{from, to}) }
							if webhook {
								o.WebhookURL, o.WebhookSecret = "https://ella.example.org/telegram", "secret"
							}
						})
						return polling(t, a, &taken{})
					}
					c.run(s, begin, shelf)
					switch {
					case c.told == 0 && len(told) == 0:
					case c.told == 0 || len(told) != 1:
						t.Errorf("told is %v", told)
					default:
						gap := told[0].to.Sub(told[0].from)
						if gap < c.told-time.Minute || gap > c.told+time.Minute || told[0].to.After(time.Now()) {
							t.Errorf("told is a silence of %v, not of about %v", gap, c.told)
						}
					}
				})
			})
		}
	}
}

// TestHeardIsWrittenRarely, and only when all that came was taken in.
func TestHeardIsWrittenRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		s, shelf := &scripted{answer: q.answer}, &shelf{}
		var full error
		inbox := &taken{refuse: func(bot.Raw) error { return full }}
		a := connected(t, s, func(o *telegram.Options) { o.Shelf = shelf })
		stop := polling(t, a, inbox)
		synctest.Wait()
		before := shelf.puts
		for i := range 600 {
			q.say(int64(i+1), "hello")
			pass(time.Second)
		}
		if n := shelf.puts - before; n < 15 || n > 20 {
			t.Errorf("in 10 minutes it was written %d times", n)
		}
		heard := func() time.Time {
			at, err := telegram.LastHeard(t.Context(), shelf, "one")
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		if age := time.Since(heard()); age < 0 || age > 31*time.Second {
			t.Errorf("it was heard %v ago", age)
		}
		inbox.mu.Lock()
		full = errors.New("the disk is full")
		inbox.mu.Unlock()
		q.say(1000, "lost?")
		synctest.Wait()
		since := heard()
		pass(10 * time.Minute)
		if !heard().Equal(since) {
			t.Error("it counts as heard what was not taken in")
		}
		if ms, err := strconv.ParseInt(shelf.get("heard"), 10, 64); err != nil || ms != since.UnixMilli() {
			t.Errorf("the shelf holds %q", shelf.get("heard"))
		}
		_ = stop()
	})
}

// hand is a clock that a test sets.
type hand struct{ back atomic.Int64 }

// Now implements bot.Clock.
func (h *hand) Now() time.Time { return time.Now().Add(-time.Duration(h.back.Load())) }

// TestHeardWhenTheClockIsSetBack: what stands on the shelf is never of the future, or
// the next silence would not be noticed.
func TestHeardWhenTheClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock, shelf := &hand{}, &shelf{}
		stop := polling(t, connected(t, &scripted{}, func(o *telegram.Options) { o.Clock, o.Shelf = clock, shelf }), &taken{})
		pass(10 * time.Minute)
		clock.back.Store(int64(5 * time.Hour))
		pass(10 * time.Minute)
		_ = stop()
		heard, err := telegram.LastHeard(t.Context(), shelf, "one")
		if age := clock.Now().Sub(heard); err != nil || age < 0 || age > 2*time.Minute {
			t.Errorf("it was heard %v ago, %v", age, err)
		}
	})
}

// TestSilenceOfASleepingMachine: Go's own measure of time stands still while a machine
// sleeps, and Telegram forgets presses all the same.
func TestSilenceOfASleepingMachine(t *testing.T) {
	at := telegram.Wall(connected(t, &scripted{}))
	if at != at.Round(0) {
		t.Errorf("%v has a measure of its own", at)
	}
}
