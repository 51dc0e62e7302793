package telegram_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
)

const (
	webhookSecret = "a-secret_of-tests"
	hookURL       = "https://ella.example.org/hooks/telegram"
)

func webhooked(o *telegram.Options) { o.WebhookURL, o.WebhookSecret = hookURL, webhookSecret }

// brought posts an update as Telegram does, and gives the status.
func brought(a *telegram.Adapter, body string, change ...func(*http.Request)) int {
	r := httptest.NewRequest(http.MethodPost, "/hooks/telegram", strings.NewReader(body))
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", webhookSecret)
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Code
}

// TestWebhookAnswers with 200 only what is durable, and lets nobody else in.
func TestWebhookAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refusal error
		inbox := &taken{refuse: func(bot.Raw) error { return refusal }}
		var j journal
		a := connected(t, &scripted{}, webhooked, func(o *telegram.Options) { o.Log = j.log() })
		if path := a.WebhookPath(); path != "/hooks/telegram" {
			t.Errorf("it is reached at %q", path)
		}
		if a.Capabilities().OneReceiver {
			t.Error("several processes may serve a webhook")
		}
		hello := message(`"text":"hello"`)
		if got := brought(a, hello); got != http.StatusServiceUnavailable {
			t.Errorf("before anybody receives it answers %d", got)
		}
		stop := polling(t, a, inbox)
		synctest.Wait()
		secret := func(s string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set("X-Telegram-Bot-Api-Secret-Token", s) }
		}
		for _, c := range []struct {
			name, body string
			change     func(*http.Request)
			refusal    error
			want       int
			taken      string // the key, or its beginning
		}{
			{name: "an update", body: hello, want: 200, taken: "u7"},
			{name: "it once more", body: hello, want: 200, taken: "u7"},
			{name: "a get", body: hello, change: func(r *http.Request) { r.Method = http.MethodGet }, want: 405},
			{name: "no secret", body: hello, change: func(r *http.Request) { r.Header = http.Header{} }, want: 401},
			{name: "another secret", body: hello, change: secret(webhookSecret + "x"), want: 401},
			{name: "an empty secret", body: hello, change: secret(""), want: 401},
			{name: "two secrets", body: hello, change: func(r *http.Request) {
				r.Header["X-Telegram-Bot-Api-Secret-Token"] = []string{"another", webhookSecret}
			}, want: 401},
			{name: "1 MiB", body: `{"update_id":8,"x":"` + strings.Repeat("x", 1<<20-len(`{"update_id":8,"x":""}`)) + `"}`, want: 200, taken: "u8"},
			{name: "more than 1 MiB", body: `{"update_id":9,"x":"` + strings.Repeat("x", 1<<20) + `"}`, want: 200},
			{name: "a full disk", body: hello, refusal: errors.New("the disk is full"), want: 500},
			{name: "too long for the inbox", body: hello, refusal: bot.ErrTooLarge, want: 200},
			{name: "no number", body: `{"message":{}}`, want: 200, taken: "h"},
			{name: "no JSON", body: `hello`, want: 200, taken: "h"},
			{name: "an unknown shape", body: `{"update_id":10,"message":7}`, want: 200, taken: "u10"},
		} {
			inbox.mu.Lock()
			refusal = c.refusal
			inbox.mu.Unlock()
			before := len(inbox.keys())
			change := c.change
			if change == nil {
				change = func(*http.Request) {}
			}
			if got := brought(a, c.body, change); got != c.want {
				t.Errorf("%s is answered with %d, not %d", c.name, got, c.want)
			}
			keys := inbox.keys()[before:]
			if (c.taken == "") != (len(keys) == 0) || c.taken != "" && !strings.HasPrefix(keys[0], c.taken) {
				t.Errorf("of %s was taken in %q", c.name, keys)
			}
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := brought(a, hello); got != http.StatusServiceUnavailable {
			t.Errorf("when nobody receives any more it answers %d", got)
		}
		if told := j.lines(webhookSecret); len(told) > 0 {
			t.Errorf("the log tells the secret: %q", told)
		}
	})
}

// keeps reports whether a call says that what waits is kept.
func keeps(params map[string]any) bool {
	drop, ok := params["drop_pending_updates"].(bool)
	return ok && !drop
}

// TestWebhookIsSet whole, until Telegram knows, and never taken away.
func TestWebhookIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		s := &scripted{answer: func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
			if method == "setWebhook" {
				if tries++; tries < 4 {
					return refused(429, "Too Many Requests", `,"parameters":{"retry_after":1}`)
				}
			}
			return nil
		}}
		stop := polling(t, connected(t, s, webhooked), &taken{})
		pass(time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		calls := s.calls("setWebhook")
		if len(calls) != 4 {
			t.Fatalf("it was set %d times", len(calls))
		}
		p := calls[3].params
		if p["url"] != hookURL || p["secret_token"] != webhookSecret || !keeps(p) || p["max_connections"] != 40.0 {
			t.Errorf("it is set as %v", p)
		}
		if all, _ := p["allowed_updates"].([]any); len(all) != 4 || !slices.Contains(all, any("callback_query")) {
			t.Errorf("asked for are %v", p["allowed_updates"])
		}
		for _, method := range []string{"deleteWebhook", "getUpdates"} {
			if n := len(s.calls(method)); n > 0 {
				t.Errorf("%s was called %d times", method, n)
			}
		}
	})
}

func TestWebhookStopsWhenRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answer: func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
			if method == "setWebhook" {
				return refused(401, "Unauthorized")
			}
			return nil
		}}
		if err := connected(t, s, webhooked).Receive(t.Context(), &taken{}); !errors.Is(err, telegram.ErrRefused) {
			t.Errorf("it ends with %v", err)
		}
	})
}

// TestWebhookEndsInside: who is handing an update in when the end comes is waited
// for, and told that it was not taken.
func TestWebhookEndsInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left sync.WaitGroup
		left.Add(1)
		done := false
		a := connected(t, &scripted{}, webhooked)
		stop := polling(t, a, acceptFunc(func(ctx context.Context, _ bot.Raw) error {
			<-ctx.Done()
			pass(time.Second) // as a slow disk
			done = true
			return ctx.Err()
		}))
		synctest.Wait()
		status := 0
		go func() {
			defer left.Done()
			status = brought(a, message(`"text":"a"`))
		}()
		synctest.Wait()
		if err := stop(); err != nil || !done {
			t.Errorf("it ends with %v, and the inbox is done: %v", err, done)
		}
		left.Wait()
		if status != http.StatusInternalServerError {
			t.Errorf("it answers %d", status)
		}
	})
}

// TestWebhookAtOnce: forty of one person at once are taken in once each.
func TestWebhookAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inbox taken
		a := connected(t, &scripted{}, webhooked)
		stop := polling(t, a, &inbox)
		synctest.Wait()
		var posts sync.WaitGroup
		for id := range 40 {
			posts.Go(func() {
				body := strings.Replace(message(`"text":"a"`), `"update_id":7`, fmt.Sprintf(`"update_id":%d`, 100+id), 1)
				if got := brought(a, body); got != http.StatusOK {
					t.Errorf("update %d is answered with %d", id, got)
				}
			})
		}
		posts.Wait()
		_ = stop()
		keys := inbox.keys()
		slices.Sort(keys)
		if len(slices.Compact(keys)) != 40 {
			t.Errorf("taken in are %q", keys)
		}
		for _, raw := range inbox.all {
			if raw.Sender != "5" {
				t.Errorf("one is from %q", raw.Sender)
			}
		}
	})
}

// TestWebhookIsNotHeldOpen by whoever begins a body and never ends it.
func TestWebhookIsNotHeldOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t, &scripted{}, webhooked)
		stop := polling(t, a, acceptFunc(func(ctx context.Context, _ bot.Raw) error {
			pass(2 * time.Minute) // there is much to do
			return ctx.Err()
		}))
		synctest.Wait()
		ours, theirs := net.Pipe()
		line := pipe{ours: make(chan net.Conn, 1), ended: make(chan struct{})}
		line.ours <- ours
		server := &http.Server{Handler: a.Handler(), ReadHeaderTimeout: 10 * time.Second}
		var served sync.WaitGroup
		served.Go(func() { _ = server.Serve(line) })
		defer served.Wait()
		defer server.Close()
		head := "POST /hooks/telegram HTTP/1.1\r\nHost: ella.example.org\r\nX-Telegram-Bot-Api-Secret-Token: " + webhookSecret + "\r\nContent-Length: %d\r\n\r\n"
		body := message(`"text":"a"`)
		answers := bufio.NewReader(theirs)
		say := func(text string) int {
			go func() { _, _ = io.WriteString(theirs, text) }()
			w, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = w.Body.Close()
			return w.StatusCode
		}
		if got := say(fmt.Sprintf(head, len(body)) + body); got != http.StatusOK {
			t.Errorf("while the inbox takes its time it answers %d", got)
		}
		begun := time.Now()
		if got := say(fmt.Sprintf(head, len(body)+1) + body); got != http.StatusBadRequest || time.Since(begun) > time.Minute {
			t.Errorf("after %v it answers %d", time.Since(begun), got)
		}
		_ = stop()
	})
}

// pipe is a listener to which one connection comes.
type pipe struct {
	ours  chan net.Conn
	ended chan struct{}
}

// Accept implements net.Listener.
func (p pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.ours:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p pipe) Close() error {
	close(p.ended)
	return nil
}

// Addr implements net.Listener.
func (p pipe) Addr() net.Addr { return &net.IPAddr{} }

// TestWebhookTellsOnce of an inbox that takes nothing, however many come.
func TestWebhookTellsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refusal error
		inbox := &taken{refuse: func(bot.Raw) error { return refusal }}
		var j journal
		a := connected(t, &scripted{}, webhooked, func(o *telegram.Options) { o.Log = j.log() })
		stop := polling(t, a, inbox)
		synctest.Wait()
		for round := 1; round <= 2; round++ {
			refusal = errors.New("the disk is full")
			for range 20 {
				brought(a, message(`"text":"a"`))
			}
			refusal = nil
			brought(a, message(`"text":"a"`))
			if told := j.lines("disk is full"); len(told) != round {
				t.Errorf("the log tells %d times", len(told))
			}
		}
		_ = stop()
	})
}
