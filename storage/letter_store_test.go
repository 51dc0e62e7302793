package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/relay"
)

// Letters reach an organisation's guardians, or its organisers while it has none,
// and only those who can be reached.
func TestWhoAnswersLetters(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other := w.organisation("Another Roof")
		grace, maria, elsewhere := w.member("grace", w.home), w.member("maria", w.home), w.member("elsewhere", other)
		grant := func(p bot.Person, kind bot.RoleKind, o bot.Organisation) {
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Roles().Grant(ctx, tx, p.Member.ID, bot.Role{Kind: kind, Organisation: o.ID}, w.now())
			})
		}
		var but bot.MemberID
		expect := func(what string, want ...bot.Person) {
			t.Helper()
			got, err := w.Letters().Recipients(t.Context(), w.home.ID, but)
			if err != nil || len(got) != len(want) {
				t.Fatalf("%s: %v, %v, want %d", what, got, err, len(want))
			}
			for i, p := range want {
				if got[i].Member != p.Member.ID || got[i].Locale != "en" {
					t.Errorf("%s: %v, want %v", what, got[i], p.Member)
				}
			}
		}
		expect("nobody has a role")
		grant(elsewhere, bot.Guardian, other)
		grant(grace, bot.Organiser, w.home)
		expect("an organiser and no guardian", grace)
		grant(maria, bot.Guardian, w.home)
		grant(maria, bot.Organiser, w.home)
		expect("a guardian, once", maria)
		but = maria.Member.ID
		expect("the guardian herself complains", grace)
		but = ""
		w.Exec(t, `UPDATE members SET state = 'stopped' WHERE id = $1`, string(maria.Member.ID))
		expect("the guardian has stopped", grace)
		w.Exec(t, `UPDATE members SET state = 'active'`)
		w.Exec(t, `UPDATE addresses SET state = 'blocked' WHERE member_id = $1`, string(maria.Member.ID))
		expect("the guardian can't be reached", grace)
		w.Exec(t, `UPDATE addresses SET state = 'on'`)
		w.Exec(t, `UPDATE roles SET state = 'suspended' WHERE kind = 'guardian'`)
		expect("the guardian is suspended, and an organiser still", grace, maria)
	})
}

func TestLetters(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other := w.organisation("Another Roof")
		p := w.member("amina", w.home)
		s := w.Letters()
		letter := func(id string, kind relay.Kind, o bot.Organisation, text string) relay.Letter {
			l := relay.Letter{ID: bot.LetterID(id), Kind: kind, Organisation: o, From: p.Member.ID, Locale: "en", Speaks: "ti", Text: text, State: relay.Open}
			w.do(func(ctx context.Context, tx bot.Tx) error { return s.Write(ctx, tx, l, w.now()) })
			return l
		}
		read := func(l relay.Letter, want relay.State) {
			t.Helper()
			l.State = want
			if got, err := s.Letter(t.Context(), l.ID); err != nil || got != l {
				t.Errorf("letter: %+v, %v\nwant %+v", got, err, l)
			}
		}
		mark := func(l relay.Letter, state relay.State) {
			w.do(func(ctx context.Context, tx bot.Tx) error { return s.Mark(ctx, tx, l.ID, state, w.now()) })
		}
		waiting := func(want int) {
			t.Helper()
			if n, err := s.Waiting(t.Context(), w.home.ID, p.Member.ID); err != nil || n != want {
				t.Errorf("%d letters are open, %v, want %d", n, err, want)
			}
		}
		waiting(0)
		a, young, elsewhere := letter("a", relay.Complaint, w.home, "it was cold"), letter("b", relay.Young, w.home, ""), letter("c", relay.Complaint, other, "x")
		w.rows("words are sealed, or not kept", 1, `SELECT CASE WHEN text_sealed IS NULL THEN 'not kept' ELSE 'sealed' END FROM letters ORDER BY id`, nil, "sealed", "not kept", "sealed")
		read(a, relay.Open)
		read(young, relay.Open)
		waiting(2)
		mark(a, relay.Read)
		read(a, relay.Read)
		unanswered := func(want ...relay.Letter) {
			t.Helper()
			got, err := s.Unanswered(t.Context(), w.home.ID, 10)
			if err != nil || len(got) != len(want) {
				t.Fatalf("unanswered: %+v, %v", got, err)
			}
			for i, l := range want {
				if got[i].ID != l.ID || got[i].Text != l.Text || got[i].Speaks != "ti" {
					t.Errorf("unanswered: %+v, want %+v", got[i], l)
				}
			}
		}
		unanswered(a, young)
		mark(a, relay.Answered)
		mark(a, relay.Read)
		read(a, relay.Answered)
		unanswered(young)
		waiting(1)
		closeAll := func(o bot.OrganisationID) {
			w.do(func(ctx context.Context, tx bot.Tx) error { return s.CloseAll(ctx, tx, p.Member.ID, o, w.now()) })
		}
		closeAll(other.ID)
		read(elsewhere, relay.Closed)
		read(young, relay.Open)
		closeAll("")
		read(young, relay.Closed)
		w.conflicts("answering a closed letter", func(ctx context.Context, tx bot.Tx) error { return s.Mark(ctx, tx, young.ID, relay.Answered, w.now()) })
		read(young, relay.Closed)
		if err := w.Members().Pause(t.Context(), w.home.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Letter(t.Context(), a.ID); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a letter to a paused organisation: %v", err)
		}
	})
}

// Who has stopped hears nothing that others cause, but what they asked for.
func TestRepliesToSomebodyWhoStopped(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		grace, amina := w.member("grace"), w.member("amina")
		stop := func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetState(ctx, tx, amina.Member.ID, bot.Stopped)
		}
		to := func(asked bool) bot.Reply {
			r := say("hello")
			r.To, r.Asked = amina.Member.ID, asked
			return r
		}
		if got := w.queue("one", grace, to(false)); len(got) != 1 {
			t.Errorf("before the stop %d were queued", len(got))
		}
		w.do(stop)
		if got := w.queue("one", grace, to(false)); len(got) != 0 {
			t.Errorf("%d were queued for somebody who has stopped", len(got))
		}
		if got := w.queue("one", grace, to(true)); len(got) != 1 {
			t.Errorf("of what she asked for %d were queued", len(got))
		}
		if got := w.queue("one", amina, to(false), say("Done.")); len(got) != 2 {
			t.Errorf("in her own turn %d were queued", len(got))
		}
	})
}

func TestConsentAndMute(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other := w.organisation("Another Roof")
		p := w.member("amina", w.home, other)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().Consent(ctx, tx, p.Member.ID, 3, "ar", w.now())
		})
		day := w.now().Unix() / 86400 * 86400 * 1000
		w.rows("consent, by the day", 3, `SELECT consent, consent_locale, consent_at FROM members`, nil, fmt.Sprint(3, " ar ", day))
		mute := func(o bot.Organisation, yes bool) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return w.Members().Mute(ctx, tx, p.Member.ID, o.ID, yes)
			}
		}
		w.do(mute(other, true))
		got := w.person("amina")
		if got.Member.Consent != 3 || len(got.Organisations) != 2 || len(got.Muted) != 1 || got.Muted[0] != other.ID {
			t.Errorf("%+v", got)
		}
		for o, want := range map[bot.OrganisationID]int{w.home.ID: 1, other.ID: 0} {
			if c, err := w.Alerts().Candidates(t.Context(), o, alert.Among{}, "", 10); err != nil || len(c) != want {
				t.Errorf("%d would get a message of %s, %v, want %d", len(c), o, err, want)
			}
		}
		w.do(w.agree(p, other)) // saying yes anew ends it
		if got := w.person("amina"); len(got.Muted) != 0 {
			t.Errorf("after a new yes: %+v", got)
		}
		w.do(mute(other, true), mute(other, false))
		if got := w.person("amina"); len(got.Muted) != 0 {
			t.Errorf("after taking it back: %+v", got)
		}
	})
}
