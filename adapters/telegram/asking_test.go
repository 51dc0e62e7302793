package telegram_test

import (
	"testing"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
	form "ella/bot/message"
)

func asking(blocks ...form.Block) bot.Outgoing {
	return bot.Outgoing{Message: of(append([]form.Block{para(text("Where are you?")), form.LocationRequest{Label: "Share my location"}}, blocks...)...)}
}

// answered has the person share where they are, and the adapter hear of it.
func (s *stage) answered(t *testing.T) {
	t.Helper()
	telegram.Heard(s.adapter, s.chat)
}

// TestAsks brings a keyboard up that shares where somebody is: with the text, or, where
// that has buttons of its own, below them.
func TestAsks(t *testing.T) {
	for name, c := range map[string]struct {
		out   bot.Outgoing
		texts []string
	}{
		"alone":        {asking(), []string{"Where are you?"}},
		"with buttons": {asking(choices("Not now")), []string{"Where are you?", "Share my location"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			s.send(t, c.out)
			var texts []string
			for _, m := range s.Shown(s.person) {
				texts = append(texts, m.Text)
			}
			if len(texts) != len(c.texts) || texts[len(texts)-1] != c.texts[len(c.texts)-1] {
				t.Errorf("there stand %q, want %q", texts, c.texts)
			}
			k := s.KeyboardIn(s.person)
			if k == nil || len(k.Rows) != 1 || !k.Rows[0][0].Location || k.Rows[0][0].Text != "Share my location" || !k.Resize || !k.OneTime {
				t.Errorf("the keyboard is %+v", k)
			}
		})
	}
}

// TestKeyboardGoes with the first message after an answer, and not before.
func TestKeyboardGoes(t *testing.T) {
	for name, c := range map[string]struct {
		out bot.Outgoing
		// texts are those that stay.
		texts []string
	}{
		"with a text":         {hello(), []string{"hello"}},
		"without buttons":     {bot.Outgoing{Message: of(para(text("Which?")), choices("Leeds"))}, []string{"Which?"}},
		"with one of several": {bot.Outgoing{Message: of(form.Picture{PNG: testPNG(1), Alt: "x"}, para(text("y")), choices("z"))}, []string{"x", "y"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			s.send(t, asking())
			s.send(t, hello())
			if s.KeyboardIn(s.person) == nil {
				t.Fatal("it went before anybody answered")
			}
			s.answered(t)
			bulk := hello()
			bulk.Bulk = true
			s.send(t, bulk)
			if s.KeyboardIn(s.person) == nil {
				t.Fatal("it went with a copy")
			}
			before := len(s.Shown(s.person))
			s.send(t, c.out)
			if k := s.KeyboardIn(s.person); k != nil {
				t.Errorf("the keyboard is %+v", k)
			}
			all := s.Shown(s.person)[before:]
			if len(all) != len(c.texts) {
				t.Fatalf("%d messages come, want %q", len(all), c.texts)
			}
			for i, m := range all {
				if m.Text != c.texts[i] {
					t.Errorf("in place %d comes %q, want %q", i, m.Text, c.texts[i])
				}
			}
			before = len(s.Shown(s.person))
			s.send(t, bot.Outgoing{Message: of(para(text("Which?")), choices("Leeds"))})
			if n := len(s.Shown(s.person)) - before; n != 1 {
				t.Errorf("it is taken away again: %d messages come", n)
			}
		})
	}
}

// TestKeyboardStays when it is asked again, in an edit, and when it could not be taken away.
func TestKeyboardStays(t *testing.T) {
	s := freeStage(t)
	ref := s.send(t, hello())
	s.send(t, asking())
	s.answered(t)
	s.send(t, asking())
	if s.KeyboardIn(s.person) == nil {
		t.Error("it went with the question that asks again")
	}
	s.answered(t)
	s.send(t, bot.Outgoing{Message: of(para(text("two"))), Edit: ref})
	if s.KeyboardIn(s.person) == nil {
		t.Error("it went with an edit")
	}
	s.Next("sendMessage", telegramtest.BadGateway())
	s.fails(t, bot.Unclear, hello())
	s.send(t, hello())
	if k := s.KeyboardIn(s.person); k != nil {
		t.Errorf("after a failure it stays up: %+v", k)
	}
}

// TestKeyboardMattersLess than the message behind it: whatever becomes of the short one
// that takes the keyboard away, the message goes, once.
func TestKeyboardMattersLess(t *testing.T) {
	for name, f := range map[string]telegramtest.Fault{
		"no answer":    telegramtest.ResetAfter(),
		"server error": telegramtest.ServerError(500),
		"refused":      telegramtest.Refused(400, "message is too long"),
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			s.send(t, bot.Outgoing{Message: of(para(text("Where?")), form.LocationRequest{Label: "Here"})})
			telegram.Heard(s.adapter, s.chat)
			s.Next("sendMessage", f)
			s.send(t, bot.Outgoing{Message: of(para(text("Thank you")), choices("Yes"))})
			n := 0
			for _, m := range s.Shown(s.person) {
				if m.Text == "Thank you" {
					n++
				}
			}
			if n != 1 {
				t.Errorf("it stands there %d times", n)
			}
		})
	}
}

// TestKeyboardGoesLater when the part before the one that takes it away failed.
func TestKeyboardGoesLater(t *testing.T) {
	s := freeStage(t)
	s.send(t, asking())
	s.answered(t)
	card := form.Card{Title: []form.Span{text("x")}, Actions: []form.Action{{Label: "a", Data: "v1:a::"}}}
	out := bot.Outgoing{Message: of(card, card, para(text("y")))}
	s.Next("sendMessage", telegramtest.BadGateway())
	s.fails(t, bot.Unclear, out)
	s.Next("sendMessage", telegramtest.Fault{}, telegramtest.Refused(429, "slow down"))
	s.fails(t, bot.Throttled, out)
	if s.KeyboardIn(s.person) == nil {
		t.Fatal("it went with nothing")
	}
	s.send(t, out)
	if all := s.Shown(s.person); len(all) != 4 || s.KeyboardIn(s.person) != nil {
		t.Errorf("%d messages stand there, and the keyboard %+v", len(all), s.KeyboardIn(s.person))
	}
}

// TestKeyboardGoesAfterALocation goes all the way: what a person sends is heard by
// receiving.
func TestKeyboardGoesAfterALocation(t *testing.T) {
	for _, what := range []string{"location", "text"} {
		t.Run(what, func(t *testing.T) {
			s := freeStage(t)
			s.send(t, asking())
			in := &taken{}
			heard := make(chan struct{})
			in.refuse = func(bot.Raw) error { heard <- struct{}{}; return nil }
			ended := make(chan error, 1)
			go func() { ended <- s.adapter.Receive(t.Context(), in) }()
			<-heard // that they began
			if what == "location" {
				s.Location(s.person, 51.6, -3.9)
			} else {
				s.Say(s.person, "Leeds")
			}
			<-heard
			s.send(t, hello())
			if k := s.KeyboardIn(s.person); k != nil {
				t.Errorf("the keyboard is %+v", k)
			}
		})
	}
}
