package main

import (
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
)

// What is said before everybody tells nothing of whoever had it said: not in which
// language they speak with Ella, and not whether they hold a role.
func TestAloudTellsOfNobody(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "olga", "kasia")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.meet(t, "kasia")
	for _, who := range []string{"olga", "kasia"} {
		s.press(t, who, "v1:member.language::pl")
	}
	said := func(who, in, text, hint string) string {
		t.Helper()
		s.Clock.Advance(2 * time.Minute)
		before := len(s.Platform.Shown(in))
		h := s.act(t, bot.Update{Kind: bot.TextSent, Sender: who, Group: in, Text: text, LocaleHint: hint})
		if h.text() != "" {
			t.Errorf("to %s in %s: %s", text, in, h.text())
		}
		var all []string
		for _, shown := range s.Platform.Shown(in)[before:] {
			all = append(all, bottest.Visible(shown.Message.Text()))
		}
		return strings.Join(all, "\n")
	}
	elsewhere := bottest.GroupPrefix + "elsewhere"
	s.Platform.Open(elsewhere)
	s.connects(t, "grace", chat)
	for _, in := range []string{chat, elsewhere} {
		for _, text := range []string{"/help@ella", "/connect 0123456789ABCDEFGHJKMNPQRS"} {
			want := said("nell", in, text, "en")
			if want == "" || strings.Contains(want, "prywatnie") {
				t.Errorf("%s is answered %q", text, want)
			}
			for _, who := range []string{"olga", "kasia", "grace"} {
				if got := said(who, in, text, "en"); got != want {
					t.Errorf("%s of %s is answered\n%s\nand a stranger's\n%s", text, who, got, want)
				}
			}
		}
		for _, command := range []string{"/alert", "/results", "/people", "/chats", "/mygroup"} {
			if got := said("olga", in, command, "en") + said("grace", in, command, "en"); got != "" {
				t.Errorf("%s gives away who holds a role: %s", command, got)
			}
		}
	}
	// A connected chat reads its own languages, one that is not those of an app.
	if got := said("nell", chat, "/help@ella", "pl"); strings.Contains(got, "prywatnie") {
		t.Errorf("in a chat that reads English: %s", got)
	}
	if got := said("nell", elsewhere, "/help@ella", "pl"); !strings.Contains(got, "Odpowiadam prywatnie") || !strings.Contains(got, "I answer in private") {
		t.Errorf("where nothing is connected: %s", got)
	}
	s.allWell(t)
}

// Whoever brings Ella in and takes her out again and again has her say little, and
// calls nobody else.
func TestAloudIsQuiet(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	elsewhere := bottest.GroupPrefix + "elsewhere"
	s.Platform.Open(elsewhere)
	since := len(s.Platform.Shown("grace"))
	before := len(s.Platform.Shown(chat))
	for range 20 {
		for _, kind := range []bot.UpdateKind{bot.GroupLeft, bot.GroupJoined} {
			for _, in := range []string{chat, elsewhere} {
				s.act(t, bot.Update{Kind: kind, Sender: "nell", Group: in})
			}
		}
		s.Clock.Advance(time.Second)
	}
	s.Clock.Advance(2 * time.Minute)
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told := s.hears("grace", since); told != "" {
		t.Errorf("the leader was told\n%s", told)
	}
	if n, m := len(s.Platform.Shown(chat))-before, len(s.Platform.Shown(elsewhere)); n > 1 || m != 1 {
		t.Errorf("she said %d things in one chat and %d in the other", n, m)
	}
	s.act(t, bot.Update{Kind: bot.GroupLeft, Sender: "nell", Group: chat})
	s.Clock.Advance(2 * time.Minute)
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told := s.hears("grace", since); strings.Count(told, "I am no longer in chat") != 1 {
		t.Errorf("in the end the leader was told\n%s", told)
	}
	s.allWell(t)
}
