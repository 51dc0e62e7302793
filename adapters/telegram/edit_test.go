package telegram_test

import (
	"strings"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
	"ella/bot"
	form "ella/bot/message"
)

// TestEditInPlace changes what can be changed, and changes nothing twice.
func TestEditInPlace(t *testing.T) {
	venue := form.Venue{Title: "Square", Address: "B1", Lat: 1, Lng: 2}
	picture := func(shade uint8, alt string) form.Block { return form.Picture{PNG: testPNG(shade), Alt: alt} }
	file := func(data string) form.Block {
		return form.File{Name: "a.txt", MediaType: form.PlainText, Data: []byte(data), About: "About"}
	}
	for name, c := range map[string]struct{ before, after form.Message }{
		"text":                    {of(para(text("one"))), of(para(text("two")))},
		"buttons come":            {of(para(text("one"))), of(para(text("one")), choices("Yes"))},
		"buttons go":              {of(para(text("one")), choices("Yes")), of(para(text("one")))},
		"nothing":                 {of(para(text("one")), choices("Yes")), of(para(text("one")), choices("Yes"))},
		"picture":                 {of(picture(1, "one")), of(picture(2, "two"))},
		"only its words":          {of(picture(1, "one")), of(picture(1, "two"))},
		"picture, to the same":    {of(picture(1, "one")), of(picture(1, "one"))},
		"file":                    {of(file("one")), of(file("two"))},
		"text beside a picture":   {of(para(text("one")), picture(1, "x")), of(para(text("two")), picture(1, "x"))},
		"text beside its venue":   {of(para(text("one")), venue, choices("Yes")), of(para(text("two")), venue, choices("Yes", "No"))},
		"several texts":           {long(), of(para(words(strings.Repeat("d", 3000))), para(words(strings.Repeat("e", 3000))), para(words(strings.Repeat("f", 3000))))},
		"text, several at once":   {long(), long()},
		"preview comes":           {of(para(text("one"))), form.Message{Blocks: []form.Block{para(text("one"))}, Options: form.Options{Preview: true}}},
		"a card among its others": {of(form.Card{Title: []form.Span{text("x")}, Actions: []form.Action{{Label: "a", Data: "v1:a::"}}}), of(form.Card{Title: []form.Span{text("y")}})},
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			ref := s.send(t, bot.Outgoing{Message: c.before})
			n := len(s.Shown(s.person))
			if got := s.send(t, bot.Outgoing{Message: c.after, Edit: ref}); got != ref {
				t.Errorf("an edit of %q is %q", ref, got)
			}
			// A fresh chat shows what the edit must have made of the old one.
			_, other := s.somebody()
			s.send(t, bot.Outgoing{Chat: other, Message: c.after})
			now, want := s.Shown(s.person), s.Shown(s.person+1)
			if len(now) != n || len(want) != n {
				t.Fatalf("there stand %d and %d messages", len(now), len(want))
			}
			for i := range now {
				if now[i].Text != want[i].Text || now[i].Kind != want[i].Kind || len(now[i].Presses()) != len(want[i].Presses()) || now[i].Preview != want[i].Preview ||
					(now[i].File != nil && string(now[i].File.Bytes) != string(want[i].File.Bytes)) {
					t.Errorf("in place %d stands %+v, want %+v", i, now[i], want[i])
				}
			}
		})
	}
}

// TestEditAnew sends a new message where the old one can't become it, and takes the
// old one away, so that its buttons don't stand there any more.
func TestEditAnew(t *testing.T) {
	venue := func(title string) form.Block { return form.Venue{Title: title, Address: "B1", Lat: 1, Lng: 2} }
	picture := form.Picture{PNG: testPNG(1), Alt: "x"}
	ask := form.LocationRequest{Label: "Here"}
	for name, c := range map[string]struct{ before, after form.Message }{
		"more texts":         {of(para(text("one")), choices("Yes")), long()},
		"fewer texts":        {long(), of(para(text("one")))},
		"a picture comes":    {of(para(text("one"))), of(para(text("one")), picture)},
		"text to picture":    {of(para(text("one"))), of(picture, venue("x"))},
		"picture to text":    {of(picture), of(para(text("one")))},
		"another venue":      {of(para(text("one")), venue("x")), of(para(text("one")), venue("y"))},
		"a keyboard comes":   {of(para(text("one"))), of(para(text("one")), ask)},
		"after a keyboard":   {of(para(text("one")), ask), of(para(text("two")))},
		"a keyboard remains": {of(para(text("one")), ask, choices("x")), of(para(text("two")), ask, choices("x"))},
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			ref := s.send(t, bot.Outgoing{Message: c.before})
			old := s.Shown(s.person)
			got := s.send(t, bot.Outgoing{Message: c.after, Edit: ref})
			if got == ref {
				t.Fatalf("an edit of %q is %q", ref, got)
			}
			now := s.Shown(s.person)
			for _, m := range now {
				if m.ID <= old[len(old)-1].ID {
					t.Errorf("the old %s %q still stands there", m.Kind, m.Text)
				}
			}
			if n := len(strings.Split(string(got), ",")); len(now) != n {
				t.Errorf("%d messages stand there, under %q", len(now), got)
			}
		})
	}
}

// TestEditOfWhatIsGone sends a new message.
func TestEditOfWhatIsGone(t *testing.T) {
	s := freeStage(t)
	ref := s.send(t, hello())
	s.send(t, bot.Outgoing{Message: of(para(text("x"))), TakeBack: []bot.Ref{ref}})
	if got := s.send(t, bot.Outgoing{Message: of(para(text("y"))), Edit: ref}); got == ref {
		t.Errorf("it is %q", got)
	}
	for _, odd := range []bot.Ref{"x", "-1", "0", "1,", "1,2,x", "99999999999999999999", "1q", "1v", "1vabc", "1,2,3,4,5,6,7,8,9,10,11", "\x00"} {
		before := len(s.Shown(s.person))
		if got := s.send(t, bot.Outgoing{Message: of(para(text("z"))), Edit: odd}); got == odd || len(s.Shown(s.person)) != before+1 {
			t.Errorf("an edit of %q is %q", odd, got)
		}
	}
}

// TestEditOfOnePart: whoever presses a button names one of several messages.
func TestEditOfOnePart(t *testing.T) {
	s := freeStage(t)
	ref := s.send(t, bot.Outgoing{Message: long()})
	pressed := bot.Ref(strings.Split(string(ref), ",")[2])
	if got := s.send(t, bot.Outgoing{Message: of(para(text("done"))), Edit: pressed}); got != pressed {
		t.Errorf("an edit of %q is %q", pressed, got)
	}
	if all := s.Shown(s.person); len(all) != 3 || all[2].Text != "done" {
		t.Errorf("%d messages stand there", len(all))
	}
}

// TestEditFails says why, and sends no second message for it.
func TestEditFails(t *testing.T) {
	for name, c := range map[string]struct {
		fault telegramtest.Fault
		kind  bot.SendKind
	}{
		"throttled":   {telegramtest.Throttled(3 * time.Second), bot.Throttled},
		"no answer":   {telegramtest.ResetAfter(), bot.Unclear},
		"a page":      {telegramtest.BadGateway(), bot.Unclear},
		"form":        {telegramtest.Refused(400, "can't parse entities"), bot.Markup},
		"content":     {telegramtest.Refused(400, "message is too long"), bot.Invalid},
		"blocked":     {telegramtest.Refused(403, "bot was blocked by the user"), bot.Blocked},
		"chat is off": {telegramtest.Refused(400, "chat not found"), bot.Gone},
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			ref := s.send(t, hello())
			s.Next("editMessageText", c.fault)
			s.fails(t, c.kind, bot.Outgoing{Message: of(para(text("two"))), Edit: ref})
			if n := len(s.Shown(s.person)); n != 1 {
				t.Errorf("%d messages stand there", n)
			}
		})
	}
}

// TestEditNeedsNoPace: in a private chat an edit never waits for the chat.
func TestEditNeedsNoPace(t *testing.T) {
	s := newStage(t)
	ref := s.send(t, hello())
	for i := range 6 {
		s.send(t, bot.Outgoing{Message: of(para(text(strings.Repeat("x", i+1)))), Edit: ref})
	}
	if n := s.Calls("editMessageText"); n != 6 {
		t.Errorf("of 6 edits %d were made", n)
	}
}

// TestEditAnewWhenTheOldStays: the new message is what counts.
func TestEditAnewWhenTheOldStays(t *testing.T) {
	for _, f := range []telegramtest.Fault{telegramtest.ServerError(500), telegramtest.Refused(400, "message can't be deleted")} {
		s := freeStage(t)
		ref := s.send(t, hello())
		s.Next("deleteMessages", f)
		if got := s.send(t, bot.Outgoing{Message: long(), Edit: ref}); got == ref || len(s.Shown(s.person)) != 4 {
			t.Errorf("an edit of %q is %q, and %d stand there", ref, got, len(s.Shown(s.person)))
		}
	}
}
