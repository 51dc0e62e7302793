package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
)

// TestWebhookIsSetAgain when another program with the same token took it away or set
// its own, and each time that is told.
func TestWebhookIsSetAgain(t *testing.T) {
	for _, other := range []string{"", "https://elsewhere.example.org/"} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{}
			var j journal
			stop := polling(t, connected(t, s, webhooked, func(o *telegram.Options) { o.Log = j.log() }), &taken{})
			pass(10 * time.Minute)
			s.setHook(other)
			pass(10 * time.Minute)
			if err := stop(); err != nil {
				t.Error(err)
			}
			calls := s.calls("setWebhook")
			if len(calls) != 2 || !keeps(calls[1].params) || calls[1].params["secret_token"] != webhookSecret {
				t.Errorf("after %q it was set %d times", other, len(calls))
			}
			if told := j.lines("WARN", "took the webhook away"); len(told) != 1 {
				t.Errorf("the log tells %q", told)
			}
		})
	}
}

// TestWebhookHearsOfARefusal: a token that is revoked stops the account here as well,
// where nothing else would tell.
func TestWebhookHearsOfARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		a := connected(t, s, webhooked)
		ended := make(chan error, 1)
		go func() { ended <- a.Receive(t.Context(), &taken{}) }()
		pass(10 * time.Minute)
		s.mu.Lock()
		s.answer = answerOf(map[string]*scriptedAnswer{"getWebhookInfo": refused(401, "Unauthorized")})
		s.mu.Unlock()
		pass(time.Minute)
		select {
		case err := <-ended:
			if !errors.Is(err, telegram.ErrRefused) {
				t.Errorf("it ends with %v", err)
			}
		default:
			t.Error("it goes on")
		}
	})
}

// TestWebhookThatNothingReaches: Telegram says so, and while it does nothing is heard.
func TestWebhookThatNothingReaches(t *testing.T) {
	for name, c := range map[string]struct {
		// info is what Telegram says while it lasts, after so many seconds; nil where it
		// can't be asked either.
		info func(seconds int) *scriptedAnswer
		told int
	}{
		"the door is closed": {func(seconds int) *scriptedAnswer {
			// The retries become rare: between them the date stays.
			return result(fmt.Sprintf(`{"url":%q,"pending_update_count":2,"last_error_date":%d,"last_error_message":"Connection refused"}`, hookURL, 1000+seconds/100))
		}, 1},
		"no network": {func(int) *scriptedAnswer { return &scriptedAnswer{err: errors.New("no route to host")} }, 1},
		"an old failure": {func(int) *scriptedAnswer {
			return result(fmt.Sprintf(`{"url":%q,"pending_update_count":0,"last_error_date":1000,"last_error_message":"Connection refused"}`, hookURL))
		}, 0},
		"much comes in": {func(int) *scriptedAnswer {
			return result(fmt.Sprintf(`{"url":%q,"pending_update_count":7}`, hookURL))
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{}
				var told []time.Duration
				var j journal
				a := connected(t, s, webhooked, func(o *telegram.Options) {
					o.Log = j.log()
					o.Away = func(_ context.Context, from, to time.Time) { told = append(told, to.Sub(from)) }
				})
				stop := polling(t, a, &taken{})
				pass(10 * time.Minute)
				begun := time.Now()
				s.mu.Lock()
				s.answer = func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
					if method != "getWebhookInfo" || time.Since(begun) > 10*time.Minute {
						return nil
					}
					return c.info(int(time.Since(begun).Seconds()))
				}
				s.mu.Unlock()
				pass(time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if len(told) != c.told || c.told > 0 && (told[0] < 9*time.Minute || told[0] > 12*time.Minute) {
					t.Errorf("told is %v", told)
				}
				if n := len(j.lines("WARN")); c.told == 0 && n > 0 || c.told > 0 && n != 2 {
					t.Errorf("the log warns %d times: %q", n, j.lines("WARN"))
				}
			})
		})
	}
}

// TestWebhookHearsAgain as soon as something comes in, whatever else still waits.
func TestWebhookHearsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Int64
		s := &scripted{answer: func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
			if method != "getWebhookInfo" {
				return nil
			}
			return result(fmt.Sprintf(`{"url":%q,"pending_update_count":2,"last_error_date":%d}`, hookURL, 1000+failing.Load()))
		}}
		var away int
		a := connected(t, s, webhooked, func(o *telegram.Options) {
			o.Away = func(context.Context, time.Time, time.Time) { away++ }
		})
		stop := polling(t, a, &taken{})
		for range 20 {
			pass(time.Minute)
			failing.Add(1)
			if got := brought(a, message(`"text":"hello"`)); got != 200 {
				t.Fatalf("it answers %d", got)
			}
		}
		_ = stop()
		if away > 0 {
			t.Errorf("it was away %d times", away)
		}
	})
}
