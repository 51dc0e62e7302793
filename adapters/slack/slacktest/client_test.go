package slacktest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

// clock is a server's clock that goes on only when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 9, 5, 15, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type fields = map[string]any

// answer is what the server answered.
type answer struct {
	status int
	header http.Header
	body   string
	fields fields
}

func (a answer) str(path ...string) string {
	var v any = a.fields
	for _, name := range path {
		o, _ := v.(map[string]any)
		v = o[name]
	}
	text, _ := v.(string)
	return text
}

// failed is the error that was answered, or "ok".
func (a answer) failed() string {
	if ok, _ := a.fields["ok"].(bool); ok {
		return "ok"
	}
	return a.str("error")
}

// client speaks to a server by hand.
type client struct {
	t     *testing.T
	s     *slacktest.Server
	token string
}

func newClient(t *testing.T, o slacktest.Options) client {
	t.Helper()
	s := slacktest.New(t, o)
	return client{t, s, s.BotToken()}
}

func (c client) do(r *http.Request) answer {
	c.t.Helper()
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatalf("the server did not answer: %v", err)
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{status: w.StatusCode, header: w.Header, body: string(raw)}
	_ = json.Unmarshal(raw, &a.fields)
	return a
}

func (c client) request(to, media, body string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", media)
	return r
}

// form calls a method with a form of pairs.
func (c client) form(method string, pairs ...string) answer {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	r := c.request(c.s.APIURL()+method, "application/x-www-form-urlencoded", values.Encode())
	r.Header.Set("Authorization", "Bearer "+c.token)
	return c.do(r)
}

// json calls a method with JSON.
func (c client) json(method string, body any) answer {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r := c.request(c.s.APIURL()+method, "application/json; charset=utf-8", string(raw))
	r.Header.Set("Authorization", "Bearer "+c.token)
	return c.do(r)
}

// post sends a message as a careful app does.
func (c client) post(channel, text string, more ...string) answer {
	c.t.Helper()
	return c.form("chat.postMessage", append([]string{"channel", channel, "text", text, "unfurl_links", "false", "unfurl_media", "false"}, more...)...)
}

// must is an answer that is ok.
func (c client) must(a answer) answer {
	c.t.Helper()
	if a.failed() != "ok" {
		c.t.Fatalf("answered %d %s", a.status, a.body)
	}
	return a
}

// refused is an answer of that error.
func (c client) refused(a answer, code string) {
	c.t.Helper()
	if a.failed() != code {
		c.t.Errorf("answered %q (%s), want %q", a.failed(), a.body, code)
	}
}

// broke wants breaches of these rules and no others, and begins anew.
func (c client) broke(rules ...slacktest.Rule) {
	c.t.Helper()
	all := c.s.Breaches()
	if len(all) != len(rules) {
		c.t.Errorf("breaches %v, want %v", all, rules)
		return
	}
	for i, b := range all {
		if b.Rule != rules[i] {
			c.t.Errorf("breach %v, want %s", b, rules[i])
		}
	}
}

func compact(v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return strings.TrimSpace(out.String())
}

// section is a block of plain text.
func section(text string) fields {
	return fields{"type": "section", "text": fields{"type": "plain_text", "text": text}}
}

// button is an element.
func button(id, text string) fields {
	return fields{"type": "button", "action_id": id, "value": "v:" + id, "text": fields{"type": "plain_text", "text": text}}
}

func actions(buttons ...fields) fields { return fields{"type": "actions", "elements": buttons} }
