package slack_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ella/adapters/slack"
)

// TestExchange takes a bot token of one workspace, and nothing else.
func TestExchange(t *testing.T) {
	const good = `{"ok":true,"access_token":"xoxb-123456789012-for-tests-only","token_type":"bot","team":{"id":"T0ELLA0001","name":"Another Roof"},"enterprise":null,"is_enterprise_install":false}`
	for name, c := range map[string]struct {
		from, to string // what is another in the answer
		want     error  // nil: any
		works    bool
	}{
		"one workspace":           {works: true},
		"one workspace of a Grid": {from: `"enterprise":null`, to: `"enterprise":{"id":"E0GRID0001","name":"Grid"}`, works: true},
		"a whole Grid":            {from: `"is_enterprise_install":false`, to: `"is_enterprise_install":true`, want: slack.ErrWholeGrid},
		"no workspace":            {from: `{"id":"T0ELLA0001","name":"Another Roof"}`, to: `null`, want: slack.ErrWholeGrid},
		"somebody's own token":    {from: `"token_type":"bot"`, to: `"token_type":"user"`},
		"a token of another kind": {from: `xoxb-`, to: `xoxp-`},
		"an id of a strange form": {from: `T0ELLA0001`, to: `../T0ELLA`},
		"a used code":             {from: good, to: `{"ok":false,"error":"invalid_code"}`},
	} {
		t.Run(name, func(t *testing.T) {
			o := slack.OAuth{ClientID: "1.2", ClientSecret: "secret0of0the0client", Redirect: "https://ella.example.org/slack/oauth", Transport: scripted{answer: func(method string, r *http.Request) (int, string) {
				if method != "oauth.v2.access" || strings.Contains(r.URL.RawQuery, "secret") || r.FormValue("redirect_uri") == "" {
					t.Errorf("it asks %s?%s", method, r.URL.RawQuery)
				}
				return 200, strings.Replace(good, c.from, c.to, 1)
			}}}
			in, err := o.Exchange(t.Context(), "code0of0slack")
			if c.works {
				if err != nil || in.ID != "T0ELLA0001" || in.Name != "Another Roof" || in.BotToken != botToken {
					t.Errorf("it is %v", err)
				}
				return
			}
			if err == nil || c.want != nil && !errors.Is(err, c.want) || in.BotToken != "" {
				t.Fatalf("it is %v", err)
			}
			for _, secret := range []string{"secret0of0the0client", "code0of0slack", botToken} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %q", secret)
				}
			}
		})
	}
}

// TestTakenOutWhileDown: Slack can't be reached when Ella comes back, and by then says
// that she is not in the workspace any more. Nobody tells her by an event.
func TestTakenOutWhileDown(t *testing.T) {
	for code, ended := range map[string]bool{"account_inactive": true, "token_revoked": true, "invalid_auth": false} {
		t.Run(code, func(t *testing.T) {
			kept := &shelf{}
			known(t, func(o *slack.Options) { o.Shelf = kept })
			calls := 0
			away := scripted{answer: func(string, *http.Request) (int, string) {
				if calls++; calls == 1 {
					return 0, ""
				}
				return 200, `{"ok":false,"error":"` + code + `"}`
			}}
			a := known(t, func(o *slack.Options) { o.Shelf, o.Transport = kept, away })
			err := a.Receive(t.Context(), &taken{})
			if err == nil || slack.Ended(err) != ended || !errors.Is(err, slack.ErrRefused) {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}

// TestAppIsLetGo: with its last workspace an app's secret goes, unless it is that of the
// configuration.
func TestAppIsLetGo(t *testing.T) {
	apps := &slack.Apps{}
	own, err := apps.Own(slack.Options{SigningSecret: "0123456789abcdef0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	const partners = "fedcba9876543210fedcba9876543210"
	theirs, err := apps.Of(slack.Options{SigningSecret: partners})
	if err != nil {
		t.Fatal(err)
	}
	bring := func(secret string) int {
		w := httptest.NewRecorder()
		apps.Handler().ServeHTTP(w, signedRequest(secret, hello))
		return w.Code
	}
	a := known(t, func(o *slack.Options) { o.App = theirs })
	if got := bring(partners); got != http.StatusServiceUnavailable {
		t.Errorf("before it receives it answers %d", got)
	}
	a.Close()
	if got := bring(partners); got != http.StatusUnauthorized {
		t.Errorf("a secret that is not served any more is answered with %d", got)
	}
	known(t, func(o *slack.Options) { o.App = own }).Close()
	if got := bring("0123456789abcdef0123456789abcdef"); got != http.StatusOK {
		t.Errorf("the configured app without a workspace answers %d", got)
	}
}
