package telegram_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
)

// pauses are the times between requests.
func pauses(calls []asked) (all []time.Duration) {
	for i := 1; i < len(calls); i++ {
		all = append(all, calls[i].at.Sub(calls[i-1].at))
	}
	return all
}

// TestPollInTrouble: how long is waited, what is told, and that it goes on.
func TestPollInTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		fail *scriptedAnswer
		told []string
		// between the least and the most that is waited after try n
		least, most func(n int) time.Duration
	}{
		"another polls": {
			refused(http.StatusConflict, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
			[]string{"another program", "same token"},
			func(n int) time.Duration { return min(5*time.Second<<n, time.Minute) }, func(n int) time.Duration { return min(8*time.Second<<n, time.Minute) },
		},
		"a webhook": {
			refused(http.StatusConflict, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"),
			[]string{"webhook"},
			func(n int) time.Duration { return min(5*time.Second<<n, time.Minute) }, func(n int) time.Duration { return min(8*time.Second<<n, time.Minute) },
		},
		"too many": {
			refused(http.StatusTooManyRequests, "Too Many Requests: retry after 17", `,"parameters":{"retry_after":17}`), []string{"asks to wait"},
			func(int) time.Duration { return 17 * time.Second }, func(int) time.Duration { return 17 * time.Second },
		},
		"too many, in the header alone": {
			&scriptedAnswer{status: 429, body: `{"ok":false,"error_code":429,"description":"Too Many Requests"}`, header: http.Header{"Retry-After": {"17"}}}, []string{"asks to wait"},
			func(int) time.Duration { return 17 * time.Second }, func(int) time.Duration { return 17 * time.Second },
		},
		"too many, and not in whole seconds": {
			refused(http.StatusTooManyRequests, "Too Many Requests: retry after 17", `,"parameters":{"retry_after":17.5}`), []string{"asks to wait"},
			func(int) time.Duration { return 17500 * time.Millisecond }, func(int) time.Duration { return 17500 * time.Millisecond },
		},
		"too many, on a page": {
			&scriptedAnswer{status: 429, body: `<html>slow down</html>`, header: http.Header{"Retry-After": {"17"}}}, []string{"asks to wait"},
			func(int) time.Duration { return 17 * time.Second }, func(int) time.Duration { return 17 * time.Second },
		},
		"a page, and all is well": {&scriptedAnswer{status: 200, body: "<html>Log in to this network</html>"}, []string{"can't be reached", "200"}, usualPause, longerPause},
		"a refusal":               {refused(400, "Bad Request: of what?"), []string{"refuses it", "400"}, usualPause, longerPause},
		"an older server":         {refused(404, "Not Found: method not found"), []string{"can't be reached", "404"}, usualPause, longerPause},
		"a gateway":               {&scriptedAnswer{status: 502, body: "<html>Bad Gateway</html>"}, []string{"can't be reached", "502"}, usualPause, longerPause},
		"an error":                {refused(500, "Internal Server Error"), []string{"can't be reached", "500"}, usualPause, longerPause},
		"a reset":                 {&scriptedAnswer{err: errors.New("connection reset by peer")}, []string{"can't be reached", "connection reset"}, usualPause, longerPause},
		"half an answer": {
			&scriptedAnswer{status: 200, body: `{"ok":true,"result":[{"upd`}, []string{"can't be reached"}, usualPause, longerPause,
		},
		"another result":       {result(`{}`), []string{"can't be reached", "unknown shape"}, usualPause, longerPause},
		"not found by a proxy": {&scriptedAnswer{status: 404, body: "nothing here"}, []string{"can't be reached", "404"}, usualPause, longerPause},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue()
				const failures = 8
				failed := 0
				s := &scripted{answer: func(ctx context.Context, method string, params map[string]any) *scriptedAnswer {
					if method == "getUpdates" && failed < failures {
						failed++
						return c.fail
					}
					return q.answer(ctx, method, params)
				}}
				var j journal
				var inbox taken
				stop := polling(t, connected(t, s, func(o *telegram.Options) { o.Log = j.log() }), &inbox)
				q.say(1, "hello")
				pass(30 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if got := inbox.keys(); !slices.Equal(got, []string{"u1"}) {
					t.Errorf("taken are %q", got)
				}
				for n, pause := range pauses(s.calls("getUpdates"))[:failures] {
					if pause < c.least(n) || pause > c.most(n) {
						t.Errorf("after try %d it waits %v, not %v to %v", n+1, pause, c.least(n), c.most(n))
					}
				}
				if told := j.lines("WARN"); len(told) != 1 || len(j.lines(c.told...)) != 1 {
					t.Errorf("the log says %q", told)
				}
				if told := j.lines("all is well again"); len(told) != 1 {
					t.Errorf("that it is over is said %d times", len(told))
				}
				if told := j.lines(token[10:]); len(told) > 0 {
					t.Errorf("the log tells the token: %q", told)
				}
			})
		})
	}
}

func usualPause(n int) time.Duration  { return min(time.Second<<n, 30*time.Second) }
func longerPause(n int) time.Duration { return min(1500*time.Millisecond<<n, 30*time.Second) }

// TestPollStopsWhenRefused: a token that was revoked stops the account, and says
// what to do.
func TestPollStopsWhenRefused(t *testing.T) {
	for name, answer := range map[string]*scriptedAnswer{
		"revoked": refused(401, "Unauthorized"), "of no bot": refused(404, "Not Found"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{answer: func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
					if method == "getUpdates" {
						return answer
					}
					return nil
				}}
				err := connected(t, s).Receive(t.Context(), &taken{})
				if !errors.Is(err, telegram.ErrRefused) || !strings.Contains(err.Error(), "@BotFather") || strings.Contains(err.Error(), token) {
					t.Errorf("it ends with %v", err)
				}
			})
		})
	}
}

// rivals is a Bot API that ends a poll when another begins.
type rivals struct {
	mu    sync.Mutex
	end   chan struct{} // of the poll that waits
	polls atomic.Int64
}

func (r *rivals) answer(ctx context.Context, method string, params map[string]any) *scriptedAnswer {
	if method != "getUpdates" {
		return nil
	}
	mine := make(chan struct{})
	r.mu.Lock()
	r.polls.Add(1)
	if r.end != nil {
		close(r.end)
	}
	r.end = mine
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.end == mine {
			r.end = nil
		}
	}()
	seconds, _ := params["timeout"].(float64)
	select {
	case <-mine:
		return refused(http.StatusConflict, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	case <-time.After(time.Duration(seconds) * time.Second):
		return result(`[]`)
	case <-ctx.Done():
		return &scriptedAnswer{err: ctx.Err()}
	}
}

// TestPollBesideAnother: two programs with one token take turns, slower and slower, and
// each tells of it once.
func TestPollBesideAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r rivals
		var logs [2]journal
		var stops []func() error
		for i := range logs {
			s := &scripted{answer: r.answer}
			stops = append(stops, polling(t, connected(t, s, func(o *telegram.Options) { o.Log = logs[i].log() }), &taken{}))
		}
		pass(time.Hour)
		if n := r.polls.Load(); n > 300 {
			t.Errorf("in an hour there were %d requests", n)
		}
		if err := stops[0](); err != nil {
			t.Error(err)
		}
		pass(10 * time.Minute)
		_ = stops[1]()
		if told := logs[0].lines("WARN"); len(told) != 1 || len(logs[0].lines("all is well")) > 0 {
			t.Errorf("one tells %q", told)
		}
		if told := logs[1].lines("WARN"); len(told) != 1 || len(logs[1].lines("all is well")) != 1 {
			t.Errorf("the other, which is left alone at last, tells %q", told)
		}
	})
}

// TestPollAfterAWebhook that another program set while this one polls: that one may be
// gone, and its webhook stays.
func TestPollAfterAWebhook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		s := &scripted{}
		s.answer = func(ctx context.Context, method string, params map[string]any) *scriptedAnswer {
			s.mu.Lock()
			hooked := s.hook != ""
			s.mu.Unlock()
			if method == "getUpdates" && hooked {
				return refused(http.StatusConflict, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
			}
			return q.answer(ctx, method, params)
		}
		var inbox taken
		stop := polling(t, connected(t, s), &inbox)
		pass(time.Minute)
		s.setHook("https://elsewhere.example.org/")
		pass(time.Minute)
		q.say(1, "hello")
		q.say(2, "are you there?")
		pass(2 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := inbox.keys(); !slices.Equal(got, []string{"u1", "u2"}) {
			t.Errorf("taken are %q", got)
		}
		for _, c := range s.calls("deleteWebhook") {
			if !keeps(c.params) {
				t.Error("it drops what waits")
			}
		}
	})
}

// TestPollIsNotHurried by whatever answers at once instead of letting it wait.
func TestPollIsNotHurried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answer: answerOf(map[string]*scriptedAnswer{"getUpdates": result(`[]`)})}
		stop := polling(t, connected(t, s), &taken{})
		pass(time.Minute)
		_ = stop()
		if n := len(s.calls("getUpdates")); n > 65 {
			t.Errorf("in a minute it asked %d times", n)
		}
	})
}
