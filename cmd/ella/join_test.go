package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/code"
	"ella/bot/group"
	"ella/bot/role"
)

// code finds the code that somebody was shown last.
func (s *stage) code(t testing.TB, who string) string {
	t.Helper()
	shown := s.Platform.Shown(who)
	for i := range shown {
		for line := range strings.SplitSeq(bottest.Visible(shown[len(shown)-1-i].Message.Text()), "\n") {
			if _, code, ok := strings.Cut(line, "/join "); ok {
				return strings.Trim(code, "⟩⟧")
			}
		}
	}
	t.Fatalf("%s was shown no code", who)
	return ""
}

// newcomers are people who have been through the first minute, in English.
func (s *stage) newcomers(t testing.TB, n int) []string {
	t.Helper()
	var people []string
	err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		people = nil
		sample := samplePeople{db: s.db, ids: s.app.ids, clock: s.app.clock, account: s.Account, zone: "Europe/London"}
		for i := range n {
			name := fmt.Sprintf("newcomer%d", i)
			p := sample.person(name, "en", "")
			if err := s.db.Engine("").Join(ctx, tx, p, name); err != nil {
				return err
			}
			if err := s.db.Members().Consent(ctx, tx, p.Member.ID, 1, "en", s.app.clock.Now()); err != nil {
				return err
			}
			people = append(people, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		s.Platform.Open(p)
	}
	return people
}

// A hundred people who have the same code, and press at the same moment: one gets
// the role, and the others are told that the code does not work.
func TestCodeAtOnce(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace")
	s.meet(t, "grace", "role organiser")
	s.say(t, "grace", "/people")
	s.presses(t, "grace", "➕ Invite a person for complaints")
	code := s.code(t, "grace")
	people := s.newcomers(t, 100)
	var updates []bot.Update
	for _, who := range people {
		s.say(t, who, "/join "+code)
		updates = append(updates, pressed(who, s.button(t, who, "Yes, I want that")))
	}
	s.atOnce(t, updates...)
	if got := s.roles(t, role.On); len(got) != 2 {
		t.Fatalf("%d roles are on, want the organiser's and one more", len(got))
	}
	welcome, refused := 0, 0
	for _, who := range people {
		shown := s.Platform.Shown(who)
		switch text := shown[len(shown)-1].Message.Text(); {
		case strings.Contains(text, "You are now the person for complaints"):
			welcome++
		case strings.Contains(text, "This code does not work"):
			refused++
		}
	}
	if welcome != 1 || refused != 99 {
		t.Errorf("%d are welcomed and %d refused", welcome, refused)
	}
}

// Whatever is wrong with a code, the answer is the same.
func TestCodesThatDoNotWork(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "amina")
	s.meet(t, "grace", "role organiser")
	s.meet(t, "omar")
	s.meet(t, "amina", "role organiser at Luton Roma Trust")
	invite := func(kind string) string {
		s.say(t, "grace", "/people")
		s.presses(t, "grace", "➕ Invite a "+kind)
		return s.code(t, "grace")
	}
	never := s.say(t, "omar", "/join 0123456789ABCDEFGHJKMNPQRS").text()
	if !strings.Contains(never, "This code does not work") {
		t.Fatalf("a code that never was: %s", never)
	}
	same := func(what string, h heard) {
		t.Helper()
		if h.text() != never {
			t.Errorf("%s:\n%s\nwant\n%s", what, h.text(), never)
		}
	}
	same("misspelt", s.say(t, "omar", "/join U123456789"))
	used := invite("person for complaints")
	s.say(t, "omar", "/join "+used)
	yes := s.button(t, "omar", "Yes, I want that")
	s.press(t, "omar", yes)
	same("used", s.say(t, "amina", "/join "+used))
	same("a yes to a used one", s.press(t, "amina", yes))

	old := invite("person for complaints")
	s.say(t, "amina", "/join "+old)
	yes = s.button(t, "amina", "Yes, I want that")
	s.Clock.Advance(code.Life)
	same("expired", s.say(t, "amina", "/join "+old))
	same("a yes that came too late", s.press(t, "amina", yes))

	s.say(t, "grace", "/people")
	s.presses(t, "grace", "➕ Invite a leader")
	s.press(t, "grace", "v1:role.lead:"+string(s.groups["crmc"].ID)+":")
	closed := s.code(t, "grace")
	s.say(t, "amina", "/join "+closed)
	yes = s.button(t, "amina", "Yes, I want that")
	g := s.groups["crmc"]
	g.Closed = true
	if err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return s.db.Groups().Save(ctx, tx, []group.Group{g}, s.app.clock.Now())
	}); err != nil {
		t.Fatal(err)
	}
	same("of a group that is gone", s.say(t, "amina", "/join "+closed))
	same("a yes to a group that is gone", s.press(t, "amina", yes))
	same("nobody's", s.press(t, "amina", "v1:role.yes:0000000000000000:"))

	open := invite("person for complaints")
	s.say(t, "amina", "/join "+open)
	yes = s.button(t, "amina", "Yes, I want that")
	if err := s.do(t.Context(), "grace", "loses organiser"); err != nil {
		t.Fatal(err)
	}
	same("of somebody who may not any more", s.say(t, "amina", "/join "+open))
	same("a yes to somebody who may not any more", s.press(t, "amina", yes))
	s.allWell(t)
}

// Three wrong numbers, whoever types them, end it.
func TestWrongNumbers(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "third", "amina")
	s.meet(t, "grace", "role organiser")
	s.meet(t, "omar", "role organiser")
	s.meet(t, "third", "role organiser")
	s.meet(t, "amina")
	s.say(t, "grace", "/people")
	s.presses(t, "grace", "➕ Invite an organiser")
	s.say(t, "amina", "/join "+s.code(t, "grace"))
	s.presses(t, "amina", "Yes, I want that")
	asked := s.roles(t, role.Asked)[0]
	if h := s.press(t, "grace", "v1:role.confirm:"+string(asked.ID)+":"); !h.says(s, "lost.no-such-right") {
		t.Errorf("the inviter is no second: %s", h.text())
	}
	s.presses(t, "omar", "🔢 Type the number")
	s.presses(t, "third", "🔢 Type the number")
	wrong := "0000"
	if asked.Check == wrong {
		wrong = "0001"
	}
	// Whoever does not have it yet gets out, and comes back by the same button.
	if h := s.presses(t, "third", "Not now"); !h.says(s, "confirm.later") {
		t.Errorf("not now: %s", h.text())
	}
	if h := s.say(t, "third", "what now?"); h.says(s, "confirm.ask") {
		t.Errorf("it still asks: %s", h.text())
	}
	s.presses(t, "third", "🔢 Type the number")
	for _, nonsense := range []string{"what number?", "123", "12345"} {
		if h := s.say(t, "omar", nonsense); !h.says(s, "confirm.ask") {
			t.Errorf("%s: %s", nonsense, h.text())
		}
	}
	if h := s.say(t, "omar", wrong); !strings.Contains(h.text(), "⟦2⟩ more times") {
		t.Errorf("the first: %s", h.text())
	}
	s.say(t, "third", wrong)
	if len(s.roles(t, role.Asked)) != 1 {
		t.Fatal("it ended too soon")
	}
	if h := s.say(t, "omar", wrong); !strings.Contains(h.text(), "wrong three times") || len(s.roles(t, role.Asked)) != 0 {
		t.Errorf("the third: %s", h.text())
	}
	if h := s.say(t, "third", asked.Check); !h.says(s, "confirm.over") || len(s.roles(t, role.On)) != 3 {
		t.Errorf("the right one, too late: %s", h.text())
	}
	s.allWell(t)
}

// The number is read in the digits of whoever types it.
func TestNumberInAnyDigits(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "amina")
	s.meet(t, "grace", "role organiser")
	s.meet(t, "omar", "role organiser")
	s.meet(t, "amina")
	for i, zero := range []rune{'٠', '۰', '०', '𝟎', '𝟘', '0'} {
		s.say(t, "grace", "/people")
		s.presses(t, "grace", "➕ Invite an organiser")
		s.say(t, "amina", "/join "+s.code(t, "grace"))
		s.presses(t, "amina", "Yes, I want that")
		asked := s.roles(t, role.Asked)[0]
		typed := strings.Map(func(c rune) rune { return zero + c - '0' }, asked.Check)
		s.presses(t, "omar", "🔢 Type the number")
		s.say(t, "omar", " "+typed+"\u200f ")
		if len(s.roles(t, role.On)) != 3 {
			t.Fatalf("%d: %s was not taken", i, typed)
		}
		s.press(t, "grace", "v1:role.suspend:"+string(asked.ID)+":")
	}
	if n := len(s.roles(t, role.Suspended)); n != 1 {
		t.Errorf("%d roles are suspended, want the last one only", n)
	}
	s.allWell(t)
}
