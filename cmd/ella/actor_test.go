package main

import (
	"strings"
	"sync"
	"testing"

	"ella/bot"
	"ella/bot/bottest"
)

// heard is what one person was told: messages, new and changed, and notices.
type heard []bottest.Shown

// text is all of it, with the isolates made visible.
func (h heard) text() string {
	var lines []string
	for _, s := range h {
		lines = append(lines, s.Notice+bottest.Visible(s.Message.Text()))
	}
	return strings.Join(lines, "\n")
}

// says reports whether an entry of the English catalogue is in it.
func (h heard) says(s *stage, key string) bool {
	return strings.Contains(h.text(), bottest.Visible(s.app.language.For("en").Text(key)))
}

// act hands an update in, lets everything follow, and returns what its sender heard.
func (s *stage) act(t testing.TB, u bot.Update) heard {
	t.Helper()
	u.Chat = u.Sender
	u.At = s.app.clock.Now()
	var mu sync.Mutex
	var all heard
	s.Platform.OnSent(func(chat string, shown bottest.Shown) {
		mu.Lock()
		defer mu.Unlock()
		if chat == u.Chat {
			all = append(all, shown)
		}
	})
	defer s.Platform.OnSent(nil)
	if err := s.Accept(t.Context(), s.Platform.Raw(s.Account, u)); err != nil {
		t.Fatal(err)
	}
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	return all
}

func (s *stage) say(t testing.TB, who, text string) heard {
	t.Helper()
	return s.act(t, bot.Update{Kind: bot.TextSent, Sender: who, Text: text})
}

func (s *stage) press(t testing.TB, who, data string) heard {
	t.Helper()
	return s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Data: data, Press: "press"})
}

// button is the data of the newest button in somebody's chat with that label.
func (s *stage) button(t testing.TB, who, label string) string {
	t.Helper()
	shown := s.Platform.Shown(who)
	for i := range shown {
		for _, a := range shown[len(shown)-1-i].Message.Actions() {
			if bottest.Visible(a.Label) == label {
				return a.Data
			}
		}
	}
	t.Fatalf("nobody offered %s the button %s", who, label)
	return ""
}

// presses presses that button.
func (s *stage) presses(t testing.TB, who, label string) heard {
	t.Helper()
	return s.press(t, who, s.button(t, who, label))
}

// meet makes somebody known, who reads English and hears from Common Ground.
func (s *stage) meet(t testing.TB, who string, directions ...string) bot.Person {
	t.Helper()
	s.press(t, who, "v1:member.language::en")
	s.press(t, who, "v1:member.consent::yes")
	s.press(t, who, "v1:member.agree:"+string(s.organisation.ID)+":yes")
	s.say(t, who, "Leeds")
	for _, d := range directions {
		if err := s.do(t.Context(), who, d); err != nil {
			t.Fatal(err)
		}
	}
	p, _, err := s.db.Engine("").Person(t.Context(), s.Account, who)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// allWell fails the test when an update was parked or something was said for
// which a catalogue lacks the words.
func (s *stage) allWell(t testing.TB) {
	t.Helper()
	found, err := s.db.Checkup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Parked) > 0 || found.Waiting > 0 {
		t.Errorf("%d updates wait, and parked are %v", found.Waiting, found.Parked)
	}
}
