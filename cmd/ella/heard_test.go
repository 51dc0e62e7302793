package main

import (
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
)

// answers has somebody write something as an answer to a message that holds some words.
func (s *stage) answers(t *testing.T, who, to, text string) heard {
	t.Helper()
	shown := s.Platform.Shown(who)
	for i := range shown {
		if m := shown[len(shown)-1-i]; strings.Contains(bottest.Visible(m.Message.Text()), to) {
			return s.act(t, bot.Update{Kind: bot.TextSent, Sender: who, Text: text, Answers: m.Ref})
		}
	}
	t.Fatalf("nothing in the chat of %s says %q", who, to)
	return nil
}

// TestAnsweredInWords: one open invitation is answered in words of any language, in
// digits, and with whom somebody brings; what is noted is shown below the words.
func TestAnsweredInWords(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "kasia")
	s.meet(t, "omar")
	s.meet(t, "kasia")
	if h := s.say(t, "omar", "yes"); !h.says(s, "lost.no-command") {
		t.Errorf("with nothing open a yes is answered with\n%s", h.text())
	}
	picnic(t, s)
	for _, c := range []struct{ text, want string }{
		{"Yes!", "You are coming.\nYou come by yourself."},
		{"+2", "You are coming.\nYou bring ⟦2⟩ people."},
		{"نعم ٣", "You are coming.\nYou bring ⟦3⟩ people."},
		{"نعم", "You are coming.\nYou bring ⟦3⟩ people."},
		{"maybe", "Maybe you are coming.\nYou bring ⟦3⟩ people."},
		{"yes +1", "You are coming.\nYou bring ⟦1⟩ person."},
		{"٣", "You are coming.\nYou bring ⟦1⟩ person."}, // a button, or three people: not guessed
		{"no", "You are not coming."},
		{"٢", "Maybe you are coming."},
		{"no", "You are not coming."},
		{"+25", "You are coming.\nYou bring ⟦20⟩ people."},
		{"no", "You are not coming."},
		{"1", "You are coming.\nYou come by yourself."},
	} {
		h := s.say(t, "omar", c.text)
		if h.shows(t, "⟨Picnic on Sunday.⟩\n"+c.want); len(h) != 1 || h[0].Edited {
			t.Errorf("%q is answered with %d messages, or above the words:\n%s", c.text, len(h), h.text())
		}
	}
	// A press changes the card that was shown last.
	if h := s.presses(t, "omar", "❌ No"); len(h) != 2 || !strings.Contains(s.newest(t, "omar"), "You are not coming.") {
		t.Errorf("the press says\n%s", h.text())
	}
	// What is no clear answer is asked once more, and noted as nothing.
	s.press(t, "kasia", "v1:member.language::pl")
	s.say(t, "kasia", "no").shows(t, "⟨Picnic on Sunday.⟩\nPrzyjdziesz?", "[✅ Tak]")
	s.say(t, "kasia", "/actions").shows(t, "Przyjdziesz?")
	s.say(t, "kasia", "no tak").shows(t, "Twoja odpowiedź: przyjdę.")
	s.allWell(t)
}

// TestWordsAreNotGuessed: with several invitations open Ella asks which one is meant,
// unless the words were written as an answer to one of them.
func TestWordsAreNotGuessed(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	s.meet(t, "omar")
	picnic(t, s)
	s.Clock.Advance(time.Minute)
	s.calls(t, "grace", "Vigil on Monday.")
	h := s.say(t, "omar", "yes +2")
	if h.shows(t, "Which one do you mean?", "[Vigil on Monday.]\n[Picnic on Sunday.]"); strings.Contains(h.text(), "You are coming") {
		t.Errorf("it was guessed:\n%s", h.text())
	}
	s.presses(t, "omar", "Picnic on Sunday.").shows(t, "⟨Picnic on Sunday.⟩\nYou are coming.\nYou bring ⟦2⟩ people.")
	s.say(t, "omar", "no").shows(t, "Which one do you mean?")

	// As an answer to the alert, and to the card below it.
	s.answers(t, "omar", "⟨Vigil on Monday.⟩\nAre you coming?", "maybe").shows(t, "⟨Vigil on Monday.⟩\nMaybe you are coming.")
	s.answers(t, "omar", "You bring", "no").shows(t, "⟨Picnic on Sunday.⟩\nYou are not coming.")
	s.answers(t, "omar", "Bring a blanket.", "yes").shows(t, "⟨Picnic on Sunday.⟩\nYou are coming.")

	// As an answer to something else of Ella's: not about either, for all she knows.
	if h := s.answers(t, "omar", "Which one do you mean?", "no"); strings.Contains(h.text(), "You are") {
		t.Errorf("it was guessed:\n%s", h.text())
	}
	// One is over: what is left is still not guessed at from an answer to what is over.
	s.say(t, "grace", "/results")
	s.presses(t, "grace", "Vigil on Monday.")
	s.presses(t, "grace", "🏁 It is over")
	if h := s.answers(t, "omar", "⟨Vigil on Monday.⟩\nAre you coming?", "yes"); !h.says(s, "rsvp.over") {
		t.Errorf("an answer to what is over says\n%s", h.text())
	}
	s.say(t, "omar", "no").shows(t, "⟨Picnic on Sunday.⟩\nYou are not coming.")

	// After two weeks a word may mean anything.
	s.Clock.Advance(15 * 24 * time.Hour)
	if h := s.say(t, "omar", "yes"); !h.says(s, "lost.no-command") {
		t.Errorf("after two weeks it says\n%s", h.text())
	}
	s.say(t, "omar", "/actions").shows(t, "⟨Picnic on Sunday.⟩")
	s.allWell(t)
}

// TestWordsOfWhoHasLeft: a word is no answer to an organisation that they have left, and
// one of somebody who wants no messages is asked about. Their buttons still work.
func TestWordsOfWhoHasLeft(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "lee")
	s.meet(t, "omar")
	s.meet(t, "lee")
	picnic(t, s)
	s.press(t, "omar", "v1:member.agree:"+string(s.organisation.ID)+":no")
	if h := s.say(t, "omar", "yes"); !h.says(s, "lost.no-command") {
		t.Errorf("who has left reads\n%s", h.text())
	}
	s.answers(t, "omar", "Bring a blanket.", "yes").shows(t, "You are coming.")
	s.say(t, "lee", "/stop")
	if h := s.say(t, "lee", "yes"); strings.Contains(h.text(), "You are coming") || !strings.Contains(h.text(), "Are you coming?") {
		t.Errorf("who has stopped reads\n%s", h.text())
	}
	s.presses(t, "lee", "✅ Yes").shows(t, "You are coming.")
	s.allWell(t)
}

// TestWordsAfterAnotherQuestion: a yes to what Ella asked last is not taken for one to
// an invitation above it. She shows the invitation, and a yes after that is meant.
func TestWordsAfterAnotherQuestion(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	s.Platform.Can.TakesBack = 48 * time.Hour // what stands in a chat is known
	s.meet(t, "omar")
	picnic(t, s)
	asks := func(what string) {
		t.Helper()
		if h := s.say(t, "omar", "yes"); strings.Contains(h.text(), "You are coming") || !strings.Contains(h.text(), "Are you coming?") {
			t.Errorf("%s, a yes is answered\n%s", what, h.text())
		}
		s.Clock.Advance(time.Second)
	}
	s.Clock.Advance(time.Second)
	s.say(t, "omar", "/forgetme")
	s.Clock.Advance(time.Second)
	asks("asked whether he wants to be forgotten")

	s.say(t, "grace", "/alert The office is closed on Monday. Is that all right?")
	for _, label := range []string{"English", "👁 Look and send", "✅ Send now"} {
		s.presses(t, "grace", label)
	}
	s.Clock.Advance(time.Second)
	asks("told something else")

	s.say(t, "omar", "yes").shows(t, "⟨Picnic on Sunday.⟩\nYou are coming.")
	s.Clock.Advance(time.Second)
	s.say(t, "omar", "+2").shows(t, "You bring ⟦2⟩ people.")
	s.Clock.Advance(time.Second)
	if h := s.answers(t, "omar", "Bring a blanket.", "no"); !strings.Contains(h.text(), "You are not coming") {
		t.Errorf("an answer to the invitation says\n%s", h.text())
	}
	s.allWell(t)
}

// TestForgedAnswersInWords: buttons of the question which one is meant are nobody
// else's, and carry nothing that was not offered.
func TestForgedAnswersInWords(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "stranger")
	s.meet(t, "omar")
	id := picnic(t, s)[1:]
	s.press(t, "stranger", "v1:member.language::en")
	s.press(t, "stranger", "v1:member.consent::yes")
	for _, arg := range []string{"yes+2", "no+0", "unsure+0", "brings+3", "numbered+3"} {
		if h := s.press(t, "stranger", "v1:action.said:"+id+":"+arg); !h.says(s, "lost.no-such-right") {
			t.Errorf("%s of a stranger says\n%s", arg, h.text())
		}
	}
	for _, arg := range []string{"", "yes", "yes+-1", "yes+x", "never+0", "numbered+9", "+1"} {
		if h := s.press(t, "omar", "v1:action.said:"+id+":"+arg); !h.says(s, "lost.old-button") {
			t.Errorf("%q says\n%s", arg, h.text())
		}
	}
	s.allWell(t)
}
