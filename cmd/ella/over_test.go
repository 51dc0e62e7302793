package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ella/bot/bottest"
)

// TestOverIsToldToPartners: when what two call to is over, by a button or because the
// message that it began with is stopped, the other's organisers hear it at once, and
// no copy of theirs that is on its way goes out any more.
func TestOverIsToldToPartners(t *testing.T) {
	s, partner, _ := twoOrganisations(t, "crowd 14 uk CV1 at "+luton)
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	s.presses(t, "ben", "Yes, take part")
	s.presses(t, "ben", "📣 Write to our people")
	s.presses(t, "ben", "👁 Look and send")
	theirs := s.reaches(t, "ben", "✅ Send now")
	// As if it had been submitted a moment ago, and nothing were written yet.
	again := func() {
		t.Helper()
		s.behind(t, `UPDATE deliveries SET state = 'planned', owner = '', reason = '', attempts = 0 WHERE alert_id IN (
			SELECT id FROM alerts WHERE organisation_id = '`+string(partner.ID)+`') RETURNING state`)
		s.behind(t, `UPDATE alerts SET state = 'sending', done_at = NULL WHERE state = 'done' RETURNING id`)
	}
	stands := func() string {
		return s.behind(t, `SELECT state, reason, count(*) FROM deliveries WHERE alert_id IN (
			SELECT id FROM alerts WHERE organisation_id = '`+string(partner.ID)+`') GROUP BY state, reason`)
	}
	s.presses(t, "grace", "📊 Who is coming")
	again()
	if reached := s.reaches(t, "grace", "🏁 It is over"); len(reached) > 0 {
		t.Errorf("%d are asked to come to what is over", len(reached))
	}
	if got, want := stands(), fmt.Sprintf("skipped over %d \n", len(theirs)+2); got != want { // ben and bea hear from it too
		t.Errorf("their copies are %q, want %q", got, want)
	}
	heard := func(want string, of ...string) {
		t.Helper()
		for _, who := range of {
			shown := s.Platform.Shown(who)
			found := slices.ContainsFunc(shown[max(0, len(shown)-3):], func(m bottest.Shown) bool {
				return strings.Contains(bottest.Visible(m.Message.Text()), want)
			})
			if !found {
				t.Errorf("%s does not hear that %q, but\n%s", who, want, s.newest(t, who))
			}
		}
	}
	const over = "⟨Common Ground⟩ lets you know: ⟨Picnic on Sunday.⟩ is over, or called off."
	heard(over, "ben", "bea")
	before := len(s.Platform.Shown("ben"))
	s.presses(t, "grace", "Undo")
	heard("⟨Picnic on Sunday.⟩ is not over after all", "ben", "bea")
	if n := len(s.Platform.Shown("ben")) - before; n != 1 {
		t.Errorf("ben hears %d messages", n)
	}
	// Amare was never asked, and Luton Roma Trust has left: its people were asked.
	s.presses(t, "ben", "No longer take part")
	again()
	stop := strings.Fields(s.behind(t, `SELECT alert_id FROM actions`))[0]
	if h := s.press(t, "grace", "v1:alert.cancel:"+stop+":"); !h.says(s, "alert.cancelled") {
		t.Fatalf("stopped with\n%s", h.text())
	}
	heard(over, "ben", "bea")
	if got := s.newest(t, "ali"); strings.Contains(got, "lets you know") {
		t.Errorf("ali hears\n%s", got)
	}
	s.allWell(t)
}

// TestPausedOwnersAction: while the organisation that has called people is paused,
// nobody joins in or writes for it, and its numbers are not among those shown.
func TestPausedOwnersAction(t *testing.T) {
	s, _, ours := twoOrganisations(t, "crowd 12 ar CV1")
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	s.presses(t, "grace", "📊 Who is coming")
	pause := func(is bool) {
		t.Helper()
		if err := s.db.Members().Pause(t.Context(), s.organisation.ID, is); err != nil {
			t.Fatal(err)
		}
	}
	yes := s.button(t, "ben", "Yes, take part")
	pause(true)
	if h := s.press(t, "ben", yes); !h.says(s, "lost.no-such-right") {
		t.Errorf("accepted while its owner is paused:\n%s", h.text())
	}
	pause(false)
	s.press(t, "ben", yes).shows(t, "takes part")
	rsvp := s.button(t, "grace", "✅ Yes")
	for _, chat := range ours {
		s.press(t, chat, rsvp)
	}
	write := s.button(t, "ben", "📣 Write to our people")
	s.say(t, "ben", "/results")
	s.presses(t, "ben", "Picnic on Sunday.").shows(t, "Altogether, with ⟨Common Ground⟩: at least ⟦10⟩ people")
	s.press(t, "ben", write)
	s.presses(t, "ben", "👁 Look and send")
	send := s.button(t, "ben", "✅ Send now")
	pause(true)
	for _, data := range []string{write, send} {
		if h := s.press(t, "ben", data); !h.says(s, "alert.call-over") {
			t.Errorf("%s while its owner is paused:\n%s", data, h.text())
		}
	}
	s.say(t, "ben", "/results")
	if h := s.presses(t, "ben", "Picnic on Sunday."); strings.Contains(h.text(), "ltogether") || strings.Contains(h.text(), "Write to our people") {
		t.Errorf("ben sees\n%s", h.text())
	}
	pause(false)
	s.press(t, "ben", write).shows(t, "Asks who is coming: Yes")
	s.allWell(t)
}

// TestRemovedOwnersAction: when the organisation that has called people is removed,
// another that takes part goes on with it, and with what its own people answered.
func TestRemovedOwnersAction(t *testing.T) {
	s, _, _ := twoOrganisations(t, "crowd 12 ar CV1", "crowd 14 uk CV1 at "+luton)
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	for _, label := range []string{"Yes, take part", "📣 Write to our people", "👁 Look and send"} {
		s.presses(t, "ben", label)
	}
	rsvp := s.button(t, "grace", "✅ Yes")
	theirs := s.reaches(t, "ben", "✅ Send now")
	for _, chat := range theirs[:6] {
		s.press(t, chat, rsvp)
	}
	if err := s.db.Members().RemoveOrganisation(t.Context(), s.organisation.ID); err != nil {
		t.Fatal(err)
	}
	s.press(t, theirs[7], rsvp).shows(t, "Ви прийдете.")
	s.say(t, "ben", "/results")
	s.presses(t, "ben", "Picnic on Sunday.").shows(t, "Coming: at least ⟦5⟩ people", "[🏁 It is over]", "[🤝 Invite another organisation]")
	s.presses(t, "ben", "🏁 It is over").shows(t, "This is over.")
	s.allWell(t)
}

// TestActionIsTakenOverWithoutItsWords: who has not written yet writes in the words
// that the action is called by, when those that it began with are gone.
func TestActionIsTakenOverWithoutItsWords(t *testing.T) {
	s, _, _ := twoOrganisations(t)
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	s.presses(t, "ben", "Yes, take part")
	if err := s.db.Members().RemoveOrganisation(t.Context(), s.organisation.ID); err != nil {
		t.Fatal(err)
	}
	s.say(t, "ben", "/results")
	s.presses(t, "ben", "Picnic on Sunday.").shows(t, "Asked: fewer than ⟦5⟩")
	s.presses(t, "ben", "📣 Write to our people").shows(t, "From: ⟨"+luton+"⟩", "English: ⟨Picnic on Sunday.⟩", "Asks who is coming: Yes")
	s.presses(t, "ben", "👁 Look and send")
	s.presses(t, "ben", "✅ Send now")
	s.presses(t, "bea", "✅ Yes").shows(t, "You are coming.")
	s.allWell(t)
}
