package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/bottest"
	"ella/bot/role"
	"ella/storage"
	"ella/storage/storagetest"
)

// eachStage runs a test with a whole Ella on either database. Such tests run one after
// the other: those on one PostgreSQL server would take the same people's lanes.
func eachStage(t *testing.T, people []string, f func(t *testing.T, s *stage)) {
	t.Helper()
	e := loadEmbedded(t)
	t.Run("sqlite", func(t *testing.T) { f(t, newFileStage(t, e, people...)) })
	t.Run("postgres", func(t *testing.T) {
		clock := bottest.NewClock(start())
		db := storagetest.Postgres(t, func(o *storage.Options) { o.Clock = clock })
		var log bytes.Buffer
		s := newStage(t, e, db, clock, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), people...)
		s.log = &log
		f(t, s)
	})
}

// hears is what somebody was told since they were shown that many messages.
func (s *stage) hears(who string, since int) string {
	return heard(s.Platform.Shown(who)[since:]).text()
}

// latest is the data of the newest button in somebody's chat of that kind.
func (s *stage) latest(t testing.TB, who, kind string) string {
	t.Helper()
	shown := s.Platform.Shown(who)
	for i := range shown {
		for _, a := range shown[len(shown)-1-i].Message.Actions() {
			if strings.HasPrefix(a.Data, "v1:"+kind+":") {
				return a.Data
			}
		}
	}
	t.Fatalf("nobody offered %s a button for %s", who, kind)
	return ""
}

// hand hands a press in, and lets the turn end but nothing follow from it yet.
func (s *stage) hand(t testing.TB, who, data string) {
	t.Helper()
	u := pressed(who, data)
	u.Chat, u.At = who, s.app.clock.Now()
	if err := s.Accept(t.Context(), s.Platform.Raw(s.Account, u)); err != nil {
		t.Fatal(err)
	}
	s.app.engine.Wait()
}

// written writes an alert, as far as the button that sends it.
func (s *stage) written(t testing.TB, who, text string, call bool) string {
	t.Helper()
	s.say(t, who, "/alert "+text)
	s.presses(t, who, "English")
	if call {
		s.press(t, who, "v1:alert.invite:"+strings.Split(s.latest(t, who, "alert.preview"), ":")[2]+":yes")
	}
	s.press(t, who, s.latest(t, who, "alert.preview"))
	return s.latest(t, who, "alert.send")
}

// What a suspended organiser is sending stops: whoever has the phone must not reach
// everybody. Whoever suspends them is told.
func TestSuspendStopsAlerts(t *testing.T) {
	eachStage(t, []string{"grace", "omar", "amina"}, func(t *testing.T, s *stage) {
		grace := s.meet(t, "grace", "role organiser").Roles[0].ID
		s.meet(t, "omar", "role organiser")
		s.meet(t, "amina")
		send := s.written(t, "grace", "Come to the station, bring your papers.", true)
		before, told := len(s.Platform.Shown("amina")), len(s.Platform.Shown("omar"))
		s.hand(t, "grace", send)
		s.hand(t, "omar", "v1:role.suspend:"+string(grace)+":")
		if err := s.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.hears("amina", before); strings.Contains(got, "papers") {
			t.Errorf("after the suspension a member got %s", got)
		}
		if got := s.hears("omar", told); !strings.Contains(got, "What it was sending has been stopped.") {
			t.Errorf("whoever suspended them was told %s", got)
		}
		sent := s.sent(t)
		if len(sent) != 1 || sent[0].State != alert.Cancelled {
			t.Fatalf("the alert is %v", sent)
		}
		if a, err := s.db.Actions().Action(t.Context(), sent[0].Action); err != nil || !a.Over {
			t.Errorf("its action goes on: %+v, %v", a, err)
		}
		// Nothing was under way of somebody else, or of nobody.
		told = len(s.Platform.Shown("amina"))
		if err := s.do(t.Context(), "amina", "role organiser"); err != nil {
			t.Fatal(err)
		}
		if h := s.press(t, "amina", "v1:role.suspend:"+string(s.roles(t, role.On)[0].ID)+":"); h.says(s, "alert.cut-off") {
			t.Errorf("somebody who sent nothing: %s", s.hears("amina", told))
		}
		s.allWell(t)
	})
}

// sent is what Common Ground has written lately.
func (s *stage) sent(t testing.TB) []alert.Alert {
	t.Helper()
	all, err := s.db.Alerts().Recent(t.Context(), s.organisation.ID, 9)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Sending and being suspended at the same moment, on both databases: whichever comes
// first, nobody gets anything of somebody who is suspended, and nobody fails.
func TestSendAgainstSuspension(t *testing.T) {
	eachStage(t, []string{"grace", "omar", "amina"}, func(t *testing.T, s *stage) {
		grace := s.meet(t, "grace", "role organiser").Roles[0].ID
		s.meet(t, "omar", "role organiser")
		s.meet(t, "amina")
		for n := range 10 {
			send := s.written(t, "grace", fmt.Sprintf("Message %d.", n), false)
			starting := make(chan struct{})
			done := make(chan error, 2)
			for who, data := range map[string]string{"grace": send, "omar": "v1:role.suspend:" + string(grace) + ":"} {
				u := pressed(who, data)
				u.Chat, u.At = who, s.app.clock.Now()
				raw := s.Platform.Raw(s.Account, u)
				go func() {
					<-starting
					done <- s.Accept(t.Context(), raw)
				}()
			}
			close(starting)
			for range 2 {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			s.app.engine.Wait()
			if got := s.sent(t)[0].State; got != alert.Draft && got != alert.Cancelled {
				t.Fatalf("after both it is %s", got)
			}
			if err := s.settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.do(t.Context(), "grace", "role organiser"); err != nil { // whoever runs Ella
				t.Fatal(err)
			}
			for _, r := range s.roles(t, role.On) {
				if r.Number == 1 {
					grace = r.ID
				}
			}
		}
		s.allWell(t)
	})
}

// One organiser alone gives no role to themselves, whatever its kind.
func TestOwnCode(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "amina")
	s.meet(t, "grace", "role organiser")
	s.meet(t, "omar", "role organiser")
	s.meet(t, "amina")
	here := string(s.organisation.ID)
	for _, invite := range []string{"role.invite:" + here + ":guardian", "role.lead:" + string(s.groups["crmc"].ID) + ":", "role.invite:" + here + ":organiser"} {
		s.press(t, "grace", "v1:"+invite)
		code := s.code(t, "grace")
		if h := s.say(t, "grace", "/join "+code); !h.says(s, "join.yours") {
			t.Errorf("%s: %s", invite, h.text())
		}
		// The yes of somebody else's chat, or a forged one.
		s.say(t, "amina", "/join "+code)
		if h := s.press(t, "grace", s.button(t, "amina", "Yes, I want that")); !h.says(s, "join.yours") {
			t.Errorf("%s: a forged yes: %s", invite, h.text())
		}
		if len(s.roles(t, role.On)) != 2 {
			t.Fatal("they have given it to themselves")
		}
		told := len(s.Platform.Shown("omar"))
		s.presses(t, "amina", "Yes, I want that")
		got := s.roles(t, role.On)
		if strings.HasSuffix(invite, "organiser") {
			got = s.roles(t, role.Asked)
		}
		if !slices.ContainsFunc(got, func(r role.Role) bool { return strings.Contains(invite, string(r.Kind[:4])) }) {
			t.Errorf("%s: the code was used up", invite)
		}
		if strings.HasSuffix(invite, "guardian") {
			if h := s.hears("omar", told); !strings.Contains(h, "There is a new person for complaints") {
				t.Errorf("the other organiser was told %s", h)
			}
			s.presses(t, "omar", "⛔ Switch off now")
		}
		for _, r := range got {
			if r.Holder != s.roles(t, role.On)[0].Holder && r.Kind != bot.Organiser {
				s.press(t, "omar", "v1:role.suspend:"+string(r.ID)+":")
			}
		}
		if len(s.roles(t, role.On)) != 2 {
			t.Fatalf("on: %+v", s.roles(t, role.On))
		}
	}
	s.allWell(t)
}

// With an organiser goes what else the same person holds there, and what was given
// with their codes a short while ago; each holder is told once.
func TestSuspendTakesMore(t *testing.T) {
	t.Parallel()
	people := []string{"grace", "omar", "old", "new", "theirs"}
	s := newFileStage(t, loadEmbedded(t), people...)
	grace := s.meet(t, "grace", "role organiser", "role leader crmc", "role guardian", "role organiser at Luton Roma Trust").Roles
	s.meet(t, "omar", "role organiser")
	for _, who := range people[2:] {
		s.meet(t, who)
	}
	give := func(by, to, kind string) {
		t.Helper()
		s.press(t, by, "v1:role.invite:"+string(s.organisation.ID)+":"+kind)
		s.say(t, to, "/join "+s.code(t, by))
		s.presses(t, to, "Yes, I want that")
	}
	give("grace", "old", "guardian")
	s.Clock.Advance(24*time.Hour + time.Minute)
	give("grace", "new", "guardian")
	give("omar", "theirs", "guardian")
	before := map[string]int{}
	for _, who := range people {
		before[who] = len(s.Platform.Shown(who))
	}
	i := slices.IndexFunc(grace, func(r bot.Role) bool { return r.Kind == bot.Organiser && r.Organisation == s.organisation.ID })
	h := s.press(t, "omar", "v1:role.suspend:"+string(grace[i].ID)+":")
	var off []string
	for _, r := range s.roles(t, role.Suspended) {
		off = append(off, fmt.Sprint(r.Kind, r.Number))
	}
	if want := []string{"organiser1", "guardian1", "guardian3", "leader1"}; !slices.Equal(off, want) {
		t.Errorf("suspended are %v, want %v", off, want)
	}
	for _, name := range []string{"Person for complaints ⟦1⟩", "Person for complaints ⟦3⟩", "Leader ⟦1⟩"} {
		if !strings.Contains(h.text(), name) {
			t.Errorf("whoever suspended is not told of %s: %s", name, h.text())
		}
	}
	for who, want := range map[string]int{"grace": 1, "old": 0, "new": 1, "theirs": 0} {
		if n := len(s.Platform.Shown(who)) - before[who]; n != want {
			t.Errorf("%s was told %d times, want %d: %s", who, n, want, s.hears(who, before[who]))
		}
	}
	if p, _, err := s.db.Engine("").Person(t.Context(), s.Account, "grace"); err != nil || len(p.Roles) != 1 || p.Roles[0].Organisation == s.organisation.ID {
		t.Errorf("elsewhere they keep what they have: %+v, %v", p.Roles, err)
	}
	// Each is given back for itself, by two.
	s.meet(t, "old", "role organiser")
	for _, r := range s.roles(t, role.Suspended) {
		if r.Kind == bot.Leader {
			s.press(t, "omar", "v1:role.restore:"+string(r.ID)+":")
			s.press(t, "old", "v1:role.restore:"+string(r.ID)+":")
		}
	}
	if n := len(s.roles(t, role.Suspended)); n != 3 {
		t.Errorf("%d are suspended, want 3", n)
	}
	s.allWell(t)
}

// In a paused organisation nobody can do anything but give up what they have.
func TestResignWhilePaused(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	grace := s.meet(t, "grace", "role organiser").Roles[0].ID
	omar := s.meet(t, "omar", "role organiser").Roles[0].ID
	if err := s.db.Members().Pause(t.Context(), s.organisation.ID, true); err != nil {
		t.Fatal(err)
	}
	if h := s.press(t, "grace", "v1:role.suspend:"+string(omar)+":"); !h.says(s, "lost.no-such-right") {
		t.Errorf("suspending: %s", h.text())
	}
	if h := s.press(t, "omar", "v1:role.resign:"+string(grace)+":yes"); !h.says(s, "lost.no-such-right") {
		t.Errorf("somebody else's: %s", h.text())
	}
	if h := s.press(t, "grace", "v1:role.resign:"+string(grace)+":"); !h.says(s, "resign.ask") {
		t.Errorf("it asks: %s", h.text())
	}
	if h := s.presses(t, "grace", "Yes, give it up"); !h.says(s, "resign.done") {
		t.Errorf("resigning: %s", h.text())
	}
	if on := s.roles(t, role.On); len(on) != 1 || on[0].ID != omar {
		t.Errorf("on are %+v", on)
	}
	s.allWell(t)
}
