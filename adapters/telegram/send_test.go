package telegram_test

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ella/adapters/telegram/telegramtest"
	"ella/bot"
	form "ella/bot/message"
)

// TestSendDraws sends a message of every kind of part, and looks at what stands there.
func TestSendDraws(t *testing.T) {
	s := freeStage(t)
	document := form.File{Name: "Vigil_2026.ics", MediaType: form.Calendar, Data: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), About: "For your calendar"}
	ref := s.send(t, bot.Outgoing{Message: of(
		form.Heading{Spans: []form.Span{text("Vigil")}},
		para(text("Come, "), form.Span{Kind: form.Command, Text: "/help"}, form.Span{Kind: form.URL, Text: "https://example.org/"}),
		form.Picture{PNG: testPNG(1), Alt: "3 yes"},
		form.Venue{Title: "Victoria Square", Address: "Birmingham B1 1BB", Lat: 52.4796, Lng: -1.9026},
		document,
		form.Choices{Rows: [][]form.Action{{{Label: "Yes", Data: "v1:a::", Style: form.Primary}, {Label: "No", Data: "v1:b::", Style: form.Danger}}}},
		form.LinkButton{Link: form.Link{Label: "Begin", URL: s.Link("x")}},
	)})
	all := s.Shown(s.person)
	var kinds []telegramtest.Kind
	for _, m := range all {
		kinds = append(kinds, m.Kind)
	}
	if want := []telegramtest.Kind{telegramtest.Text, telegramtest.Photo, telegramtest.Venue, telegramtest.Document}; !slices.Equal(kinds, want) {
		t.Fatalf("there stand %v, want %v", kinds, want)
	}
	if n := len(strings.Split(string(ref), ",")); n != 4 {
		t.Errorf("the ref %q names %d", ref, n)
	}
	m := all[0]
	if m.Marked("bold") != "Vigil" || m.Marked("text_link") != "https://example.org/" || !m.Preview.Disabled {
		t.Errorf("the text stands there as %+v", m)
	}
	if len(m.Buttons) != 2 || m.Buttons[0][0].Style != "primary" || m.Buttons[0][1].Style != "danger" || m.Buttons[1][0].URL != s.Link("x") {
		t.Errorf("the buttons are %+v", m.Buttons)
	}
	if all[1].Text != "3 yes" || !bytes.Equal(all[1].File.Bytes, testPNG(1)) {
		t.Errorf("the photo is %q", all[1].Text)
	}
	if v := all[2]; v.Title != "Victoria Square" || v.Address != "Birmingham B1 1BB" || v.Lat != 52.4796 || v.Lng != -1.9026 {
		t.Errorf("the venue is %+v", v)
	}
	if d := all[3]; d.File.Name != document.Name || !bytes.Equal(d.File.Bytes, document.Data) || d.Text != document.About {
		t.Errorf("the document is %+v", d)
	}
}

// TestSendOptions: a message and its caller may both ask for silence.
func TestSendOptions(t *testing.T) {
	s := freeStage(t)
	blocks := []form.Block{para(text("x")), form.Picture{PNG: testPNG(1), Alt: "y"}, form.Venue{Title: "z", Address: "z", Lat: 1, Lng: 1}}
	for _, out := range []bot.Outgoing{
		{Message: form.Message{Blocks: blocks, Options: form.Options{Silent: true, Protected: true}}},
		{Message: form.Message{Blocks: blocks, Options: form.Options{Protected: true}}, Silent: true},
	} {
		s.send(t, out)
	}
	for _, m := range s.Shown(s.person) {
		if !m.Silent || !m.Protected {
			t.Errorf("a %s came silent %v, protected %v", m.Kind, m.Silent, m.Protected)
		}
	}
}

// TestSendToGroups writes into a topic, never into the number of General, and asks
// nobody there where they are.
func TestSendToGroups(t *testing.T) {
	s := freeStage(t)
	group := s.AddGroup(telegramtest.Group{Title: "CRMC", Kind: telegramtest.Supergroup, Forum: true})
	topic := s.AddTopic(group, "Vigils")
	s.AddToGroup(group, s.person)
	name := strconv.FormatInt(group, 10)
	ask := of(para(text("Where?")), form.LocationRequest{Label: "Here"}, choices("Not now"))
	for chat, thread := range map[string]int64{name: 0, name + "/1": 0, name + "/" + strconv.FormatInt(topic, 10): topic} {
		s.send(t, bot.Outgoing{Chat: chat, Message: ask})
		all := s.Shown(group)
		if m := all[len(all)-1]; m.Thread != thread || m.Text != "Where?" || s.KeyboardIn(group) != nil {
			t.Errorf("in %s stands %+v", chat, m)
		}
	}
	s.Next("sendMessage", telegramtest.Refused(400, "message thread not found"))
	s.fails(t, bot.Gone, bot.Outgoing{Chat: name, Message: hello().Message})
	s.fails(t, bot.Invalid, bot.Outgoing{Chat: name, Message: of(form.LocationRequest{Label: "Here"})})
}

// TestSendToNobody has chats that there are not, and names that are none.
func TestSendToNobody(t *testing.T) {
	s := newStage(t)
	for _, chat := range []string{
		"", "canary", "0", "+7", "07", "7 ", "7e3", "-", "9223372036854775808", "7/1", "-7/", "-7/0", "-7/x", "-7/1/1", "-7/9999999999", "\x00",
	} {
		_, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Message: hello().Message})
		if bot.SendKindOf(err) != bot.Gone || len(chat) > 3 && strings.Contains(err.Error(), chat) {
			t.Errorf("%q: %v", chat, err)
		}
	}
	if n := s.Calls("sendMessage"); n > 0 {
		t.Errorf("Telegram was asked %d times about what is no chat", n)
	}
	s.fails(t, bot.Gone, bot.Outgoing{Chat: "4503599627370495", Message: hello().Message})
}

func TestSendToWhoDoesNotWant(t *testing.T) {
	s := freeStage(t)
	stranger := s.AddUser(telegramtest.User{FirstName: "Bogdan"})
	s.fails(t, bot.Forbidden, bot.Outgoing{Chat: strconv.FormatInt(stranger, 10), Message: hello().Message})
	s.Block(s.person)
	s.fails(t, bot.Blocked, hello())
	s.Unblock(s.person)
	s.send(t, hello())
	s.Deactivate(s.person)
	s.fails(t, bot.Gone, hello())
}

// TestSendToGroupThatMoved tells the new name, which is beyond 32 bits.
func TestSendToGroupThatMoved(t *testing.T) {
	s := newStage(t)
	group := s.AddGroup(telegramtest.Group{Title: "CRMC"})
	s.AddToGroup(group, s.person)
	supergroup, _, _ := s.Migrate(group, s.person)
	err := s.fails(t, bot.Moved, bot.Outgoing{Chat: strconv.FormatInt(group, 10), Message: hello().Message})
	if err.NewChat != strconv.FormatInt(supergroup, 10) {
		t.Errorf("it moved to %q, want %d", err.NewChat, supergroup)
	}
	s.send(t, bot.Outgoing{Chat: err.NewChat, Message: hello().Message})
}

// long is a message of three texts.
func long() form.Message {
	return of(para(words(strings.Repeat("a", 3000))), para(words(strings.Repeat("b", 3000))), para(words(strings.Repeat("c", 3000))), choices("Yes"))
}

// TestSendHalves goes on where it stopped, when the caller tries again.
func TestSendHalves(t *testing.T) {
	for name, f := range map[string]telegramtest.Fault{
		"throttled": telegramtest.Refused(429, "slow down"),
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			s.Next("sendMessage", telegramtest.Fault{}, f)
			s.fails(t, bot.Throttled, bot.Outgoing{Message: long()})
			if n := len(s.Shown(s.person)); n != 1 {
				t.Fatalf("%d texts stand there", n)
			}
			// Another message in between changes nothing.
			s.send(t, hello())
			ref := s.send(t, bot.Outgoing{Message: long()})
			all := s.Shown(s.person)
			if len(all) != 4 || !strings.Contains(all[2].Text, "b") || !strings.Contains(all[3].Text, "c") || len(strings.Split(string(ref), ",")) != 3 {
				t.Errorf("%d texts stand there, named %q", len(all), ref)
			}
			// It is whole: sent again, it is another message.
			s.send(t, bot.Outgoing{Message: long()})
			if n := len(s.Shown(s.person)); n != 7 {
				t.Errorf("%d texts stand there, want 7", n)
			}
		})
	}
}

// TestSendHalvesAtOnce: two that break off in one chat at one time don't go on with what
// the other left.
func TestSendHalvesAtOnce(t *testing.T) {
	s := freeStage(t)
	slow := telegramtest.Refused(429, "slow down")
	s.Next("sendMessage", telegramtest.Fault{}, telegramtest.Fault{}, slow, slow)
	other := of(para(words(strings.Repeat("x", 3000))), para(words(strings.Repeat("y", 3000))))
	var both sync.WaitGroup
	for _, m := range []form.Message{long(), other} {
		both.Go(func() {
			for range 4 {
				_, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, Message: m})
				if err == nil {
					return
				}
				if bot.SendKindOf(err) != bot.Throttled {
					t.Error(err)
				}
			}
			t.Error("it never went")
		})
	}
	both.Wait()
	var got []string
	for _, m := range s.Shown(s.person) {
		got = append(got, strings.Trim(m.Text, "\u2068\u2069")[:1])
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a", "b", "c", "x", "y"}) {
		t.Errorf("there stand %q", got)
	}
}

// TestSendBreaksOff: after a failure that is for good, part of a message stands there.
func TestSendBreaksOff(t *testing.T) {
	for name, c := range map[string]struct {
		fault telegramtest.Fault
		kind  bot.SendKind
	}{
		"refused":    {telegramtest.Refused(400, "message is too long"), bot.Unclear},
		"markup":     {telegramtest.Refused(400, "can't parse entities"), bot.Unclear},
		"no answer":  {telegramtest.ResetAfter(), bot.Unclear},
		"blocked":    {telegramtest.Refused(403, "bot was blocked by the user"), bot.Blocked},
		"no account": {telegramtest.Refused(401, ""), bot.NoAccess},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.Next("sendMessage", telegramtest.Fault{}, c.fault)
			s.fails(t, c.kind, bot.Outgoing{Message: long()})
		})
	}
}

func TestTyping(t *testing.T) {
	s := newStage(t)
	s.adapter.Typing(t.Context(), s.chat)
	s.adapter.Typing(t.Context(), "nobody")
	if n := s.Typings(s.person); n != 1 {
		t.Errorf("it was shown %d times", n)
	}
}
