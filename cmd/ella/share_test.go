package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ella/bot"
)

// TestSharedAction: two organisations call to one action. Each writes to its own
// people and sees their answers, and of the other's only how many come altogether,
// and that only once they are five.
func TestSharedAction(t *testing.T) {
	s, partner, ours := twoOrganisations(t, "crowd 12 ar CV1", "crowd 14 uk CV1 at "+luton)
	s.presses(t, "grace", "🤝 Invite another organisation").shows(t, "⟨Picnic on Sunday.⟩", "[Amare]", "["+luton+"]")
	s.presses(t, "grace", luton).shows(t, "⟨"+luton+"⟩ is invited to take part in ⟨Picnic on Sunday.⟩", "[Take it back]")
	for _, who := range []string{"ben", "bea"} {
		if got := s.newest(t, who); !strings.Contains(got, "⟨Common Ground⟩ invites ⟨"+luton+"⟩ to take part in ⟨Picnic on Sunday.⟩") {
			t.Errorf("%s reads\n%s", who, got)
		}
	}
	no := s.button(t, "bea", "No")
	s.presses(t, "ben", "Yes, take part").shows(t, "takes part in ⟨Picnic on Sunday.⟩", "[📣 Write to our people]")
	// Whoever comes later sees what was decided, and both sides know it.
	s.press(t, "bea", no).shows(t, "⟨"+luton+"⟩ takes part in ⟨Picnic on Sunday.⟩")
	for _, who := range []string{"grace", "gil"} {
		if got := s.newest(t, who); !strings.Contains(got, "⟨"+luton+"⟩ takes part in ⟨Picnic on Sunday.⟩") {
			t.Errorf("%s reads\n%s", who, got)
		}
	}
	s.presses(t, "ben", "📣 Write to our people").shows(t, "From: ⟨"+luton+"⟩", "English: ⟨Picnic on Sunday.\nBring a blanket.⟩", "Asks who is coming: Yes")
	s.presses(t, "bea", "📣 Write to our people") // goes on with the same draft
	s.presses(t, "bea", "✏️ Change the text")
	s.say(t, "bea", "Picnic with friends.")
	s.presses(t, "ben", "👁 Look and send").shows(t, "Українська: at least ⟦10⟩ people\nOther languages: fewer than ⟦5⟩\nAltogether: at least ⟦10⟩ people", "⟨Picnic with friends.⟩")
	theirs := s.reaches(t, "ben", "✅ Send now")
	if len(ours) != 12 || len(theirs) != 14 || slices.ContainsFunc(theirs, func(chat string) bool { return slices.Contains(ours, chat) }) {
		t.Fatalf("%d and %d were written to", len(ours), len(theirs))
	}

	rsvp := strings.TrimSuffix(s.button(t, "grace", "✅ Yes"), "yes")
	s.presses(t, "ben", "📊 Who is coming").shows(t, "⟨Picnic on Sunday.⟩\nCalled by: ⟨Common Ground⟩\nAsked: at least ⟦15⟩ people\nComing: fewer than ⟦5⟩", "With ⟨Common Ground⟩: too few people so far")
	if h := s.presses(t, "ben", "🔄 Look again"); strings.Contains(h.text(), "It is over") || strings.Contains(h.text(), "Invite another") {
		t.Errorf("a partner may do what the owner does:\n%s", h.text())
	}
	for _, chat := range ours[:10] {
		s.press(t, chat, rsvp+"yes")
	}
	s.presses(t, "grace", "📊 Who is coming").shows(t, "Asked: at least ⟦15⟩ people\nComing: at least ⟦10⟩ people", "Altogether, with ⟨"+luton+"⟩: at least ⟦10⟩ people")
	s.presses(t, "ben", "🔄 Look again").shows(t, "Coming: fewer than ⟦5⟩", "Altogether, with ⟨Common Ground⟩: at least ⟦10⟩ people")
	_, before := s.results(t, "grace")
	for i, chat := range theirs[:5] {
		s.press(t, chat, rsvp+"yes")
		s.press(t, chat, strings.Replace(rsvp, "rsvp", "plus", 1)+"2")
		if words, now := s.results(t, "grace"); (now == before) != (i < 4) {
			t.Errorf("%d of the other's people come, and it says\n%s", i+1, words)
		}
	}
	// Ten of ours, and five of theirs who bring ten.
	words, _ := s.results(t, "grace")
	if !strings.Contains(words, "Coming: at least ⟦10⟩ people\nThey bring: fewer than ⟦5⟩\nMaybe: fewer than ⟦5⟩") || !strings.Contains(words, "⟨"+luton+"⟩: at least ⟦25⟩ people") {
		t.Errorf("it says\n%s", words)
	}
	s.presses(t, "ben", "🔄 Look again").shows(t, "Coming: at least ⟦5⟩ people", "⟨Common Ground⟩: at least ⟦25⟩ people")

	// The sharing ends: what one's own people said stays, and no total is told.
	s.presses(t, "ben", "No longer take part").shows(t, "⟨Common Ground⟩ and ⟨"+luton+"⟩ do not share ⟨Picnic on Sunday.⟩ any more")
	if got := s.newest(t, "gil"); !strings.Contains(got, "do not share") {
		t.Errorf("gil reads\n%s", got)
	}
	for who, own := range map[string]string{"grace": "Coming: at least ⟦10⟩ people", "ben": "Coming: at least ⟦5⟩ people"} {
		s.say(t, who, "/results")
		h := s.presses(t, who, "Picnic on Sunday.")
		if h.shows(t, own); strings.Contains(h.text(), "ltogether") || strings.Contains(h.text(), "Write to our people") {
			t.Errorf("%s sees\n%s", who, h.text())
		}
	}
	s.press(t, theirs[6], rsvp+"yes").shows(t, "Ви прийдете.") // whoever has an invitation may still answer
	s.press(t, "ben", "v1:"+bot.VerbCallFor+":"+strings.Split(rsvp, ":")[2]+":"+string(partner.ID)).shows(t, "no longer open")

	// One action, whatever was pressed.
	s.say(t, "grace", "/results").shows(t, "Which one?")
	if n := strings.Count(s.newest(t, "grace"), "[Picnic on Sunday.]"); n != 1 {
		t.Errorf("there are %d actions:\n%s", n, s.newest(t, "grace"))
	}
	s.allWell(t)
}

// TestFewWhoBringMany: as long as those who come are few, nothing of whom they bring
// is in what the other organisation is told.
func TestFewWhoBringMany(t *testing.T) {
	s, _, _ := twoOrganisations(t, "crowd 6 uk CV1 at "+luton)
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	for _, label := range []string{"Yes, take part", "📣 Write to our people", "👁 Look and send"} {
		s.presses(t, "ben", label)
	}
	theirs := s.reaches(t, "ben", "✅ Send now")
	plus := strings.TrimSuffix(strings.Replace(s.button(t, "grace", "✅ Yes"), "rsvp", "plus", 1), "yes")
	for _, chat := range theirs[:4] {
		s.press(t, chat, plus+"20")
	}
	for _, who := range []string{"grace", "ben"} {
		h := s.presses(t, who, "📊 Who is coming")
		if h.shows(t, "too few people so far"); strings.Contains(h.text(), "They bring") {
			t.Errorf("%s sees\n%s", who, h.text())
		}
	}
	s.allWell(t)
}

// TestShareIsDecidedByEach: a no is a no until somebody asks again, an invitation
// may be taken back while it is open, and what is over or no longer shared asks
// nobody any more.
func TestShareIsDecidedByEach(t *testing.T) {
	s, _, _ := twoOrganisations(t)
	ask := func() {
		t.Helper()
		s.say(t, "grace", "/results")
		s.presses(t, "grace", "Picnic on Sunday.")
		s.presses(t, "grace", "🤝 Invite another organisation")
	}
	ask()
	s.presses(t, "grace", luton)
	yes := s.button(t, "ben", "Yes, take part")
	s.presses(t, "ben", "No").shows(t, "⟨"+luton+"⟩ does not take part in ⟨Picnic on Sunday.⟩.")
	s.press(t, "bea", yes).shows(t, "does not take part") // too late
	ask()
	s.presses(t, "grace", "⟨"+luton+"⟩ (said no)")
	if got := s.newest(t, "bea"); !strings.Contains(got, "invites") {
		t.Errorf("asked again, bea reads\n%s", got)
	}
	s.presses(t, "grace", "Take it back").shows(t, "do not share")
	s.press(t, "ben", yes).shows(t, "do not share")
	ask()
	s.presses(t, "grace", "⟨"+luton+"⟩ (no longer)")
	s.press(t, "bea", yes).shows(t, "takes part")
	ask()
	s.presses(t, "grace", "✓ ⟨"+luton+"⟩").shows(t, "⟨"+luton+"⟩ takes part", "[End this]") // pressed again: nothing is asked
	s.presses(t, "bea", "📣 Write to our people")
	send := func() heard {
		s.presses(t, "bea", "👁 Look and send")
		return s.presses(t, "bea", "✅ Send now")
	}
	s.presses(t, "grace", "📊 Who is coming")
	amare := s.button(t, "grace", "Amare")
	s.presses(t, "grace", "🏁 It is over")
	if s.press(t, "grace", amare).shows(t, "This is over."); strings.Contains(s.newest(t, "ali"), "invites") {
		t.Errorf("asked to what is over:\n%s", s.newest(t, "ali"))
	}
	if h := send(); !h.says(s, "alert.call-over") {
		t.Errorf("sent when it is over:\n%s", h.text())
	}
	s.presses(t, "grace", "Undo")
	s.presses(t, "grace", "End this")
	if h := send(); !h.says(s, "alert.call-over") {
		t.Errorf("sent when it is no longer shared:\n%s", h.text())
	}
	s.press(t, "bea", yes).shows(t, "do not share")
	// The text may still go out, and ask nothing: so it does for an organisation that
	// never took part, too.
	if err := s.do(t.Context(), "bea", "role organiser at Amare"); err != nil {
		t.Fatal(err)
	}
	s.say(t, "bea", "/alert")
	s.presses(t, "bea", "⟨Picnic on Sunday.⟩ (Not sent yet)")
	s.presses(t, "bea", "🔁 Write for another organisation").shows(t, "From: ⟨Amare⟩", "Asks who is coming: No")
	if h := send(); !h.says(s, "progress.done") {
		t.Errorf("sent without the question:\n%s", h.text())
	}
	s.allWell(t)
}

// TestStoppingAnAlertEndsOnlyItsOwnCall: a partner who stops its alert does not end
// what another has called to.
func TestStoppingAnAlertEndsOnlyItsOwnCall(t *testing.T) {
	s, _, _ := twoOrganisations(t, "crowd 1 uk CV1 at "+luton)
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	s.presses(t, "ben", "Yes, take part")
	s.presses(t, "ben", "📣 Write to our people")
	data := s.button(t, "ben", "🗑 Throw away")
	id := strings.Split(data, ":")[2]
	s.presses(t, "ben", "👁 Look and send")
	s.presses(t, "ben", "✅ Send now")
	s.behind(t, `UPDATE alerts SET state = 'sending' WHERE id = '`+id+`' RETURNING id`)
	if h := s.press(t, "ben", "v1:alert.cancel:"+id+":"); !h.says(s, "alert.cancelled") {
		t.Fatalf("stopped with\n%s", h.text())
	}
	s.presses(t, "grace", "✅ Yes").shows(t, "You are coming.")
	s.allWell(t)
}

// TestOneAnswerForTwoInvitations: who hears from both has two copies and one answer,
// which belongs to whoever asked first.
func TestOneAnswerForTwoInvitations(t *testing.T) {
	s, partner, _ := twoOrganisations(t)
	s.press(t, "omar", "v1:member.agree:"+string(partner.ID)+":yes")
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	s.presses(t, "ben", "Yes, take part")
	s.presses(t, "ben", "📣 Write to our people")
	s.presses(t, "ben", "👁 Look and send")
	s.presses(t, "ben", "✅ Send now")
	s.presses(t, "omar", "✅ Yes")
	s.presses(t, "omar", "+3")
	s.say(t, "omar", "/actions").shows(t, "You bring ⟦3⟩ people")
	if got, want := s.behind(t, `SELECT organisation_id, answer, plus FROM rsvps`), s.organisation.ID+" yes 3 \n"; got != string(want) {
		t.Errorf("stored is\n%swant\n%s", got, want)
	}
	s.allWell(t)
}

// TestNothingAcrossOrganisations presses every button that an organiser of one
// organisation has, as organisers of others who forged it. Nothing is shown, counted
// or changed.
func TestNothingAcrossOrganisations(t *testing.T) {
	s, partner, _ := twoOrganisations(t, "crowd 12 ar CV1 crmc")
	sent := strings.Split(s.button(t, "grace", "📊 Who is coming"), ":")
	action := sent[2]
	s.say(t, "grace", "/alert A draft.")
	s.presses(t, "grace", "English")
	draft := strings.Split(s.button(t, "grace", "👁 Look and send"), ":")[2]
	s.say(t, "grace", "/alert")
	s.presses(t, "grace", "⟨Picnic on Sunday.⟩ (Finished)")
	alert := strings.Fields(s.behind(t, `SELECT id FROM alerts WHERE state = 'done'`))[0]
	home, crmc := string(s.organisation.ID), string(s.groups["crmc"].ID)
	stored := func() string {
		return s.behind(t, `SELECT id, organisation_id, author_id, action_id, locale, audience, state, version FROM alerts ORDER BY id`) +
			s.behind(t, `SELECT id, state FROM actions`) + s.behind(t, `SELECT alert_id, locale FROM alert_variants ORDER BY alert_id, locale`) +
			s.behind(t, `SELECT action_id, organisation_id, state FROM action_shares`) + s.behind(t, `SELECT answer FROM rsvps`) +
			s.behind(t, `SELECT count(*) FROM shown_counts`)
	}
	before := stored()

	var forged []string
	for _, id := range []string{draft, alert} {
		for _, verb := range []string{
			"written:%s:ar", "card:%s:", "from:%s:" + string(partner.ID), "from:%s:" + home, "wrong:%s:", "rewrite:%s:", "variants:%s:",
			"variant:%s:ar", "drop:%s:en", "audience:%s:", "everyone:%s:", "near:%s:", "at:%s:CV1|Coventry", "within:%s:25", "speak:%s:",
			"locale:%s:ar", "groups:%s:", "group:%s:" + crmc, "invite:%s:yes", "invite:%s:no", "preview:%s:", "send:%s:0", "send:%s:1", "discard:%s:",
			"cancel:%s:", "progress:%s:",
		} {
			forged = append(forged, "v1:alert."+fmt.Sprintf(verb, id))
		}
	}
	for _, arg := range []string{"", home, string(partner.ID)} {
		for _, verb := range []string{"action.results", "action.share", "action.ask", "action.accept", "action.decline", "action.part", "alert.call-for"} {
			forged = append(forged, "v1:"+verb+":"+action+":"+arg)
		}
	}
	forged = append(forged, "v1:action.over:"+action+":yes", "v1:action.over:"+action+":no", "v1:action.rsvp:"+action+":yes", "v1:action.plus:"+action+":3")
	for _, who := range []string{"ben", "ali"} {
		for _, data := range forged {
			h := s.press(t, who, data)
			if !h.says(s, "lost.no-such-right") && !h.says(s, "lost.old-button") {
				t.Errorf("%s presses %s and hears\n%s", who, data, h.text())
			}
			for _, secret := range []string{"Picnic", "draft", "at least", "fewer", "Coventry"} {
				if strings.Contains(h.text(), secret) {
					t.Errorf("%s presses %s and hears of %q", who, data, secret)
				}
			}
		}
		s.say(t, who, "/results").shows(t, "You have not asked anybody")
	}
	if now := stored(); now != before {
		t.Errorf("something has changed:\n%s\nis now\n%s", before, now)
	}

	// Groups of another organisation are no audience of a draft of one's own.
	s.say(t, "ben", "/alert Mine.")
	s.presses(t, "ben", "English")
	mine := strings.Split(s.button(t, "ben", "👁 Look and send"), ":")[2]
	if h := s.press(t, "ben", "v1:alert.group:"+mine+":"+crmc); !h.says(s, "lost.no-such-right") {
		t.Errorf("another's group is taken:\n%s", h.text())
	}
	if h := s.press(t, "ben", "v1:alert.groups:"+mine+":"); !h.says(s, "audience.no-groups") {
		t.Errorf("groups are offered:\n%s", h.text())
	}
	if h := s.press(t, "ben", "v1:alert.from:"+mine+":"+home); !h.says(s, "lost.no-such-right") {
		t.Errorf("another organisation's name is taken:\n%s", h.text())
	}
	s.presses(t, "ben", "👁 Look and send").shows(t, "Altogether: fewer than ⟦5⟩")

	// While an organisation is only asked, or has said no, it sees nothing either.
	s.presses(t, "grace", "📊 Who is coming")
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	for _, state := range []string{"asked", "declined"} {
		for _, data := range []string{"v1:action.results:" + action + ":", "v1:action.results:" + action + ":" + string(partner.ID), "v1:alert.call-for:" + action + ":" + string(partner.ID)} {
			if h := s.press(t, "ben", data); !h.says(s, "lost.no-such-right") {
				t.Errorf("%s, and %s shows\n%s", state, data, h.text())
			}
		}
		for _, verb := range []string{"accept", "decline", "part", "ask"} {
			if h := s.press(t, "ali", "v1:action."+verb+":"+action+":"+string(partner.ID)); !h.says(s, "lost.no-such-right") {
				t.Errorf("a third decides:\n%s", h.text())
			}
		}
		if h := s.press(t, "grace", "v1:action.accept:"+action+":"+string(partner.ID)); !h.says(s, "lost.no-such-right") {
			t.Errorf("the owner decides for the other:\n%s", h.text())
		}
		if state == "asked" {
			s.presses(t, "ben", "No")
		}
	}
	s.allWell(t)
}
