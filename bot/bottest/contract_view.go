package bottest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// pages shows people pages of their own, and presses a button there.
func pages(t *testing.T, r *rig) {
	p, ok := r.Adapter.(bot.Pages)
	if !ok {
		t.Skip("this platform has no pages")
	}
	if r.Page == nil {
		t.Fatal("the subject's New leaves out what is not optional here")
	}
	publish := func(chat string, page message.Message) {
		t.Helper()
		if err := p.Publish(t.Context(), chat, page); err != nil {
			t.Fatalf("a page: %v", err)
		}
	}
	shows := func(chat, words string, buttons ...string) {
		t.Helper()
		if got := r.Page(chat); !strings.Contains(got.Text, words) || words == "" && got.Text != "" || !slices.Equal(got.Buttons, buttons) {
			t.Errorf("a page shows %q, want %q and %q", got, words, buttons)
		}
	}
	publish(r.Chats[0], say("the first"))
	publish(r.Chats[1], say("somebody else's"))
	publish(r.Chats[0], choice("v1:a::", "v1:b:1:"))
	shows(r.Chats[1], "somebody else's")
	shows(r.Chats[2], "")
	if got := r.Page(r.Chats[0]); len(got.Buttons) != 2 || strings.Contains(got.Text, "the first") {
		t.Fatalf("the last page shows %q", got)
	}
	for _, chat := range r.Chats {
		if all := r.Shown(chat); len(all) != 0 {
			t.Errorf("a page stands in the chat: %q", all)
		}
	}
	r.receive(t)
	u := r.did(t, Did{Kind: bot.ButtonPressed, Chat: r.Chats[0], Button: 1, OnPage: true})
	if u.Kind != bot.ButtonPressed || !u.OnPage || u.Data != "v1:b:1:" || u.Chat != r.Chats[0] || u.Group != "" {
		t.Errorf("a press on a page is %+v", u)
	}
	r.refusesViews(t, "a page", func(ctx context.Context, chat string) error { return p.Publish(ctx, chat, say("x")) })
}

// refusesViews shows something to nobody, when time is over, and when it is too much.
func (r *rig) refusesViews(t *testing.T, what string, show func(ctx context.Context, chat string) error) {
	t.Helper()
	nobody := show(t.Context(), r.NoChat)
	r.sound(t, what+" for nobody", nobody)
	if nobody == nil {
		t.Errorf("%s for nobody is shown", what)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	r.sound(t, what+" when time is over", show(ended, r.Chats[0]))
	if r.ThrottleViews == nil {
		return
	}
	const wait = 7 * time.Second
	r.ThrottleViews(wait)
	err := show(t.Context(), r.Chats[0])
	r.sound(t, what+" too many", err)
	if se, ok := err.(*bot.SendError); !ok || se.Kind != bot.Throttled || se.RetryAfter < wait || se.RetryAfter > 2*wait { //nolint:errorlint // this very error: the contract
		t.Errorf("%s too many is %v, want %q for %v", what, err, bot.Throttled, wait)
	}
}

// contractForm is a form with a field of each kind.
func contractForm() message.Form {
	return message.Form{
		Locale: "en", Title: "A form", Submit: "Send", Close: "Close", Data: "v1:room.form:1:", Blocks: []message.Block{message.Say("above it")},
		Fields: []message.Field{
			{Name: "name", Label: "Name", Kind: message.Line, Value: "typed before", Problem: "wrong"},
			{Name: "about", Label: "About", Hint: "how", Kind: message.Lines, Optional: true},
			{Name: "which", Label: "Which", Kind: message.Choice, Value: "b", Options: []message.Option{{Label: "A", Value: "a"}, {Label: "B", Value: "b"}}},
		},
	}
}

// windows asks for a form by a button, fills it in, sends it, and closes it.
func windows(t *testing.T, r *rig) {
	w, ok := r.Adapter.(bot.Windows)
	if !ok {
		t.Skip("this platform has no windows")
	}
	if r.Window == nil || r.Close == nil || r.Submit == nil {
		t.Fatal("the subject's New leaves out what is not optional here")
	}
	if !r.Adapter.Capabilities().Forms {
		t.Error("its capabilities do not say that it has windows")
	}
	r.receive(t)
	chat := r.Chats[0]
	plain := choice("v1:a::")
	asks := message.Message{Locale: "en", Blocks: []message.Block{message.Choices{Rows: [][]message.Action{{{Label: "Write", Data: "v1:room.new::", Form: true}}}}}}
	r.send(t, bot.Outgoing{Chat: chat, Message: plain})
	r.send(t, bot.Outgoing{Chat: chat, Message: asks})
	if u := r.did(t, Did{Kind: bot.ButtonPressed, Chat: chat}); u.Window != "" {
		t.Error("a button that asks for no window opens one")
	}
	open := func() string {
		t.Helper()
		u := r.did(t, Did{Kind: bot.ButtonPressed, Chat: chat, Message: 1})
		if u.Window == "" || u.Data != "v1:room.new::" {
			t.Fatalf("a button that asks for a window is %+v", u)
		}
		return u.Window
	}
	fill := func(window string, f message.Form, want ...string) {
		t.Helper()
		if err := w.Fill(t.Context(), chat, window, f); err != nil {
			t.Fatalf("filling a window: %v", err)
		}
		got, ok := r.Window(chat)
		for _, words := range want {
			if !ok || !strings.Contains(got.Text, words) {
				t.Errorf("in the window stands %q, and not %q", got, words)
			}
		}
	}
	fill(open(), contractForm(), "A form", "above it", "wrong", "Name", "About", "how", "Which")

	before := len(r.inbox.all())
	deliver := r.Submit(chat, map[string]string{"name": "<!channel> & <b>", "about": "two\nlines"})
	if !deliver() {
		t.Fatal("a form was accepted and not acknowledged")
	}
	deliver()
	all := r.inbox.all()[before:]
	u, err := r.Adapter.Decode(all[0].Body)
	if err != nil {
		t.Fatalf("a form does not decode: %v", err)
	}
	if u.Kind != bot.FormFilled || u.Data != "v1:room.form:1:" || u.Window == "" || u.Chat != chat || u.Group != "" {
		t.Errorf("a form comes as %+v", u)
	}
	for name, want := range map[string]string{"name": "<!channel> & <b>", "about": "two\nlines", "which": "b"} {
		if u.Fields[name] != want {
			t.Errorf("in %s stands %q, want %q", name, u.Fields[name], want)
		}
	}
	for _, again := range all[1:] {
		if again.Key != all[0].Key {
			t.Error("a form that is delivered twice has two names")
		}
	}
	fill(u.Window, contractForm(), "wrong")
	fill(u.Window, message.Form{Locale: "en", Title: "Ella", Close: "Close", Blocks: []message.Block{message.Say("it is done")}}, "it is done")
	r.Close(chat)

	gone := func(what, window string) {
		t.Helper()
		err := w.Fill(t.Context(), chat, window, contractForm())
		r.sound(t, what, err)
		if kind := bot.SendKindOf(err); kind != bot.Gone {
			t.Errorf("%s: it is %q, want %q", what, kind, bot.Gone)
		}
	}
	window := open()
	r.Close(chat)
	gone("a window that was closed", window)
	gone("a window that never was", "no-such-window")
	if _, ok := r.Window(chat); ok {
		t.Error("a window stands there that was closed")
	}
	window = open()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	r.sound(t, "a form when time is over", w.Fill(ended, chat, window, contractForm()))
	if err := w.Fill(t.Context(), chat, window, message.Form{}); bot.SendKindOf(err) != bot.Invalid {
		t.Errorf("an empty form is %v", err)
	}
	if r.ThrottleViews != nil {
		r.ThrottleViews(time.Minute)
		if kind := bot.SendKindOf(w.Fill(t.Context(), chat, window, contractForm())); kind != bot.Throttled {
			t.Errorf("a form too many is %q", kind)
		}
	}
	if all := r.Shown(chat); len(all) != 2 {
		t.Errorf("something of a window stands in the chat: %q", all)
	}
}
