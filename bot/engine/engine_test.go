package engine_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/engine"
	"ella/storage"
	"ella/storage/storagetest"
)

// However often and by however many an update is delivered, it is acted on once.
func TestOnce(t *testing.T) {
	h := newHouse(t, options{})
	const updates, times = 40, 10
	var all sync.WaitGroup
	for i := range updates {
		raw := h.platform.Raw(h.account, text(fmt.Sprint("member-", i%8), fmt.Sprint(i)))
		for range times {
			all.Go(func() {
				if err := h.Accept(t.Context(), raw); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	h.Wait()
	if n := h.outbox.count(); n != updates {
		t.Errorf("%d replies were handed on, want %d", n, updates)
	}
	if n := len(h.committed()); n != updates {
		t.Errorf("%d replies were committed, want %d", n, updates)
	}
	// And once more after everything is done.
	raw := h.platform.Raw(h.account, text("member-1", "late"))
	for range 3 {
		if err := h.Accept(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		h.Wait()
	}
	if n := h.outbox.count(); n != updates+1 {
		t.Errorf("an update that was done is acted on again: %d replies", n)
	}
}

// One member's updates are taken one after the other, many members' at once.
func TestOneAtATime(t *testing.T) {
	const members, each = 8, 25
	var mu sync.Mutex
	inside := map[string]int{}
	together := make(chan struct{})
	h := newHouse(t, options{rooms: []*room{counter(t, func(turn bot.Turn) {
		who := turn.Update.Sender
		mu.Lock()
		inside[who]++
		if inside[who] > 1 {
			t.Errorf("two updates of %s at once", who)
		}
		if len(inside) == members {
			select {
			case <-together:
			default:
				close(together)
			}
		}
		mu.Unlock()
		within(t, "for all members to be worked for at once", together)
		mu.Lock()
		defer mu.Unlock()
		inside[who]--
	})}})
	acceptAll(h, people(members), each)
	h.Wait()
	h.counted(people(members), each)
}

// acceptAll has everybody count to n, each in order and all at once.
func acceptAll(h *house, everybody []string, n int) {
	h.t.Helper()
	var all sync.WaitGroup
	for _, who := range everybody {
		all.Go(func() {
			for i := range n {
				if err := h.Accept(h.t.Context(), h.platform.Raw(h.account, text(who, fmt.Sprint(i+1)))); err != nil {
					h.t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestOrderUnderLoad(t *testing.T) {
	h := newHouse(t, options{rooms: []*room{counter(t, nil)}})
	const each = 50 / fewer
	acceptAll(h, people(20), each)
	h.Wait()
	h.counted(people(20), each)
}

// Width is how many members are worked for at once, and no more.
func TestWidth(t *testing.T) {
	var mu sync.Mutex
	var now, most int
	h := newHouse(t, options{
		rooms: []*room{counter(t, func(bot.Turn) {
			mu.Lock()
			defer mu.Unlock()
			now++
			most = max(most, now)
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
			now--
		})},
		change: func(o *engine.Options) { o.Width = 2 },
	})
	acceptAll(h, people(10), 5)
	h.Wait()
	h.counted(people(10), 5)
	if most > 2 {
		t.Errorf("%d members were worked for at once", most)
	}
}

// While as many updates wait as may, Accept blocks, and goes on when there is room.
func TestBacklog(t *testing.T) {
	gate := make(chan struct{})
	h := newHouse(t, options{
		rooms:  []*room{counter(t, func(bot.Turn) { within(t, "for the gate", gate) })},
		change: func(o *engine.Options) { o.Backlog = 3 },
	})
	h.accept(text("a", "1"), text("a", "2"))
	again := h.platform.Raw(h.account, text("b", "1"))
	if err := h.Accept(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.Accept(ctx, h.platform.Raw(h.account, text("c", "1"))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a full backlog: %v", err)
	}
	close(gate)
	h.accept(text("c", "1"))
	// What is delivered again, or refused, takes no room.
	for range 10 {
		if err := h.Accept(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		long := h.platform.Raw(h.account, text("d", "1"))
		long.Body = make([]byte, 1<<20+1)
		if err := h.Accept(t.Context(), long); !errors.Is(err, bot.ErrTooLarge) {
			t.Errorf("an update of 1 MiB and a byte: %v", err)
		}
	}
	h.Wait()
	h.counted([]string{"b", "c"}, 1)
}

// A process that stops in the middle leaves nothing out and does nothing twice.
func TestStopAndStart(t *testing.T) {
	var worked atomic.Int64
	var half sync.Once
	reached := make(chan struct{})
	h := newHouse(t, options{rooms: []*room{counter(t, func(bot.Turn) {
		if worked.Add(1) == 60 {
			half.Do(func() { close(reached) })
		}
	})}})
	everybody := people(12)
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		acceptAll(h, everybody, 15)
	}()
	within(t, "for a part to be worked", reached)
	first := h.Engine
	within(t, "for everything to be accepted", accepted)
	first.Stop()
	for range 3 {
		h.restart()
		n := worked.Load()
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, "for a few more", func() bool { return worked.Load() > n || len(h.waiting()) == 0 })
		h.Stop()
	}
	h.restart()
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Wait()
	h.counted(everybody, 15)
}

// A process whose database goes away under it, as in a crash, leaves the rest to
// the next one.
func TestCrashAndStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ella.db")
	db, err := storage.Open(t.Context(), storage.Options{URL: path, Keys: storagetest.Keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	var worked atomic.Int64
	home := counter(t, func(bot.Turn) { worked.Add(1) })
	h := newHouse(t, options{db: db, rooms: []*room{home}, owner: "first"})
	everybody := people(10)
	acceptAll(h, everybody, 20)
	until(t, "for a part to be worked", func() bool { return worked.Load() > 20 })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h.Stop()
	second := newHouse(t, options{db: storagetest.Open(t, path), rooms: []*room{home}, owner: "second"})
	if err := second.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	second.Wait()
	second.counted(everybody, 20)
}

// Start takes up what waits before anything new of the same member.
func TestStartKeepsTheOrder(t *testing.T) {
	h := newHouse(t, options{rooms: []*room{counter(t, nil)}})
	h.Stop()
	for i := range 5 {
		raw := h.platform.Raw(h.account, text("a", fmt.Sprint(i+1)))
		if _, _, err := h.options.Store.Accept(t.Context(), h.options.IDs.New(), raw); err != nil {
			t.Fatal(err)
		}
	}
	h.restart()
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.say("a", "6", "7")
	h.counted([]string{"a"}, 7)
}

// An update of an account that is not configured now is not lost: it waits for a
// process that serves it.
func TestAccountThatIsNotServed(t *testing.T) {
	h := newHouse(t, options{})
	other, err := h.db.Account(t.Context(), "memory", "other")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.options.Store.Accept(t.Context(), h.options.IDs.New(), h.platform.Raw(other, text("a", "hello"))); err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.say("b", "hi")
	h.hears("a served account", "b", "home lost no-command")
	if left, parked := h.waiting(), h.parked(); len(left) != 1 || len(parked) > 0 {
		t.Errorf("%d wait, parked %v", len(left), parked)
	}
	h.Stop()
	h.options.Adapters.Put(other, h.platform)
	h.restart()
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Wait()
	h.hears("once it is served", "a", "home lost no-command")
}

// typist is a platform that shows that an answer is on its way.
type typist struct {
	*bottest.Platform
	typed chan string
}

func (p typist) Typing(_ context.Context, chat string) { p.typed <- chat }

func TestTyping(t *testing.T) {
	typed := make(chan string, 1)
	home := &room{name: "home", lost: func(context.Context, bot.Turn, bot.Lostness) (bot.Outcome, error) {
		select {
		case chat := <-typed:
			return says("slow, and typing was shown in", chat), nil
		case <-time.After(20 * time.Second):
			return says("nothing was shown"), nil
		}
	}}
	h := newHouse(t, options{rooms: []*room{home}, adapter: func(p *bottest.Platform) bot.Adapter { return typist{p, typed} }})
	h.say("a", "hello")
	h.hears("a slow answer", "a", "slow, and typing was shown in a")
}
