package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
)

// onFakeOAuth sets Ella up for an app that workspaces install, over Socket Mode, without a
// workspace of her own.
func onFakeOAuth(t *testing.T) (fake *slacktest.Server, listen string) {
	t.Helper()
	fake = onFakeSlack(t)
	listen = freeAddress(t)
	id, secret := fake.Client()
	for variable, value := range map[string]string{
		"ELLA_SLACK_BOT_TOKEN": "", "ELLA_SLACK_CLIENT_ID": id, "ELLA_SLACK_CLIENT_SECRET": secret,
		"ELLA_SLACK_PUBLIC_URL": "http://" + listen, "ELLA_LISTEN": listen,
	} {
		t.Setenv(variable, value)
	}
	return fake, listen
}

// browser follows nothing by itself: where it is sent, the test decides.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// opened is what a browser is shown at an address.
func opened(t *testing.T, b *http.Client, address string) (status int, text string, to *url.URL) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := response.Header.Get(header); got != want {
			t.Errorf("%s is %q", header, got)
		}
	}
	if !strings.Contains(response.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("a page may load something")
	}
	to, _ = response.Location()
	return response.StatusCode, string(body), to
}

// install takes a link's way through Slack, whose administrator says yes for a workspace.
func install(t *testing.T, fake *slacktest.Server, link, team, administrator string) (status int, text string) {
	t.Helper()
	b := browser(t)
	status, text, to := opened(t, b, link)
	if status != http.StatusFound {
		return status, text
	}
	asked := to.Query()
	if !strings.HasSuffix(to.Path, "/oauth/v2/authorize") || asked.Get("state") == "" || !strings.Contains(asked.Get("scope"), "chat:write") {
		t.Fatalf("it leads to %s", to)
	}
	status, text, _ = opened(t, b, asked.Get("redirect_uri")+"?"+url.Values{"state": {asked.Get("state")}, "code": {fake.Grant(team, administrator)}}.Encode())
	return status, text
}

// TestServeWorkspaces takes the way of an operator with partners: nobody yet, a link, two
// workspaces, one that takes Ella out and lets her in again, and one that is removed.
func TestServeWorkspaces(t *testing.T) {
	fake, _ := onFakeOAuth(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errout, code := newScreen(), newScreen(), make(chan int, 1)
	go func() { code <- run(ctx, []string{"serve"}, out, errout) }()
	out.find(t, regexp.MustCompile("workspaces can install her by a link"))
	out.find(t, regexp.MustCompile("Ella is running"))

	link := func() string {
		r := ella(t, "accounts", "invite", "slack")
		r.want(t, exitDone, "once, until")
		return regexp.MustCompile(`http://\S+/slack/install\?code=\S+`).FindString(r.out)
	}
	second := fake.AddTeam("Another <Roof>")
	people := []string{fake.AddUser(slacktest.User{Name: "Amina"}), fake.AddUser(slacktest.User{Name: "Bogdan", Team: second})}
	first := link()
	for i, team := range []string{fake.Team(), second} {
		at := first
		if i > 0 {
			at = link()
		}
		status, text := install(t, fake, at, team, people[i])
		if status != http.StatusOK || !strings.Contains(text, "Ella is in the workspace") || strings.Contains(text, "<Roof>") {
			t.Fatalf("it is answered with %d: %s", status, text)
		}
		fake.Say(people[i], "hello")
		pressOnSlack(t, fake, people[i], "English")
	}
	if status, text := install(t, fake, first, second, people[1]); status != http.StatusForbidden || !strings.Contains(text, "not any more") {
		t.Errorf("a used link is answered with %d: %s", status, text)
	}
	r := ella(t, "accounts")
	r.want(t, exitDone, "installed by OAuth", "Fake Workspace", "Another <Roof>", "heard ")
	ella(t, "doctor").want(t, exitFailed, "in the workspace Another <Roof>", "leads to this machine only", "links that can still be used to install her: 0")
	if n := strings.Count(ella(t, "doctor").out, "app token works"); n != 1 {
		t.Errorf("the doctor speaks of one app %d times", n)
	}

	// One takes her out: the other is served on.
	fake.Uninstall(second, true)
	eventually(t, "the end of one", func() bool { return strings.Contains(ella(t, "accounts").out, "off\tno tokens") })
	before := len(fake.Shown(fake.DM(people[0])))
	fake.Say(people[0], "/help")
	eventually(t, "an answer in the other", func() bool { return len(fake.Shown(fake.DM(people[0]))) > before })
	if status, text := install(t, fake, link(), second, people[1]); status != http.StatusOK {
		t.Fatalf("installing again is answered with %d: %s", status, text)
	}
	before = len(fake.Shown(fake.DM(people[1])))
	eventually(t, "that she is there again", func() bool { return !strings.Contains(ella(t, "accounts").out, "\toff\t") })
	fake.Say(people[1], "/help")
	eventually(t, "an answer after it", func() bool { return len(fake.Shown(fake.DM(people[1]))) > before })

	id := regexp.MustCompile(`(?m)^(\S+)\t.*Another`).FindStringSubmatch(ella(t, "accounts").out)[1]
	ella(t, "accounts", "remove", id).want(t, exitUsage, "add --yes")
	ella(t, "accounts", "remove", "nobody", "--yes").want(t, exitUsage, "no account of that ID")
	ella(t, "accounts", "remove", id, "--yes", "--uninstall").want(t, exitDone, "has taken Ella out", "does not serve the workspace")
	errout.find(t, regexp.MustCompile("not served any more|was taken out of a workspace"))

	cancel()
	if got := <-code; got != exitDone {
		t.Errorf("it ends with %d", got)
	}
	_, secret := fake.Client()
	for _, secret := range []string{secret, fake.BotToken(), fake.AppToken(), fake.TokenOf(second), people[0], people[1], "Fake Workspace"} {
		if strings.Contains(out.String()+errout.String(), secret) {
			t.Errorf("%q is told", secret)
		}
	}
	if strings.Contains(r.out+r.err, fake.BotToken()) {
		t.Error("the list holds a token")
	}
	if broken := fake.Breaches(); len(broken) > 0 {
		t.Errorf("Slack's rules are broken: %v", broken)
	}
}

// TestInstallIsRefused: every way in which it may go wrong says what to do, and lets
// nobody in.
func TestInstallIsRefused(t *testing.T) {
	fake, listen := onFakeOAuth(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, code := newScreen(), make(chan int, 1)
	go func() { code <- run(ctx, []string{"serve"}, out, newScreen()) }()
	out.find(t, regexp.MustCompile("Ella is running"))
	admin := fake.AddUser(slacktest.User{Name: "Grace", Admin: true})
	link := regexp.MustCompile(`http://\S+/slack/install\?code=\S+`).FindString(ella(t, "accounts", "invite", "slack").out)
	back := "http://" + listen + "/slack/oauth?"
	state := func(b *http.Client) string {
		_, _, to := opened(t, b, link)
		return to.Query().Get("state")
	}
	with := func(values ...string) string {
		v := url.Values{}
		for i := 0; i < len(values); i += 2 {
			v.Set(values[i], values[i+1])
		}
		return back + v.Encode()
	}
	refused := func(what string, b *http.Client, address string, want string) {
		t.Helper()
		if status, text, _ := opened(t, b, address); status < 400 || !strings.Contains(text, want) {
			t.Errorf("%s is answered with %d: %s", what, status, text)
		}
	}
	refused("no code", browser(t), "http://"+listen+"/slack/install", "not whole")
	refused("a made up code", browser(t), "http://"+listen+"/slack/install?code="+strings.Repeat("A", 26), "does not work")
	refused("from Slack's own page", browser(t), with("code", fake.Grant(fake.Team(), admin)), "Ask whoever runs Ella")
	refused("a made up state", browser(t), with("state", "x", "code", "y"), "another browser")
	refused("another browser", browser(t), with("state", state(browser(t)), "code", fake.Grant(fake.Team(), admin)), "another browser")
	b := browser(t)
	refused("no", b, with("state", state(b), "error", "access_denied"), "did not allow it")
	refused("something else", b, with("state", state(b), "error", "server_error"), "Slack says")
	refused("a made up grant", b, with("state", state(b), "code", "nosuch"), "did not hand over the key")
	used := state(b)
	grant := fake.Grant(fake.Team(), admin)
	if status, text, _ := opened(t, b, with("state", used, "code", grant)); status != http.StatusOK {
		t.Errorf("after all that the link is answered with %d: %s", status, text)
	}
	refused("twice", b, with("state", used, "code", grant), "opened twice")
	cancel()
	if got := <-code; got != exitDone {
		t.Errorf("it ends with %d", got)
	}
}

// TestAddWorkspace adds one with an app of its own beside a running Ella.
func TestAddWorkspace(t *testing.T) {
	fake := onFakeSlack(t)
	t.Setenv("ELLA_SLACK_BOT_TOKEN", "")
	t.Setenv("ELLA_SLACK_APP_TOKEN", "")
	s := serve(t)
	s.errout.find(t, regexp.MustCompile("ella accounts add slack"))
	ella(t, "accounts").want(t, exitDone, "no account yet")
	ella(t, "accounts", "add", "slack").want(t, exitUsage, "no bot token")
	ella(t, "accounts", "invite", "slack").want(t, exitUsage, "can't install Ella yet")
	for name, value := range map[string]string{"bot": fake.BotToken(), "app": fake.AppToken(), "wrong": "xoxb-123456789012-for-tests-only"} {
		if err := os.WriteFile(name, []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ella(t, "accounts", "add", "slack", "--bot-token-file", "wrong", "--app-token-file", "app").want(t, exitUsage, "refused")
	t.Setenv("ELLA_SLACK_APP_TOKEN", fake.AppToken()) // of another app, perhaps
	ella(t, "accounts", "add", "slack", "--bot-token-file", "bot").want(t, exitUsage, "can't receive")
	t.Setenv("ELLA_SLACK_APP_TOKEN", "")
	r := ella(t, "accounts", "add", "slack", "--bot-token-file", "bot", "--app-token-file", "app")
	r.want(t, exitDone, "serves the workspace Fake Workspace")
	eventually(t, "the connections", func() bool { return fake.Connections() == 2 })
	amina := fake.AddUser(slacktest.User{Name: "Amina"})
	fake.Say(amina, "hello")
	pressOnSlack(t, fake, amina, "English")
	ella(t, "accounts").want(t, exitDone, "its own app", "Fake Workspace")
	ella(t, "doctor").want(t, exitFailed, "in the workspace Fake Workspace", "no organisation")
	s.stop().want(t, exitDone, "Stopping")

	// Served again from what is kept, and what was written meanwhile arrives.
	again := serve(t)
	again.out.find(t, regexp.MustCompile("accounts`: 1\n"))
	fake.Say(amina, "/help")
	before := len(fake.Shown(fake.DM(amina)))
	eventually(t, "an answer", func() bool { return len(fake.Shown(fake.DM(amina))) > before })
	fake.Uninstall(fake.Team(), false)
	last := result{<-again.code, again.out.String(), again.errout.String()}
	last.want(t, exitFailed, "every account has stopped", "its tokens are deleted")
	ella(t, "accounts").want(t, exitDone, "off\tno tokens")
	for _, secret := range []string{fake.BotToken(), fake.AppToken()} {
		if strings.Contains(r.out+r.err+last.out+last.err, secret) {
			t.Error("a token is told")
		}
	}
}
