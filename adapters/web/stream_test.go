package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot"
)

// event is one event of a raw stream.
type event struct{ id, name, data string }

// read opens a stream as a page that saw last and reads n events of it.
func read(t *testing.T, s *stage, last string, n int) []event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if kind := w.Header.Get("Content-Type"); kind != "text/event-stream; charset=utf-8" {
		t.Errorf("content type %q", kind)
	}
	var events []event
	var e event
	lines := bufio.NewReader(w.Body)
	for len(events) < n {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("after %d events: %v", len(events), err)
		}
		switch field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
			events = append(events, e)
		}
	}
	return events
}

func TestStreamResumes(t *testing.T) {
	s := play(t)
	send(t, s, bot.Outgoing{Chat: "member", Message: say("zero", "")})
	start := read(t, s, "", 1)[0]
	if start.name != web.EventSnapshot || !strings.Contains(start.data, "zero") {
		t.Fatalf("began with %+v", start)
	}
	for _, text := range []string{"one", "two\nlines", "three"} {
		send(t, s, bot.Outgoing{Chat: "member", Message: say(text, "")})
	}
	missed := read(t, s, start.id, 3)
	for i, part := range []string{"one", `two\nlines`, "three"} {
		if missed[i].name != web.EventItem || !strings.Contains(missed[i].data, part) {
			t.Errorf("event %d is %+v", i, missed[i])
		}
	}
	if rest := read(t, s, missed[1].id, 1); rest[0] != missed[2] {
		t.Errorf("after the second comes %+v", rest[0])
	}
	// What a page can't go on from, it starts over from.
	run, _, _ := strings.Cut(start.id, "-")
	for _, last := range []string{"nonsense", "other-1", run + "-x", run + "--5", run + "-999999", run + "-99999999999999999999"} {
		if got := read(t, s, last, 1)[0]; got.name != web.EventSnapshot {
			t.Errorf("after %q comes %s", last, got.name)
		}
	}
	for range 3000 {
		s.Typing(t.Context(), "member")
	}
	if got := read(t, s, start.id, 1)[0]; got.name != web.EventSnapshot {
		t.Errorf("after too long comes %s", got.name)
	}
	s.stop()
	s.start(t)
	if got := read(t, s, missed[2].id, 1)[0]; got.name != web.EventSnapshot || !strings.Contains(got.data, "three") {
		t.Errorf("after a restart comes %s", got.name)
	}
}

func TestTwoPages(t *testing.T) {
	s := play(t)
	one, two := s.open(t), s.open(t)
	one.Phone("member").Say("hello")
	added := one.AddMember()
	for _, p := range []*webtest.Page{one, two} {
		p.Phone("member").WaitText("You said: hello")
		if items := p.Phone("member").Items(); len(items) != 2 || items[0].Text != "hello" {
			t.Errorf("shows %+v", items)
		}
		p.Phone(added.ID())
	}
}

func TestStreamsEnd(t *testing.T) {
	s := play(t)
	p := s.open(t)
	s.stop() // fails the test, or hangs, when a stream outlives Receive
	s.start(t)
	send(t, s, bot.Outgoing{Chat: "member", Message: say("back", "")})
	p.Phone("member").WaitText("back")
}

func TestStreamSaysItIsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := web.New(web.Options{Shelf: &webtest.Shelf{}})
		ctx, cancel := context.WithCancel(t.Context())
		w := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			a.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/events", nil))
		}()
		<-time.After(46 * time.Second) // of the test's own clock, which does not wait
		cancel()
		<-done
		if beats := strings.Count(w.Body.String(), "\n:\n"); beats != 3 {
			t.Errorf("%d signs of life in 46 s", beats)
		}
	})
}

func TestPhones(t *testing.T) {
	s := play(t)
	send(t, s, bot.Outgoing{Chat: "member", Message: say("secret", "")})
	w, err := http.Get(s.url + "/phones")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	var got web.Snapshot
	if err := json.NewDecoder(w.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if len(got.Phones) != 3 || got.Limit != web.MaxPhones || got.Phones[0].Role != web.RoleMember || got.Phones[1].Role != web.RoleLeader || got.Phones[2].Role != web.RoleOrganiser || got.Phones[0].Items != nil {
		t.Errorf("got %+v", got)
	}
}
