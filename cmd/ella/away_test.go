package main

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/bottest"
)

// deaf lets time pass in which nobody is heard, as an adapter reports it.
func (s *stage) deaf(ctx context.Context, long string) error {
	d, err := time.ParseDuration(long)
	if err != nil {
		return err
	}
	from := s.app.clock.Now()
	s.Clock.Advance(d)
	s.app.away(ctx, s.Account, from, s.app.clock.Now())
	return s.settle(ctx)
}

const owned = "I could not hear you between"

// apologies are how many times a card was changed to own up to an outage, by chat.
func (s *stage) apologies(t *testing.T, do func()) map[string]int {
	t.Helper()
	var mu sync.Mutex
	seen := map[string]int{}
	s.Platform.OnSent(func(chat string, shown bottest.Shown) {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(shown.Message.Text(), owned) {
			seen[chat]++
			if !shown.Edited {
				t.Errorf("%s was sent a new message", chat)
			}
		}
	})
	defer s.Platform.OnSent(nil)
	do()
	return seen
}

// standing is how many messages in somebody's chat speak of an outage now.
func (s *stage) standing(who string) (n int) {
	for _, shown := range s.Platform.Shown(who) {
		if strings.Contains(shown.Message.Text(), owned) {
			n++
		}
	}
	return n
}

// inZone lets a member live by another clock, as nothing in Ella does so far.
func (s *stage) inZone(t *testing.T, p bot.Person, zone string) {
	t.Helper()
	behind, err := sql.Open("sqlite", s.file)
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Close()
	if _, err := behind.ExecContext(t.Context(), `UPDATE members SET zone = $2 WHERE id = $1`, string(p.Member.ID), zone); err != nil {
		t.Fatal(err)
	}
}

// TestOutage: whoever may have pressed in vain is told on the card itself, in their own
// time; whoever was heard is left alone; and the line goes with the answer.
func TestOutage(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "heard", "early", "stopped", "blocked", "looked", "abroad")
	for _, who := range []string{"omar", "heard", "early", "stopped", "blocked", "looked"} {
		s.meet(t, who)
	}
	s.inZone(t, s.meet(t, "abroad"), "Europe/Warsaw")
	picnic(t, s)
	s.presses(t, "early", "🤔 Maybe")
	s.say(t, "looked", "/actions")
	s.Clock.Advance(time.Minute)
	from := s.app.clock.Now()
	s.Clock.Advance(10 * time.Minute)
	s.presses(t, "heard", "✅ Yes") // her words came later, and were heard
	s.say(t, "stopped", "/stop")
	s.Platform.Block("blocked", true)
	s.Clock.Advance(18 * time.Minute)
	to := s.app.clock.Now()
	away := func() {
		s.app.away(t.Context(), s.Account, from, to)
		if err := s.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	told := s.apologies(t, away)
	if len(told) != 5 || told["omar"] != 1 || told["early"] != 1 || told["looked"] != 1 || told["abroad"] != 1 || told["grace"] != 1 {
		t.Errorf("told are %v", told)
	}
	want := "I could not hear you between ⟦" + from.Format("15:04") + "⟩ and ⟦" + to.Format("15:04") + "⟩. If you answered then, please answer once more.\n"
	for who, text := range map[string]string{
		"omar":   want + "⟨Common Ground⟩ writes\n⟨Picnic on Sunday.\nBring a blanket.⟩\nAre you coming?",
		"early":  want + "⟨Picnic on Sunday.⟩\nMaybe you are coming.",
		"looked": want + "⟨Picnic on Sunday.⟩\nAre you coming?",
		"abroad": "between ⟦" + from.Add(time.Hour).Format("15:04") + "⟩",
	} {
		if got := s.newest(t, who); !strings.Contains(got, text) {
			t.Errorf("%s reads\n%s\nwant\n%s", who, got, text)
		}
	}
	// The same outage once more, as after a crash: nothing is done twice.
	if told := s.apologies(t, away); len(told) != 0 {
		t.Errorf("told once more are %v", told)
	}
	// Another one takes the line's place.
	from, to = to.Add(time.Hour), to.Add(24*time.Hour)
	s.Clock.Advance(30 * time.Hour)
	s.apologies(t, away)
	if got := s.newest(t, "omar"); strings.Count(got, owned) != 1 || !strings.Contains(got, "between ⟦Tuesday 24 November⟩ ⟦"+from.Format("15:04")+"⟩ and ⟦Wednesday 25 November⟩ ⟦"+to.Format("15:04")+"⟩") {
		t.Errorf("after another outage omar reads\n%s", got)
	}
	// Answering takes it away, by a press and in words.
	s.presses(t, "omar", "✅ Yes").shows(t, "You are coming.")
	s.presses(t, "early", "✅ Yes").shows(t, "You are coming.")
	s.say(t, "abroad", "yes").shows(t, "You are coming.")
	for _, who := range []string{"omar", "early", "abroad"} {
		if n := s.standing(who); n != 0 {
			t.Errorf("%d messages of %s still speak of it", n, who)
		}
	}
	// And of what is over nobody is told.
	s.say(t, "grace", "/results")
	s.presses(t, "grace", "Picnic on Sunday.")
	s.presses(t, "grace", "🏁 It is over")
	from, to = to.Add(7*time.Hour), to.Add(8*time.Hour)
	s.Clock.Advance(10 * time.Hour)
	if told := s.apologies(t, away); len(told) != 0 {
		t.Errorf("told of what is over are %v", told)
	}
	s.allWell(t)
}

// TestOutageGoesOn: cut off in the middle, by its platform or by its process, the work
// is gone on with, and at most a stretch of cards is written twice.
func TestOutageGoesOn(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	const crowd = 130
	s.meet(t, "grace", "role organiser", "crowd 130 en LS1")
	s.calls(t, "grace", "Picnic on Sunday.")
	from := s.app.clock.Now()
	s.Clock.Advance(10 * time.Minute)
	job := alert.Outage{Account: s.Account, From: from, To: s.app.clock.Now()}.ID()
	edits := 0
	var mu sync.Mutex
	s.Platform.FailWith(func(out bot.Outgoing) error {
		mu.Lock()
		defer mu.Unlock()
		if !out.Bulk || !out.Silent || out.Edit == "" {
			t.Errorf("sent is %+v", out)
		}
		if edits++; edits == 70 {
			return &bot.SendError{Kind: bot.NotSent}
		}
		return nil
	})
	told := s.apologies(t, func() {
		if err := s.jobs.Workers[alert.JobAway](t.Context(), job); bot.SendKindOf(err) != bot.NotSent {
			t.Errorf("cut off, it says %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.jobs.Workers[alert.JobAway](ctx, job); err == nil {
			t.Error("ended in the middle, it says that all is done")
		}
		if err := s.jobs.Workers[alert.JobAway](t.Context(), job); err != nil {
			t.Fatal(err)
		}
	})
	if len(told) != crowd+1 {
		t.Errorf("told are %d of %d", len(told), crowd+1)
	}
	if edits > crowd+1+50+1 {
		t.Errorf("%d cards were changed for %d people", edits, crowd+1)
	}
	for _, id := range []string{"", "x", "a:b:c", "a:1:2:3", "a:2:1"} {
		if err := s.jobs.Workers[alert.JobAway](t.Context(), id); err == nil {
			t.Errorf("%q is an outage", id)
		}
	}
	s.allWell(t)
}

// TestDiscreetOutage: whoever wants a first line that gives nothing away has it above this
// one too, and when it goes.
func TestDiscreetOutage(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	s.meet(t, "omar")
	s.say(t, "omar", "/mydata")
	s.presses(t, "omar", "🙈 Hide what messages are about")
	picnic(t, s)
	line := bottest.Visible(s.app.language.For("en").Text("discreet.line"))
	if err := s.deaf(t.Context(), "10m"); err != nil {
		t.Fatal(err)
	}
	if got := s.newest(t, "omar"); !strings.HasPrefix(got, line+"\n"+owned) || strings.Count(got, line) != 1 {
		t.Errorf("omar reads\n%s", got)
	}
	s.presses(t, "omar", "✅ Yes")
	shown := s.Platform.Shown("omar")
	if got := bottest.Visible(shown[len(shown)-2].Message.Text()); !strings.HasPrefix(got, line+"\n⟨Common Ground⟩ writes") {
		t.Errorf("once he has answered omar reads\n%s", got)
	}
	s.allWell(t)
}

// TestOutageOfDeletedCard: whoever has taken the invitation out of their chat has one
// message that speaks of it, which an answer mends, and which goes when they do.
func TestOutageOfDeletedCard(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "looked")
	s.Platform.Can.TakesBack = 48 * time.Hour
	s.meet(t, "omar")
	s.meet(t, "looked")
	picnic(t, s)
	s.say(t, "looked", "/actions")
	s.Clock.Advance(time.Minute)
	for _, who := range []string{"omar", "looked"} {
		shown := s.Platform.Shown(who)
		if _, err := s.Platform.Send(t.Context(), bot.Outgoing{Chat: who, TakeBack: []bot.Ref{shown[len(shown)-1].Ref}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.deaf(t.Context(), "10m"); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"omar", "looked"} {
		shown := s.Platform.Shown(who)
		if last := shown[len(shown)-1]; s.standing(who) != 1 || !last.Silent {
			t.Errorf("%d messages of %s speak of it, the last %+v", s.standing(who), who, last)
		}
	}
	// Another one takes the line's place.
	if err := s.deaf(t.Context(), "10m"); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"omar", "looked"} {
		if n := s.standing(who); n != 1 {
			t.Errorf("after another outage %d messages of %s speak of it", n, who)
		}
		s.presses(t, who, "✅ Yes")
		if n := s.standing(who); n != 0 {
			t.Errorf("once %s has answered %d messages still do", who, n)
		}
		s.say(t, who, "/forgetme")
		s.presses(t, who, "Yes, forget me")
	}
	s.Clock.Advance(time.Minute)
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"omar", "looked"} {
		if shown := s.Platform.Shown(who); len(shown) != 1 {
			t.Errorf("%d messages of %s are left:\n%s", len(shown), who, heard(shown).text())
		}
	}
	s.allWell(t)
}

// TestOutageOfLongestAlert: the line still fits below the longest text there can be, in
// every language.
func TestOutageOfLongestAlert(t *testing.T) {
	e := loadEmbedded(t)
	s := newFileStage(t, e, "grace", "omar")
	s.meet(t, "omar")
	s.meet(t, "grace", "role organiser")
	s.calls(t, "grace", "a"+strings.Repeat("😀", 1499))
	for _, l := range e.language.Locales() {
		s.press(t, "omar", "v1:member.language::"+l.Tag)
		var mu sync.Mutex
		said := ""
		s.Platform.OnSent(func(chat string, shown bottest.Shown) {
			mu.Lock()
			defer mu.Unlock()
			if chat == "omar" && shown.Edited {
				said = shown.Message.Locale + " " + shown.Message.Text()
			}
		})
		if err := s.deaf(t.Context(), "30h"); err != nil {
			t.Fatal(err)
		}
		s.Platform.OnSent(nil)
		// No digit stands anywhere but in that line.
		if !strings.HasPrefix(said, l.Tag+" ") || !strings.Contains(said, strings.Repeat("😀", 1499)) || !strings.Contains(said, "2") {
			t.Errorf("in %s it says\n%.300s", l.Tag, said)
		}
	}
	s.allWell(t)
}
