package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/privacy"
)

// passing lets days pass, one after the other, with all that Ella does every hour.
func (s *stage) passing(t *testing.T, days int, each func(day int)) {
	t.Helper()
	for range days {
		s.Clock.Advance(24 * time.Hour)
		for _, kind := range []string{privacy.JobRetire, jobTidy} {
			if err := s.jobs.Workers[kind](t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(time.Minute) // for the erasing
		if err := s.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		each(int(s.Clock.Now().Sub(start()) / (24 * time.Hour)))
	}
}

// known reports whether somebody who writes from that chat would be recognised.
func (s *stage) known(t *testing.T, who string) bool {
	t.Helper()
	_, _, err := s.db.Engine("").Person(t.Context(), s.Account, who)
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// asked is how often somebody was asked whether to be kept.
func (s *stage) asked(who string) (n int) {
	for _, shown := range s.Platform.Shown(who) {
		for _, a := range shown.Message.Actions() {
			if strings.HasPrefix(a.Data, "v1:privacy.keep:") {
				n++
			}
		}
	}
	return n
}

// Four hundred days, one after the other: who is kept, who is asked, and who is
// forgotten on which day.
func TestRetire(t *testing.T) {
	t.Parallel()
	people := []string{"writes", "answers", "silent", "stopped", "blocked", "begins", "belongs"}
	s := newFileStage(t, loadEmbedded(t), people...)
	for _, who := range people {
		if who != "begins" {
			s.meet(t, who)
		}
	}
	s.say(t, "begins", "hello")
	s.press(t, "answers", "v1:member.language::pl")
	s.say(t, "stopped", "/stop")
	s.Platform.Block("blocked", true)
	s.act(t, bot.Update{Kind: bot.ChatBlocked, Sender: "blocked"})

	gone, asked := map[string]int{}, map[string]int{}
	s.passing(t, 400, func(day int) {
		if day%100 == 0 {
			s.say(t, "writes", "/help")
			s.say(t, "belongs", "/mydata")
		}
		for _, who := range people {
			if n := s.asked(who); n > 0 && asked[who] == 0 {
				asked[who] = day
				if who == "answers" {
					s.press(t, who, "v1:privacy.keep::")
				}
			}
			if !s.known(t, who) && gone[who] == 0 {
				gone[who] = day
			}
		}
	})
	// The first day counts whole: they were last here at some time on it.
	for who, want := range map[string]int{"begins": 31, "blocked": 91, "stopped": 366, "silent": 367} {
		if gone[who] != want {
			t.Errorf("%s was forgotten on day %d, want %d", who, gone[who], want)
		}
		delete(gone, who)
	}
	if len(gone) > 0 {
		t.Errorf("forgotten too: %v", gone)
	}
	if asked["silent"] != 336 || asked["answers"] != 336 || len(asked) != 2 {
		t.Errorf("asked on %v", asked)
	}
	if s.asked("silent") != 1 || s.asked("answers") != 1 {
		t.Error("somebody was asked twice")
	}
	if shown := s.Platform.Shown("answers"); !slices.ContainsFunc(shown[len(shown)-1:], func(m bottest.Shown) bool { return m.Message.Locale == "pl" }) {
		t.Error("whoever reads Polish was not answered in Polish")
	}
	s.allWell(t)
}

// When Ella was away for longer, nobody is forgotten for a silence that was hers.
func TestRetireAfterAnOutage(t *testing.T) {
	t.Parallel()
	people := []string{"silent", "answers", "blocked", "begins"}
	s := newFileStage(t, loadEmbedded(t), people...)
	for _, who := range people[:3] {
		s.meet(t, who)
	}
	s.Platform.Block("blocked", true)
	s.act(t, bot.Update{Kind: bot.ChatBlocked, Sender: "blocked"})
	s.passing(t, 40, func(int) {})
	s.say(t, "begins", "hello")
	s.log.Reset()

	s.Clock.Advance(360 * 24 * time.Hour) // nobody runs Ella
	s.passing(t, 30, func(day int) {
		for _, who := range people {
			if !s.known(t, who) {
				t.Fatalf("%s was forgotten on day %d", who, day)
			}
		}
		if s.asked("answers") == 1 {
			s.press(t, "answers", "v1:privacy.keep::")
		}
	})
	if n := strings.Count(s.log.String(), "Ella was away for days"); n != 1 {
		t.Errorf("it was logged %d times, want once", n)
	}
	if s.asked("silent") != 1 {
		t.Error("whoever was silent for a year was not asked")
	}
	s.passing(t, 3, func(int) {}) // the first run after the outage asked nobody yet
	for _, who := range people {
		if s.known(t, who) != (who == "answers") {
			t.Errorf("%s is known: %v", who, s.known(t, who))
		}
	}
	// A gap of three days is none.
	s.log.Reset()
	s.Clock.Advance(2*24*time.Hour - time.Hour)
	s.passing(t, 1, func(int) {})
	if strings.Contains(s.log.String(), "Ella was away") {
		t.Error("three days were taken for an outage")
	}
}

// A computer's clock is years ahead for one run, or behind: nobody is forgotten, and
// when it is right again everything takes its course a month later at the latest.
func TestRetireWithAWrongClock(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]int{"ahead": 3650, "behind": -3650} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFileStage(t, loadEmbedded(t), "silent", "begins")
			s.meet(t, "silent")
			s.passing(t, 60, func(int) {})
			s.say(t, "begins", "hello")
			s.Clock.Advance(time.Duration(jump) * 24 * time.Hour)
			s.passing(t, 1, func(int) {})
			s.Clock.Advance(time.Duration(-jump) * 24 * time.Hour)
			s.passing(t, 1, func(int) {})
			if !s.known(t, "silent") || !s.known(t, "begins") || s.asked("silent") > 0 {
				t.Error("a wrong clock had somebody forgotten, or asked")
			}
			s.passing(t, 34, func(int) {})
			if s.known(t, "begins") {
				t.Error("after a wrong clock nobody is forgotten any more")
			}
		})
	}
}

// A computer that has the wrong day whenever it starts does not put off for ever what
// is due.
func TestRetireWithAClockThatStartsBehind(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "begins")
	s.passing(t, 40, func(int) {})
	s.say(t, "begins", "hello")
	for range 33 {
		s.Clock.Advance(-3650 * 24 * time.Hour)
		if err := s.jobs.Workers[privacy.JobRetire](t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(3650 * 24 * time.Hour)
		s.passing(t, 1, func(int) {})
	}
	if s.known(t, "begins") {
		t.Error("nobody is forgotten")
	}
}

// Whoever wants to be kept and says so too late is somebody new: nothing is kept of
// them, and they are asked for their language.
func TestKeepTooLate(t *testing.T) {
	t.Parallel()
	for _, button := range []string{"v1:privacy.keep::", "v1:privacy.stay::"} {
		s := newFileStage(t, loadEmbedded(t), "silent")
		s.meet(t, "silent")
		s.passing(t, 370, func(int) {})
		if got := s.press(t, "silent", button); !got.says(s, "start.greeting") || got.says(s, "retire.kept") || got.says(s, "forgetme.stay") {
			t.Errorf("told: %s", got.text())
		}
	}
}
