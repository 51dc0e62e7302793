package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
	"ella/storage"
)

// serving is `ella serve` in this process.
type serving struct {
	cancel      context.CancelFunc
	out, errout *screen
	code        chan int
	address     string // of /readyz
}

func serve(t *testing.T) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &serving{cancel: cancel, out: newScreen(), errout: newScreen(), code: make(chan int, 1)}
	go func() { s.code <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0"}, s.out, s.errout) }()
	t.Cleanup(cancel)
	s.address = s.out.find(t, regexp.MustCompile(`http://(\S+)/readyz`))[1]
	return s
}

func (s *serving) stop() result {
	s.cancel()
	return result{<-s.code, s.out.String(), s.errout.String()}
}

// onFake sets Ella up for a fake Telegram.
func onFake(t *testing.T) *telegramtest.Server {
	t.Helper()
	home(t)
	fake := telegramtest.New(t, telegramtest.Options{Name: "helper"})
	t.Setenv("ELLA_TELEGRAM_TOKEN", fake.Token())
	t.Setenv("ELLA_TELEGRAM_API_URL", fake.URL())
	return fake
}

// answered waits for a message of Ella's that is new in a chat.
func answered(t *testing.T, fake *telegramtest.Server, chat int64, before int) telegramtest.Message {
	t.Helper()
	eventually(t, "an answer", func() bool { return len(fake.Shown(chat)) > before })
	all := fake.Shown(chat)
	return all[len(all)-1]
}

// pressOn waits for a button whose label begins so below the last message of a chat,
// and presses it.
func pressOn(t *testing.T, fake *telegramtest.Server, user int64, label string) {
	t.Helper()
	var last telegramtest.Message
	n := -1
	eventually(t, "the button "+label, func() bool {
		if all := fake.Shown(user); len(all) > 0 {
			last = all[len(all)-1]
			n = slices.IndexFunc(last.Presses(), func(b telegramtest.Button) bool { return strings.HasPrefix(b.Text, label) })
		}
		return n >= 0
	})
	fake.Press(user, last, n)
}

// TestServeOnTelegram takes the way of an operator: token, serve, an invitation's
// link, the first organiser, the doctor, and a Telegram that goes away.
func TestServeOnTelegram(t *testing.T) {
	fake := onFake(t)
	s := serve(t)
	s.out.find(t, regexp.MustCompile("Ella on Telegram: https://t.me/"+fake.Username()+"\n"))

	invited := ella(t, "invite", "organiser", "--organisation", "Another Roof")
	invited.want(t, exitDone, "/join ", "https://t.me/"+fake.Username()+"?start=j")
	payload := regexp.MustCompile(`\?start=(\S+)`).FindStringSubmatch(invited.out)[1]
	grace := fake.AddUser(telegramtest.User{FirstName: "Grace", Language: "en"})
	fake.Start(grace, payload)
	for _, label := range []string{"English", "Yes, that is all right", "Yes, please", "Yes, I want that"} {
		pressOn(t, fake, grace, label)
	}
	eventually(t, "the role", func() bool {
		return slices.ContainsFunc(fake.Shown(grace), func(m telegramtest.Message) bool { return strings.Contains(m.Text, "an organiser of") })
	})

	eventually(t, "how she looks", func() bool { return len(fake.Commands("all_group_chats", "uk")) > 0 })
	for _, language := range []string{"", "ar", "en", "pl", "uk"} {
		if menu := fake.Commands("all_private_chats", language); !slices.ContainsFunc(menu, func(c telegramtest.Command) bool { return c.Command == "stop" && c.Description != "" }) {
			t.Errorf("in %q members see the commands %v", language, menu)
		}
	}
	if fake.NameIn("") != "Ella" || !strings.Contains(fake.ShortDescriptionIn("ar"), "بلغتكم") || !strings.Contains(fake.DescriptionIn("pl"), "jestem Ella") {
		t.Errorf("she looks like %q, %q, %q", fake.NameIn(""), fake.ShortDescriptionIn("ar"), fake.DescriptionIn("pl"))
	}

	ella(t, "doctor").want(t, exitDone, "the token works", "https://t.me/"+fake.Username(), "long polling", "clock is right", "last heard Telegram")
	if n := fake.Conflicts(); n > 0 {
		t.Errorf("the doctor or the invitation took over receiving %d times", n)
	}
	// Without the token the name is known from before.
	t.Setenv("ELLA_TELEGRAM_TOKEN", "")
	ella(t, "invite", "organiser").want(t, exitDone, "https://t.me/"+fake.Username()+"?start=j")
	ella(t, "doctor").want(t, exitDone, "Telegram: not configured")
	t.Setenv("ELLA_TELEGRAM_TOKEN", fake.Token())

	fake.Close()
	if got := get(t, "http://"+s.address+"/readyz"); got != "ready\n" {
		t.Errorf("while Telegram is out of reach /readyz is %q", got)
	}
	ella(t, "doctor").want(t, exitFailed, "Telegram can't be reached", "ELLA_TELEGRAM_API_URL")
	// Who she is, is known from before, so she starts all the same.
	s.stop().want(t, exitDone, "Stopping")
	again := serve(t)
	again.errout.find(t, regexp.MustCompile("going on as at the last start"))
	r := again.stop()
	r.want(t, exitDone, "Ella on Telegram: https://t.me/"+fake.Username())
	if strings.Contains(r.out+r.err, fake.Token()) {
		t.Error("the token is told")
	}
	if broken := fake.Breaches(); len(broken) > 0 {
		t.Errorf("Telegram's rules are broken: %v", broken)
	}
}

// TestServeWhenTheTokenIsRefused: at the start, and later.
func TestServeWhenTheTokenIsRefused(t *testing.T) {
	fake := onFake(t)
	s := serve(t)
	eventually(t, "that she asks", fake.Polling)
	fake.Revoke()
	r := result{<-s.code, s.out.String(), s.errout.String()}
	r.want(t, exitFailed, "every account has stopped", "@BotFather")
	ella(t, "serve", "--listen", "127.0.0.1:0").want(t, exitUsage, "ELLA_TELEGRAM_TOKEN", "refused", "@BotFather")
	ella(t, "doctor").want(t, exitFailed, "the token is refused", "@BotFather")
	// An invitation does not need Telegram.
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone, "/join ")
}

// TestServeInterruptedAtFirstStart: while Telegram can't be reached nobody knows who
// the bot is; whoever gives up must be able to.
func TestServeInterruptedAtFirstStart(t *testing.T) {
	fake := onFake(t)
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

// TestServeByWebhook lets Telegram bring updates, through a proxy as in front of any
// Ella on the internet.
func TestServeByWebhook(t *testing.T) {
	fake := onFake(t)
	listen := freeAddress(t)
	through := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: listen})
	through.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	proxy := httptest.NewServer(through)
	t.Cleanup(proxy.Close)
	secret := strings.Repeat("s3cret_-", 8)
	if err := os.WriteFile("secret", []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ELLA_LISTEN", listen)
	t.Setenv("ELLA_TELEGRAM_WEBHOOK_URL", proxy.URL+"/telegram")
	t.Setenv("ELLA_TELEGRAM_WEBHOOK_SECRET_FILE", "secret")
	person := fake.AddUser(telegramtest.User{FirstName: "Amina", Language: "ar"})
	fake.Say(person, "مرحبا") // waits there

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errout, code := newScreen(), newScreen(), make(chan int, 1)
	go func() { code <- run(ctx, []string{"serve"}, out, errout) }()
	answered(t, fake, person, 0)
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone)
	ella(t, "doctor").want(t, exitDone, "brings updates to ELLA_TELEGRAM_WEBHOOK_URL", "last heard Telegram")
	for name, status := range map[string]int{"": http.StatusUnauthorized, "another": http.StatusUnauthorized, secret: http.StatusOK} {
		if got := bring(t, proxy.URL+"/telegram", name); got != status {
			t.Errorf("with the secret %q the webhook answers %d", name, got)
		}
	}
	t.Setenv("ELLA_TELEGRAM_WEBHOOK_URL", "https://ella.example.org/telegram")
	ella(t, "doctor").want(t, exitFailed, "another address than ELLA_TELEGRAM_WEBHOOK_URL")
	cancel()
	if got := <-code; got != exitDone {
		t.Errorf("it ends with %d: %s%s", got, out, errout)
	}
	if strings.Contains(out.String()+errout.String(), secret) {
		t.Error("the secret is told")
	}
	// What is said now waits for the one who polls.
	fake.Say(person, "هل من أحد؟")
	before := len(fake.Shown(person))
	for _, name := range []string{"ELLA_TELEGRAM_WEBHOOK_URL", "ELLA_TELEGRAM_WEBHOOK_SECRET_FILE"} {
		t.Setenv(name, "")
	}
	ella(t, "doctor").want(t, exitFailed, "a webhook that this configuration does not name")
	s := serve(t)
	answered(t, fake, person, before)
	s.stop().want(t, exitDone)
	if broken := fake.Breaches(); len(broken) > 0 {
		t.Errorf("Telegram's rules are broken: %v", broken)
	}
}

// bring posts an update that says nothing.
func bring(t *testing.T, to, secret string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(`{"update_id":1}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	w.Body.Close()
	return w.StatusCode
}

// TestTelegramFaults: all that is wrong, at once, with what to do, and no secret in it.
func TestTelegramFaults(t *testing.T) {
	const token = "123456789:AAtests-only_tests-only_tests-only_00"
	for name, c := range map[string]struct {
		set  map[string]string
		want []string
	}{
		"no token":            {map[string]string{"TOKEN": "hunter2"}, []string{"ELLA_TELEGRAM_TOKEN is no token", "@BotFather"}},
		"half a token":        {map[string]string{"TOKEN": "123456789:hunter2"}, []string{"ELLA_TELEGRAM_TOKEN is no token"}},
		"token twice":         {map[string]string{"TOKEN": token, "TOKEN_FILE": "x"}, []string{"ELLA_TELEGRAM_TOKEN_FILE are both set"}},
		"no such file":        {map[string]string{"TOKEN_FILE": "nosuch"}, []string{"ELLA_TELEGRAM_TOKEN_FILE=nosuch can't be read", "check the path"}},
		"empty file":          {map[string]string{"TOKEN_FILE": "empty"}, []string{"ELLA_TELEGRAM_TOKEN_FILE=empty is empty"}},
		"api without tls":     {map[string]string{"TOKEN": token, "API_URL": "http://api.example.org"}, []string{"ELLA_TELEGRAM_API_URL", "use https://"}},
		"no api":              {map[string]string{"TOKEN": token, "API_URL": "api.telegram.org"}, []string{"ELLA_TELEGRAM_API_URL is no address"}},
		"api with a password": {map[string]string{"TOKEN": token, "API_URL": "https://u:hunter2@example.org"}, []string{"ELLA_TELEGRAM_API_URL is no address"}},
		"a rate of none":      {map[string]string{"TOKEN": token, "RATE": "-1"}, []string{"ELLA_TELEGRAM_RATE=-1", "0 to 1000"}},
		"not a rate":          {map[string]string{"TOKEN": token, "RATE": "NaN"}, []string{"ELLA_TELEGRAM_RATE", "0 to 1000"}},
		"a rate of words":     {map[string]string{"TOKEN": token, "RATE": "fast"}, []string{"fast"}},
		"webhook, no secret":  {map[string]string{"TOKEN": token, "WEBHOOK_URL": "https://ella.example.org/telegram"}, []string{"ELLA_TELEGRAM_WEBHOOK_SECRET is not set", "openssl rand -hex 32"}},
		"secret, no webhook":  {map[string]string{"TOKEN": token, "WEBHOOK_SECRET": "hunter2"}, []string{"ELLA_TELEGRAM_WEBHOOK_URL is not"}},
		"webhook, no token":   {map[string]string{"WEBHOOK_URL": "https://ella.example.org/telegram", "WEBHOOK_SECRET": "hunter2"}, []string{"ELLA_TELEGRAM_TOKEN is not"}},
		"all of it": {
			map[string]string{"TOKEN": "hunter2", "WEBHOOK_URL": "http://ella.example.org:8080", "WEBHOOK_SECRET": "hunter2 ", "RATE": "1e9"},
			[]string{"ELLA_TELEGRAM_TOKEN is no token", "use https://", "Telegram takes 1 to 256", "ELLA_TELEGRAM_RATE"},
		},
		"webhook without a path":    {map[string]string{"TOKEN": token, "WEBHOOK_URL": "https://ella.example.org", "WEBHOOK_SECRET": "hunter2"}, []string{"needs a path of its own"}},
		"webhook with braces":       {map[string]string{"TOKEN": token, "WEBHOOK_URL": "https://ella.example.org/{x}", "WEBHOOK_SECRET": "hunter2"}, []string{"needs a path of its own"}},
		"webhook at the health":     {map[string]string{"TOKEN": token, "WEBHOOK_URL": "https://ella.example.org/healthz", "WEBHOOK_SECRET": "hunter2"}, []string{"needs a path of its own"}},
		"webhook at an odd port":    {map[string]string{"TOKEN": token, "WEBHOOK_URL": "https://ella.example.org:8080/telegram", "WEBHOOK_SECRET": "hunter2"}, []string{"port 8080", "8443"}},
		"a secret that can't be":    {map[string]string{"TOKEN": token, "WEBHOOK_URL": "https://ella.example.org/telegram", "WEBHOOK_SECRET": "hunter2!"}, []string{"Telegram takes 1 to 256"}},
		"a secret that is too long": {map[string]string{"TOKEN": token, "WEBHOOK_URL": "https://ella.example.org/telegram", "WEBHOOK_SECRET": strings.Repeat("hunter2", 40)}, []string{"Telegram takes 1 to 256"}},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			if err := os.WriteFile("empty", []byte(" \n"), 0o600); err != nil {
				t.Fatal(err)
			}
			for variable, value := range c.set {
				t.Setenv("ELLA_TELEGRAM_"+variable, value)
			}
			r := ella(t, "serve", "--listen", "nowhere")
			want := c.want
			if c.set["RATE"] != "fast" { // that is found before anything else is looked at
				want = append(want, `ELLA_LISTEN="nowhere"`)
			}
			r.want(t, exitUsage, want...)
			if said := r.out + r.err; strings.Contains(said, "hunter2") || strings.Contains(said, token) {
				t.Errorf("a secret is told:\n%s", said)
			}
		})
	}
}

// TestServeHelp names every variable.
func TestServeHelp(t *testing.T) {
	home(t)
	var all []string
	for _, name := range []string{"TOKEN", "TOKEN_FILE", "API_URL", "WEBHOOK_URL", "WEBHOOK_SECRET", "WEBHOOK_SECRET_FILE", "RATE"} {
		all = append(all, fmt.Sprintf("$ELLA_TELEGRAM_%s)", name))
	}
	ella(t, "serve", "--help").want(t, exitDone, all...)
}

// TestDoctorKnowsLongSilence: an Ella that hears nobody is what the doctor is asked
// about most.
func TestDoctorKnowsLongSilence(t *testing.T) {
	fake := onFake(t)
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone, "https://t.me/"+fake.Username()+"?start=j")
	ella(t, "doctor").want(t, exitFailed, "never heard Telegram", "ella serve")
	s := serve(t)
	eventually(t, "that she asks", fake.Polling)
	s.stop().want(t, exitDone)
	ella(t, "doctor").want(t, exitDone, "last heard Telegram")
	db := openFound(t)
	accounts, err := db.Accounts(t.Context(), platformTelegram)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("there are %v, %v", accounts, err)
	}
	long := fmt.Appendf(nil, "%d", time.Now().Add(-time.Hour).UnixMilli())
	if err := db.Shelf().Put(t.Context(), accounts[0].ID, map[string][]byte{"heard": long}); err != nil {
		t.Fatal(err)
	}
	ella(t, "doctor").want(t, exitFailed, "last heard Telegram 1h0m", "150 seconds")
}

// openFound opens the database that the command line made.
func openFound(t *testing.T) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{URL: "ella.db", KeyFile: filepath.Join("config", "ella", "ella.key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
