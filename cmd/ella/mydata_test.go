package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/group"
	"ella/bot/role"
)

// What is left of a paused organisation, or of a group that is in no list any more,
// can be left like any other, and not joined again.
func TestLeaveWhatIsClosed(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "amina")
	s.meet(t, "amina")
	g := s.groups["crmc"]
	s.press(t, "amina", "v1:group.with:"+string(g.ID)+":")
	g.Closed = true
	err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return s.db.Groups().Save(ctx, tx, []group.Group{g}, s.app.clock.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Members().Pause(t.Context(), s.organisation.ID, true); err != nil {
		t.Fatal(err)
	}
	s.say(t, "amina", "/mydata")
	for _, c := range []struct{ what, id, said string }{
		{"group", string(g.ID), "You are no longer with"}, {"organisation", string(s.organisation.ID), "You have left"},
	} {
		got := s.press(t, "amina", "v1:privacy.leave-"+c.what+":"+c.id+":")
		if !strings.Contains(got.text(), c.said) || len(got[0].Message.Actions()) > 0 {
			t.Errorf("%s: told %s", c.what, got.text())
		}
		s.press(t, "amina", "v1:privacy.join-"+c.what+":"+c.id+":")
	}
	p, _, err := s.db.Engine("").Person(t.Context(), s.Account, "amina")
	if n := strings.TrimSpace(s.behind(t, `SELECT count(*) FROM group_members`)); err != nil || len(p.Organisations) > 0 || n != "0" {
		t.Errorf("she is with %v and %s groups, %v", p.Organisations, n, err)
	}
}

// Somebody who has said yes to nothing and wrote a letter is told of it, gets it in
// the file, and is asked before it is deleted.
func TestALetterIsSomething(t *testing.T) {
	t.Parallel()
	s := newFileStage(t, loadEmbedded(t), "grace", "young")
	s.meet(t, "grace", "role organiser")
	s.say(t, "young", "i am 17")
	for _, a := range s.Platform.Shown("young")[0].Message.Actions() {
		if strings.HasPrefix(a.Data, "v1:relay.") {
			s.press(t, "young", a.Data)
			break
		}
	}
	s.say(t, "young", "my uncle took my passport")
	if got := s.say(t, "young", "/mydata"); got.says(s, "mydata.nothing") || !strings.Contains(got.text(), "Messages to a person here") {
		t.Errorf("told: %s", got.text())
	}
	if got := s.press(t, "young", "v1:privacy.file::"); got.says(s, "mydata.nothing") {
		t.Errorf("told: %s", got.text())
	}
	if got := s.say(t, "young", "/forgetme"); !got.says(s, "forgetme.ask") {
		t.Errorf("told: %s", got.text())
	}
	if n := s.behind(t, `SELECT count(*) FROM letters`); strings.TrimSpace(n) != "1" {
		t.Errorf("%s letters are left before a yes", n)
	}
	s.presses(t, "young", "Yes, forget me")
	s.Clock.Advance(time.Minute)
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.behind(t, `SELECT count(*) FROM letters`); strings.TrimSpace(n) != "0" || s.known(t, "young") {
		t.Errorf("%s letters are left after a yes", n)
	}
}

// When an organiser or whoever answers complaints goes, by their own wish or because
// they can't be reached, the other organisers learn which role nobody has any more,
// and who waits for a role that they invited to learns that it is void. Nobody else
// learns anything.
func TestWhoIsToldThatARoleIsGone(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"forgetme", "blocked"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			people := []string{"grace", "omar", "leads", "waits", "member"}
			s := newFileStage(t, loadEmbedded(t), people...)
			grace := s.meet(t, "grace", "role organiser")
			s.meet(t, "omar", "role organiser")
			s.meet(t, "leads", "role leader crmc")
			waits := s.meet(t, "waits")
			s.meet(t, "member")
			err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
				now := s.app.clock.Now()
				return s.db.Roles().AddInvite(ctx, tx, "ABCDEFGHJKMNPQRSTVWXYZ0123", bot.Role{Kind: bot.Organiser, Organisation: s.organisation.ID},
					grace.Roles[0].ID, now, now.Add(15*time.Minute))
			})
			if err != nil {
				t.Fatal(err)
			}
			s.say(t, "waits", "/join ABCDE-FGHJK-MNPQR-STVWX-YZ012-3")
			s.presses(t, "waits", "Yes, I want that")
			if got := s.roles(t, role.Asked); len(got) != 1 {
				t.Fatalf("%s waits for %v", waits.Member.ID, got)
			}
			before := map[string]int{}
			for _, who := range people {
				before[who] = len(s.Platform.Shown(who))
			}
			if how == "forgetme" {
				s.say(t, "grace", "/forgetme")
				s.presses(t, "grace", "Yes, forget me")
			} else {
				s.passing(t, 1, func(int) {})
				if err := s.gone(t, "grace"); err != nil {
					t.Fatal(err)
				}
				s.passing(t, 35, func(int) {})
			}
			if s.known(t, "grace") {
				t.Fatal("she is still known")
			}
			for _, who := range people[1:] {
				var told []string
				for _, m := range s.Platform.Shown(who)[before[who]:] {
					if text := bottest.Visible(m.Message.Text()); strings.HasPrefix(text, "Organiser ") {
						told = append(told, text)
					}
				}
				want := map[string]string{
					"omar":  "Organiser ⟦1⟩\nWith ⟨Common Ground⟩\nThis role was given up by whoever had it.",
					"waits": "Organiser ⟦3⟩\nWith ⟨Common Ground⟩\nYou said yes to this role, and it was not confirmed. It is no longer open. If you still want it, ask for a new code.",
				}[who]
				if got := strings.TrimSpace(strings.Join(told, "\n")); got != want {
					t.Errorf("%s is told %q, want %q", who, got, want)
				}
			}
		})
	}
}

// gone makes somebody unreachable for longer than anybody is kept so.
func (s *stage) gone(t *testing.T, who string) error {
	t.Helper()
	p, _, err := s.db.Engine("").Person(t.Context(), s.Account, who)
	if err != nil {
		return err
	}
	s.behind(t, `UPDATE addresses SET state = 'gone', off_at = 1 WHERE member_id = '`+string(p.Member.ID)+`' RETURNING 1`)
	s.behind(t, `UPDATE members SET seen_at = 1 WHERE id = '`+string(p.Member.ID)+`' RETURNING 1`)
	return nil
}
