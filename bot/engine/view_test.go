package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/engine"
	"ella/bot/message"
	"ella/storage/storagetest"
)

// viewing is a room with a part of the page and with forms.
type viewing struct {
	*room
	page   func(t bot.Turn) ([]message.Block, error)
	filled func(t bot.Turn, v message.Verb) (bot.Outcome, error)
}

var (
	_ bot.Paged  = viewing{}
	_ bot.Formed = viewing{}
)

func (v viewing) Page(_ context.Context, t bot.Turn) ([]message.Block, error) {
	if v.page == nil {
		return []message.Block{message.Say(v.name + " " + t.Person.Member.Zone)}, nil
	}
	return v.page(t)
}

func (v viewing) Filled(_ context.Context, t bot.Turn, verb message.Verb) (bot.Outcome, error) {
	if v.filled == nil {
		return says(v.name, "filled", verb.Name, t.Update.Fields["text"]), nil
	}
	return v.filled(t, verb)
}

// gallery is a house whose home has a page and forms, on a file, and the file.
func gallery(t *testing.T, v viewing) (*house, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ella.db")
	if v.room == nil {
		v.room = &room{name: "home", commands: []bot.Command{{Name: "stop"}, {Name: "young", Hidden: true}, {Name: "ask"}}}
	}
	h := newHouse(t, options{db: storagetest.Open(t, file), rooms: []*room{v.room, {name: "formless", commands: []bot.Command{{Name: "alert", For: []bot.RoleKind{bot.Organiser}}}}}, change: func(o *engine.Options) {
		o.Home, o.Rooms[0] = v, v
	}})
	return h, file
}

// rowsIn is how many rows stand in tables.
func rowsIn(t *testing.T, file string, tables ...string) int {
	t.Helper()
	dump, n := storagetest.DumpOf(t, file), 0
	for _, table := range tables {
		n += len(dump[table])
	}
	return n
}

func (h *house) windows() []shownWindow {
	h.outbox.mu.Lock()
	defer h.outbox.mu.Unlock()
	all := h.outbox.windows
	h.outbox.windows = nil
	return all
}

func (h *house) pages() []string {
	h.outbox.mu.Lock()
	defer h.outbox.mu.Unlock()
	var all []string
	for _, p := range h.outbox.pages {
		all = append(all, p.Text())
	}
	h.outbox.pages = nil
	return all
}

// form is a form that somebody sends.
func form(from, data, words string) bot.Update {
	return bot.Update{Kind: bot.FormFilled, Sender: from, Chat: from, Data: data, Window: "w1", Fields: map[string]string{"text": words}}
}

func TestLookingMakesNoMember(t *testing.T) {
	h, file := gallery(t, viewing{})
	h.platform.Knows("amina", bot.Hints{Zone: "Asia/Tokyo", Locale: "ar"})
	h.accept(bot.Update{Kind: bot.PageOpened, Sender: "amina", Chat: "amina"}, bot.Update{Kind: bot.ProfileChanged, Sender: "amina", Chat: "amina", Zone: "Asia/Tokyo"})
	h.Wait()
	if n := rowsIn(t, file, "members", "addresses", "conversations", "outbox"); n != 0 {
		t.Errorf("a look wrote %d rows", n)
	}
	if got := h.pages(); len(got) != 1 || got[0] != "home Asia/Tokyo" {
		t.Errorf("shown %q", got)
	}
	h.hears("a look", "amina")
	if left := h.waiting(); len(left) > 0 {
		t.Errorf("%d updates still wait", len(left))
	}
}

func TestPageAfterRestart(t *testing.T) {
	h, _ := gallery(t, viewing{})
	h.say("amina", "hello")
	h.hears("at first", "amina", "home lost no-command")
	h.Stop()
	raw := h.platform.Raw(h.account, bot.Update{Kind: bot.PageOpened, Sender: "amina", Chat: "amina"})
	if _, fresh, err := h.options.Store.Accept(t.Context(), h.options.IDs.New(), raw); err != nil || !fresh {
		t.Fatal(err)
	}
	h.restart()
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Wait()
	if got := h.pages(); len(got) != 1 || got[0] != "home Europe/London" {
		t.Errorf("after a restart: %q", got)
	}
}

func TestPageThatFailsIsNoMember(t *testing.T) {
	h, file := gallery(t, viewing{page: func(bot.Turn) ([]message.Block, error) { panic("amina's words") }})
	h.accept(bot.Update{Kind: bot.PageOpened, Sender: "amina", Chat: "amina"})
	h.Wait()
	if n := rowsIn(t, file, "members", "outbox"); n != 0 || h.parked()["panicked"] != 1 {
		t.Errorf("%d rows, parked %v", n, h.parked())
	}
	if strings.Contains(h.log.String(), "amina's words") {
		t.Error("what the room panicked with is in the log")
	}
}

func TestZones(t *testing.T) {
	h, _ := gallery(t, viewing{})
	zone := func(who string) string {
		p, _, err := h.db.Engine("").Person(t.Context(), h.account, who)
		if err != nil {
			t.Fatal(err)
		}
		return p.Member.Zone
	}
	for who, c := range map[string]struct{ hint, changed, want string }{
		"amina": {"Asia/Tokyo", "", "Asia/Tokyo"},
		"olena": {"", "", "Europe/London"},
		"omar":  {"Mars/Base", "Local", "Europe/London"},
		"kasia": {"Europe/Warsaw", "America/New_York", "America/New_York"},
		"grace": {"Europe/Warsaw", "../../etc/passwd", "Europe/Warsaw"},
	} {
		h.platform.Knows(who, bot.Hints{Zone: c.hint})
		h.say(who, "hello")
		h.hears("at first", who, "home lost no-command")
		h.accept(bot.Update{Kind: bot.ProfileChanged, Sender: who, Chat: who, Zone: c.changed})
		h.Wait()
		h.hears("a profile", who)
		if got := zone(who); got != c.want {
			t.Errorf("%s is in %q, want %q", who, got, c.want)
		}
	}
}

func TestForms(t *testing.T) {
	h, _ := gallery(t, viewing{})
	for _, c := range []struct{ name, data, words, want string }{
		{"right", "v1:home.form:x:", "hello", "home filled home.form hello"},
		{"no data", "", "hello", "home lost old-button"},
		{"no verb", "v2:home.form::", "hello", "home lost old-button"},
		{"too long", "v1:home." + strings.Repeat("x", 64) + "::", "hello", "home lost old-button"},
		{"no such room", "v1:nowhere.form::", "hello", "home lost old-button"},
		{"a room without forms", "v1:formless.form::", "hello", "home lost old-button"},
		{"a command", "v1:do::ask", "hello", "home lost old-button"},
		{"stop", "v1:home.form:x:", " STOP ", "home /stop"},
		{"stop as a command", "v1:home.form:x:", "/stop", "home /stop"},
		{"young", "v1:home.form:x:", "hello I am 16", "home /young"},
		{"young with forged data", "nonsense", "hello I am 16", "home /young"},
	} {
		h.accept(form("amina", c.data, c.words))
		h.Wait()
		h.hears(c.name, "amina", c.want)
		if w := h.windows(); len(w) != 1 || w[0].window != "w1" || len(w[0].form.Fields) != 0 || bottest.FormFault(w[0].form) != "" {
			t.Errorf("%s: the window shows %+v", c.name, w)
		}
	}
}

// TestFormTwice: a platform delivers again what it is not sure of.
func TestFormTwice(t *testing.T) {
	h, _ := gallery(t, viewing{})
	raw := h.platform.Raw(h.account, form("amina", "v1:home.form:x:", "once"))
	for range 3 {
		if err := h.Accept(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
	}
	h.Wait()
	h.hears("delivered three times", "amina", "home filled home.form once")
}

func TestFormComesBack(t *testing.T) {
	again := message.Form{Title: "Again", Submit: "Send", Close: "x", Data: "v1:home.form::", Fields: []message.Field{{Name: "text", Label: "x", Value: "typed", Problem: "no"}}}
	for _, err := range []error{nil, bot.ErrUnknownStep, bot.ErrNotFound} {
		h, _ := gallery(t, viewing{filled: func(bot.Turn, message.Verb) (bot.Outcome, error) { return bot.Outcome{Form: &again}, err }})
		h.accept(form("amina", "v1:home.form::", "typed"))
		h.Wait()
		w := h.windows()
		switch {
		case err == nil:
			h.hears("a problem", "amina")
			if len(w) != 1 || w[0].form.Fields[0].Problem != "no" || w[0].form.Fields[0].Value != "typed" {
				t.Errorf("the window shows %+v", w)
			}
		case errors.Is(err, bot.ErrUnknownStep):
			h.hears("old", "amina", "home lost old-button")
		default:
			h.hears("not theirs", "amina", "home lost no-such-right")
		}
	}
}

// TestFormThatFails: nobody is left before a window that waits for ever.
func TestFormThatFails(t *testing.T) {
	h, _ := gallery(t, viewing{filled: func(bot.Turn, message.Verb) (bot.Outcome, error) { panic("x") }})
	h.accept(form("amina", "v1:home.form::", "typed"))
	h.Wait()
	h.hears("a form over which a room panics", "amina", "home lost broken")
	if w := h.windows(); len(w) != 1 || len(w[0].form.Fields) != 0 {
		t.Errorf("the window shows %+v", w)
	}
}

func TestShortcuts(t *testing.T) {
	h, _ := gallery(t, viewing{})
	use := func(who, name, quoted string) {
		h.accept(bot.Update{Kind: bot.ShortcutUsed, Sender: who, Chat: who, Text: name, Quoted: quoted, Window: "w2"})
		h.Wait()
	}
	use("amina", "ask", " May I come? ")
	h.hears("of somebody unknown", "amina", "home /ask May I come?")
	use("amina", "Alert", "words")
	h.hears("not theirs", "amina", "home lost no-such-right")
	use("amina", "dance", "words")
	h.hears("nobody's", "amina", "home lost old-button")
	h.grant("amina", bot.Organiser)
	use("amina", "alert", "words")
	h.hears("theirs", "amina", "formless /alert words")
	p, _, err := h.db.Engine("").Person(t.Context(), h.account, "amina")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return h.db.Members().SetState(ctx, tx, p.Member.ID, bot.Stopped)
	}); err != nil {
		t.Fatal(err)
	}
	use("amina", "ask", "")
	h.hears("of somebody who has stopped", "amina", "home /ask")
	if w := h.windows(); len(w) != 5 {
		t.Errorf("%d windows were filled of 5", len(w))
	}
}

func TestPressOnPage(t *testing.T) {
	h, _ := gallery(t, viewing{})
	h.say("amina", "hello")
	h.hears("at first", "amina", "home lost no-command")
	h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: "amina", Chat: "amina", Data: "v1:home.x::"})
	h.Wait()
	if got := h.pages(); len(got) != 0 {
		t.Errorf("a press in the conversation shows the page: %q", got)
	}
	h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: "amina", Chat: "amina", Data: "v1:home.x::", OnPage: true})
	h.Wait()
	h.hears("pressed", "amina", "home pressed home.x", "home pressed home.x")
	got := h.pages()
	if len(got) != 1 || !strings.HasPrefix(got[0], "The answer is in our conversation") || !strings.HasSuffix(got[0], "\nhome Europe/London") {
		t.Errorf("shown %q", got)
	}
}

// TestInsteadOfWindow: where a form can't be shown whoever asked for it is told how to go
// on, and nobody else is.
func TestInsteadOfWindow(t *testing.T) {
	asked := message.Form{Title: "Again", Submit: "Send", Close: "x", Data: "v1:home.form::", Command: "ask", Fields: []message.Field{{Name: "text", Label: "x"}}}
	opens := func(context.Context, bot.Turn, string, string) (bot.Outcome, error) {
		return bot.Outcome{Form: &asked}, nil
	}
	home := &room{name: "home", commands: []bot.Command{{Name: "ask"}, {Name: "hidden", For: []bot.RoleKind{bot.Organiser}}}, command: opens,
		press: func(context.Context, bot.Turn, message.Verb) (bot.Outcome, error) {
			return bot.Outcome{Form: &asked}, nil
		}}
	h, _ := gallery(t, viewing{room: home, filled: func(_ bot.Turn, v message.Verb) (bot.Outcome, error) {
		switch v.ID {
		case "well":
			return says("done"), nil
		case "said":
			out := says("done")
			out.Form = &asked
			return out, nil
		}
		return bot.Outcome{Form: &asked}, nil
	}})
	for _, c := range []struct {
		name string
		u    bot.Update
		want string
		data []string
	}{
		{"a shortcut", bot.Update{Kind: bot.ShortcutUsed, Text: "ask"}, "The window did not open.", []string{"v1:do::ask"}},
		{"a message that was shared", bot.Update{Kind: bot.ShortcutUsed, Text: "ask", Quoted: "words"}, "The window did not open. Share the message once more", []string{"v1:do::ask"}},
		{"a button", bot.Update{Kind: bot.ButtonPressed, Data: "v1:home.x::"}, "The window did not open.", []string{"v1:do::ask"}},
		{"a form with a problem", bot.Update{Kind: bot.FormFilled, Data: "v1:home.form::"}, "Something was still missing", []string{"v1:do::ask"}},
		{"a form that is done", bot.Update{Kind: bot.FormFilled, Data: "v1:home.form:well:"}, "", nil},
		{"a form with an answer beside it", bot.Update{Kind: bot.FormFilled, Data: "v1:home.form:said:"}, "", nil},
	} {
		c.u.Sender, c.u.Chat, c.u.Window = "amina", "amina", "w1"
		h.accept(c.u)
		h.Wait()
		w := h.windows()
		if len(w) != 1 {
			t.Fatalf("%s: %d windows are filled", c.name, len(w))
		}
		var data []string
		for _, a := range w[0].instead.Actions() {
			data = append(data, a.Data)
			if a.Form {
				t.Errorf("%s: the way without a window asks for one", c.name)
			}
		}
		if got := w[0].instead.Text(); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" || !slices.Equal(data, c.data) {
			t.Errorf("%s: instead of it %q is said, with %q", c.name, got, data)
		}
	}
	asked.Command = "hidden" // not theirs: there is no button for it
	h.accept(bot.Update{Kind: bot.ShortcutUsed, Text: "ask", Sender: "amina", Chat: "amina", Window: "w1"})
	h.Wait()
	if w := h.windows(); len(w) != 1 || len(w[0].instead.Actions()) != 0 || len(w[0].instead.Blocks) != 1 {
		t.Errorf("of a command that is not theirs: %+v", w)
	}
}

// TestShortcutThatFails: whoever used it, known or not, is told, and the window closes
// with that.
func TestShortcutThatFails(t *testing.T) {
	home := &room{name: "home", commands: []bot.Command{{Name: "ask"}}, command: func(context.Context, bot.Turn, string, string) (bot.Outcome, error) {
		panic("amina's words")
	}}
	h, _ := gallery(t, viewing{room: home})
	h.accept(bot.Update{Kind: bot.ShortcutUsed, Text: "ask", Sender: "amina", Chat: "amina", Window: "w1"})
	h.Wait()
	h.hears("a shortcut over which a room panics", "amina", "home lost broken")
	w := h.windows()
	if len(w) != 1 || len(w[0].form.Fields) != 0 || len(w[0].instead.Blocks) != 0 || h.parked()["panicked"] != 1 {
		t.Errorf("the window shows %+v, parked %v", w, h.parked())
	}
	if strings.Contains(h.log.String(), "amina's words") {
		t.Error("what the room panicked with is in the log")
	}
}

// TestPressOnPageThatFails: what was pressed is done and answered, though the page can't
// be made any more.
func TestPressOnPageThatFails(t *testing.T) {
	h, _ := gallery(t, viewing{page: func(bot.Turn) ([]message.Block, error) { panic("amina's words") }})
	h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: "amina", Chat: "amina", Data: "v1:home.x::", OnPage: true})
	h.Wait()
	h.hears("pressed", "amina", "home pressed home.x")
	if got := h.pages(); len(got) != 0 || len(h.parked()) != 0 || len(h.waiting()) != 0 {
		t.Errorf("shown %q, parked %v, waiting %d", got, h.parked(), len(h.waiting()))
	}
	if strings.Contains(h.log.String(), "amina's words") {
		t.Error("what the room panicked with is in the log")
	}
}

// slowly is a platform that takes its time to say what it knows of somebody.
type slowly struct {
	*bottest.Platform
	asked chan time.Duration
}

func (s slowly) Hints(ctx context.Context, _ string) bot.Hints {
	began := time.Now()
	<-ctx.Done()
	s.asked <- time.Since(began)
	return bot.Hints{}
}

// TestHintsInTime: somebody new waits two seconds for what their platform knows of them,
// and no longer.
func TestHintsInTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ella.db")
	synctest.Test(t, func(t *testing.T) {
		asked := make(chan time.Duration, 9)
		h := newHouse(t, options{db: storagetest.Open(t, file), adapter: func(p *bottest.Platform) bot.Adapter { return slowly{p, asked} }})
		h.say("amina", "hello")
		h.hears("at first", "amina", "home lost no-command")
		h.say("amina", "hello")
		h.hears("known by now", "amina", "home lost no-command")
		h.Stop()
		if len(asked) != 1 {
			t.Fatalf("asked %d times", len(asked))
		}
		if waited := <-asked; waited != 2*time.Second {
			t.Errorf("it took %v", waited)
		}
	})
}
