package engine_test

import (
	"context"
	"encoding/json"
	"testing"

	"ella/bot"
)

// Where a command is a word of its own it is one, whatever stands around it and in
// whichever script.
func TestCommandsWithinText(t *testing.T) {
	h := newHouse(t, options{rooms: street()})
	const no = "home lost no-command"
	for typed, want := range map[string]string{
		"سلام /groups":                       "group /groups",
		"من فضلكم /groups برمنغهام":          "group /groups برمنغهام",
		"شكرًا! /stop":                       "home /stop",
		"«/groups»":                          "group /groups",
		"ما هو /groups؟":                     "group /groups",
		"\u200f/groups\u200f":                "group /groups",
		"Добрий день, /groups B11":           "group /groups B11",
		"Будь ласка /STOP, дякую":            "home /stop дякую",
		"Прошу (/groups) Лідс":               "group /groups Лідс",
		"👋🏽 /groups":                         "group /groups",
		"🙏/stop":                             "home /stop",
		"❤️/groups❤️":                        "group /groups",
		"👩‍👩‍👧 /join ABC":                    "home /join ABC",
		"please /stop@ella now":              "home /stop now",
		"please /stop@ella, now":             "home /stop now",
		"one\n/groups\nb11":                  "group /groups b11",
		"/nothing, and /groups b11":          "group /groups b11",
		"what is /nothing or /groups /join?": "group /groups /join?",
		"/groups first, then /stop":          "group /groups first, then /stop",
		"ask /alert or /groups":              "group /groups", // the first is an organiser's
		"سلام/groups":                        no,
		"groups/stop/":                       no,
		"https://example.org/stop":           no,
		"https://example.org/?x=/stop":       no,
		"and/stop":                           no,
		"/stopping":                          no,
		"see /stop/now":                      no,
		"see //stop":                         no,
		"see /stop-now":                      no,
		"see /stop_now":                      no,
		"/سلام and more":                     no,
		"mail me@/stop":                      no,
		"3/stop":                             no,
		"see / stop":                         no,
	} {
		h.say("a", typed)
		h.hears("typed "+typed, "a", want)
	}
}

// While a step waits only stop is heard in the middle of a text, and where words are
// carried to somebody not even that.
func TestCommandsWithinAnAnswer(t *testing.T) {
	rooms := street()
	verbatim := false
	rooms[1].command = func(context.Context, bot.Turn, string, string) (out bot.Outcome, err error) {
		out = says("Where?")
		out.Next = bot.NewStep("group", "place", nil)
		out.Next.Verbatim = verbatim
		return out, nil
	}
	h := newHouse(t, options{rooms: rooms})
	for _, c := range []struct {
		typed       string
		open, other string
	}{
		{"Leeds, please /groups", "group step place Leeds, please /groups", "group step place Leeds, please /groups"},
		{"Leeds, please /stop", "home /stop", "group step place Leeds, please /stop"},
		{"سلام /stop@ella", "home /stop", "group step place سلام /stop@ella"},
		{"/stop", "home /stop", "home /stop"},
		{"стоп", "home /stop", "home /stop"},
		{"/nothing /stop", "home /stop", "home lost no-command"},
		{"stop this terrible bill", "group step place stop this terrible bill", "group step place stop this terrible bill"},
	} {
		for _, verbatim = range []bool{false, true} {
			want := c.open
			if verbatim {
				want = c.other
			}
			h.say("a", "/groups", c.typed)
			h.hears("typed "+c.typed, "a", "Where?", want)
		}
	}
}

// What is no text is answered for what it is; a message that was changed only while
// a question is open.
func TestVoiceAndTheLike(t *testing.T) {
	rooms := street()
	rooms[1].command = func(context.Context, bot.Turn, string, string) (out bot.Outcome, err error) {
		out = says("Where?")
		out.Next = bot.NewStep("group", "place", nil)
		return out, nil
	}
	h := newHouse(t, options{rooms: rooms})
	does := func(kind bot.UpdateKind) {
		t.Helper()
		u := text("a", "Leeds")
		u.Kind = kind
		h.accept(u)
		h.Wait()
	}
	h.say("a", "hello")
	h.hears("at first", "a", "home lost no-command")
	for _, kind := range []bot.UpdateKind{bot.VoiceSent, bot.BroughtBack, bot.TextChanged, bot.Unsupported} {
		does(kind)
	}
	h.hears("with nothing open", "a", "home lost voice", "home lost brought", "home lost not-text")
	h.say("a", "/groups")
	for _, kind := range []bot.UpdateKind{bot.VoiceSent, bot.BroughtBack, bot.TextChanged, bot.Unsupported} {
		does(kind)
	}
	h.say("a", "Leeds")
	h.hears("in the middle of something", "a", "Where?", "home lost voice", "home lost brought", "home lost changed", "home lost not-text", "group step place Leeds")
}

// listener is a room that understands some words.
type listener struct {
	*room
	words string
	fail  error
}

func (l listener) Overhear(_ context.Context, t bot.Turn) (bot.Outcome, bool, error) {
	if l.fail != nil || t.Update.Text != l.words {
		return bot.Outcome{}, false, l.fail
	}
	return says(l.name, "understands", l.words), true, nil
}

// Words that nobody waits for are for the first room that understands them, and for
// the home where none does, or where the first minute is not over.
func TestListeners(t *testing.T) {
	rooms := street()
	rooms[1].command = func(_ context.Context, t bot.Turn, _, _ string) (out bot.Outcome, err error) {
		out = says("Where?")
		out.Next = bot.NewStep("group", "place", nil)
		out.Next.Data = json.RawMessage(`1`)
		return out, nil
	}
	action, relay := &room{name: "action"}, &room{name: "relay"}
	h := newHouse(t, options{rooms: append(rooms, action, relay)})
	h.options.Rooms[2] = listener{room: action, words: "yes"}
	h.options.Rooms[3] = listener{room: relay, words: "yes"}
	h.restart()
	h.say("a", "yes")
	h.hears("in the first minute", "a", "home lost no-command")
	p, _, err := h.db.Engine("").Person(t.Context(), h.account, "a")
	if err != nil {
		t.Fatal(err)
	}
	settle := func(ctx context.Context, tx bot.Tx) error {
		if err := h.db.Members().SetLanguage(ctx, tx, p.Member.ID, "en", ""); err != nil {
			return err
		}
		return h.db.Members().Consent(ctx, tx, p.Member.ID, 1, "en", h.clock.Now())
	}
	if err := h.db.Write(t.Context(), settle); err != nil {
		t.Fatal(err)
	}
	h.say("a", "yes", "perhaps", "/groups", "yes")
	h.hears("after it", "a", "action understands yes", "home lost no-command", "Where?", "group step place yes")
}
