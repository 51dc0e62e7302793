package slacktest_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"ella/adapters/slack/slacktest"
)

// TestAuthorize goes through the page that asks an administrator.
func TestAuthorize(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	id, secret := c.s.Client()
	team := c.s.AddTeam("Other Workspace")
	admin := c.s.AddUser(slacktest.User{Admin: true, Team: team})
	const back = "https://ella.example.org/slack/oauth"
	c.s.RedirectURLs("https://ella.example.org/slack")
	visit := func(change ...string) (status int, answer url.Values) {
		t.Helper()
		asked := url.Values{"client_id": {id}, "scope": {"chat:write,commands"}, "state": {"s1"}, "redirect_uri": {back}}
		for i := 0; i < len(change); i += 2 {
			asked.Set(change[i], change[i+1])
		}
		browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.s.URL()+"/oauth/v2/authorize?"+asked.Encode(), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		w, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		to, err := url.Parse(w.Header.Get("Location"))
		if err != nil || to.Host != "" && to.Host != "ella.example.org" {
			t.Errorf("it leads to %q", to)
		}
		return w.StatusCode, to.Query()
	}
	if status, _ := visit(); status != http.StatusOK {
		t.Errorf("before anybody signed in it is %d", status)
	}
	c.s.Consents(team, admin, true)
	for _, wrong := range [][]string{{"client_id", "1.2"}, {"scope", ""}, {"redirect_uri", "https://evil.example/slack/oauth"}, {"redirect_uri", "https://ella.example.org/slackers"}, {"redirect_uri", ""}} {
		if status, got := visit(wrong...); status != http.StatusBadRequest || len(got) > 0 {
			t.Errorf("with %q it is %d, %v", wrong, status, got)
		}
	}
	status, got := visit()
	if status != http.StatusFound || got.Get("state") != "s1" || got.Get("code") == "" {
		t.Fatalf("a yes is %d, %v", status, got)
	}
	access := func(change ...string) answer {
		args := url.Values{"client_id": {id}, "client_secret": {secret}, "code": {got.Get("code")}, "redirect_uri": {back}}
		for i := 0; i < len(change); i += 2 {
			args.Set(change[i], change[i+1])
		}
		var flat []string
		for name := range args {
			flat = append(flat, name, args.Get(name))
		}
		return c.form("oauth.v2.access", flat...)
	}
	c.refused(access("redirect_uri", "https://ella.example.org/slack/other"), "bad_redirect_uri")
	c.refused(access("code", "another"), "invalid_code")
	c.refused(access("client_secret", "another"), "bad_client_secret")
	given := c.must(access())
	if given.str("team", "id") != team || given.str("authed_user", "id") != admin || given.str("access_token") != c.s.TokenOf(team) {
		t.Errorf("it gives %s", given.body)
	}
	c.refused(access(), "invalid_code")
	c.s.Consents(team, admin, false)
	if _, got := visit("state", "s2"); got.Get("error") != "access_denied" || got.Get("state") != "s2" || got.Has("code") {
		t.Errorf("a no is %v", got)
	}
	c.broke(slices.Repeat([]slacktest.Rule{slacktest.RuleArgument}, 5)...)
}
