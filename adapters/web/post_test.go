package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot"
)

// post sends one POST and returns its status and its refusal, if it is one.
func post(t *testing.T, url, body string, change ...func(*http.Request)) (int, web.Refusal) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for _, c := range change {
		c(r)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	var told web.Refusal
	if err := json.NewDecoder(w.Body).Decode(&told); err != nil {
		t.Fatalf("%d without JSON: %v", w.StatusCode, err)
	}
	return w.StatusCode, told
}

func TestPostRefuses(t *testing.T) {
	s := play(t)
	key := `{"key":"12345678-abcd",`
	for name, c := range map[string]struct {
		path, body string
		status     int
		words      string
	}{
		"no JSON":              {"member/text", `hello`, 400, "web.error.input"},
		"nothing":              {"member/text", ``, 400, "web.error.input"},
		"two values":           {"member/text", key + `"text":"a"}{}`, 400, "web.error.input"},
		"unknown field":        {"member/text", key + `"text":"a","admin":true}`, 400, "web.error.input"},
		"no key":               {"member/text", `{"text":"a"}`, 400, "web.error.input"},
		"a key with a slash":   {"member/text", `{"key":"1234/5678","text":"a"}`, 400, "web.error.input"},
		"invalid UTF-8":        {"member/text", key + `"text":"` + "\xff" + `"}`, 400, "web.error.input"},
		"NUL":                  {"member/text", key + `"text":"a\u0000"}`, 400, "web.error.input"},
		"empty":                {"member/text", key + `"text":""}`, 400, "web.error.empty"},
		"blank":                {"member/text", key + `"text":" \n\t\u00a0"}`, 400, "web.error.empty"},
		"one unit too long":    {"member/text", key + `"text":"` + strings.Repeat("a", web.MaxTextUnits+1) + `"}`, 413, "web.error.long"},
		"emoji too long":       {"member/text", key + `"text":"` + strings.Repeat("🙂", web.MaxTextUnits/2+1) + `"}`, 413, "web.error.long"},
		"100 kB":               {"member/text", key + `"text":"` + strings.Repeat("a", 100_000) + `"}`, 413, "web.error.long"},
		"nobody's phone":       {"nobody/text", key + `"text":"a"}`, 404, "web.error.gone"},
		"the crowd":            {"crowd-1/text", key + `"text":"a"}`, 404, "web.error.gone"},
		"press without data":   {"member/press", key + `"message":1}`, 400, "web.error.input"},
		"press of nothing":     {"member/press", key + `"data":"x"}`, 400, "web.error.input"},
		"press too long":       {"member/press", key + `"message":1,"data":"` + strings.Repeat("x", 65) + `"}`, 400, "web.error.input"},
		"nowhere":              {"member/location", key + `"lat":1}`, 400, "web.error.input"},
		"off the earth":        {"member/location", key + `"lat":90.1,"lng":0}`, 400, "web.error.input"},
		"location as a string": {"member/location", key + `"lat":"1","lng":0}`, 400, "web.error.input"},
	} {
		t.Run(name, func(t *testing.T) {
			status, told := post(t, s.url+"/phones/"+c.path, c.body)
			if status != c.status || told.Error != c.words || told.Text == "" || told.Text == told.Error {
				t.Errorf("got %d %+v", status, told)
			}
		})
	}
	if got := s.echo.updates(); len(got) > 0 {
		t.Errorf("the engine got %+v", got)
	}
	if items := s.open(t).Phone("member").Items(); len(items) > 0 {
		t.Errorf("the phone shows %+v", items)
	}
}

func TestPostTakesOddTexts(t *testing.T) {
	s := play(t)
	s.echo.mute = true
	p := s.open(t).Phone("member")
	for _, text := range []string{
		"🙂🙂", "<b>x</b> *y* _z_ `w` &amp;", "\u202eevil\u2066\u200f", "a\tb\nc", "/start@bot", strings.Repeat("ለ", web.MaxTextUnits), "=1+1",
	} {
		p.Say(text)
		got := s.echo.updates()
		if last := got[len(got)-1]; last.Text != text {
			t.Errorf("%q arrived as %q", text, last.Text)
		}
	}
}

// TestPostOnlyAfterAccept: what a person sent shows, and 200 comes, only once
// Accept returned nil; a retry under the same key is the same update.
func TestPostOnlyAfterAccept(t *testing.T) {
	s := play(t)
	p := s.open(t).Phone("member")
	s.echo.failWith(errors.New("disk full"))
	const body = `{"key":"12345678-abcd","text":"quiet hello"}`
	if status, told := post(t, s.url+"/phones/member/text", body); status != 503 || told.Error != "web.error.busy" {
		t.Fatalf("got %d %+v", status, told)
	}
	if items := p.Items(); len(items) > 0 {
		t.Errorf("shown though not accepted: %+v", items)
	}
	s.echo.failWith(nil)
	for range 3 {
		if status, _ := post(t, s.url+"/phones/member/text", body); status != 200 {
			t.Fatalf("got %d", status)
		}
	}
	p.Say("quiet end")
	if got := s.echo.updates(); len(got) != 2 {
		t.Errorf("%d updates of 2", len(got))
	}
	if again := s.open(t).Phone("member").Items(); len(again) != 2 || again[0].Text != "quiet hello" || again[0].From != web.FromMe {
		t.Errorf("the phone shows %+v", again)
	}
	s.echo.failWith(bot.ErrTooLarge)
	if status, told := post(t, s.url+"/phones/member/text", `{"key":"12345678-efgh","text":"a"}`); status != 413 || told.Error != "web.error.long" {
		t.Errorf("too large for the inbox: %d %+v", status, told)
	}
}

// TestAnswerStandsAfterQuestion: the answer may be on the phone before Accept
// has returned; it still stands below what it answers.
func TestAnswerStandsAfterQuestion(t *testing.T) {
	s := play(t)
	s.echo.before = func(ctx context.Context) error {
		_, err := s.Send(ctx, bot.Outgoing{Chat: "member", Message: say("answer", "")})
		return err
	}
	p := s.open(t).Phone("member")
	p.Say("quiet question")
	items := s.open(t).Phone("member").Items()
	if len(items) != 2 || items[0].From != web.FromMe || items[1].From != web.FromElla {
		t.Errorf("the phone shows %+v", items)
	}
}

func TestSameKeyAtOnce(t *testing.T) {
	s := play(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			r := httptest.NewRequest(http.MethodPost, s.url+"/phones/member/text", strings.NewReader(`{"key":"12345678-abcd","text":"quiet once"}`))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Errorf("got %d", w.Code)
			}
		})
	}
	all.Wait()
	if items := s.open(t).Phone("member").Items(); len(items) != 1 || len(s.echo.updates()) != 1 {
		t.Errorf("%d items and %d updates of 1", len(items), len(s.echo.updates()))
	}
}

func TestNotReceiving(t *testing.T) {
	a := web.New(web.Options{Shelf: &webtest.Shelf{}})
	try := func() int {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/phones/member/text", strings.NewReader(`{"key":"12345678","text":"a"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		return w.Code
	}
	if code := try(); code != 503 {
		t.Errorf("before Receive: %d", code)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Receive(ctx, &echo{adapter: a}); err != nil {
		t.Errorf("Receive: %v", err)
	}
	if code := try(); code != 503 {
		t.Errorf("after Receive: %d", code)
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/events", nil))
	if w.Code != 503 {
		t.Errorf("a stream after Receive: %d", w.Code)
	}
}

// TestReceiveEndsAccepts: when Receive ends it does not leave an Accept behind.
func TestReceiveEndsAccepts(t *testing.T) {
	s := play(t)
	began := make(chan struct{})
	s.echo.before = func(ctx context.Context) error {
		close(began)
		<-ctx.Done()
		return ctx.Err()
	}
	answered := make(chan int)
	go func() {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/phones/member/text", strings.NewReader(`{"key":"12345678","text":"a"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		answered <- w.Code
	}()
	<-began
	s.stop()
	if code := <-answered; code != 503 {
		t.Errorf("got %d", code)
	}
}

func TestKindsOfUpdates(t *testing.T) {
	s := play(t)
	p := s.open(t).Phone("member")
	p.Say("/start")
	p.Press("Maybe")
	if got := p.Notice(); got != "Noted" {
		t.Errorf("notice %q", got)
	}
	p.Share(51.624, -3.9411)
	p.WaitText("somewhere")
	p.DropFile()
	p.WaitText("Only words")
	p.Block(true)
	if status, told := post(t, s.url+"/phones/member/text", `{"key":"12345678","text":"a"}`); status != 409 || told.Error != "web.error.blocked" {
		t.Errorf("a text from a phone that blocks Ella: %d %+v", status, told)
	}
	p.Block(false)
	p.Say("salaam")
	p.Typing()
	p.WaitText("You said: salaam")
	var kinds []string
	for _, u := range s.echo.updates() {
		kinds = append(kinds, string(u.Kind))
	}
	if got := strings.Join(kinds, " "); got != "text press location unsupported blocked unblocked text" {
		t.Errorf("the engine got %s", got)
	}
	for _, it := range p.Items() {
		if it.Own == web.OwnLocation && it.Text != "" {
			t.Error("the phone keeps where somebody is")
		}
	}
}

func TestPressIsMarked(t *testing.T) {
	s := play(t)
	ref := send(t, s, bot.Outgoing{Chat: "leader", Message: choices("Well?", "Yes", "No")})
	p := s.open(t).Phone("leader")
	marked := func() string { return p.Items()[0].Pressed }

	// An old button that is not there any more marks nothing.
	p.PressData(1, "v1:forged::")
	p.Notice()
	if marked() != "" {
		t.Error("a forged button is marked")
	}
	send(t, s, bot.Outgoing{Chat: "leader", Message: choices("Well?", "Yes", "No"), Edit: ref})
	// What is pressed is marked until the message changes, and after a restart.
	quiet := &quietInbox{}
	restart(t, s, quiet)
	p = s.open(t).Phone("leader")
	p.Press("Yes")
	restart(t, s, quiet)
	p = s.open(t).Phone("leader")
	if marked() != "v1:test.press::Yes" {
		t.Errorf("after a restart %q is marked", marked())
	}
	send(t, s, bot.Outgoing{Chat: "leader", Message: choices("Well?", "Yes", "No"), Edit: ref})
	restart(t, s, quiet)
	p = s.open(t).Phone("leader")
	if marked() != "" || !p.Items()[0].Edited {
		t.Errorf("after an edit: %+v", p.Items()[0])
	}
}

// quietInbox takes everything and answers nothing.
type quietInbox struct{}

func (quietInbox) Accept(context.Context, bot.Raw) error { return nil }

// restart ends the stage's run and begins one with that inbox.
func restart(t *testing.T, s *stage, inbox bot.Inbox) {
	t.Helper()
	s.stop()
	s.inbox = inbox
	s.start(t)
}

func TestLogHoldsNothingPersonal(t *testing.T) {
	var out bytes.Buffer
	s := play(t, func(o *web.Options) { o.Log = slog.New(slog.NewTextHandler(&out, nil)) })
	s.echo.failWith(errors.New("no space"))
	post(t, s.url+"/phones/organiser/text", `{"key":"12345678","text":"my secret"}`)
	s.shelf.Fail(errors.New("no space"))
	if _, err := s.Send(t.Context(), bot.Outgoing{Chat: "organiser", Message: say("my secret", "")}); bot.SendKindOf(err) != bot.NotSent {
		t.Errorf("Send without a shelf: %v", err)
	}
	s.stop()
	if log := out.String(); log == "" || strings.Contains(log, "secret") || strings.Contains(log, "organiser") {
		t.Errorf("the log says %s", log)
	}
}
