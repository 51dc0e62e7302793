package slack_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ella/adapters/slack"
	"ella/bot"
	"ella/bot/bottest"
)

// corpus is the raw updates in testdata, by name. People and words in them are made up;
// the shapes are those of docs.slack.dev/reference/events and of Slack's own SDKs' samples.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = raw
	}
	return all
}

// TestDecodeCorpus reads one update of each kind as Slack gives them.
func TestDecodeCorpus(t *testing.T) {
	const (
		amina   = "U0AMINA001"
		channel = "C0ROOF0001"
		private = "D0AMINA001"
	)
	at := time.Unix(1795780800, 100_000).UTC()
	by := func(kind bot.UpdateKind, who string) bot.Update {
		return bot.Update{Kind: kind, Sender: "T0ELLA0001:" + who, Chat: who, At: at}
	}
	said := func(kind bot.UpdateKind, more func(*bot.Update)) bot.Update {
		u := by(kind, amina)
		u.Message = private + ":1795780800.000100"
		if more != nil {
			more(&u)
		}
		return u
	}
	from := func(u bot.Update, who string) bot.Update {
		u.Sender, u.Chat = "T0ELLA0001:"+who, who
		return u
	}
	text := func(words string) bot.Update { return said(bot.TextSent, func(u *bot.Update) { u.Text = words }) }
	in := func(u bot.Update) bot.Update {
		u.Group = channel
		if u.Message != "" {
			u.Message = channel + ":1795780800.000100"
		}
		return u
	}
	nameless := func(kind bot.UpdateKind, channel string) bot.Update {
		return bot.Update{Kind: kind, Sender: "T0ELLA0001:" + channel, Group: channel, Nameless: true, At: at}
	}
	second := func(u bot.Update) bot.Update { // the event says no more
		u.At = at.Truncate(time.Second)
		return u
	}
	edited := func(kind bot.UpdateKind, at time.Time) bot.Update {
		return said(kind, func(u *bot.Update) { u.At = at })
	}
	changedAt := time.Unix(1795780861, 400_000).UTC()
	press := func(more func(*bot.Update)) bot.Update {
		u := by(bot.ButtonPressed, amina)
		u.At = time.Unix(1795780800, 123_456_000).UTC()
		u.Data, u.Message = "v1:do::help", private+":1795780700.000200"
		u.Press = private + " " + amina + " https://hooks.slack.com/actions/T0ELLA0001/1/abc"
		if more != nil {
			more(&u)
		}
		return u
	}
	yes := press(func(u *bot.Update) { u.Data = "v1:action.rsvp:01kaxm5g80000001:yes" })
	atHome := func(more func(*bot.Update)) bot.Update {
		return press(func(u *bot.Update) {
			u.Data, u.Message, u.Press, u.OnPage = yes.Data, "", " "+amina+" ", true
			if more != nil {
				more(u)
			}
		})
	}
	shortcut := func(name, trigger, quoted string) bot.Update {
		return bot.Update{
			Kind: bot.ShortcutUsed, Sender: "T0ELLA0001:" + amina, Chat: amina, Text: name, Quoted: quoted,
			Window: slack.WindowOf(amina, trigger), At: time.Unix(1795780800, 123_456_000).UTC(),
		}
	}
	command := func(text string) bot.Update {
		return bot.Update{Kind: bot.TextSent, Sender: "T0ELLA0001:" + amina, Chat: amina, Text: text}
	}
	want := map[string]bot.Update{
		"text":               text("سلام (hello) 12:30 B11 1AA"),
		"text-http":          text("Where is the meeting?"),
		"text-escaped":       text("<!channel> &lt; a & b <@U012AB3CD>"),
		"links":              text("see https://example.org/a?b=1&c=2 and example.org, grace@example.org, +44 161 234 5678, https://good.example (https://evil.example), #roof, @U0OTHER001, @legal, @here, 24 November 2026"),
		"link-unclosed":      text("1 < 2 <https://example.org"),
		"emoji":              text("🎈 👋🏼 :party-parrot: 12:30:15"),
		"mention-in-private": text("groups near me"),
		"answer":             said(bot.TextSent, func(u *bot.Update) { u.Text, u.Answers = "yes +2", private+":1795780700.000200" }),
		"answer-to-oneself":  text("yes"),
		"me-message":         text("waves"),

		"voice":                said(bot.VoiceSent, nil),
		"photo-with-words":     said(bot.Unsupported, nil),
		"nothing-but-blocks":   said(bot.Unsupported, nil),
		"blocks-of-the-future": text("hello"),
		"brought-back":         said(bot.BroughtBack, nil),
		"shared-from-another":  text("what is this?"),

		"edited": said(bot.TextChanged, func(u *bot.Update) {
			u.Text, u.At = "no, Sunday", time.Unix(1795780860, 0).UTC()
		}),
		"edited-by-a-preview": edited(bot.Other, changedAt),
		"edited-by-ella":      from(edited(bot.Other, changedAt), "U0ELLA0001"),
		"deleted":             second(bot.Update{Kind: bot.Other}),
		"own-message":         from(said(bot.Other, nil), "U0ELLA0001"),
		"another-bot":         from(said(bot.Other, nil), "U0ROBOT001"),
		"slackbot":            from(said(bot.Other, nil), "USLACKBOT"),
		"stranger":            from(said(bot.Other, nil), "U0STRANGE1"),
		"team-of-wrong-type":  text("hello"),

		"channel-talk":             in(said(bot.Other, nil)),
		"channel-topic":            in(said(bot.Other, nil)),
		"channel-answer":           in(said(bot.TextSent, func(u *bot.Update) { u.Text, u.Answers = "thanks!", channel+":1795780700.000200" })),
		"mention":                  in(text("/connect@ella K7QD-M3XW")),
		"mention-alone":            in(text("/help@ella")),
		"mention-in-the-middle":    in(text("/hey@ella , /connect K7QD-M3XW")),
		"mention-with-comma":       in(text("/help@ella")),
		"mention-in-thread":        in(said(bot.TextSent, func(u *bot.Update) { u.Text, u.Answers = "/help@ella", channel+":1795780700.000200" })),
		"mention-by-stranger":      from(in(said(bot.Other, nil)), "U0STRANGE1"),
		"mention-by-bot":           from(in(said(bot.Other, nil)), "U0ROBOT001"),
		"mention-in-private-event": said(bot.Other, nil),

		"channel-joined":           in(by(bot.GroupJoined, amina)),
		"channel-joined-by-nobody": nameless(bot.GroupJoined, channel),
		"another-joined":           second(bot.Update{Kind: bot.Other}),
		"channel-left":             in(by(bot.GroupLeft, amina)),
		"group-left":               func() bot.Update { u := by(bot.GroupLeft, amina); u.Group = "G0ROOF0001"; return u }(),
		"member-left":              nameless(bot.GroupLeft, channel),
		"another-left":             in(by(bot.ChatLeft, amina)),
		"another-left-by-stranger": from(in(by(bot.Other, amina)), "U0STRANGE1"),
		"channel-archived":         in(by(bot.GroupLeft, amina)),
		"channel-unarchived":       in(by(bot.GroupJoined, amina)),
		"channel-deleted":          nameless(bot.GroupLeft, channel),
		"channel-moved":            func() bot.Update { u := nameless(bot.GroupMoved, "G0ROOF0001"); u.NewGroup = channel; return u }(),

		"deactivated":     second(func() bot.Update { u := by(bot.ChatBlocked, amina); u.LocaleHint = "ar-EG"; return u }()),
		"profile-changed": second(func() bot.Update { u := by(bot.ProfileChanged, amina); u.LocaleHint = "ar-EG"; return u }()),
		"profile-moved": second(func() bot.Update {
			u := by(bot.ProfileChanged, amina)
			u.LocaleHint, u.Zone = "ar-EG", "Asia/Beirut"
			return u
		}()),
		"profile-unchanged": second(by(bot.Other, amina)),
		"home-opened":       by(bot.PageOpened, amina),
		"messages-opened":   by(bot.Other, amina),
		"uninstalled":       second(bot.Update{Kind: bot.Other}),
		"tokens-revoked":    second(bot.Update{Kind: bot.Other}),
		"channel-renamed":   second(bot.Update{Kind: bot.Other}),
		"of-the-future":     second(bot.Update{Kind: bot.Other}),

		"rate-limited":           {Kind: bot.Other},
		"envelope-of-the-future": {Kind: bot.Other},

		"press":          yes,
		"press-http":     yes,
		"press-forged":   press(func(u *bot.Update) { u.Data = "" }),
		"press-nul":      press(func(u *bot.Update) { u.Data = "" }),
		"press-selected": press(nil),
		"press-link":     press(func(u *bot.Update) { u.Kind, u.Data, u.Press = bot.Other, "", "" }),
		"press-in-channel": press(func(u *bot.Update) {
			u.Data, u.Group, u.Message = yes.Data, channel, channel+":1795780700.000200"
			u.Press = channel + " " + amina + " https://hooks.slack.com/actions/T0ELLA0001/1/abc"
		}),
		"press-in-channel-by-stranger": {Kind: bot.Other, Sender: "T0ELLA0001:U0STRANGE1", Chat: "U0STRANGE1"},
		"press-at-home":                atHome(nil),
		"press-at-home-for-window":     atHome(func(u *bot.Update) { u.Window = slack.WindowOf(amina, "12466734323.1395872398.74") }),
		"press-for-window": press(func(u *bot.Update) {
			u.Data, u.Window = yes.Data, slack.WindowOf(amina, "12466734323.1395872398.73")
		}),
		"press-in-window": atHome(func(u *bot.Update) { u.OnPage, u.Window = false, "V0FORM0001" }),

		"form": {Kind: bot.Other, Sender: "T0ELLA0001:" + amina, Chat: amina},
		"form-filled": {
			Kind: bot.FormFilled, Sender: "T0ELLA0001:" + amina, Chat: amina, Window: "V0FORM0001", Data: "v1:group.edit:01kaxm5g80000001:",
			Fields: map[string]string{"name": "Roof & <Sons>", "town": "leeds"},
		},
		"form-forged": {
			Kind: bot.FormFilled, Sender: "T0ELLA0001:" + amina, Chat: amina, Window: "V0FORM0001",
			Fields: map[string]string{"long": strings.Repeat("ж", 3000), "nul": "ab"},
		},
		"form-of-stranger": {Kind: bot.Other, Sender: "T0ELLA0001:U0STRANGE1", Chat: "U0STRANGE1"},
		"form-closed":      {Kind: bot.Other, Sender: "T0ELLA0001:" + amina, Chat: amina},

		"shortcut": shortcut("ask", "1.2.4", ""),
		"shortcut-on-message": shortcut("alert", "1.2.7",
			"Rally & march at https://example.org/a?b=1&c=2, @channel <noon> 👋"),
		"shortcut-of-the-future": func() bot.Update { u := shortcut("", "", ""); u.Kind, u.Window = bot.Other, ""; return u }(),
		"shortcut-by-stranger":   {Kind: bot.Other, Sender: "T0ELLA0001:U0STRANGE1", Chat: "U0STRANGE1"},

		"command":         command("/groups b11"),
		"command-http":    command("/groups  b11"),
		"command-alone":   command("/start"),
		"command-connect": func() bot.Update { u := command("/connect K7QD-M3XW"); u.Group = channel; return u }(),

		"command-connect-in-private": command("/connect K7QD-M3XW"),

		"command-escaped": command("/say <b> to @grace"),
	}
	a := known(t)
	for name, raw := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			expected, ok := want[name]
			if !ok {
				t.Fatal("nobody says what it is")
			}
			if got, err := a.Decode(raw); err != nil || !reflect.DeepEqual(got, expected) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, expected)
			}
		})
		delete(want, name)
	}
	for name := range want {
		t.Errorf("the corpus has no %s", name)
	}
}

// delivered is a raw update: a private message with this in it, besides who and where.
func delivered(inside string) string {
	return `{"envelope_id":"e-1","type":"events_api","payload":{"type":"event_callback","team_id":"T0ELLA0001","event_id":"Ev1","event_time":1795780800,` +
		`"event":{"type":"message","channel_type":"im","channel":"D0AMINA001","user":"U0AMINA001","ts":"1795780800.000100",` + inside + `}}}`
}

func TestDecodeRefuses(t *testing.T) {
	a := known(t)
	sound := delivered(`"text":"a"`)
	if _, err := a.Decode([]byte(sound)); err != nil {
		t.Fatal(err)
	}
	pressed := `{"type":"interactive","payload":{"type":"block_actions","team":{"id":"T0ELLA0001"},"user":{"id":"U0AMINA001"},"actions":[{"type":"button","value":"v"}]}}`
	for name, raw := range map[string]string{
		"nothing":              ``,
		"no JSON":              `hello`,
		"null":                 `null`,
		"a list":               `[]`,
		"two values":           sound + `{}`,
		"no payload":           `{"type":"events_api"}`,
		"a payload of text":    `{"type":"events_api","payload":"x"}`,
		"no envelope":          `{"type":"event_callback","event":{}}`,
		"no type":              strings.Replace(sound, `"events_api"`, `""`, 1),
		"no outer type":        strings.Replace(sound, `"event_callback"`, `""`, 1),
		"invalid UTF-8":        delivered("\"text\":\"\xff\""),
		"text of wrong type":   delivered(`"text":7`),
		"a user of wrong type": delivered(`"text":"a","user":{}`),
		"a strange user":       strings.Replace(sound, "U0AMINA001", "<@U0AMINA001>", 1),
		"a strange channel":    strings.Replace(sound, "D0AMINA001", "D0AMINA001:1", 1),
		"no timestamp":         strings.Replace(sound, "1795780800.000100", "", 1),
		"a strange timestamp":  strings.Replace(sound, "1795780800.000100", "1,2", 1),
		"a press of nobody":    strings.Replace(pressed, "U0AMINA001", "", 1),
		"a press of nothing":   strings.Replace(pressed, `{"type":"button","value":"v"}`, "", 1),
		"a command of nobody":  `{"type":"slash_commands","payload":{"team_id":"T0ELLA0001","text":"help"}}`,
		"a channel of no name": strings.Replace(string(corpus(t)["channel-left"]), "C0ROOF0001", "", 1),
	} {
		t.Run(name, func(t *testing.T) {
			if u, err := a.Decode([]byte(raw)); err != bot.ErrUnreadable || !reflect.DeepEqual(u, bot.Update{}) { //nolint:errorlint // nothing may be wrapped around it
				t.Errorf("got %+v, %v", u, err)
			}
		})
	}
}

// TestDecodeIsKind: what a member, or whoever forges, can write must not have an
// update set aside.
func TestDecodeIsKind(t *testing.T) {
	a := known(t)
	for name, c := range map[string]struct {
		raw  string
		kind bot.UpdateKind
		text string
	}{
		"NUL in words":           {delivered(`"text":"a\u0000b"`), bot.TextSent, "ab"},
		"NUL alone":              {delivered(`"text":"\u0000"`), bot.Unsupported, ""},
		"half a character":       {delivered(`"text":"a\ud800b"`), bot.TextSent, "a\ufffdb"},
		"an unknown field":       {delivered(`"text":"a","sent_by_thought":{"x":[{}]}`), bot.TextSent, "a"},
		"an emoji of no number":  {delivered(`"text":":x:","blocks":[{"type":"emoji","name":"x","unicode":"zz"}]`), bot.TextSent, ":x:"},
		"an emoji of NUL":        {delivered(`"text":":x:","blocks":[{"type":"emoji","name":"x","unicode":"0"}]`), bot.TextSent, ":x:"},
		"an emoji of half":       {delivered(`"text":":x:","blocks":[{"type":"emoji","name":"x","unicode":"d800"}]`), bot.TextSent, ":x:"},
		"blocks of wrong type":   {delivered(`"text":":x:","blocks":"x"`), bot.TextSent, ":x:"},
		"nothing but her name":   {delivered(`"text":"<@U0ELLA0001>"`), bot.Unsupported, ""},
		"brackets in brackets":   {delivered(`"text":"<<https://x.example>>"`), bot.TextSent, "<https://x.example>"},
		"an empty reference":     {delivered(`"text":"a<>b"`), bot.TextSent, "ab"},
		"an unclosed reference":  {delivered(`"text":"a <b"`), bot.TextSent, "a <b"},
		"escaped twice":          {delivered(`"text":"&amp;amp;lt;"`), bot.TextSent, "&amp;lt;"},
		"a link with its slash":  {delivered(`"text":"<http://x.example/|x.example>"`), bot.TextSent, "x.example"},
		"a number":               {delivered(`"text":"<tel:+441612345678|0044 161>"`), bot.TextSent, "0044 161 (tel:+441612345678)"},
		"spaces are as typed":    {delivered(`"text":"  a  b "`), bot.TextSent, "  a  b "},
		"her name at the end":    {delivered(`"text":"hi <@U0ELLA0001|ella>"`), bot.TextSent, "hi"},
		"another name like hers": {delivered(`"text":"<@U0ELLA00010> hi"`), bot.TextSent, "@U0ELLA00010 hi"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := a.Decode([]byte(c.raw))
			if err != nil || got.Kind != c.kind || got.Text != c.text || got.Chat != "U0AMINA001" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, raw := range corpus(f) {
		f.Add(raw)
	}
	f.Add([]byte(delivered(`"text":"\ud800\u0000<@U0ELLA0001> :x:","blocks":[{"type":"emoji","name":"x","unicode":"1f388"}]`)))
	a := known(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := a.Decode(raw)
		if err != nil {
			if !errors.Is(err, bot.ErrUnreadable) || err.Error() != bot.ErrUnreadable.Error() || !reflect.DeepEqual(u, bot.Update{}) {
				t.Fatalf("error %v beside %+v", err, u)
			}
			return
		}
		if wrong := bottest.Unsound(u); wrong != "" {
			t.Fatalf("%s: %+v", wrong, u)
		}
		if !utf8.ValidString(u.Text) || u.Kind != bot.Other && (u.Nameless != (u.Chat == "") || len(u.Data) > 64) {
			t.Fatalf("update %+v", u)
		}
		if n := slack.NameOf(a, raw); n.Key == "" || n.Sender != u.Sender && n.Sender != "nobody" {
			t.Fatalf("it is named %+v, and decodes to %+v", n, u)
		}
	})
}
