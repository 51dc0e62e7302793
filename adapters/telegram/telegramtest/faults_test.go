package telegramtest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    telegramtest.Fault
		happened bool
		check    func(r reply) bool
	}{
		{"reset before", telegramtest.ResetBefore(), false, func(r reply) bool { return r.err != nil }},
		{"reset after", telegramtest.ResetAfter(), true, func(r reply) bool { return r.err != nil }},
		{"garbled", telegramtest.Garbled(), true, func(r reply) bool {
			return r.OK && r.status == http.StatusOK && strings.HasPrefix(string(r.Result), "[")
		}},
		{"500", telegramtest.ServerError(500), false, func(r reply) bool {
			return r.status == 500 && r.Code == 500 && r.Description == "Internal Server Error"
		}},
		{"504 after", telegramtest.ServerErrorAfter(504), true, func(r reply) bool { return r.status == 504 && r.Description == "Gateway Timeout" }},
		{"502 in HTML", telegramtest.BadGateway(), false, func(r reply) bool {
			return r.err != nil && r.status == http.StatusBadGateway && r.header.Get("Content-Type") == "text/html"
		}},
		{"429", telegramtest.Throttled(7 * time.Second), false, func(r reply) bool {
			return r.Code == 429 && r.Parameters.RetryAfter == 7 && r.header.Get("Retry-After") == "7"
		}},
		{"429 overall", telegramtest.ThrottledOverall(7 * time.Second), false, func(r reply) bool {
			return r.Code == 429 && r.Parameters.RetryAfter == 7
		}},
		{"migrated", telegramtest.Migrated(-1_004_200_000_777), false, func(r reply) bool {
			return r.said() == "Bad Request: group chat was upgraded to a supergroup chat" && r.Parameters.MigrateTo == -1_004_200_000_777
		}},
		{"refused", telegramtest.Refused(400, "BUTTON_DATA_INVALID"), false, func(r reply) bool {
			return r.said() == "Bad Request: BUTTON_DATA_INVALID" && r.Code == 400
		}},
		{"delayed", telegramtest.Delayed(time.Millisecond), true, func(r reply) bool { return r.OK }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := telegramtest.New(t, telegramtest.Options{})
			// Each request has a connection of its own: net/http would try again by itself on
			// one that was used before.
			b := &bot{t, s, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
			user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
			s.Next("sendMessage", telegramtest.Fault{}, c.fault)
			b.say(user, "goes through")
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/bot"+s.Token()+"/sendMessage", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			q := r.URL.Query()
			q.Set("chat_id", "7100000001")
			q.Set("text", "does not")
			r.URL.RawQuery = q.Encode()
			got := b.send(r)
			if !c.check(got) {
				t.Errorf("it is answered with %d %q %s", got.status, got.said(), got.Result)
			}
			if n := len(s.Shown(user)); (n == 2) != c.happened {
				t.Errorf("%d messages stand there", n)
			}
			if n := s.Calls("sendMessage"); n != 2 {
				t.Errorf("%d calls", n)
			}
			b.breaches()
		})
	}
}

func TestNeverAnswered(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	s.Next("sendMessage", telegramtest.NeverAnswered())
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan reply, 1)
	go func() { got <- b.callIn(ctx, "sendMessage", set{"chat_id": user, "text": "x"}) }()
	waitFor(t, func() bool { return len(s.Shown(user)) == 1 })
	cancel()
	if r := await(t, got, "the client"); r.err == nil {
		t.Errorf("it is answered with %q", r.said())
	}
}

// TestWaitsAfterScripted429 is what has to be waited for, where.
func TestWaitsAfterScripted429(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now, Limits: telegramtest.Limits{Off: true}})
	one := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	other := s.AddUser(telegramtest.User{FirstName: "y", Started: true})
	refused := func(seconds string, chat int64) {
		t.Helper()
		b.want("Too Many Requests: retry after "+seconds, "sendMessage", set{"chat_id": chat, "text": "x"})
	}
	s.Next("sendMessage", telegramtest.Throttled(7*time.Second))
	refused("7", one)
	b.breaches()
	c.Add(3 * time.Second)
	b.say(other, "x")
	refused("4", one)
	b.breaches(telegramtest.RuleWait)
	c.Add(4 * time.Second)
	b.say(one, "x")
	s.Next("sendMessage", telegramtest.ThrottledOverall(2*time.Second))
	refused("2", one)
	c.Add(time.Second)
	refused("1", other)
	b.breaches(telegramtest.RuleWait, telegramtest.RuleWait)
	c.Add(time.Second)
	b.say(other, "x")
	s.Next("getUpdates", telegramtest.Throttled(5*time.Second))
	b.want("Too Many Requests: retry after 5", "getUpdates", nil)
	c.Add(time.Second)
	b.want("Too Many Requests: retry after 4", "getUpdates", nil)
	b.say(one, "goes on")
	b.breaches(telegramtest.RuleWait, telegramtest.RuleWait, telegramtest.RuleWait)
	c.Add(4 * time.Second)
	b.updates(nil)
}

func TestFaultsByChance(t *testing.T) {
	failed := func(seed uint64) (n int, which string) {
		s, b := newBot(t, telegramtest.Options{Seed: seed, Limits: telegramtest.Limits{Off: true}})
		user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
		s.Sometimes(telegramtest.AnyMethod, 0.3, telegramtest.ServerError(500))
		for range 200 {
			if b.call("sendMessage", set{"chat_id": user, "text": "x"}).OK {
				which += "."
			} else {
				n++
				which += "x"
			}
		}
		s.Heal()
		for range 50 {
			b.say(user, "x")
		}
		return n, which
	}
	n, first := failed(1)
	_, again := failed(1)
	_, other := failed(2)
	if n < 30 || n > 90 || first != again || first == other {
		t.Errorf("%d of 200 failed:\n%s\n%s\n%s", n, first, again, other)
	}
}
