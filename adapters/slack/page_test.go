package slack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ella/adapters/slack"
	"ella/bot"
	form "ella/bot/message"
)

// TestPage publishes somebody's page, and presses a button on it.
func TestPage(t *testing.T) {
	w := newWindowed(t, false)
	page := of(
		form.Heading{Spans: []form.Span{text("Your groups")}},
		form.Card{Title: []form.Span{words("Roof <!channel> & co")}, Actions: []form.Action{{Label: "Change", Data: "v1:group.edit:1:", Form: true}, {Label: "Leave", Data: "v1:group.leave:1:"}}},
		choices("Stop"),
	)
	if err := w.adapter.Publish(t.Context(), w.person, page); err != nil {
		t.Fatal(err)
	}
	v, ok := w.Home(w.person)
	if !ok || !strings.Contains(v.Text, "Roof <!channel> & co") || len(v.Presses()) != 3 {
		t.Fatalf("they see %+v", v)
	}
	left := w.read(t, w.PressIn(v, 1))
	if left.Kind != bot.ButtonPressed || !left.OnPage || left.Group != "" || left.Window != "" || left.Data != "v1:group.leave:1:" || left.Chat != w.person {
		t.Errorf("a press is %+v", left)
	}
	change := w.read(t, w.PressIn(v, 0))
	if v := w.modal(t, "the window", waits); !change.OnPage || change.Window == "" || v.ExternalID != change.Window {
		t.Errorf("a press for a window is %+v, and opens %+v", change, v)
	}
	if opened := w.read(t, w.OpenHome(w.person, "home")); opened.Kind != bot.PageOpened || opened.Chat != w.person {
		t.Errorf("opening it is %+v", opened)
	}
	if opened := w.read(t, w.OpenHome(w.person, "messages")); opened.Kind != bot.Other {
		t.Errorf("opening the conversation is %+v", opened)
	}
	for _, chat := range []string{"", "D0SOMEBODY", "<x>"} {
		if err := w.adapter.Publish(t.Context(), chat, page); bot.SendKindOf(err) != bot.Gone {
			t.Errorf("to %q it is %v", chat, err)
		}
	}
}

// TestLongPage: more than Slack takes is cut where a block ends, and says so.
func TestLongPage(t *testing.T) {
	s := staged(t)
	card := func(i int, text string) form.Block {
		return form.Card{Title: []form.Span{words(fmt.Sprintf("Group %d %s", i, text))}, Actions: []form.Action{{Label: fmt.Sprintf("Leave %d", i), Data: "v1:group.leave:1:"}}}
	}
	for name, one := range map[string]struct {
		cards int
		text  string
		least int
	}{
		"just enough":   {50, "", 50},
		"many":          {200, "", 49},
		"long ones":     {60, strings.Repeat("жук ", 700), 20},
		"longer by far": {3, strings.Repeat("жук ", 40_000), 0},
	} {
		var page form.Message
		for i := range one.cards {
			page.Blocks = append(page.Blocks, card(i, one.text))
		}
		if err := s.adapter.Publish(t.Context(), s.person, page); err != nil {
			t.Fatalf("%s: it is %v", name, err)
		}
		v, _ := s.Home(s.person)
		if got := len(v.Presses()); got < one.least || got > 50 || got != strings.Count(v.Text, "Group") && one.least > 0 {
			t.Errorf("%s: %d buttons and %d groups are shown", name, got, strings.Count(v.Text, "Group"))
		}
		if cut := strings.HasSuffix(v.Text, "…"); cut != (name != "just enough") {
			t.Errorf("%s: whether it was cut it says %v", name, cut)
		}
	}
	// A title is not left alone at the end.
	titled := form.Message{}
	for i := range 49 {
		titled.Blocks = append(titled.Blocks, card(i, ""))
	}
	titled.Blocks = append(titled.Blocks, form.Heading{Spans: []form.Span{text("Alone")}}, card(50, ""), card(51, ""))
	v, err := slack.LowerPage(titled, "")
	raw, _ := json.Marshal(v)
	if err != nil || strings.Contains(string(raw), "Alone") || strings.Contains(string(raw), "Group 50") {
		t.Errorf("it ends with %s, %v", raw[len(raw)-300:], err)
	}
	for _, wrong := range []form.Message{{}, of(form.Card{Title: []form.Span{text("x")}, Actions: []form.Action{{Label: "x", Data: strings.Repeat("x", 65)}}})} {
		_, err := slack.LowerPage(wrong, "")
		if se, ok := errors.AsType[*bot.SendError](err); !ok || se.Kind != bot.Invalid {
			t.Errorf("a wrong one is %v", err)
		}
	}
}
