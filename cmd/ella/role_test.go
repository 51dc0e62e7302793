package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/privacy"
	"ella/bot/role"
)

// roles counts the roles in a state that somebody who runs Ella would find.
func (s *stage) roles(t testing.TB, state role.State) []role.Role {
	t.Helper()
	o, err := s.db.Roles().Roster(t.Context(), s.organisation.ID, s.app.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(o.Roles, func(r role.Role) bool { return r.State != state })
}

// atOnce hands in one update of each person at the same time.
func (s *stage) atOnce(t testing.TB, updates ...bot.Update) {
	t.Helper()
	start := make(chan struct{})
	var all sync.WaitGroup
	for _, u := range updates {
		u.Chat = u.Sender
		raw := s.Platform.Raw(s.Account, u)
		all.Go(func() {
			<-start
			if err := s.Accept(t.Context(), raw); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	all.Wait()
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.allWell(t)
}

func pressed(who, data string) bot.Update {
	return bot.Update{Kind: bot.ButtonPressed, Sender: who, Data: data, Press: "press"}
}

// Two organisers who suspend each other at the same moment: one of them is left.
func TestSuspendEachOther(t *testing.T) {
	t.Parallel()
	e := loadEmbedded(t)
	for range 10 {
		s := newFileStage(t, e, "grace", "omar")
		grace := s.meet(t, "grace", "role organiser").Roles[0].ID
		omar := s.meet(t, "omar", "role organiser").Roles[0].ID
		s.atOnce(t, pressed("grace", "v1:role.suspend:"+string(omar)+":"), pressed("omar", "v1:role.suspend:"+string(grace)+":"))
		if on, off := s.roles(t, role.On), s.roles(t, role.Suspended); len(on) != 1 || len(off) != 1 {
			t.Fatalf("%d are on and %d suspended", len(on), len(off))
		}
	}
}

// Somebody else's organiser, a suspended one with old buttons, and a member who
// forges them: for none of them there is any role.
func TestButtonsOfNoRight(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "amina", "stranger", "third")
	grace := s.meet(t, "grace", "role organiser").Roles[0].ID
	omar := s.meet(t, "omar", "role organiser").Roles[0].ID
	s.meet(t, "third", "role organiser")
	s.meet(t, "amina", "role organiser at Luton Roma Trust")
	s.meet(t, "stranger")
	s.press(t, "third", "v1:role.suspend:"+string(omar)+":")
	before := fmt.Sprint(s.roles(t, role.On), s.roles(t, role.Suspended))
	for _, who := range []string{"omar", "amina", "stranger"} {
		for _, verb := range []string{"card", "suspend", "restore", "confirm", "refuse", "resign"} {
			for _, id := range []bot.RoleID{grace, omar, "0000000000000000", ""} {
				if h := s.press(t, who, "v1:role."+verb+":"+string(id)+":yes"); !h.says(s, "lost.no-such-right") {
					t.Errorf("%s presses %s: %s", who, verb, h.text())
				}
			}
		}
		for _, data := range []string{
			"v1:role.list:" + string(s.organisation.ID) + ":", "v1:role.groups:" + string(s.organisation.ID) + ":",
			"v1:role.invite:" + string(s.organisation.ID) + ":organiser", "v1:role.invite:" + string(s.organisation.ID) + ":leader",
			"v1:role.lead:" + string(s.groups["crmc"].ID) + ":", "v1:role.lead:0000000000000000:",
		} {
			if h := s.press(t, who, data); !h.says(s, "lost.no-such-right") {
				t.Errorf("%s presses %s: %s", who, data, h.text())
			}
		}
		if h := s.say(t, who, "/people"); who != "amina" && !h.says(s, "lost.no-command") {
			t.Errorf("%s sees people: %s", who, h.text())
		}
	}
	for _, data := range []string{"v1:role.nothing::", "v1:role.list:" + string(s.organisation.ID) + ":x", "v1:role.invite:" + string(s.organisation.ID) + ":king"} {
		if h := s.press(t, "grace", data); !h.says(s, "lost.old-button") {
			t.Errorf("%s: %s", data, h.text())
		}
	}
	if after := fmt.Sprint(s.roles(t, role.On), s.roles(t, role.Suspended)); after != before {
		t.Errorf("something has changed:\n%s\n%s", before, after)
	}
	s.allWell(t)
}

// The last organiser resigns; whoever runs Ella names a new one.
func TestLastOrganiser(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	mine := s.meet(t, "grace", "role organiser").Roles[0].ID
	s.meet(t, "omar")
	s.say(t, "grace", "/people")
	if h := s.presses(t, "grace", "➕ Invite an organiser"); !strings.Contains(h.text(), "You are the only organiser") {
		t.Errorf("inviting the second: %s", h.text())
	}
	if h := s.press(t, "grace", "v1:role.suspend:"+string(mine)+":"); !strings.Contains(h.text(), "You are the last organiser") {
		t.Errorf("switching oneself off: %s", h.text())
	}
	if len(s.roles(t, role.On)) != 1 {
		t.Fatal("it was not asked first")
	}
	s.presses(t, "grace", "Yes, give it up")
	if len(s.roles(t, role.On)) != 0 {
		t.Fatal("the role is still on")
	}
	if err := s.do(t.Context(), "omar", "invite organiser"); err != nil {
		t.Fatal(err)
	}
	s.say(t, "omar", "/join ABCDEFGHJKMNPQRSTVWXYZ0123")
	if h := s.presses(t, "omar", "Yes, I want that"); !strings.Contains(h.text(), "You are now an organiser") || !strings.Contains(h.text(), "Organiser ⟦2⟩") {
		t.Errorf("the new one: %s", h.text())
	}
	s.say(t, "omar", "/people")
	if h := s.press(t, "omar", "v1:role.restore:"+string(mine)+":"); !strings.Contains(h.text(), "It takes a second organiser") {
		t.Errorf("giving back alone: %s", h.text())
	}
	s.allWell(t)
}

// The last other organiser can be suspended: whoever has the phone must be stopped.
func TestSuspendLastOther(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	s.meet(t, "grace", "role organiser")
	omar := s.meet(t, "omar", "role organiser").Roles[0].ID
	s.press(t, "grace", "v1:role.suspend:"+string(omar)+":")
	if on := s.roles(t, role.On); len(on) != 1 || on[0].ID == omar {
		t.Errorf("on: %+v", on)
	}
}

// Nobody gives a role back to themselves, and one organiser is one, whatever else
// they hold.
func TestRestoreTakesTwo(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "third")
	s.meet(t, "grace", "role organiser")
	s.meet(t, "omar", "role organiser")
	s.meet(t, "third", "role organiser", "role leader crmc")
	var lead bot.RoleID
	for _, r := range s.roles(t, role.On) {
		if r.Kind == bot.Leader {
			lead = r.ID
		}
	}
	give := "v1:role.restore:" + string(lead) + ":"
	s.press(t, "grace", "v1:role.suspend:"+string(lead)+":")
	if h := s.press(t, "third", give); !h.says(s, "lost.no-such-right") {
		t.Errorf("their own: %s", h.text())
	}
	for range 2 {
		if s.press(t, "grace", give); len(s.roles(t, role.Suspended)) != 1 {
			t.Fatal("one organiser alone gave it back")
		}
	}
	// The first one's yes counts no more once they are suspended themselves.
	for _, r := range s.roles(t, role.On) {
		if r.Kind == bot.Organiser && r.Number == 1 {
			s.press(t, "third", "v1:role.suspend:"+string(r.ID)+":")
		}
	}
	if h := s.press(t, "omar", give); !strings.Contains(h.text(), "It takes a second organiser") {
		t.Errorf("with nobody else who may: %s", h.text())
	}
	if err := s.do(t.Context(), "grace", "role organiser"); err != nil {
		t.Fatal(err)
	}
	if s.press(t, "omar", give); len(s.roles(t, role.Suspended)) != 1 {
		t.Fatal("a yes of before counted")
	}
	if h := s.press(t, "grace", give); !strings.Contains(h.text(), "have given this role back") || len(s.roles(t, role.Suspended)) != 0 {
		t.Errorf("with two: %s", h.text())
	}
	s.allWell(t)
}

// Suspending somebody in the middle of what they began takes it all back.
func TestSuspendVoids(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "third", "amina")
	grace := s.meet(t, "grace", "role organiser").Roles[0].ID
	s.meet(t, "omar", "role organiser")
	s.meet(t, "third", "role organiser")
	s.meet(t, "amina")
	s.say(t, "grace", "/people")
	s.presses(t, "grace", "➕ Invite an organiser")
	s.say(t, "amina", "/join "+s.code(t, "grace"))
	s.presses(t, "amina", "Yes, I want that")
	if len(s.roles(t, role.Asked)) != 1 {
		t.Fatal("nothing is asked for")
	}
	s.presses(t, "omar", "🔢 Type the number")
	s.press(t, "third", "v1:role.suspend:"+string(grace)+":")
	if len(s.roles(t, role.Asked)) != 0 {
		t.Error("what a suspended organiser began still waits")
	}
	shown := s.Platform.Shown("amina")
	if text := shown[len(shown)-1].Message.Text(); !strings.Contains(text, "it was not confirmed") {
		t.Errorf("the newcomer was last told %s", text)
	}
	if h := s.say(t, "omar", "1234"); !h.says(s, "confirm.over") {
		t.Errorf("the second one's number: %s", h.text())
	}
	s.allWell(t)
}

// Whoever is silent for long loses the role, is told once, and gets it back from two.
func TestLapse(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "amina")
	s.meet(t, "grace", "role organiser")
	s.meet(t, "omar", "role organiser")
	s.meet(t, "amina", "role leader crmc")
	lapse := func(after time.Duration) {
		t.Helper()
		s.Clock.Advance(after)
		if err := s.do(t.Context(), "", "lapse"); err != nil {
			t.Fatal(err)
		}
		if err := s.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	lapse(170 * 24 * time.Hour)
	s.say(t, "grace", "/people")
	s.say(t, "omar", "/people")
	lapse(9 * 24 * time.Hour)
	if n := len(s.roles(t, role.Lapsed)); n != 0 {
		t.Fatalf("%d lapsed too soon", n)
	}
	before := len(s.Platform.Shown("amina"))
	for range 3 {
		lapse(24 * time.Hour)
	}
	lapsed := s.roles(t, role.Lapsed)
	if len(lapsed) != 1 || lapsed[0].Kind != bot.Leader {
		t.Fatalf("lapsed: %+v", lapsed)
	}
	if n := len(s.Platform.Shown("amina")) - before; n != 1 {
		t.Errorf("they were told %d times", n)
	}
	if h := s.say(t, "amina", "/mygroup"); !h.says(s, "lost.no-command") {
		t.Errorf("a lapsed leader: %s", h.text())
	}
	give := "v1:role.restore:" + string(lapsed[0].ID) + ":"
	s.press(t, "grace", give)
	s.press(t, "omar", give)
	if len(s.roles(t, role.Lapsed)) != 0 {
		t.Error("two did not give it back")
	}
	// It has its whole time again, whether or not its holder has been here since.
	lapse(time.Hour)
	lapse(170 * 24 * time.Hour)
	if n := len(s.roles(t, role.Lapsed)); n != 0 {
		t.Errorf("%d lapsed too soon after it was given back", n)
	}
	if lapse(11 * 24 * time.Hour); len(s.roles(t, role.Lapsed)) != 3 {
		t.Errorf("lapsed: %+v", s.roles(t, role.Lapsed))
	}
	s.allWell(t)
}

// While Ella was away nobody could write: after days of that no role lapses for a
// month, in whichever order what she does every hour is done.
func TestLapseAfterOutage(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	s.meet(t, "grace", "role organiser")
	s.meet(t, "omar", "role organiser")
	const day = 24 * time.Hour
	runs := func(kinds ...string) {
		t.Helper()
		for _, kind := range kinds {
			if err := s.jobs.Workers[kind](t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	none := func(when string) {
		t.Helper()
		if n := len(s.roles(t, role.Lapsed)); n != 0 {
			t.Fatalf("%s: %d lapsed", when, n)
		}
	}
	s.Clock.Advance(200 * day)
	runs(role.JobLapse)
	none("she has never looked before")
	runs(privacy.JobRetire, role.JobLapse)
	none("at the first look")
	s.say(t, "grace", "/help")
	s.say(t, "omar", "/help")
	for range 40 {
		s.Clock.Advance(day)
		runs(privacy.JobRetire, role.JobLapse)
	}
	s.Clock.Advance(190 * day)
	runs(role.JobLapse)
	none("right after being away")
	for range 29 {
		runs(privacy.JobRetire, role.JobLapse)
		none("in the month after")
		s.Clock.Advance(day)
	}
	s.say(t, "grace", "/help")
	for range 3 {
		runs(privacy.JobRetire, role.JobLapse)
		s.Clock.Advance(day)
	}
	if lapsed := s.roles(t, role.Lapsed); len(lapsed) != 1 || lapsed[0].Number != 2 {
		t.Errorf("a month later lapsed are %+v", lapsed)
	}
	s.allWell(t)
}
