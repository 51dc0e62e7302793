package slack_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/slack"
	"ella/bot"
)

// now is the time of these tests.
var now = time.Unix(1795780800, 0)

func frozenAt(at time.Time) func(*slack.Options) {
	return func(o *slack.Options) { o.Clock = frozen{at} }
}

// request is a request as Slack signs it.
func request(path, body string, at time.Time) *http.Request {
	return signedBy(signingSecret, path, body, at)
}

// signedRequest is an event that an app signs at this moment.
func signedRequest(secret, body string) *http.Request {
	return signedBy(secret, slack.PathEvents, body, time.Now())
}

func signedBy(secret, path, body string, at time.Time) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	stamp := strconv.FormatInt(at.Unix(), 10)
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte("v0:" + stamp + ":" + body))
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(sum.Sum(nil)))
	return r
}

func answered(a *slack.Adapter, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w
}

const hello = `{"type":"event_callback","team_id":"T0ELLA0001","event_id":"Ev1","event_time":1795780800,"event":{"type":"message","channel_type":"im","channel":"D0AMINA001","user":"U0AMINA001","ts":"1795780800.000100","text":"hello"}}`

// TestSignature is Slack's own example
// (https://docs.slack.dev/authentication/verifying-requests-from-slack), and how far
// clocks may be apart.
func TestSignature(t *testing.T) {
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	const signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
	signedAt := time.Unix(1531420618, 0)
	for name, c := range map[string]struct {
		off    time.Duration
		change func(*http.Request)
		body   string
		let    bool
	}{
		"at once":              {let: true},
		"late":                 {off: 5 * time.Minute, let: true},
		"too late":             {off: 5*time.Minute + time.Second},
		"early":                {off: -5 * time.Minute, let: true},
		"too early":            {off: -5*time.Minute - time.Second},
		"another body":         {body: body + " "},
		"another signature":    {change: func(r *http.Request) { r.Header.Set("X-Slack-Signature", signature[:len(signature)-1]+"4") }},
		"a shorter signature":  {change: func(r *http.Request) { r.Header.Set("X-Slack-Signature", signature[:20]) }},
		"no signature":         {change: func(r *http.Request) { r.Header.Del("X-Slack-Signature") }},
		"no version":           {change: func(r *http.Request) { r.Header.Set("X-Slack-Signature", signature[3:]) }},
		"another version":      {change: func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v1"+signature[2:]) }},
		"no time":              {change: func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }},
		"another time":         {change: func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "1531420619") }},
		"the time of nobody":   {change: func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "-9223372036854775808") }},
		"a time of letters":    {change: func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "now") }},
		"two signatures":       {change: func(r *http.Request) { r.Header["X-Slack-Signature"] = []string{"v0=00", signature} }},
		"a secret in the path": {change: func(r *http.Request) { r.URL.RawQuery = "ssl_check=1"; r.Header.Del("X-Slack-Signature") }},
	} {
		t.Run(name, func(t *testing.T) {
			a := known(t, frozenAt(signedAt.Add(c.off)))
			sent := c.body
			if sent == "" {
				sent = body
			}
			r := httptest.NewRequest(http.MethodPost, slack.PathCommands, strings.NewReader(sent))
			r.Header.Set("X-Slack-Request-Timestamp", "1531420618")
			r.Header.Set("X-Slack-Signature", signature)
			if c.change != nil {
				c.change(r)
			}
			// Nobody receives yet, and only who is let in learns that.
			want := http.StatusUnauthorized
			if c.let {
				want = http.StatusServiceUnavailable
			}
			if got := answered(a, r).Code; got != want {
				t.Errorf("it is answered with %d, not %d", got, want)
			}
		})
	}
}

// TestRequestsAreAnswered with 200 only when they are durable.
func TestRequestsAreAnswered(t *testing.T) {
	a := known(t, frozenAt(now))
	inbox := &taken{}
	stop, _ := receiving(t, a, inbox)
	await(t, "that she receives", func() bool { return answered(a, request(slack.PathEvents, hello, now)).Code == http.StatusOK })
	form := func(name, payload string) string { return url.Values{name: {payload}}.Encode() }
	press := `{"type":"block_actions","team":{"id":"T0ELLA0001"},"user":{"id":"U0AMINA001","team_id":"T0ELLA0001"},"container":{"type":"message","message_ts":"1795780700.000200","channel_id":"D0AMINA001"},"channel":{"id":"D0AMINA001"},"actions":[{"type":"button","value":"v1:do::help","action_ts":"1795780800.123456"}]}`
	command := url.Values{"team_id": {"T0ELLA0001"}, "user_id": {"U0AMINA001"}, "channel_id": {"C0ROOF0001"}, "command": {"/ella"}, "text": {"groups &amp; &lt;more&gt;"}, "trigger_id": {"1.2.3"}}
	elsewhere := strings.Replace(hello, "T0ELLA0001", "T0OTHER001", 1)
	for _, c := range []struct {
		name, path, body string
		method           string
		refusal          error
		want             int
		taken            string // the beginning of the key; - is any
		sender, text     string
	}{
		{name: "an event", path: slack.PathEvents, body: hello, want: 200, taken: "e", sender: "T0ELLA0001:U0AMINA001", text: "hello"},
		{name: "it once more", path: slack.PathEvents, body: hello, want: 200, taken: "e", sender: "T0ELLA0001:U0AMINA001", text: "hello"},
		{name: "a press", path: slack.PathInteractive, body: form("payload", press), want: 200, taken: "a", sender: "T0ELLA0001:U0AMINA001"},
		{name: "a command", path: slack.PathCommands, body: command.Encode(), want: 200, taken: "c", sender: "T0ELLA0001:U0AMINA001", text: "/groups & <more>"},
		{name: "a get", path: slack.PathEvents, body: hello, method: http.MethodGet, want: 405},
		{name: "another path", path: "/slack/other", body: hello, want: 404},
		{name: "another workspace's", path: slack.PathEvents, body: elsewhere, want: 200},
		{name: "another workspace's press", path: slack.PathInteractive, body: form("payload", strings.Replace(press, `"team":{"id":"T0ELLA0001"}`, `"team":{"id":"T0OTHER001"}`, 1)), want: 200},
		{name: "a full disk", path: slack.PathEvents, body: hello, refusal: errors.New("the disk is full"), want: 500},
		{name: "too long for the inbox", path: slack.PathEvents, body: hello, refusal: bot.ErrTooLarge, want: 200},
		{name: "1 MiB", path: slack.PathEvents, body: `{"type":"x","x":"` + strings.Repeat("x", 1<<20-len(`{"type":"x","x":""}`)) + `"}`, want: 200, taken: "h", sender: "nobody"},
		{name: "more than 1 MiB", path: slack.PathEvents, body: `{"type":"x","x":"` + strings.Repeat("x", 1<<20) + `"}`, want: 413},
		{name: "no JSON", path: slack.PathEvents, body: "hello", want: 200, taken: "h", sender: "nobody"},
		{name: "no form", path: slack.PathInteractive, body: "%zz", want: 200, taken: "h", sender: "nobody"},
		{name: "a form without a payload", path: slack.PathInteractive, body: "a=b", want: 200, taken: "h", sender: "nobody"},
		{name: "a payload that is no JSON", path: slack.PathInteractive, body: form("payload", "{"), want: 200, taken: "h", sender: "nobody"},
		{name: "no command", path: slack.PathCommands, body: "a=b", want: 200, taken: "h", sender: "nobody"},
		{name: "a look at the certificate", path: slack.PathCommands, body: "ssl_check=1&token=x", want: 200},
		{name: "a rate limit", path: slack.PathEvents, body: `{"type":"app_rate_limited","team_id":"T0ELLA0001","minute_rate_limited":1795780800}`, want: 200, taken: "h", sender: "nobody"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inbox.refusing(func(context.Context, bot.Raw) error { return c.refusal })
			before := len(inbox.all())
			r := request(c.path, c.body, now)
			if c.method != "" {
				r.Method = c.method
			}
			w := answered(a, r)
			if w.Code != c.want || w.Body.Len() > 0 && c.want == 200 {
				t.Errorf("it is answered with %d %q, not %d", w.Code, w.Body, c.want)
			}
			got := inbox.all()[before:]
			if c.taken == "" {
				if len(got) > 0 {
					t.Fatalf("it was taken in as %+v", got)
				}
				return
			}
			if len(got) != 1 || !strings.HasPrefix(got[0].Key, c.taken) || got[0].Sender != c.sender || got[0].Account != "one" {
				t.Fatalf("it was taken in as %+v", got)
			}
			u, err := a.Decode(got[0].Body)
			if c.sender == "nobody" != (u.Sender == "") || u.Text != c.text {
				t.Errorf("it is %+v, %v", u, err)
			}
		})
	}
	if again := inbox.all(); again[1].Key != again[2].Key || again[1].Key == again[3].Key {
		t.Error("what comes again has another key, or something else the same")
	}
	if w := answered(a, httptest.NewRequest(http.MethodGet, slack.PathCommands+"?ssl_check=1", http.NoBody)); w.Code != http.StatusOK {
		t.Errorf("a look at the certificate is answered with %d", w.Code)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got := answered(a, request(slack.PathEvents, hello, now)).Code; got != http.StatusServiceUnavailable {
		t.Errorf("when nobody receives any more it answers %d", got)
	}
}

// TestChallenge: whoever sets the address up sees that it is Ella's, also before she
// receives.
func TestChallenge(t *testing.T) {
	a := known(t, frozenAt(now))
	body := `{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}`
	w := answered(a, request(slack.PathEvents, body, now))
	if w.Code != http.StatusOK || w.Body.String() != "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("it is answered with %d %q", w.Code, w.Body)
	}
	r := request(slack.PathEvents, body, now)
	r.Header.Set("X-Slack-Signature", "v0=00")
	if w := answered(a, r); w.Code != http.StatusUnauthorized || w.Body.Len() > 0 {
		t.Errorf("forged, it is answered with %d %q", w.Code, w.Body)
	}
}

// TestSlowDisk: Slack waits for three seconds, and what is answered later it brings again
// anyhow.
func TestSlowDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := known(t, frozenAt(now))
		inbox := &taken{refuse: func(ctx context.Context, _ bot.Raw) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		stop, _ := receiving(t, a, inbox)
		synctest.Wait()
		began := time.Now()
		if got := answered(a, request(slack.PathEvents, hello, now)).Code; got != http.StatusInternalServerError {
			t.Errorf("it is answered with %d", got)
		}
		if took := time.Since(began); took < 2*time.Second || took >= 3*time.Second {
			t.Errorf("after %v", took)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestNoHandlerOverSocketMode: no address is open that is not needed.
func TestNoHandlerOverSocketMode(t *testing.T) {
	a := known(t, func(o *slack.Options) { o.AppToken = appToken })
	if a.Handler() != nil {
		t.Error("there is one")
	}
	if !a.Capabilities().OneReceiver || known(t).Capabilities().OneReceiver {
		t.Error("one process holds the connections of Socket Mode, and several may take requests")
	}
}
