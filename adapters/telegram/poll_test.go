package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
)

// queue is Telegram's queue of updates as getUpdates shows it.
type queue struct {
	mu      sync.Mutex
	updates []string
	ids     []int64
	added   chan struct{}
}

func newQueue() *queue { return &queue{added: make(chan struct{}, 1)} }

func (q *queue) add(id int64, raw string) {
	q.mu.Lock()
	q.ids, q.updates = append(q.ids, id), append(q.updates, raw)
	q.mu.Unlock()
	select {
	case q.added <- struct{}{}:
	default:
	}
}

// say adds a text of somebody.
func (q *queue) say(id int64, text string) {
	q.add(id, strings.Replace(message(fmt.Sprintf(`"text":%q`, text)), `"update_id":7`, fmt.Sprintf(`"update_id":%d`, id), 1))
}

// get answers getUpdates: what is below the offset is forgotten, and an offset far
// above all that is there finds nothing.
func (q *queue) get(ctx context.Context, params map[string]any) *scriptedAnswer {
	offset, seconds := int64(params["offset"].(float64)), int(params["timeout"].(float64))
	timeout := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timeout.Stop()
	for {
		q.mu.Lock()
		for len(q.ids) > 0 && q.ids[0] < offset && offset-q.ids[len(q.ids)-1] <= 10 {
			q.ids, q.updates = q.ids[1:], q.updates[1:]
		}
		var found []string
		if len(q.ids) > 0 && q.ids[0] >= offset {
			found = slices.Clone(q.updates)
		}
		q.mu.Unlock()
		if len(found) > 0 {
			return result("[" + strings.Join(found, ",") + "]")
		}
		select {
		case <-q.added:
		case <-timeout.C:
			return result(`[]`)
		case <-ctx.Done():
			return &scriptedAnswer{err: ctx.Err()}
		}
	}
}

func (q *queue) answer(ctx context.Context, method string, params map[string]any) *scriptedAnswer {
	if method == "getUpdates" {
		return q.get(ctx, params)
	}
	return nil
}

// polling runs Receive until the returned function ends it.
func polling(t *testing.T, a *telegram.Adapter, inbox bot.Inbox) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Receive(ctx, inbox) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

func offsets(s *scripted) (all []int64) {
	for _, a := range s.calls("getUpdates") {
		all = append(all, int64(a.params["offset"].(float64)))
	}
	return all
}

// TestPollConfirmsWhatWasTaken: the offset moves behind the inbox, one update at a
// time, and every request asks for the same kinds.
func TestPollConfirmsWhatWasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		s := &scripted{answer: q.answer}
		full := true
		inbox := &taken{refuse: func(raw bot.Raw) error {
			if full && raw.Key != "u10" {
				return errors.New("the disk is full")
			}
			return nil
		}}
		var j journal
		a := connected(t, s, func(o *telegram.Options) { o.Log = j.log() })
		for id := range int64(3) {
			q.say(10+id, "hello")
		}
		stop := polling(t, a, inbox)
		synctest.Wait()
		if got := inbox.keys(); !slices.Equal(got, []string{"u10"}) {
			t.Fatalf("taken are %q", got)
		}
		pass(10 * time.Second)
		inbox.mu.Lock()
		full = false
		inbox.mu.Unlock()
		pass(30 * time.Second)
		if got := inbox.keys(); !slices.Equal(got, []string{"u10", "u11", "u12"}) {
			t.Errorf("taken are %q", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		got := offsets(s)
		if got[0] != 0 || got[1] != 11 || got[len(got)-1] != 13 || !slices.IsSorted(got) {
			t.Errorf("it was asked from %d", got)
		}
		if len(got) < 5 || len(got) > 8 {
			t.Errorf("in 10 s it was asked %d times", len(got))
		}
		if told := j.lines("not taken in", "disk is full"); len(told) != 1 {
			t.Errorf("the log tells %d times", len(told))
		}
		if told := j.lines("all is well again"); len(told) != 1 {
			t.Errorf("the log tells %d times that it is over", len(told))
		}
		want := []any{"message", "edited_message", "callback_query", "my_chat_member"}
		for i, call := range s.calls("getUpdates") {
			if !reflect.DeepEqual(call.params["allowed_updates"], want) || call.params["limit"] != 100.0 {
				t.Errorf("request %d asks for %v, %v at a time", i, call.params["allowed_updates"], call.params["limit"])
			}
		}
	})
}

// TestPollAfterIdleWeek: the next id after it may be lower.
func TestPollAfterIdleWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		s := &scripted{answer: q.answer}
		var inbox taken
		stop := polling(t, connected(t, s), &inbox)
		q.say(900_000_000, "before")
		pass(8 * 24 * time.Hour)
		q.say(41, "after")
		q.say(42, "and on")
		pass(2 * time.Minute)
		if got := inbox.keys(); !slices.Equal(got, []string{"u900000000", "u41", "u42"}) {
			t.Errorf("taken are %q", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := offsets(s); got[len(got)-1] != 43 {
			t.Errorf("at last it was asked from %d", got[len(got)-1])
		}
	})
}

// TestPollGoesOnAfterWhatItCannotRead: unknown shapes are taken in like all else, one
// without a number under a key of its own.
func TestPollGoesOnAfterWhatItCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		s := &scripted{answer: q.answer}
		inbox := &taken{refuse: func(raw bot.Raw) error {
			if raw.Key == "u4" {
				return bot.ErrTooLarge
			}
			return nil
		}}
		a := connected(t, s)
		q.say(1, "hello")
		q.add(2, `{"update_id":2,"message":{"message_id":"two"}}`)
		q.add(3, `{"message":{"text":"who am I"}}`)
		q.say(4, "far too long")
		q.say(5, "good bye")
		stop := polling(t, a, inbox)
		synctest.Wait()
		got := inbox.keys()
		if len(got) != 4 || got[0] != "u1" || got[1] != "u2" || !strings.HasPrefix(got[2], "h") || len(got[2]) != 65 || got[3] != "u5" {
			t.Errorf("taken are %q", got)
		}
		for i, want := range []string{"5", "nobody", "nobody", "5"} {
			if raw := inbox.all[i]; raw.Sender != want || raw.Account != "one" || len(raw.Body) == 0 {
				t.Errorf("update %d came in as %+v", i, raw)
			}
		}
		// Without a number nothing confirms it: it comes again, and must not make a storm.
		q.add(6, `{"message":{"text":"who am I"}}`)
		before := len(s.calls("getUpdates"))
		pass(time.Minute)
		if n := len(s.calls("getUpdates")) - before; n < 2 || n > 12 {
			t.Errorf("in a minute it was asked %d times", n)
		}
		if again := inbox.keys(); again[4] != got[2] {
			t.Error("the same update has two keys")
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestPollEnds at once, wherever it is.
func TestPollEnds(t *testing.T) {
	for _, where := range []string{"getUpdates", "getWebhookInfo", "between tries", "inbox"} {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{answer: func(ctx context.Context, method string, _ map[string]any) *scriptedAnswer {
					switch {
					case where == "between tries" && method == "getUpdates":
						return refused(429, "Too Many Requests", `,"parameters":{"retry_after":3000}`)
					case where == "inbox" && method == "getUpdates":
						return result(`[` + message(`"text":"a"`) + `]`)
					case where == method:
						return quiet(ctx, 50*time.Second)
					}
					return nil
				}}
				a := connected(t, s)
				stop := polling(t, a, acceptFunc(func(ctx context.Context, _ bot.Raw) error {
					<-ctx.Done()
					return ctx.Err()
				}))
				synctest.Wait()
				before := time.Now()
				if err := stop(); err != nil {
					t.Errorf("it ends with %v", err)
				}
				if took := time.Since(before); took > 0 {
					t.Errorf("it ends after %v", took)
				}
			})
		})
	}
}

type acceptFunc func(ctx context.Context, raw bot.Raw) error

// Accept implements bot.Inbox.
func (f acceptFunc) Accept(ctx context.Context, raw bot.Raw) error { return f(ctx, raw) }

// TestPollTakesWebhookAway before it polls, and drops nothing that waits.
func TestPollTakesWebhookAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, tries := true, 0
		s := &scripted{answer: func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
			switch {
			case method == "getWebhookInfo" && set:
				return result(`{"url":"https://ella.example.org/telegram","pending_update_count":3}`)
			case method == "deleteWebhook":
				if tries++; tries < 3 {
					return refused(500, "Internal Server Error")
				}
				set = false
			case method == "getUpdates" && set:
				return refused(409, "Conflict: can't use getUpdates method while webhook is active")
			}
			return nil
		}}
		stop := polling(t, connected(t, s), &taken{})
		pass(time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		calls := s.calls("deleteWebhook")
		if len(calls) != 3 || len(s.calls("getUpdates")) == 0 {
			t.Fatalf("deleteWebhook was called %d times, getUpdates %d", len(calls), len(s.calls("getUpdates")))
		}
		for _, c := range calls {
			if !keeps(c.params) {
				t.Error("it drops what waits")
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		stop := polling(t, connected(t, s), &taken{})
		pass(time.Minute)
		_ = stop()
		if n := len(s.calls("deleteWebhook")); n != 0 {
			t.Errorf("without a webhook deleteWebhook is called %d times", n)
		}
	})
}

// TestPollConfirmsNothingElse: whatever order a batch has, the offset never passes
// what was not taken in.
func TestPollConfirmsNothingElse(t *testing.T) {
	text := func(id int64) string {
		return strings.Replace(message(`"text":"a"`), `"update_id":7`, fmt.Sprintf(`"update_id":%d`, id), 1)
	}
	const nameless = `{"message":{}}`
	for name, c := range map[string]struct {
		batch  []string
		refuse string // the key of the first that is refused
		want   int64  // what is asked for next
	}{
		"in order":                  {[]string{text(5), text(6), text(7)}, "", 8},
		"in disorder":               {[]string{text(7), text(5), text(6)}, "", 8},
		"the last is refused":       {[]string{text(5), text(6), text(7)}, "u7", 7},
		"the first is refused":      {[]string{text(5), text(6), text(7)}, "u5", 5},
		"in disorder, one refused":  {[]string{text(7), text(5), text(6)}, "u5", 5},
		"in disorder, last refused": {[]string{text(7), text(6), text(5)}, "u5", 5},
		"one without a number":      {[]string{text(5), nameless}, "", 6},
		"that one is refused":       {[]string{text(5), nameless}, "h", 6},
		"and others wait behind it": {[]string{text(5), nameless, text(9)}, "h", 9},
		"it is alone":               {[]string{nameless}, "h", 0},
		"a number below all":        {[]string{text(-9)}, "", 0},
		"and others beside it":      {[]string{text(-9), text(5)}, "", 6},
		"the last number there is":  {[]string{text(math.MaxInt64), text(5)}, "", 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := true
				s := &scripted{answer: func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
					if method == "getUpdates" && first {
						first = false
						return result("[" + strings.Join(c.batch, ",") + "]")
					}
					return nil
				}}
				stop := polling(t, connected(t, s), &taken{refuse: func(raw bot.Raw) error {
					if c.refuse != "" && strings.HasPrefix(raw.Key, c.refuse) {
						return errors.New("the disk is full")
					}
					return nil
				}})
				pass(time.Minute)
				_ = stop()
				if got := offsets(s); len(got) < 2 || got[1] != c.want {
					t.Errorf("it is asked from %d, not from %d", got, c.want)
				}
			})
		})
	}
}
