package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/message"
)

// newestLink is the payload of the newest start link in somebody's chat.
func (s *stage) newestLink(of string) (payload string, ok bool) {
	before, _, _ := strings.Cut(s.Platform.Can.StartLink, "{}")
	shown := s.Platform.Shown(of)
	for i := range shown {
		text := shown[len(shown)-1-i].Message.Text()
		if at := strings.LastIndex(text, before); at >= 0 {
			rest := text[at+len(before):]
			return rest[:len(rest)-len(strings.TrimLeft(rest, payloadAlphabet))], true
		}
	}
	return "", false
}

const payloadAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// follows follows the newest start link that somebody was shown.
func (s *stage) follows(ctx context.Context, person, of string) error {
	payload, ok := s.newestLink(of)
	if !ok {
		return fmt.Errorf("%s was shown no link", of)
	}
	err := s.Accept(ctx, s.Platform.Raw(s.Account, bot.Update{Kind: bot.TextSent, Sender: person, Chat: person, Text: "/start " + payload}))
	if err != nil {
		return err
	}
	return s.settle(ctx)
}

// picnic is Grace's call to a picnic, which everybody who hears from Common Ground got
// by then, and the start payload of its link.
func picnic(t *testing.T, s *stage) (payload string) {
	t.Helper()
	s.meet(t, "grace", "role organiser")
	s.calls(t, "grace", "Picnic on Sunday.\nBring a blanket.")
	s.presses(t, "grace", "🔗 Link to this")
	payload, ok := s.newestLink("grace")
	if !ok || !strings.HasPrefix(payload, "a") {
		t.Fatalf("the link is %q", payload)
	}
	return payload
}

// calls has an organiser ask everybody to come to something.
func (s *stage) calls(t *testing.T, who, text string) {
	t.Helper()
	s.say(t, who, "/alert "+text)
	for _, label := range []string{"English", "🙋 Ask who is coming", "👁 Look and send", "✅ Send now"} {
		s.presses(t, who, label)
	}
}

// TestLinkIsForThoseWhoMayAnswer: whoever was asked sees where they stand, whoever
// belongs to the organisation may answer too, and anybody else says first whom they
// want to hear from.
func TestLinkIsForThoseWhoMayAnswer(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "late", "stranger", "newcomer", "no")
	s.meet(t, "omar")
	link := "/start " + picnic(t, s)

	// Asked: the question, and then the answer.
	s.say(t, "omar", link).shows(t, "⟨Common Ground⟩ writes\n⟨Picnic on Sunday.\nBring a blanket.⟩\n", "⟨Picnic on Sunday.⟩\nAre you coming?", "[✅ Yes]")
	s.presses(t, "omar", "🤔 Maybe")
	s.say(t, "omar", link).shows(t, "⟨Picnic on Sunday.⟩\nMaybe you are coming.")

	// Belongs, and came too late to be asked.
	s.meet(t, "late")
	s.say(t, "late", link).shows(t, "Bring a blanket.", "Are you coming?")
	s.presses(t, "late", "✅ Yes").shows(t, "You are coming.")
	if shown := s.Platform.Shown("late"); !strings.Contains(shown[len(shown)-2].Message.Text(), "Bring a blanket.") {
		t.Error("with the answer the words of the invitation are gone")
	}
	s.presses(t, "late", "+3").shows(t, "You bring ⟦3⟩ people.")
	s.say(t, "late", "/actions").shows(t, "⟨Picnic on Sunday.⟩", "You bring ⟦3⟩ people.")

	// Knows Ella, and hears from nobody.
	s.press(t, "stranger", "v1:member.language::en")
	s.press(t, "stranger", "v1:member.consent::yes")
	s.press(t, "stranger", "v1:member.agree::no")
	h := s.say(t, "stranger", link)
	if h.shows(t, "⟨Common Ground⟩ invites you.", "[Yes, please]"); strings.Contains(h.text(), "Picnic") {
		t.Errorf("shown to whoever said yes to nobody:\n%s", h.text())
	}
	s.presses(t, "stranger", "Yes, please").shows(t, "You will hear from ⟨Common Ground⟩.", "Bring a blanket.", "Are you coming?")
	s.say(t, "stranger", "yes").shows(t, "You are coming.")

	// Not even that: four taps from the link to the question, the first minute among them.
	s.say(t, "newcomer", link).shows(t, "Choose your language.")
	s.presses(t, "newcomer", "English")
	s.presses(t, "newcomer", "Yes, that is all right")
	s.presses(t, "newcomer", "Yes, please").shows(t, "Bring a blanket.", "Are you coming?")
	s.presses(t, "newcomer", "❌ No").shows(t, "You are not coming.")

	// A no is one, and no button of the invitation gets past it.
	s.say(t, "no", link)
	s.presses(t, "no", "English")
	s.presses(t, "no", "Yes, that is all right")
	s.presses(t, "no", "No, thank you").shows(t, "⟨Common Ground⟩ invites you.")
	s.presses(t, "no", "No, thank you").shows(t, "Nothing changes.")
	if h := s.press(t, "no", "v1:"+bot.VerbRSVP+":"+link[len("/start a"):]+":yes"); !h.says(s, "lost.no-such-right") {
		t.Errorf("a forged yes says\n%s", h.text())
	}
	s.allWell(t)
}

// TestLinksThatLeadNowhere: forged, over, for somebody else: all say the same, and none
// is the end of the way.
func TestLinksThatLeadNowhere(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar", "stranger", "newcomer")
	s.meet(t, "omar")
	link := "/start " + picnic(t, s)
	s.press(t, "stranger", "v1:member.language::en")
	s.press(t, "stranger", "v1:member.consent::yes")
	s.press(t, "stranger", "v1:member.agree::no")

	// An alert that only tells something: for its organisation's people, while it is new.
	s.say(t, "grace", "/alert The office is closed on Monday.")
	for _, label := range []string{"English", "👁 Look and send"} {
		s.presses(t, "grace", label)
	}
	draft := "/start m" + strings.Split(s.button(t, "grace", "✅ Send now"), ":")[2]
	gone := func(who, text string) {
		t.Helper()
		if h := s.say(t, who, text); !h.says(s, "link.gone") || !strings.Contains(h.text(), "[❓ Help]") || strings.Contains(h.text(), "office") || strings.Contains(h.text(), "Picnic") {
			t.Errorf("%s sends %s and reads\n%s", who, text, h.text())
		}
	}
	gone("omar", draft)
	s.presses(t, "grace", "✅ Send now")
	s.presses(t, "grace", "🔗 Link to this").shows(t, "A link to ⟨The office is closed on Monday.⟩", "Only people who hear from ⟨Common Ground⟩ can open it.")
	payload, _ := s.newestLink("grace")
	alert := "/start " + payload
	if alert != draft {
		t.Errorf("the link is %q, want %q", alert, draft)
	}
	s.say(t, "omar", alert).shows(t, "⟨Common Ground⟩ writes\n⟨The office is closed on Monday.⟩")
	gone("stranger", alert)
	for _, forged := range []string{"a0123456789abcdef", "m0123456789abcdef", "aa_mm", "mx", "a" + payload[1:], "m" + link[len("/start a"):]} {
		gone("omar", "/start "+forged)
		gone("stranger", "/start "+forged)
	}
	s.Clock.Advance(49 * time.Hour)
	gone("omar", alert)

	// One that was stopped is taken back, whoever holds a link to it.
	s.say(t, "omar", link).shows(t, "Are you coming?")
	s.say(t, "grace", "/results")
	s.presses(t, "grace", "Picnic on Sunday.")
	s.presses(t, "grace", "🏁 It is over")
	gone("omar", link)
	gone("stranger", link)

	// A newcomer goes on as if there had been none.
	s.say(t, "newcomer", link)
	s.presses(t, "newcomer", "English")
	s.presses(t, "newcomer", "Yes, that is all right")
	if h := s.presses(t, "newcomer", "Yes, please"); !h.says(s, "link.gone") || !h.says(s, "place.ask") {
		t.Errorf("after the first minute a newcomer reads\n%s", h.text())
	}
	s.allWell(t)
}

// TestLinkOfWhatIsShared: the people of an organisation that takes part answer through
// it, and whoever hears from nobody chooses.
func TestLinkOfWhatIsShared(t *testing.T) {
	s, partner, _ := twoOrganisations(t)
	s.presses(t, "grace", "🤝 Invite another organisation")
	s.presses(t, "grace", luton)
	s.presses(t, "ben", "Yes, take part")
	s.say(t, "ben", "/results")
	s.presses(t, "ben", "Picnic on Sunday.")
	s.presses(t, "ben", "🔗 Link to this")
	payload, _ := s.newestLink("ben")
	s.say(t, "bea", "/start "+payload).shows(t, "Are you coming?")
	s.presses(t, "bea", "✅ Yes").shows(t, "You are coming.")
	s.Platform.Open("stranger")
	s.press(t, "stranger", "v1:member.language::en")
	s.press(t, "stranger", "v1:member.consent::yes")
	s.press(t, "stranger", "v1:member.agree::no")
	s.say(t, "stranger", "/start "+payload).shows(t, "⟨Common Ground⟩ and ⟨"+luton+"⟩ invite you.", "["+luton+"]")
	s.presses(t, "stranger", luton).shows(t, "You will hear from ⟨"+luton+"⟩.", "Are you coming?")
	s.presses(t, "stranger", "✅ Yes")
	if h := s.press(t, "stranger", "v1:action.hear:"+payload[1:]+":nobody"); !h.says(s, "lost.no-such-right") {
		t.Errorf("a yes to nobody says\n%s", h.text())
	}
	a, err := s.db.Actions().Action(t.Context(), bot.ActionID(payload[1:]))
	if err != nil {
		t.Fatal(err)
	}
	if counts, err := s.db.Actions().Counts(t.Context(), a, partner.ID); err != nil || counts.Yes != 2 {
		t.Errorf("the partner's people who come: %+v, %v", counts, err)
	}
	s.allWell(t)
}

// TestPicturesOfLinks: every link that a person hands on comes as a picture too, and
// what a phone's camera reads in it is that link.
func TestPicturesOfLinks(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "gil", "omar")
	s.meet(t, "gil", "role organiser")
	s.meet(t, "omar", "role leader crmc")
	picnic(t, s)
	s.drawn(t, "grace", "🖼 As a picture")
	s.say(t, "omar", "/mygroup").shows(t, "For a poster in one language:", "[العربية] [English] [Українська]")
	s.drawn(t, "omar", "🖼 As a picture")
	s.presses(t, "omar", "العربية").shows(t, "For your poster in ⟨العربية⟩", "?start=lar_g")
	s.drawn(t, "omar", "🖼 As a picture").shows(t, "in ⟨العربية⟩: ")
	s.say(t, "grace", "/people")
	s.presses(t, "grace", "➕ Invite an organiser")
	s.drawn(t, "grace", "🖼 As a picture").shows(t, "Your invitation to ⟨Common Ground⟩.")

	// A button that was forged or is too old draws nothing.
	code := s.button(t, "grace", "🖼 As a picture")
	for name, h := range map[string]heard{
		"somebody else's code": s.press(t, "gil", code),
		"no code":              s.press(t, "grace", "v1:role.picture::ABC"),
		"another's group":      s.press(t, "grace", s.button(t, "omar", "🖼 As a picture")),
		"a foreign action":     s.press(t, "omar", s.button(t, "grace", "🔗 Link to this")),
		"no such language":     s.press(t, "omar", strings.Replace(s.button(t, "omar", "العربية"), ":ar", ":pl", 1)),
	} {
		for _, shown := range h {
			for _, b := range shown.Message.Blocks {
				if _, ok := b.(message.Picture); ok {
					t.Errorf("%s: a picture of\n%s", name, h.text())
				}
			}
		}
	}
	s.Clock.Advance(16 * time.Minute)
	if h := s.press(t, "grace", code); !h.says(s, "join.unknown") {
		t.Errorf("of a code that is too old it says\n%s", h.text())
	}
	s.allWell(t)
}

// drawn presses a button that draws, and reads the code in the picture: it is the link
// that stands in the words beside it.
func (s *stage) drawn(t *testing.T, who, label string) heard {
	t.Helper()
	h := s.presses(t, who, label)
	for _, shown := range h {
		for _, b := range shown.Message.Blocks {
			p, ok := b.(message.Picture)
			if !ok {
				continue
			}
			img, err := png.Decode(bytes.NewReader(p.PNG))
			if err != nil {
				t.Fatal(err)
			}
			bits, err := gozxing.NewBinaryBitmapFromImage(img)
			if err != nil {
				t.Fatal(err)
			}
			read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
			if err != nil {
				t.Fatalf("nobody can read it: %v", err)
			}
			payload, ok := s.newestLink(who)
			if !ok || read.GetText() != strings.Replace(s.Platform.Can.StartLink, "{}", payload, 1) || !strings.Contains(bottest.Visible(p.Alt), read.GetText()) {
				t.Errorf("it says %q, and beside it stands %q", read.GetText(), p.Alt)
			}
			return h
		}
	}
	t.Fatalf("no picture:\n%s", h.text())
	return nil
}
