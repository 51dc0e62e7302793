package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
)

// onFakeSlack sets Ella up for a fake Slack, over Socket Mode.
func onFakeSlack(t *testing.T) *slacktest.Server {
	t.Helper()
	home(t)
	fake := slacktest.New(t, slacktest.Options{})
	t.Setenv("ELLA_SLACK_BOT_TOKEN", fake.BotToken())
	t.Setenv("ELLA_SLACK_APP_TOKEN", fake.AppToken())
	t.Setenv("ELLA_SLACK_API_URL", fake.APIURL())
	return fake
}

// pressOnSlack waits for a button whose label begins so below the last message of a
// person's conversation, and presses it.
func pressOnSlack(t *testing.T, fake *slacktest.Server, user, label string) {
	t.Helper()
	var last slacktest.Message
	n := -1
	eventually(t, "the button "+label, func() bool {
		if all := fake.Shown(fake.DM(user)); len(all) > 0 {
			last = all[len(all)-1]
			n = slices.IndexFunc(last.Presses(), func(b slacktest.Button) bool { return strings.HasPrefix(b.Text, label) })
		}
		return n >= 0
	})
	fake.Press(user, last, n)
}

func readsOnSlack(fake *slacktest.Server, user, words string) func() bool {
	return func() bool {
		return slices.ContainsFunc(fake.Shown(fake.DM(user)), func(m slacktest.Message) bool { return strings.Contains(m.Text, words) })
	}
}

// TestServeOnSlack takes the way of an operator: tokens, serve, an invitation, the first
// organiser, the doctor, and a Slack that goes away.
func TestServeOnSlack(t *testing.T) {
	fake := onFakeSlack(t)
	s := serve(t)
	s.out.find(t, regexp.MustCompile("Ella on Slack: in the workspace Fake Workspace\n"))
	// Slack tells whoever gives a command that nobody is there, and brings it to nobody later.
	eventually(t, "a connection", func() bool { return fake.Connections() > 0 })

	invited := ella(t, "invite", "organiser", "--organisation", "Another Roof")
	invited.want(t, exitDone, "/ella join ")
	code := regexp.MustCompile(`/ella (join \S+)`).FindStringSubmatch(invited.out)[1]
	grace := fake.AddUser(slacktest.User{Name: "Grace", Locale: "en-GB"})
	fake.Command(grace, "", "/ella", code)
	for _, label := range []string{"English", "Yes, that is all right", "Yes, please", "Yes, I want that"} {
		pressOnSlack(t, fake, grace, label)
	}
	eventually(t, "the role", readsOnSlack(fake, grace, "an organiser of"))
	if n := fake.Warnings(grace); n > 0 {
		t.Errorf("she was shown %d warnings", n)
	}

	ella(t, "doctor").want(t, exitDone, "bot token works, in the workspace Fake Workspace", "may do all that Ella needs", "app token works (Socket Mode)", "/ella")
	t.Setenv("ELLA_SLACK_BOT_TOKEN", "")
	t.Setenv("ELLA_SLACK_APP_TOKEN", "")
	ella(t, "doctor").want(t, exitDone, "Slack: not configured")
	t.Setenv("ELLA_SLACK_BOT_TOKEN", fake.BotToken())
	t.Setenv("ELLA_SLACK_APP_TOKEN", fake.AppToken())
	fake.SetScopes(fake.Team(), "chat:write")
	ella(t, "doctor").want(t, exitFailed, "lacks scopes: app_mentions:read", "manifest")
	fake.SetScopes(fake.Team(), slacktest.AllScopes()...)

	broken := fake.Breaches()
	fake.Close()
	if got := get(t, "http://"+s.address+"/readyz"); got != "ready\n" {
		t.Errorf("while Slack is out of reach /readyz is %q", got)
	}
	ella(t, "doctor").want(t, exitFailed, "Slack can't be reached", "ELLA_SLACK_API_URL")
	s.stop().want(t, exitDone, "Stopping")
	// Who she is, is known from before, so she starts all the same.
	again := serve(t)
	again.errout.find(t, regexp.MustCompile("going on as at the last start"))
	r := again.stop()
	r.want(t, exitDone, "Ella on Slack: in the workspace Fake Workspace")
	for _, secret := range []string{fake.BotToken(), fake.AppToken(), grace} {
		if strings.Contains(r.out+r.err+s.errout.String(), secret) {
			t.Error("a token or a person is told")
		}
	}
	if len(broken) > 0 {
		t.Errorf("Slack's rules are broken: %v", broken)
	}
}

// TestServeWhenSlackRefuses: at the start, and later.
func TestServeWhenSlackRefuses(t *testing.T) {
	fake := onFakeSlack(t)
	s := serve(t)
	eventually(t, "the connections", func() bool { return fake.Connections() == 2 })
	fake.Uninstall(fake.Team(), true)
	r := result{<-s.code, s.out.String(), s.errout.String()}
	r.want(t, exitFailed, "every account has stopped", "install her again")
	ella(t, "serve", "--listen", "127.0.0.1:0").want(t, exitUsage, "ELLA_SLACK_BOT_TOKEN", "refused", "Bot User OAuth Token")
	ella(t, "doctor").want(t, exitFailed, "the bot token is refused", "Bot User OAuth Token")
}

// TestServeWithoutSlackAtFirst: while Slack can't be reached nobody knows which workspace
// it is; whoever gives up must be able to.
func TestServeWithoutSlackAtFirst(t *testing.T) {
	fake := onFakeSlack(t)
	fake.Close()
	ctx, cancel := context.WithCancel(t.Context())
	errout, code := newScreen(), make(chan int, 1)
	var out bytes.Buffer
	go func() { code <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0"}, &out, errout) }()
	errout.find(t, regexp.MustCompile("can't be reached"))
	cancel()
	if got := <-code; got != exitDone {
		t.Errorf("it ends with %d: %s", got, errout)
	}
}

// TestServeSlackOverHTTP lets Slack bring what happens, through a proxy as in front of
// any Ella on the internet.
func TestServeSlackOverHTTP(t *testing.T) {
	fake := onFakeSlack(t)
	listen := freeAddress(t)
	proxy := httptest.NewServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: listen}))
	t.Cleanup(proxy.Close)
	if err := os.WriteFile("secret", []byte(fake.SigningSecret()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ELLA_SLACK_APP_TOKEN", "")
	t.Setenv("ELLA_SLACK_SIGNING_SECRET_FILE", "secret")
	t.Setenv("ELLA_LISTEN", listen)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errout, code := newScreen(), newScreen(), make(chan int, 1)
	go func() { code <- run(ctx, []string{"serve"}, out, errout) }()
	out.find(t, regexp.MustCompile("Ella is running"))
	urls := slacktest.RequestURLs{Events: proxy.URL + "/slack/events", Interactions: proxy.URL + "/slack/interactive", Commands: proxy.URL + "/slack/commands"}
	if err := fake.UseRequestURLs(t.Context(), urls); err != nil {
		t.Fatal(err)
	}
	if !fake.SSLCheck(t.Context()) {
		t.Error("a look at the certificate is refused")
	}
	amina := fake.AddUser(slacktest.User{Name: "Amina", Locale: "en-US"})
	fake.Say(amina, "مرحبا")
	pressOnSlack(t, fake, amina, "English")
	eventually(t, "the first question", readsOnSlack(fake, amina, "Ella"))
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone, "/ella join")
	ella(t, "doctor").want(t, exitDone, "/slack/events", "(HTTP)")
	cancel()
	if got := <-code; got != exitDone {
		t.Errorf("it ends with %d: %s%s", got, out, errout)
	}
	if broken := fake.Breaches(); len(broken) > 0 || fake.Warnings(amina) > 0 {
		t.Errorf("Slack's rules are broken: %v; or a warning was shown", broken)
	}
}

// TestSlackFaults: all that is wrong, at once, with what to do, and no secret in it.
func TestSlackFaults(t *testing.T) {
	const token, app = "xoxb-123456789012-for-tests-only", "xapp-1-A0-123-for-tests-only"
	for name, c := range map[string]struct {
		set  map[string]string
		want []string
	}{
		"no bot token":              {map[string]string{"BOT_TOKEN": "hunter2", "APP_TOKEN": app}, []string{"ELLA_SLACK_BOT_TOKEN is no bot token", "xoxb-"}},
		"tokens changed":            {map[string]string{"BOT_TOKEN": app, "APP_TOKEN": token}, []string{"ELLA_SLACK_BOT_TOKEN is no bot token", "ELLA_SLACK_APP_TOKEN is no app token"}},
		"token twice":               {map[string]string{"BOT_TOKEN": token, "BOT_TOKEN_FILE": "x", "APP_TOKEN": app}, []string{"ELLA_SLACK_BOT_TOKEN_FILE are both set"}},
		"no such file":              {map[string]string{"BOT_TOKEN": token, "APP_TOKEN_FILE": "nosuch"}, []string{"ELLA_SLACK_APP_TOKEN_FILE=nosuch can't be read"}},
		"no way to receive":         {map[string]string{"BOT_TOKEN": token}, []string{"Ella can't receive", "ELLA_SLACK_APP_TOKEN", "ELLA_SLACK_SIGNING_SECRET"}},
		"no bot":                    {map[string]string{"APP_TOKEN": app}, []string{"ELLA_SLACK_BOT_TOKEN is not"}},
		"half of an app to install": {map[string]string{"APP_TOKEN": app, "CLIENT_ID": "1.2"}, []string{"ELLA_SLACK_CLIENT_SECRET and ELLA_SLACK_PUBLIC_URL not set"}},
		"an app that hears nothing": {map[string]string{"CLIENT_ID": "1.2", "CLIENT_SECRET": "hunter2", "PUBLIC_URL": "https://ella.example.org"}, []string{"ELLA_SLACK_CLIENT_ID is set and Ella can't receive"}},
		"no client, a path, no tls": {map[string]string{"APP_TOKEN": app, "CLIENT_ID": "hunter2", "CLIENT_SECRET": "hunter2", "PUBLIC_URL": "http://ella.example.org/x"}, []string{"ELLA_SLACK_CLIENT_ID is no client ID", "ELLA_SLACK_PUBLIC_URL begins with http://"}},
		"both ways":                 {map[string]string{"BOT_TOKEN": token, "APP_TOKEN": app, "SIGNING_SECRET": "hunter2"}, []string{"both set, and Slack delivers one way only"}},
		"api without tls":           {map[string]string{"BOT_TOKEN": token, "APP_TOKEN": app, "API_URL": "http://api.example.org"}, []string{"ELLA_SLACK_API_URL", "use https://"}},
		"a command of none":         {map[string]string{"BOT_TOKEN": token, "APP_TOKEN": app, "COMMAND": "ella"}, []string{`ELLA_SLACK_COMMAND="ella" is no command`}},
		"a command of spaces":       {map[string]string{"BOT_TOKEN": token, "APP_TOKEN": app, "COMMAND": "/el la"}, []string{"is no command"}},
		"a rate of none":            {map[string]string{"BOT_TOKEN": token, "APP_TOKEN": app, "RATE": "-1"}, []string{"ELLA_SLACK_RATE=-1"}},
		"all of it": {
			map[string]string{"BOT_TOKEN": "hunter2", "SIGNING_SECRET_FILE": "nosuch", "COMMAND": "/", "RATE": "NaN", "API_URL": "ftp://x"},
			[]string{"is no bot token", "nosuch can't be read", "is no command", "ELLA_SLACK_RATE", "ELLA_SLACK_API_URL"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			for variable, value := range c.set {
				t.Setenv("ELLA_SLACK_"+variable, value)
			}
			r := ella(t, "serve", "--listen", "nowhere")
			r.want(t, exitUsage, append(c.want, `ELLA_LISTEN="nowhere"`)...)
			for _, secret := range []string{"hunter2", token, app} {
				if strings.Contains(r.out+r.err, secret) {
					t.Errorf("a secret is told:\n%s%s", r.out, r.err)
				}
			}
			ella(t, "doctor").want(t, exitUsage, c.want...)
		})
	}
}

// TestServeHelpForSlack names every variable.
func TestServeHelpForSlack(t *testing.T) {
	home(t)
	var all []string
	for _, name := range []string{"BOT_TOKEN", "BOT_TOKEN_FILE", "APP_TOKEN", "APP_TOKEN_FILE", "SIGNING_SECRET", "SIGNING_SECRET_FILE", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_SECRET_FILE", "PUBLIC_URL", "API_URL", "COMMAND", "RATE"} {
		all = append(all, fmt.Sprintf("$ELLA_SLACK_%s)", name))
	}
	ella(t, "serve", "--help").want(t, exitDone, all...)
}
