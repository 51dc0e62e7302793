package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
)

// token is that of the bot in the corpus.
const token = "123456789:AAtests-only_tests-only_tests-only_00"

// scripted is a Bot API in memory, so that tests can run in a bubble of time: it
// answers what the test says, and keeps what it was asked.
type scripted struct {
	mu    sync.Mutex
	asked []asked
	// answer says what a method answers; nil leaves it to usual.
	answer func(ctx context.Context, method string, params map[string]any) *scriptedAnswer
	// me is what getMe answers.
	me string
	// down is why nothing can be reached.
	down error
	// hook is the webhook that is set.
	hook string
}

// asked is one request.
type asked struct {
	method string
	params map[string]any
	at     time.Time
}

// scriptedAnswer is what comes back: err, or a status with a body.
type scriptedAnswer struct {
	status int
	body   string
	header http.Header
	err    error
}

func result(body string) *scriptedAnswer {
	return &scriptedAnswer{status: http.StatusOK, body: `{"ok":true,"result":` + body + `}`}
}

func refused(code int, description string, more ...string) *scriptedAnswer {
	return &scriptedAnswer{status: code, body: fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, code, description, strings.Join(more, ""))}
}

// RoundTrip implements http.RoundTripper.
func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	method := path.Base(r.URL.Path)
	params := map[string]any{}
	if err := json.Unmarshal(body, &params); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.asked = append(s.asked, asked{method, params, time.Now()})
	answer, me, down := s.answer, s.me, s.down
	s.mu.Unlock()
	if down != nil {
		return nil, down
	}
	var a *scriptedAnswer
	if answer != nil {
		a = answer(r.Context(), method, params)
	}
	if a == nil {
		a = s.usual(r.Context(), method, params, me)
	}
	if a.err != nil {
		return nil, a.err
	}
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(bytes.NewBufferString(a.body)), Request: r}, nil
}

// setHook has the webhook be another, as a second program with the token does.
func (s *scripted) setHook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = url
}

// usual is what a quiet Bot API answers.
func (s *scripted) usual(ctx context.Context, method string, params map[string]any, me string) *scriptedAnswer {
	switch {
	case method == "getMe" && me != "":
		return result(me)
	case method == "getMe":
		return result(`{"id":123456789,"is_bot":true,"first_name":"Ella","username":"ella_test_bot"}`)
	case method == "getUpdates":
		seconds, _ := params["timeout"].(float64)
		return quiet(ctx, time.Duration(int(seconds))*time.Second)
	case method == "getWebhookInfo":
		s.mu.Lock()
		defer s.mu.Unlock()
		return result(fmt.Sprintf(`{"url":%q,"pending_update_count":0}`, s.hook))
	case method == "setWebhook":
		s.setHook(params["url"].(string))
	case method == "deleteWebhook":
		s.setHook("")
	case strings.HasSuffix(method, "Commands"):
		return result(`[]`)
	case strings.HasPrefix(method, "getMy"):
		return result(`{}`)
	}
	return result(`true`)
}

// quiet is a long poll that finds nothing.
func quiet(ctx context.Context, timeout time.Duration) *scriptedAnswer {
	select {
	case <-ctx.Done():
		return &scriptedAnswer{err: ctx.Err()}
	case <-time.After(timeout):
		return result(`[]`)
	}
}

// calls are the requests of one method so far.
func (s *scripted) calls(method string) (all []asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if a.method == method {
			all = append(all, a)
		}
	}
	return all
}

// connected is an adapter on a scripted Bot API.
func connected(t *testing.T, s *scripted, change ...func(*telegram.Options)) *telegram.Adapter {
	t.Helper()
	o := telegram.Options{Account: "one", Token: token, Shelf: &shelf{}, Transport: s, Rate: 25, Log: everything.log()}
	for _, c := range change {
		c(&o)
	}
	a, err := telegram.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// taken is an inbox that keeps what it took, and refuses what refuse says.
type taken struct {
	mu     sync.Mutex
	all    []bot.Raw
	refuse func(bot.Raw) error
}

// Accept implements bot.Inbox.
func (i *taken) Accept(_ context.Context, raw bot.Raw) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse != nil {
		if err := i.refuse(raw); err != nil {
			return err
		}
	}
	i.all = append(i.all, raw)
	return nil
}

// keys are those of what was taken, in order.
func (i *taken) keys() (keys []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, raw := range i.all {
		keys = append(keys, raw.Key)
	}
	return keys
}

// journal is a log that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// lines are those that hold all of some words.
func (j *journal) lines(words ...string) (found []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.text.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			found = append(found, line)
		}
	}
	return found
}

// cut makes every request fail from now on, or work again.
func (s *scripted) cut(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err
}

// answerOf answers some methods always alike.
func answerOf(by map[string]*scriptedAnswer) func(context.Context, string, map[string]any) *scriptedAnswer {
	return func(_ context.Context, method string, _ map[string]any) *scriptedAnswer { return by[method] }
}

// pass lets time go by: in a bubble at once.
func pass(d time.Duration) { <-time.After(d) }
