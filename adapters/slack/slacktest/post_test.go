package slacktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

// receiver is an app's side of the request URLs.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  []posted
	next []func(w http.ResponseWriter) // how to answer; 200 when there is none
}

type posted struct {
	path, body string
	header     http.Header
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, _ := io.ReadAll(req.Body)
	var challenge struct{ Type, Challenge string }
	if json.Unmarshal(raw, &challenge) == nil && challenge.Type == "url_verification" {
		_, _ = io.WriteString(w, challenge.Challenge)
		return
	}
	r.mu.Lock()
	r.got = append(r.got, posted{req.URL.Path, string(raw), req.Header})
	var answer func(http.ResponseWriter)
	if len(r.next) > 0 {
		answer, r.next = r.next[0], r.next[1:]
	}
	r.mu.Unlock()
	if answer != nil {
		answer(w)
	}
}

func (r *receiver) answers(all ...func(http.ResponseWriter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.next = nil, all
}

func (r *receiver) posts() []posted {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]posted(nil), r.got...)
}

func (c client) receive() *receiver {
	c.t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(r)
	c.t.Cleanup(r.Close)
	if err := c.s.UseRequestURLs(c.t.Context(), slacktest.RequestURLs{Events: r.URL + "/e", Interactions: r.URL + "/i", Commands: r.URL + "/c"}); err != nil {
		c.t.Fatal(err)
	}
	return r
}

func status(code int, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

// TestSign is Slack's documented vector.
func TestSign(t *testing.T) {
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&" +
		"command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	if got := slacktest.Sign("8f742231b10e8888abcd99yyyzzz85a5", 1531420618, []byte(body)); got != "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503" {
		t.Errorf("it is %s", got)
	}
}

func TestPosts(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	r := c.receive()
	maryam := c.s.AddUser(slacktest.User{})
	if did := c.s.Say(maryam, "hello"); !c.settled(did.ID) {
		t.Error("an event is not acknowledged")
	}
	r.answers(func(w http.ResponseWriter) { _, _ = io.WriteString(w, "one moment") })
	if did := c.s.Command(maryam, "", "/ella", "groups & more"); !c.settled(did.ID) {
		t.Error("a command is not acknowledged")
	}
	if all := c.s.Ephemerals(maryam); len(all) != 1 || all[0].Text != "one moment" {
		t.Errorf("they were shown %+v", all)
	}
	form, _ := url.ParseQuery(r.posts()[0].body)
	if form.Get("text") != "groups &amp; more" || form.Get("command") != "/ella" || form.Get("user_id") != maryam || form.Get("trigger_id") == "" || r.posts()[0].path != "/c" {
		t.Errorf("a command is %v", form)
	}
	r.answers()
	did := c.s.Shortcut(maryam, "ask")
	c.settled(did.ID)
	p := r.posts()[0]
	form, _ = url.ParseQuery(p.body)
	if p.path != "/i" || !json.Valid([]byte(form.Get("payload"))) {
		t.Errorf("an interaction is %+v", p)
	}
	at, _ := strconv.ParseInt(p.header.Get("X-Slack-Request-Timestamp"), 10, 64)
	if p.header.Get("X-Slack-Signature") != slacktest.Sign(c.s.SigningSecret(), at, []byte(p.body)) || time.Since(time.Unix(at, 0)) > time.Minute {
		t.Errorf("it is signed %v", p.header)
	}
	if !c.s.SSLCheck(t.Context()) || r.posts()[1].body != "ssl_check=1&token=fake0verification0token" {
		t.Errorf("the check is %+v", r.posts()[1])
	}
}

func TestRetries(t *testing.T) {
	c := newClient(t, slacktest.Options{AckWindow: 200 * time.Millisecond, Backoff: 0.0001})
	r := c.receive()
	maryam := c.s.AddUser(slacktest.User{})
	hang := make(chan struct{})
	defer close(hang)
	r.answers(status(500), func(http.ResponseWriter) { <-hang }, status(302, "Location", r.URL+"/elsewhere"))
	did := c.s.Say(maryam, "hello")
	for !c.s.Acknowledged(did.ID) {
		c.settled(did.ID)
	}
	all := r.posts()
	for i, want := range []string{"", "http_error", "http_timeout"} {
		num := ""
		if i > 0 {
			num = strconv.Itoa(i)
		}
		if got := all[i].header.Get("X-Slack-Retry-Reason"); got != want || all[i].header.Get("X-Slack-Retry-Num") != num {
			t.Errorf("attempt %d has %v", i, all[i].header)
		}
	}
	r.answers(status(500, "X-Slack-No-Retry", "1"))
	lost := c.s.Say(maryam, "hello")
	if c.settled(lost.ID); len(c.s.Lost()) != 1 || len(r.posts()) != 1 {
		t.Errorf("asked not to, it was posted %d times", len(r.posts()))
	}
	r.answers(status(500), status(500), status(500), status(500))
	lost = c.s.Say(maryam, "hello")
	for len(c.s.Lost()) != 2 {
		c.settled(lost.ID)
	}
	if n := c.s.Attempts(lost.ID); n != 4 {
		t.Errorf("it was posted %d times", n)
	}
	r.answers(status(500))
	if c.s.Deliver(t.Context(), did.ID) || !c.s.Deliver(t.Context(), did.ID) {
		t.Error("what was delivered once more came out wrong")
	}
	r.answers(status(500))
	click := c.s.Shortcut(maryam, "ask")
	if c.settled(click.ID) || c.s.Warnings(maryam) != 1 || c.s.Attempts(click.ID) != 1 {
		t.Error("a click was posted again")
	}
}

func TestAddressIsVerified(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	deaf := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer deaf.Close()
	if err := c.s.UseRequestURLs(t.Context(), slacktest.RequestURLs{Events: deaf.URL}); err == nil {
		t.Error("an address that answers no challenge is taken")
	}
}
