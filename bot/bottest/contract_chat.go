package bottest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"ella/bot"
	"ella/bot/message"
)

// takesAway takes messages back: Ella's and the reader's own, alone and with words,
// twice, and what was never there.
func takesAway(t *testing.T, r *rig) {
	if r.Adapter.Capabilities().TakesBack == 0 {
		t.Skip("on this platform nothing can be taken away")
	}
	chat := r.Chats[0]
	var refs []bot.Ref
	for i := range 5 {
		refs = append(refs, r.send(t, bot.Outgoing{Chat: chat, Message: say(fmt.Sprintf("message %d", i))}))
	}
	other := r.send(t, bot.Outgoing{Chat: r.Chats[1], Message: say("for another")})
	take := func(what string, refs ...bot.Ref) {
		t.Helper()
		if ref, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: chat, TakeBack: refs}); ref != "" || err != nil {
			t.Errorf("taking %s away is %q, %v", what, ref, err)
		}
	}
	stand := func(want ...string) {
		t.Helper()
		var all []string
		for _, s := range r.Shown(chat) {
			all = append(all, s.Text)
		}
		if text := strings.Join(all, "\n"); len(all) != len(want) || !containsEach(text, want) {
			t.Fatalf("in the chat stand %q, want %q", all, want)
		}
	}
	take("one", refs[0])
	take("two", refs[1], refs[2])
	stand("message 3", "message 4")
	take("one once more", refs[0])
	take("what was never there", "4711", "no such message", "<b>", "")
	take("one that is gone and one that is there", refs[1], refs[3])
	stand("message 4")
	ref := r.send(t, bot.Outgoing{Chat: chat, Message: say("in its place"), TakeBack: refs[4:]})
	stand("in its place")
	if changed := r.send(t, bot.Outgoing{Chat: chat, Message: say("after an edit"), Edit: refs[4]}); changed == ref || changed == refs[4] {
		t.Errorf("an edit of what was taken away is %q", changed)
	}
	stand("in its place", "after an edit")
	if all := r.Shown(r.Chats[1]); len(all) != 1 {
		t.Errorf("%d messages stand in the chat of somebody else, where there was %q", len(all), other)
	}
	_, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: r.NoChat, TakeBack: refs[:1]})
	r.sound(t, "taking away from nobody", err)

	if !r.Adapter.Capabilities().Location {
		return // what the reader wrote may not be Ella's to take away there
	}
	r.receive(t)
	u := r.did(t, Did{Kind: bot.LocationShared, Chat: chat, Lat: 51.624, Lng: -3.9411})
	if u.Message == "" {
		t.Fatal("a location that was sent has no name")
	}
	before := 0
	if r.Own != nil {
		before = r.Own(chat)
	}
	take("a location", u.Message)
	stand("in its place", "after an edit")
	if r.Own != nil && r.Own(chat) != before-1 {
		t.Errorf("of %d messages of the reader's own %d stand in the chat", before, r.Own(chat))
	}
}

func containsEach(text string, all []string) bool {
	for _, s := range all {
		if !strings.Contains(text, s) {
			return false
		}
	}
	return true
}

// answersWithLink opens a start link at a press.
func answersWithLink(t *testing.T, r *rig) {
	link := r.Adapter.Capabilities().StartLink
	if link == "" {
		t.Skip("on this platform no link begins a conversation")
	}
	link = strings.Replace(link, "{}", "a01kaxm5g80000001", 1)
	r.receive(t)
	chat := r.Chats[0]
	r.send(t, bot.Outgoing{Chat: chat, Message: choice("v1:a::")})
	for _, notice := range []string{"Please start me first.", ""} {
		u := r.did(t, Did{Kind: bot.ButtonPressed, Chat: chat})
		if u.Press == "" {
			t.Skip("on this platform a press needs no answer")
		}
		if ref, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Press: u.Press, Notice: notice, NoticeLink: link}); ref != "" || err != nil {
			t.Errorf("an answer with a link is %q, %v", ref, err)
		}
		if r.Answered == nil {
			continue
		}
		if _, opened := r.Answered(chat); opened != link {
			t.Errorf("with %q %q opens, want %q", notice, opened, link)
		}
	}
	if all := r.Shown(chat); len(all) != 1 {
		t.Errorf("the answer stands in the chat: %q", all)
	}
}

// keepsOptions sends messages with each option, and without.
func keepsOptions(t *testing.T, r *rig) {
	if !r.Options {
		t.Skip("this platform knows no options")
	}
	chat := r.Chats[0]
	var want []message.Options
	for i := range 8 {
		o := message.Options{Silent: i&1 != 0, Protected: i&2 != 0, Preview: i&4 != 0}
		m := message.Message{Locale: "en", Options: o, Blocks: []message.Block{
			message.Paragraph{Spans: []message.Span{{Kind: message.Text, Text: "See "}, {Kind: message.URL, Text: "https://example.org/"}}},
		}}
		r.send(t, bot.Outgoing{Chat: chat, Message: m})
		want = append(want, o)
	}
	r.send(t, bot.Outgoing{Chat: chat, Message: say("without a sound"), Silent: true})
	want = append(want, message.Options{Silent: true})
	all := r.Shown(chat)
	if len(all) != len(want) {
		t.Fatalf("of %d messages %d stand in the chat", len(want), len(all))
	}
	for i, s := range all {
		if s.Options != want[i] {
			t.Errorf("message %d came with %+v, want %+v", i, s.Options, want[i])
		}
	}
}

// menus gives chats commands of their own.
func menus(t *testing.T, r *rig) {
	m, ok := r.Adapter.(bot.Menus)
	if !ok {
		t.Skip("this platform has no menus")
	}
	if r.Menu == nil {
		t.Fatal("the subject's New leaves out what is not optional here")
	}
	mine := []bot.MenuItem{{Command: "groups", About: "Groups near me"}, {Command: "help", About: "كل الأوامر <b>&amp;</b>"}}
	others := []bot.MenuItem{{Command: "help", About: "Усі команди"}}
	set := func(chat string, items []bot.MenuItem) {
		t.Helper()
		if err := m.Menu(t.Context(), chat, items); err != nil {
			t.Fatalf("a menu of %d commands: %v", len(items), err)
		}
	}
	shows := func(chat string, want []bot.MenuItem) {
		t.Helper()
		if got := r.Menu(chat); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("a chat shows %q, want %q", got, want)
		}
	}
	set(r.Chats[0], mine)
	set(r.Chats[0], mine)
	set(r.Chats[1], others)
	shows(r.Chats[0], mine)
	shows(r.Chats[1], others)
	shows(r.Chats[2], nil)
	set(r.Chats[0], others)
	shows(r.Chats[0], others)
	set(r.Chats[0], nil)
	shows(r.Chats[0], nil)
	shows(r.Chats[1], others)
	for _, chat := range r.Chats {
		if all := r.Shown(chat); len(all) != 0 {
			t.Errorf("a menu stands in the chat: %q", all)
		}
	}
	r.sound(t, "a menu for nobody", m.Menu(t.Context(), r.NoChat, mine))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	r.sound(t, "a menu when time is over", m.Menu(ended, r.Chats[0], mine))
	if r.Throttle != nil {
		r.Throttle(1)
		if err := m.Menu(t.Context(), r.Chats[0], mine); err != nil {
			r.sound(t, "a menu too many", err)
		}
	}
}
