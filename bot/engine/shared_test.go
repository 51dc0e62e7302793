package engine_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/engine"
	"ella/storage"
	"ella/storage/storagetest"
)

// twoHouses are two processes on one PostgreSQL database. Their ids come from one
// source, so that what the test hands in one after the other has that order by
// id as well: between machines it is as good as their clocks.
func twoHouses(t *testing.T, home *room, store ...func(engine.Store) engine.Store) (one, two *house) {
	t.Helper()
	var url string
	db := storagetest.Postgres(t, func(o *storage.Options) { o.Clock, url = bot.SystemClock{}, o.URL })
	second, err := storage.Open(t.Context(), storage.Options{URL: url, Keys: storagetest.Keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
	ids := bot.NewIDs(bot.SystemClock{}, storagetest.NewRandom(7))
	build := func(db *storage.DB, owner string) *house {
		o := options{db: db, rooms: []*room{home}, owner: owner, change: func(o *engine.Options) { o.IDs = ids }}
		if len(store) > 0 {
			o.store = store[0]
		}
		return newHouse(t, o)
	}
	return build(db, "one"), build(second, "two")
}

// stream has everybody count to n, each of their updates handed to one of the
// houses in turn.
func stream(t *testing.T, everybody []string, n int, houses ...*house) *sync.WaitGroup {
	var all sync.WaitGroup
	for i, who := range everybody {
		all.Go(func() {
			for k := range n {
				h := houses[(i+k)%len(houses)]
				raw := counts(h, who, k+1)
				if err := h.Accept(t.Context(), raw); err != nil {
					// It was not acknowledged: the platform delivers again, to whoever is there.
					if err := houses[0].Accept(t.Context(), raw); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	return &all
}

// counts is an update under a key that is the same in both houses.
func counts(h *house, who string, n int) bot.Raw {
	raw := h.platform.Raw(h.account, text(who, fmt.Sprint(n)))
	raw.Key = fmt.Sprint(who, "-", n)
	return raw
}

// Two processes work one stream: each update once, each sender's in order.
func TestShared(t *testing.T) {
	t.Parallel()
	var worked [2]atomic.Int64
	var mu sync.Mutex
	inside := map[string]bool{}
	home := counter(t, func(turn bot.Turn) {
		mu.Lock()
		defer mu.Unlock()
		if inside[turn.Update.Sender] {
			t.Error("two processes work for one member at once")
		}
		inside[turn.Update.Sender] = true
	})
	count := home.step
	leave := func(ctx context.Context, turn bot.Turn) (bot.Outcome, error) {
		out, err := count(ctx, turn)
		mu.Lock()
		defer mu.Unlock()
		inside[turn.Update.Sender] = false
		return out, err
	}
	home.step = leave
	home.lost = func(ctx context.Context, turn bot.Turn, why bot.Lostness) (bot.Outcome, error) {
		return leave(ctx, turn)
	}
	one, two := twoHouses(t, home)
	for i, h := range []*house{one, two} {
		h.options.Outbox = counting{h.outbox, &worked[i]}
		h.restart()
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	everybody := people(50)
	const each = 40 / fewer
	stream(t, everybody, each, one, two).Wait()
	until(t, "for everything to be worked", func() bool { return len(one.waiting()) == 0 })
	one.Wait()
	two.Wait()
	one.counted(everybody, each)
	if a, b := worked[0].Load(), worked[1].Load(); a == 0 || b == 0 || a+b != 50*each {
		t.Errorf("the processes worked %d and %d updates of %d", a, b, 50*each)
	}
}

// counting is an outbox that counts too.
type counting struct {
	engine.Outbox
	n *atomic.Int64
}

func (c counting) Send(replies []bot.Queued) {
	c.n.Add(int64(len(replies)))
	c.Outbox.Send(replies)
}

// One of two processes dies in the middle: the other takes up what is left.
func TestSharedWhenOneDies(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	half := make(chan struct{})
	one, two := twoHouses(t, counter(t, func(bot.Turn) {
		if n.Add(1) == 300/fewer {
			close(half)
		}
	}))
	for _, h := range []*house{one, two} {
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	everybody := people(50)
	const each = 20 / fewer
	all := stream(t, everybody, each, one, two)
	within(t, "for a part to be worked", half)
	if err := two.db.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
	until(t, "for the other to take up what is left", func() bool { return len(one.waiting()) == 0 })
	two.Stop()
	one.Wait()
	one.counted(everybody, each)
}

// race is a store in which something happens right before a lane is given back,
// and in which no sweep finds anything.
type race struct {
	engine.Store
	empty  *atomic.Bool
	before func(empty bool)
}

func (r race) ClaimLane(ctx context.Context, lane string) ([]engine.Waiting, bool, error) {
	found, mine, err := r.Store.ClaimLane(ctx, lane)
	r.empty.Store(err == nil && mine && len(found) == 0)
	return found, mine, err
}

func (r race) ReleaseLane(ctx context.Context, lane string) (bool, error) {
	r.before(r.empty.Load())
	return r.Store.ReleaseLane(ctx, lane)
}

func (race) Waiting(context.Context, string, int) ([]engine.Waiting, error) { return nil, nil }

// An update that finds its lane taken is worked by whoever has the lane, at once
// and not when a sweep comes by, even if it comes after the last look.
func TestUpdateWhileALaneIsGivenBack(t *testing.T) {
	for _, afterNothing := range []bool{false, true} {
		t.Run(fmt.Sprint("after nothing was found: ", afterNothing), func(t *testing.T) {
			t.Parallel()
			var one, two *house
			var once sync.Once
			second := func() {
				once.Do(func() {
					if err := two.Accept(context.Background(), counts(two, "a", 2)); err != nil {
						t.Error(err)
					}
					two.Wait() // where the lane is taken it goes away
				})
			}
			one, two = twoHouses(t, counter(t, nil), func(s engine.Store) engine.Store {
				return race{s, new(atomic.Bool), func(empty bool) {
					if empty == afterNothing {
						second()
					}
				}}
			})
			if err := one.Accept(t.Context(), counts(one, "a", 1)); err != nil {
				t.Fatal(err)
			}
			one.Wait()
			second() // in case that the lane was never given back so
			one.counted([]string{"a"}, 2)
			left, err := one.db.Engine("").Waiting(t.Context(), "", 10)
			if err != nil || len(left) > 0 {
				t.Errorf("%d updates were left for the sweep (%v)", len(left), err)
			}
		})
	}
}

// What a process accepted and did not live to work is found by another that is
// already running.
func TestSweep(t *testing.T) {
	t.Parallel()
	one, two := twoHouses(t, counter(t, nil))
	if err := one.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for k := range 3 {
		raw := two.platform.Raw(two.account, text("a", fmt.Sprint(k+1)))
		if _, _, err := two.options.Store.Accept(t.Context(), two.options.IDs.New(), raw); err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Now()
	until(t, "for the sweep", func() bool { return len(one.waiting()) == 0 })
	one.Wait()
	one.counted([]string{"a"}, 3)
	t.Logf("found after %v", time.Since(begun).Round(time.Millisecond))
}
