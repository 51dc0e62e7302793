package throttle_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/throttle"
	"ella/bot"
)

// rules take one every so often, and nothing before a time.
type rules struct {
	turn  throttle.Even
	until time.Time
}

func (r *rules) All(bool) time.Time          { return r.until }
func (r *rules) Turn(bool) time.Time         { return r.turn.Free(1) }
func (r *rules) Count(_ bool, now time.Time) { r.turn.Add(now) }

// stage is a gate and who came through.
type stage struct {
	*throttle.Gate[string]
	rules *rules
	start time.Time

	mu     sync.Mutex
	passed []string
	wait   sync.WaitGroup
}

// newStage has a gate that takes one every so often; to one chat one a second.
func newStage(every time.Duration) *stage {
	r := &rules{turn: throttle.NewEven(every)}
	return &stage{rules: r, start: time.Now(), Gate: &throttle.Gate[string]{
		Rules: r, Hold: 2 * time.Second,
		NewChat: func(string) *throttle.Chat { return throttle.NewChat(time.Second, 1, throttle.Window{}) },
	}}
}

// come asks to be let through, and is in the queue afterwards.
func (s *stage) come(ctx context.Context, name string, c throttle.Call[string]) {
	s.wait.Go(func() {
		made, err := s.Enter(ctx, c)
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case made:
			name += " " + time.Since(s.start).String()
		case err == nil:
			name += " replaced"
		default:
			name += " " + err.Code + " " + err.RetryAfter.String()
			if err.ChatOnly {
				name += " chat"
			}
		}
		s.passed = append(s.passed, name)
	})
	synctest.Wait()
}

// ended is what became of all.
func (s *stage) ended() string {
	s.wait.Wait()
	return strings.Join(s.passed, ", ")
}

type call = throttle.Call[string]

// TestGate: who comes through, and in what order.
func TestGate(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration
		do    func(t *testing.T, s *stage)
		want  string
	}{
		"replies go before copies": {500 * time.Millisecond, func(t *testing.T, s *stage) {
			s.come(t.Context(), "first", call{About: "a"})
			s.come(t.Context(), "copy", call{About: "b", Bulk: true})
			s.come(t.Context(), "reply", call{About: "c"})
			s.come(t.Context(), "later", call{About: "d"})
		}, "first 0s, reply 500ms, later 1s, copy 1.5s"},
		"a copy passes while a reply's chat is not ready": {100 * time.Millisecond, func(t *testing.T, s *stage) {
			s.come(t.Context(), "first", call{About: "a"})
			s.come(t.Context(), "second", call{About: "a"})
			s.come(t.Context(), "copy", call{About: "b", Bulk: true})
		}, "first 0s, copy 100ms, second 1s"},
		"whoever would wait too long for a chat is sent away": {0, func(t *testing.T, s *stage) {
			for _, name := range []string{"first", "second", "third", "fourth", "other"} {
				about := "a"
				if name == "other" {
					about = "b"
				}
				s.come(t.Context(), name, call{About: about})
			}
		}, "first 0s, fourth pace 3s chat, other 0s, second 1s, third 2s"},
		"what is free of the chat's pace passes": {0, func(t *testing.T, s *stage) {
			s.come(t.Context(), "first", call{About: "a"})
			s.come(t.Context(), "second", call{About: "a"})
			s.come(t.Context(), "free", call{About: "a", Free: true})
		}, "first 0s, free 0s, second 1s"},
		"nothing is free of a chat's refusal": {0, func(t *testing.T, s *stage) {
			s.Change(func(now time.Time) { s.Chat("a", now).Refuse(now.Add(time.Second)) })
			s.come(t.Context(), "free", call{About: "a", Free: true})
			s.come(t.Context(), "other", call{About: "b"})
		}, "other 0s, free 1s"},
		"a refusal sends those away who wait": {0, func(t *testing.T, s *stage) {
			s.come(t.Context(), "first", call{About: "a"})
			s.come(t.Context(), "second", call{About: "a"})
			s.Change(func(now time.Time) { s.rules.until = now.Add(time.Minute) })
			synctest.Wait()
			s.come(t.Context(), "third", call{About: "b"})
		}, "first 0s, second pace 1m0s, third pace 1m0s"},
		"whose context ends makes room": {0, func(t *testing.T, s *stage) {
			ctx, cancel := context.WithCancel(t.Context())
			s.come(ctx, "first", call{About: "a"})
			s.come(ctx, "second", call{About: "a"})
			s.come(t.Context(), "third", call{About: "a"})
			cancel()
			synctest.Wait()
			s.come(t.Context(), "fourth", call{About: "a"})
		}, "first 0s, second waiting 0s, third 1s, fourth 2s"},
		"only the newest is made": {time.Second, func(t *testing.T, s *stage) {
			s.Newest, s.NewChat = true, nil
			s.come(t.Context(), "first", call{About: "a"})
			s.come(t.Context(), "second", call{About: "a"})
			s.come(t.Context(), "copy", call{About: "b", Bulk: true})
			s.come(t.Context(), "third", call{About: "a"})
			s.come(t.Context(), "fourth", call{About: "c"})
			if !s.Busy(false) {
				t.Error("two replies wait, and the gate is not busy")
			}
			s.Forgo("c")
		}, "first 0s, second replaced, fourth replaced, third 1s, copy 2s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(c.every)
				c.do(t, s)
				if got := s.ended(); got != c.want {
					t.Errorf("%s\nwant %s", got, c.want)
				}
			})
		})
	}
}

// TestGateObey: a call that counts for nothing waits for what is refused, and for
// nothing else.
func TestGateObey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(time.Hour)
		s.come(t.Context(), "first", call{About: "a"})
		for _, c := range []struct {
			chat, all time.Duration // refused for so long
			waits     time.Duration
			want      *bot.SendError
		}{
			{0, 0, 0, nil},
			{time.Second, 0, time.Second, nil},
			{0, 2 * time.Second, 2 * time.Second, nil},
			{time.Minute, 0, 0, &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Minute, ChatOnly: true, Code: "pace"}},
			{0, time.Hour, 0, &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Hour, Code: "pace"}},
		} {
			s.Change(func(now time.Time) {
				s.rules.until = now.Add(c.all)
				s.Chat("a", now).Refuse(now.Add(c.chat))
			})
			begun := time.Now()
			err := s.Obey(t.Context(), "a")
			if waited := time.Since(begun); waited != c.waits || (err == nil) != (c.want == nil) || err != nil && *err != *c.want {
				t.Errorf("%v and %v: waits %v, %v", c.chat, c.all, waited, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.Change(func(now time.Time) { s.rules.until = now.Add(time.Second) })
		if err := s.Obey(ctx, "b"); bot.SendKindOf(err) != bot.NotSent {
			t.Errorf("once its context ended: %v", err)
		}
	})
}

// TestGateForgets what does not matter any more: chats that were written to long ago.
func TestGateForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(0)
		s.NewChat = func(about string) *throttle.Chat {
			return throttle.NewChat(time.Second, 3, throttle.NewWindow(2, time.Minute))
		}
		for chat := range 6_000 {
			if made, err := s.Enter(t.Context(), call{About: strconv.Itoa(chat)}); !made {
				t.Fatal(err)
			}
			<-time.After(100 * time.Millisecond)
		}
		// 600 were written to in the last minute.
		if n := s.Remembered(); n < 600 || n > 1700 {
			t.Errorf("%d chats are remembered", n)
		}
	})
}

// TestNoGate holds nobody up.
func TestNoGate(t *testing.T) {
	var none *throttle.Gate[string]
	if made, err := none.Enter(t.Context(), call{}); !made || err != nil || none.Obey(t.Context(), "a") != nil || none.Busy(true) {
		t.Error("no gate holds somebody up")
	}
}

// TestGateLeavesTimeForTheCall: whoever waits long is told that nothing was sent, while
// there is still time for a call. One that begins right before its end is cut off, and
// then nobody knows whether it arrived.
func TestGateLeavesTimeForTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(10 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for _, name := range []string{"a", "b", "c", "d"} {
			s.come(ctx, name, call{About: name, Bulk: true})
		}
		// d's turn would be at the very end, and c's at two thirds: both are too late.
		if got, want := s.ended(), "a 0s, b 10s, "; !strings.HasPrefix(got, want) || strings.Count(got, "waiting") < 1 || strings.Contains(got, "d 30s") {
			t.Errorf("%s", got)
		}
	})
}
