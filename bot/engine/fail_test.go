package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/engine"
	"ella/storage"
)

const canary = "canary-8f3a: my papers are under the bed"

// brokenDecoder is an adapter that breaks down over some updates.
type brokenDecoder struct{ *bottest.Platform }

func (p brokenDecoder) Decode(raw []byte) (bot.Update, error) {
	u, err := p.Platform.Decode(raw)
	if u.Text == "break the decoder" {
		panic(canary)
	}
	return u, err
}

// An update that fails three times is set aside, its sender is told, and whoever
// comes after it is served, the same member too.
func TestParked(t *testing.T) {
	boom := errors.New("the room is on fire")
	change := func(c bot.Change) (out bot.Outcome, err error) {
		out = says("never said")
		out.Do(c)
		return out, nil
	}
	for _, c := range []struct {
		name   string
		fail   func() (bot.Outcome, error)
		text   string
		reason engine.Reason
		silent bool // nothing of it can be read, so nobody can be told
	}{
		{name: "panic", fail: func() (bot.Outcome, error) { panic(canary) }, reason: engine.Panicked},
		{name: "panic with an error", fail: func() (bot.Outcome, error) { panic(errors.New(canary)) }, reason: engine.Panicked},
		{name: "runtime panic", fail: func() (bot.Outcome, error) { return says(strings.Fields("one two")[len(canary)]), nil }, reason: engine.Panicked},
		{name: "error", fail: func() (bot.Outcome, error) { return bot.Outcome{}, boom }, reason: engine.RoomFailed},
		{name: "always a conflict", fail: func() (bot.Outcome, error) { return bot.Outcome{}, bot.ErrConflict }, reason: engine.NotStored},
		{name: "a change fails", fail: func() (bot.Outcome, error) {
			return change(func(context.Context, bot.Tx) error { return boom })
		}, reason: engine.NotStored},
		{name: "a change panics", fail: func() (bot.Outcome, error) {
			return change(func(context.Context, bot.Tx) error { panic(canary) })
		}, reason: engine.NotStored},
		{name: "the adapter panics", text: "break the decoder", reason: engine.Unreadable, silent: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int64
			home := &room{name: "home", lost: func(_ context.Context, turn bot.Turn, why bot.Lostness) (bot.Outcome, error) {
				if why == bot.NoCommand && turn.Update.Text == "fail" {
					tries.Add(1)
					return c.fail()
				}
				return bot.Outcome{}, nil
			}}
			h := newHouse(t, options{rooms: []*room{home}, adapter: func(p *bottest.Platform) bot.Adapter { return brokenDecoder{p} }})
			if c.text == "" {
				c.text = "fail"
			}
			h.accept(text("a", c.text), text("a", "next"), text("b", "hello"))
			h.Wait()
			told := []string{"home lost broken", "home lost no-command"}
			if c.silent {
				told = told[1:]
			}
			h.hears("the one whose update failed", "a", told...)
			h.hears("somebody else", "b", "home lost no-command")
			if got := h.parked(); len(got) != 1 || got[string(c.reason)] != 1 {
				t.Errorf("parked: %v, want one for %s", got, c.reason)
			}
			if n := tries.Load(); !c.silent && n != 3 && c.name != "always a conflict" {
				t.Errorf("tried %d times", n)
			}
			if log := h.log.String(); strings.Contains(log, "canary") || strings.Contains(log, "under the bed") {
				t.Errorf("a person's words reached the log:\n%s", log)
			} else if !strings.Contains(log, string(c.reason)) {
				t.Errorf("the log does not say why:\n%s", log)
			}
			// A restart does not bring it back.
			h.Stop()
			h.restart()
			if err := h.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.say("a", "later")
			h.hears("after a restart", "a", "home lost no-command")
		})
	}
}

// What no adapter can read is parked without an answer, and others go on.
func TestUnreadable(t *testing.T) {
	h := newHouse(t, options{})
	for i, body := range []string{"", "{", "null", `{"Kind":""}`, canary, "\x00\xff"} {
		raw := bot.Raw{Account: h.account, Key: fmt.Sprint("odd-", i), Sender: fmt.Sprint("odd-", i), Body: []byte(body)}
		if err := h.Accept(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
	}
	h.say("a", "hello")
	h.hears("somebody else", "a", "home lost no-command")
	if got := h.parked(); got["unreadable"] != 6 || len(got) != 1 {
		t.Errorf("parked: %v", got)
	}
	if log := h.log.String(); strings.Contains(log, "canary") {
		t.Errorf("what could not be read reached the log:\n%s", log)
	}
}

// Where even the apology fails, the update is parked all the same.
func TestApologyFails(t *testing.T) {
	for name, fail := range map[string]func() (bot.Outcome, error){
		"error": func() (bot.Outcome, error) { return bot.Outcome{}, errors.New("no words") },
		"panic": func() (bot.Outcome, error) { panic(canary) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := &room{name: "home", lost: func(_ context.Context, turn bot.Turn, _ bot.Lostness) (bot.Outcome, error) {
				if turn.Update.Text == "fail" {
					return fail()
				}
				return bot.Outcome{}, nil
			}}
			h := newHouse(t, options{rooms: []*room{home}})
			h.say("a", "fail", "next")
			h.hears("after it", "a", "home lost no-command")
			if got := h.parked(); len(got) != 1 {
				t.Errorf("parked: %v", got)
			}
		})
	}
}

// A newcomer whose first words break a room has joined, so that they can be told.
func TestNewcomerWhoseFirstWordsFail(t *testing.T) {
	home := &room{name: "home", lost: func(_ context.Context, _ bot.Turn, why bot.Lostness) (bot.Outcome, error) {
		if why == bot.NoCommand {
			panic(canary)
		}
		return bot.Outcome{}, nil
	}}
	h := newHouse(t, options{rooms: []*room{home}})
	h.say("a", "hello")
	h.hears("a newcomer", "a", "home lost broken")
	if c := h.stands("a"); c.Version != 0 {
		t.Errorf("stands at %+v", c)
	}
}

// When somebody changes the same conversation meanwhile, the step is computed
// again from what is there now.
func TestConflict(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	var h *house
	home := &room{name: "home"}
	home.lost = func(ctx context.Context, turn bot.Turn, _ bot.Lostness) (bot.Outcome, error) {
		out := says("began")
		out.Next = bot.NewStep("home", "one", nil)
		return out, nil
	}
	home.step = func(ctx context.Context, turn bot.Turn) (bot.Outcome, error) {
		mu.Lock()
		seen = append(seen, turn.Step.Name)
		first := len(seen) == 1
		mu.Unlock()
		if first {
			err := h.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
				return h.db.Engine("").Converse(ctx, tx, turn.Person.Member.ID, bot.NewStep("home", "two", nil), h.stands("a").Version)
			})
			if err != nil {
				return bot.Outcome{}, err
			}
		}
		out := says("from", turn.Step.Name)
		out.Done = true
		return out, nil
	}
	h = newHouse(t, options{rooms: []*room{home}})
	h.say("a", "hello")
	h.hears("at first", "a", "began")
	h.say("a", "go on")
	h.hears("after the conflict", "a", "from two")
	if len(seen) != 2 || len(h.parked()) > 0 || len(h.committed()) != 2 {
		t.Errorf("computed from %q, parked %v, %d replies", seen, h.parked(), len(h.committed()))
	}
}

// doubtful is a store whose database takes no writes for a while.
type doubtful struct {
	engine.Store
	// fails says what the n-th write reports, and whether it happens all the same.
	fails func(n int64) (err error, done bool)
	n     *atomic.Int64
}

func (d doubtful) Write(ctx context.Context, unit bot.Change) error {
	err, done := d.fails(d.n.Add(1))
	if err == nil {
		return d.Store.Write(ctx, unit)
	}
	if done {
		if err := d.Store.Write(ctx, unit); err != nil {
			return err
		}
	}
	return err
}

// While the database takes no writes an update is tried again for as long as it
// takes: nothing is wrong with it, so no try is counted.
func TestUnavailable(t *testing.T) {
	full := &storage.Fault{Kind: storage.DiskFull, What: "test", Fix: "none"}
	for name, kind := range map[string]error{
		"full disk": full, "server away": &storage.Fault{Kind: storage.Unreachable}, "closed": storage.ErrClosed, "wrapped": fmt.Errorf("commit: %w", full),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			h := newHouse(t, options{rooms: []*room{counter(t, nil)}, store: func(s engine.Store) engine.Store {
				return doubtful{s, func(n int64) (error, bool) {
					if n <= 4 {
						return kind, false
					}
					return nil, false
				}, &n}
			}})
			h.say("a", "1", "2", "3")
			h.counted([]string{"a"}, 3)
			if log := h.log.String(); strings.Contains(log, "update failed") || !strings.Contains(log, "takes no writes") {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

// A commit may succeed although it is reported as failed: the update is not
// acted on twice, and what was committed is there for whoever looks.
func TestCommitThatIsReportedAsFailed(t *testing.T) {
	var n atomic.Int64
	h := newHouse(t, options{store: func(s engine.Store) engine.Store {
		return doubtful{s, func(n int64) (error, bool) {
			if n == 2 {
				return &storage.Fault{Kind: storage.Unreachable}, true
			}
			return nil, false
		}, &n}
	}})
	h.say("a", "/one", "/two", "/three")
	if n := len(h.committed()); n != 3 {
		t.Errorf("%d replies were committed, want 3", n)
	}
	h.hears("what was handed on", "a", "home lost no-command", "home lost no-command")
	if left, parked := h.waiting(), h.parked(); len(left) > 0 || len(parked) > 0 {
		t.Errorf("%d wait, parked %v", len(left), parked)
	}
}

// A failure that cannot be counted because the database is away is counted once
// it is back, and not given up before.
func TestFailureThatCannotBeCounted(t *testing.T) {
	var n atomic.Int64
	home := &room{name: "home", lost: func(_ context.Context, turn bot.Turn, why bot.Lostness) (bot.Outcome, error) {
		if turn.Update.Text == "fail" && why == bot.NoCommand {
			panic(canary)
		}
		return bot.Outcome{}, nil
	}}
	h := newHouse(t, options{rooms: []*room{home}, store: func(s engine.Store) engine.Store {
		return doubtful{s, func(n int64) (error, bool) {
			if n >= 2 && n <= 4 {
				return &storage.Fault{Kind: storage.DiskFull}, false
			}
			return nil, false
		}, &n}
	}})
	h.say("a", "fail", "next")
	if got := h.parked(); got["panicked"] != 1 {
		t.Errorf("parked: %v", got)
	}
	h.hears("once it is back", "a", "home lost broken", "home lost no-command")
}

// While a lane waits for its database, Stop does not wait for it.
func TestStopWhileUnavailable(t *testing.T) {
	var n atomic.Int64
	h := newHouse(t, options{store: func(s engine.Store) engine.Store {
		return doubtful{s, func(int64) (error, bool) { return &storage.Fault{Kind: storage.DiskFull}, false }, &n}
	}})
	h.accept(text("a", "hello"))
	until(t, "for a few tries", func() bool { return n.Load() > 2 })
	stopped := make(chan struct{})
	go func() { h.Stop(); close(stopped) }()
	within(t, "for Stop", stopped)
	if left := h.waiting(); len(left) != 1 || left[0].Attempts != 0 {
		t.Errorf("waiting: %+v", left)
	}
}
