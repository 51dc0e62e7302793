package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ella/adapters/slack/slacktest"
	"ella/storage/storagetest"
)

// TestInstallInABrowser takes the whole way: the link, Slack's own page, and back, with
// the cookies that a browser keeps.
func TestInstallInABrowser(t *testing.T) {
	fake, listen := onFakeOAuth(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errout, code := newScreen(), newScreen(), make(chan int, 1)
	go func() { code <- run(ctx, []string{"serve", "--log", "text,debug"}, out, errout) }()
	out.find(t, regexp.MustCompile("Ella is running"))
	admin := fake.AddUser(slacktest.User{Name: "Grace", Admin: true})
	link := regexp.MustCompile(`http://\S+/slack/install\?code=\S+`).FindString(ella(t, "accounts", "invite", "slack").out)
	back := "http://" + listen + "/slack/oauth"

	var last *http.Request
	follows := func() *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error { last = r; return nil }}
	}
	ends := func(what string, b *http.Client, status int, words string) {
		t.Helper()
		if got, text := follow(t, b, link); got != status || !strings.Contains(text, words) {
			t.Errorf("%s ends with %d: %s", what, got, text)
		}
	}

	// Programs that draw previews, and somebody impatient: they leave the link as it is.
	var wait sync.WaitGroup
	var led atomic.Int32
	for range 100 {
		wait.Go(func() {
			b := browser(t)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
			if err != nil {
				return
			}
			if response, err := b.Do(request); err == nil {
				response.Body.Close()
				if response.StatusCode == http.StatusFound {
					led.Add(1)
				}
			}
		})
	}
	if wait.Wait(); led.Load() != 100 {
		t.Errorf("of 100 at once %d were led to Slack", led.Load())
	}

	fake.RedirectURLs("https://elsewhere.example.org/slack/oauth")
	ends("an address that the app does not name", follows(), http.StatusBadRequest, "bad_redirect_uri")
	breaches := len(fake.Breaches())
	fake.RedirectURLs(back)
	fake.Consents(fake.Team(), admin, false)
	ends("no", follows(), http.StatusBadRequest, "did not allow it")
	fake.Consents(fake.Team(), admin, true)
	b := follows()
	ends("yes", b, http.StatusOK, "Ella is in the workspace Fake Workspace")
	answer := last.URL.String()
	if got, text := follow(t, b, answer); got != http.StatusForbidden || !strings.Contains(text, "opened twice") {
		t.Errorf("the same answer once more ends with %d: %s", got, text)
	}
	ends("a used link", follows(), http.StatusForbidden, "not any more")
	eventually(t, "the connections", func() bool { return fake.Connections() == 2 })
	if got := len(fake.Breaches()); got != breaches {
		t.Errorf("Slack's rules are broken: %v", fake.Breaches()[breaches:])
	}
	_, secret := fake.Client()
	// Also what is in the log of the database, while she runs.
	for name, n := range storagetest.FindInFiles(t, "ella.db", map[string][]byte{"a bot token": []byte("xoxb-"), "an app token": []byte("xapp-"), "the client's secret": []byte(secret), "a name": []byte("Fake Workspace")}) {
		if n > 0 {
			t.Errorf("%s is in the database's files %d times", name, n)
		}
	}
	cancel()
	if got := <-code; got != exitDone {
		t.Errorf("it ends with %d", got)
	}
	told := out.String() + errout.String()
	for name, word := range map[string]string{
		"the link": link[strings.Index(link, "code=")+5:], "the state": last.URL.Query().Get("state"), "Slack's code": last.URL.Query().Get("code"),
		"the client's secret": secret, "a bot token": fake.BotToken(), "an app token": fake.AppToken(), "a workspace's name": "Fake Workspace", "a person": admin,
	} {
		if word == "" || strings.Contains(told, word) {
			t.Errorf("%s is told, or was never there", name)
		}
	}
}

// follow opens an address and goes wherever it leads.
func follow(t *testing.T, b *http.Client, address string) (status int, text string) {
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
	return response.StatusCode, string(body)
}
