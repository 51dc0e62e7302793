package slack_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
	form "ella/bot/message"
)

// asked is a form with a field of each kind.
func asked() form.Form {
	return form.Form{
		Title: "Your group", Submit: "Save", Close: "Leave", Data: "v1:group.edit:1:",
		Blocks: []form.Block{para(text("What people read of it."))},
		Fields: []form.Field{
			{Name: "name", Label: "Name", Kind: form.Line, Value: "Roof", Most: 80, Problem: "Too short."},
			{Name: "about", Label: "About", Hint: "In your own words", Kind: form.Lines, Optional: true},
			{Name: "town", Label: "Town", Kind: form.Choice, Value: "leeds", Options: []form.Option{{Label: "Leeds", Value: "leeds"}, {Label: "York", Value: "york"}}},
		},
	}
}

// windowed is an adapter that receives, what it takes in, and a button that asks for a
// window.
type windowed struct {
	*stage
	inbox *taken
}

func newWindowed(t *testing.T, http bool) windowed {
	t.Helper()
	s := staged(t)
	if http {
		s.adapter = onFake(t, s.Server, overHTTP)
		slack.Unpaced(s.adapter)
		addressed(t, s.Server, s.adapter)
	}
	w := windowed{s, &taken{came: make(chan bot.Raw, 10)}}
	stop, _ := receiving(t, s.adapter, w.inbox)
	t.Cleanup(func() { _ = stop() })
	await(t, "that she receives", func() bool { return http && slack.Takes(s.adapter) || s.Connections() == 2 })
	return w
}

// read is what a person did, once it was acknowledged.
func (w windowed) read(t *testing.T, did slacktest.Did) bot.Update {
	t.Helper()
	await(t, "that it is acknowledged", func() bool { return w.Acknowledged(did.ID) })
	u, err := w.adapter.Decode((<-w.inbox.came).Body)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// modal is what stands before the person.
func (w windowed) modal(t *testing.T, what string, is func(slacktest.View) bool) (v slacktest.View) {
	t.Helper()
	await(t, what, func() bool {
		var open bool
		v, open = w.Modal(w.person)
		return open && is(v)
	})
	return v
}

func waits(v slacktest.View) bool { return v.Text == "⏳" }

func (w windowed) fill(t *testing.T, window string, f form.Form) bot.SendKind {
	t.Helper()
	return bot.SendKindOf(w.adapter.Fill(t.Context(), w.person, window, f))
}

// TestWindow goes through a form: it is asked for by a button, opens at once, is filled,
// sent with something wrong in it, filled again, sent, and closed with an answer.
func TestWindow(t *testing.T) {
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) { throughWindow(t, newWindowed(t, http)) })
	}
}

func throughWindow(t *testing.T, w windowed) {
	w.sent(t, of(para(text("Your group")), form.Choices{Rows: [][]form.Action{{{Label: "Change", Data: "v1:group.edit:1:", Form: true}}}}))
	did := w.Press(w.person, w.shown()[0], 0)
	pressed := w.read(t, did)
	if pressed.Kind != bot.ButtonPressed || pressed.Window == "" || len(pressed.Window) > 255 || pressed.Data != "v1:group.edit:1:" {
		t.Fatalf("the press is %+v", pressed)
	}
	opened := w.modal(t, "the window", waits)
	if opened.ExternalID != pressed.Window || opened.Submit != "" {
		t.Errorf("it is %+v", opened)
	}
	if kind := w.fill(t, pressed.Window, asked()); kind != "" {
		t.Fatalf("filling it is %q", kind)
	}
	v, _ := w.Modal(w.person)
	if v.ID != opened.ID || v.Title != "Your group" || v.Submit != "Save" || v.Close != "Leave" || v.PrivateMetadata != "v1:group.edit:1:" || len(v.Inputs) != 3 {
		t.Errorf("there stands %+v", v)
	}
	if v.Inputs[0].Initial != "Roof" || v.Inputs[2].Initial != "leeds" || !strings.Contains(v.Text, "⚠️ Too short.\nName") || !strings.Contains(v.Text, "In your own words") {
		t.Errorf("in it is %+v: %q", v.Inputs, v.Text)
	}
	did = w.Submit(v, map[string]string{"name": "A <!channel> & B", "about": ""})
	filled := w.read(t, did)
	if filled.Kind != bot.FormFilled || filled.Window != v.ID || filled.Data != v.PrivateMetadata || filled.Fields["name"] != "A <!channel> & B" || filled.Fields["town"] != "leeds" {
		t.Errorf("it came as %+v", filled)
	}
	w.modal(t, "that it waits", waits)
	if kind := w.fill(t, filled.Window, asked()); kind != "" {
		t.Fatalf("filling it again is %q", kind)
	}
	again := w.modal(t, "the form", func(v slacktest.View) bool { return len(v.Inputs) == 3 })
	// Slack brings it twice: it has one name.
	did = w.Submit(again, map[string]string{"name": "Roof"})
	first := w.read(t, did)
	w.Redeliver(did.ID)
	second := <-w.inbox.came
	if u, _ := w.adapter.Decode(second.Body); u.Fields["name"] != "Roof" || first.Fields["name"] != "Roof" {
		t.Errorf("it came as %+v", u)
	}
	names := map[string]int{}
	for _, raw := range w.inbox.all() {
		names[raw.Key]++
	}
	if names[second.Key] != 2 || len(names) != 3 {
		t.Errorf("what was done goes by %v", names)
	}
	if kind := w.fill(t, first.Window, form.Form{Title: "Your group", Close: "Close", Blocks: []form.Block{para(text("Saved."))}}); kind != "" {
		t.Fatalf("the answer is %q", kind)
	}
	if v := w.modal(t, "the answer", func(v slacktest.View) bool { return v.Text == "Saved." }); v.Submit != "" || len(v.Inputs) != 0 {
		t.Errorf("the end is %+v", v)
	}
}

// TestWindowThatIsNotThere: whoever closed it, or was too late, has the conversation.
func TestWindowThatIsNotThere(t *testing.T) {
	w := newWindowed(t, false)
	used := w.read(t, w.Shortcut(w.person, "ask"))
	w.CloseModal(w.modal(t, "the window", waits))
	if kind := w.fill(t, used.Window, asked()); kind != bot.Gone {
		t.Errorf("a closed one is %q", kind)
	}
	for _, code := range []string{"expired_trigger_id", "exchanged_trigger_id"} {
		w.Next("views.open", slacktest.Refused(code))
		used = w.read(t, w.Shortcut(w.person, "ask"))
		if kind := w.fill(t, used.Window, asked()); kind != bot.Gone {
			t.Errorf("%s: it is %q", code, kind)
		}
	}
	if _, open := w.Modal(w.person); open {
		t.Error("a window is open")
	}
	// Another process opened it, or none did since the last one ended.
	calls := w.Calls("views.update")
	if kind := w.fill(t, "w"+strings.Repeat("0", 64), asked()); kind != bot.Gone || w.Calls("views.update") < calls+2 {
		t.Errorf("an unknown one is %q", kind)
	}
	if kind := w.fill(t, "V0UNKNOWN1", asked()); kind != bot.Gone {
		t.Errorf("an unknown form's is %q", kind)
	}
}

// TestNoWindow: what is not kept opens nothing, and neither does what asks for none.
func TestNoWindow(t *testing.T) {
	w := newWindowed(t, false)
	w.sent(t, of(para(text("Coming?")), choices("Yes")))
	if u := w.read(t, w.Press(w.person, w.shown()[0], 0)); u.Window != "" {
		t.Errorf("a press is %+v", u)
	}
	w.read(t, w.Shortcut(w.person, "of-a-later-year"))
	w.inbox.refusing(func(context.Context, bot.Raw) error { return errors.New("full") })
	did := w.Shortcut(w.person, "ask")
	w.Settled(t.Context(), did.ID)
	if n := w.Calls("views.open"); n != 0 {
		t.Errorf("%d windows were opened", n)
	}
}

// TestShareAsAlert is a message shortcut: the words of the message come with it, and
// nobody is told where it stood.
func TestShareAsAlert(t *testing.T) {
	w := newWindowed(t, false)
	other := w.AddUser(slacktest.User{Name: "Bogdan"})
	channel := w.AddChannel(slacktest.Channel{Name: "roof", Members: []string{w.person, other}})
	said := w.SayIn(channel, other, "March & sing on Sunday <3")
	u := w.read(t, w.MessageShortcut(w.person, said.Message, "alert"))
	if u.Kind != bot.ShortcutUsed || u.Text != "alert" || u.Quoted != "March & sing on Sunday <3" || u.Group != "" || u.Chat != w.person {
		t.Errorf("it is %+v", u)
	}
	if v := w.modal(t, "the window", waits); v.ExternalID != u.Window {
		t.Errorf("the window is %+v", v)
	}
}

// TestLowerForm refuses what Slack would.
func TestLowerForm(t *testing.T) {
	refused := func(code string, change func(f *form.Form)) {
		t.Helper()
		f := asked()
		change(&f)
		_, err := slack.LowerForm(f, "/ella")
		se, _ := errors.AsType[*bot.SendError](err)
		if se == nil || se.Kind != bot.Invalid || se.Code != code {
			t.Errorf("%s: it is %v", code, err)
		}
	}
	if _, err := slack.LowerForm(asked(), "/ella"); err != nil {
		t.Fatal(err)
	}
	refused("submit", func(f *form.Form) { f.Submit = "" })
	refused("data", func(f *form.Form) { f.Data = strings.Repeat("x", 65) })
	refused("field", func(f *form.Form) { f.Fields[0].Name = "two words" })
	refused("field", func(f *form.Form) { f.Fields[1].Name = "name" })
	refused("field", func(f *form.Form) { f.Fields[1].Label = " " })
	refused("field", func(f *form.Form) { f.Fields[1].Kind = "drawing" })
	refused("option", func(f *form.Form) { f.Fields[2].Options[0].Label = "" })
	refused("limit-options", func(f *form.Form) { f.Fields[2].Options = nil })
	refused("limit-option-value", func(f *form.Form) { f.Fields[2].Options[0].Value = strings.Repeat("x", 76) })
	refused("limit-option-value", func(f *form.Form) { f.Fields[2].Options[0].Value = "york" })
	refused("empty", func(f *form.Form) { f.Fields, f.Blocks = nil, nil })
	refused("limit-blocks", func(f *form.Form) {
		for range 100 {
			f.Blocks = append(f.Blocks, para(text("x")))
		}
	})
	long := asked()
	long.Title, long.Submit, long.Fields[0].Label = strings.Repeat("ы", 30), strings.Repeat("ы", 30), strings.Repeat("ы", 200)
	long.Fields[0].Value = strings.Repeat("ы", 100)
	if v, err := slack.LowerForm(long, ""); err != nil || len([]rune(v.Title.Text)) > 24 || len([]rune(v.Submit.Text)) > 24 {
		t.Errorf("a long one is %+v, %v", v, err)
	}
}

// TestHints asks about people.
func TestHints(t *testing.T) {
	s := staged(t)
	of := func(u slacktest.User) bot.Hints { return s.adapter.Hints(t.Context(), s.Team()+":"+s.AddUser(u)) }
	if got := of(slacktest.User{Locale: "pl-PL", TZ: "Europe/Warsaw"}); got != (bot.Hints{Locale: "pl-PL", Zone: "Europe/Warsaw"}) {
		t.Errorf("it is %+v", got)
	}
	if got := of(slacktest.User{Locale: "pl PL", TZ: "Europe/Atlantis"}); got != (bot.Hints{}) {
		t.Errorf("of oddities it is %+v", got)
	}
	for name, u := range map[string]slacktest.User{"a bot": {Bot: true}, "one who left": {Deleted: true}} {
		if got := of(u); got != (bot.Hints{}) {
			t.Errorf("of %s it is %+v", name, got)
		}
	}
	for _, sender := range []string{"", "T:", s.Team() + ":U0NOBODY01", s.Team() + ":<x>"} {
		if got := s.adapter.Hints(t.Context(), sender); got != (bot.Hints{}) {
			t.Errorf("of %q it is %+v", sender, got)
		}
	}
	s.Next("users.info", slacktest.Throttled(time.Second))
	if got := of(slacktest.User{}); got != (bot.Hints{}) {
		t.Errorf("refused it is %+v", got)
	}
}
