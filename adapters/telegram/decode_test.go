package telegram_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ella/adapters/telegram"
	"ella/bot"
)

// corpus is the raw updates in testdata, by name.
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

// TestDecodeCorpus reads one update of each kind as Telegram gives them.
func TestDecodeCorpus(t *testing.T) {
	const (
		amina  = "7100000001"
		group  = "-4200000001"
		forum  = "-1002200000001"
		hidden = "g-1002200000001"
	)
	at := time.Unix(1795780800, 0).UTC()
	private := func(kind bot.UpdateKind) bot.Update {
		return bot.Update{Kind: kind, Sender: amina, Chat: amina, LocaleHint: "ar", At: at}
	}
	// sent is a message, which has a name of its own.
	sent := func(kind bot.UpdateKind, more func(*bot.Update)) bot.Update {
		u := private(kind)
		u.Message = "101"
		if more != nil {
			more(&u)
		}
		return u
	}
	text := func(words string) bot.Update {
		return sent(bot.TextSent, func(u *bot.Update) { u.Text = words })
	}
	in := func(group string, u bot.Update) bot.Update {
		u.Group = group
		return u
	}
	nameless := func(u bot.Update, sender string) bot.Update {
		u.Nameless, u.Sender, u.Chat, u.LocaleHint = true, sender, "", ""
		return u
	}
	press := func(id, data string, message bot.Ref) bot.Update {
		return bot.Update{Kind: bot.ButtonPressed, Sender: amina, Chat: amina, LocaleHint: "ar", Press: "4382bfdwdsb323b2" + id, Data: data, Message: message}
	}
	here := func(u *bot.Update) { u.Lat, u.Lng = 51.624, -3.9411 }
	want := map[string]bot.Update{
		"text":              text("سلام (hello) 12:30 B11 1AA"),
		"text-no-language":  sent(bot.TextSent, func(u *bot.Update) { u.Text, u.LocaleHint = "Where is the meeting?", "" }),
		"start":             text("/start lar_g01kaxm5g80000001"),
		"command":           text("/groups@Ella_Test_Bot b11 1aa"),
		"answer":            sent(bot.TextSent, func(u *bot.Update) { u.Text, u.Answers = "yes +2", "77" }),
		"answer-to-oneself": text("yes"),
		"forwarded":         text("Come to the vigil"),
		"edited": sent(bot.TextChanged, func(u *bot.Update) {
			u.Text, u.At = "no, Sunday", at.Add(time.Minute)
		}),
		"brought-back": sent(bot.BroughtBack, nil),

		"press":                press("d9", "v1:action.rsvp:01kaxm5g80000001:yes", "77"),
		"press-on-old-message": press("da", "v1:do::help", "77"),
		"press-inline":         press("db", "v1:do::help", ""),
		"press-forged":         press("dc", "", "77"),
		"press-in-topic":       in(forum+"/42", press("dd", "v1:action.rsvp:01kaxm5g80000001:no", "77")),

		"location":            sent(bot.LocationShared, here),
		"location-live":       sent(bot.LocationShared, here),
		"venue":               sent(bot.LocationShared, here),
		"location-live-moved": sent(bot.Other, func(u *bot.Update) { u.At = at.Add(30 * time.Second) }),

		"voice":                    sent(bot.VoiceSent, nil),
		"sticker":                  sent(bot.Unsupported, nil),
		"photo-with-caption":       sent(bot.Unsupported, nil),
		"document":                 sent(bot.Unsupported, nil),
		"contact":                  sent(bot.Unsupported, nil),
		"paid-media-of-the-future": sent(bot.Unsupported, nil),
		"pinned":                   sent(bot.Other, nil),

		"blocked":   private(bot.ChatBlocked),
		"unblocked": private(bot.ChatUnblocked),

		"group-joined":            in(group, private(bot.GroupJoined)),
		"group-promoted":          in(group, private(bot.Other)),
		"group-left":              in(forum, private(bot.GroupLeft)),
		"group-muted":             in(forum, private(bot.GroupLeft)),
		"group-unmuted-by-nobody": nameless(in(forum, private(bot.GroupJoined)), hidden),
		"channel-joined":          private(bot.Other),

		"group-command":            in(group, text("/connect@ella_test_bot K7QD-M3XW")),
		"group-start":              in(group, text("/start@ella_test_bot cK7QDM3XW")),
		"group-command-to-nobody":  in(group, text("/help")),
		"group-command-to-another": in(group, sent(bot.Other, nil)),
		"group-talk":               in(group, sent(bot.Other, nil)),
		"group-answer":             in(group, sent(bot.TextSent, func(u *bot.Update) { u.Text, u.Answers = "thanks!", "77" })),
		"group-photo":              in(group, sent(bot.Other, nil)),
		"topic-command":            in(forum+"/42", text("/connect K7QD-M3XW")),
		"topic-general":            in(forum, text("/connect K7QD-M3XW")),
		"thread-without-topic":     in(forum, text("/connect K7QD-M3XW")),
		"anonymous-admin":          nameless(in(forum, text("/connect K7QD-M3XW")), hidden),
		"channel-speaks-in-group":  nameless(in(forum, text("/help")), hidden),
		"another-bot":              in(group, sent(bot.Other, func(u *bot.Update) { u.Sender, u.Chat, u.LocaleHint = "99", "99", "" })),
		"group-moved":              in(group, sent(bot.GroupMoved, func(u *bot.Update) { u.NewGroup = "-1002200000002" })),
		"group-moved-here":         in(forum, sent(bot.Other, nil)),
		"new-members":              in(group, sent(bot.Other, nil)),
		"group-title":              in(group, sent(bot.Other, nil)),

		"channel-post":  {Kind: bot.Other},
		"poll-answer":   {Kind: bot.Other},
		"of-the-future": {Kind: bot.Other},
	}
	a := connected(t, &scripted{})
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

// message is a raw update: a private message with this in it.
func message(inside string) string {
	return `{"update_id":7,"message":{"message_id":1,"date":1795780800,"from":{"id":5,"is_bot":false,"language_code":"pl"},"chat":{"id":5,"type":"private"},` + inside + `}}`
}

func TestDecodeRefuses(t *testing.T) {
	a := connected(t, &scripted{})
	for name, raw := range map[string]string{
		"nothing":            ``,
		"no JSON":            `hello`,
		"null":               `null`,
		"a list":             `[]`,
		"two values":         message(`"text":"a"`) + `{}`,
		"no id":              strings.Replace(message(`"text":"a"`), `"update_id":7,`, "", 1),
		"an id of letters":   strings.Replace(message(`"text":"a"`), `:7,`, `:"7",`, 1),
		"invalid UTF-8":      message("\"text\":\"\xff\""),
		"text of wrong type": message(`"text":7`),
		"nobody":             strings.Replace(message(`"text":"a"`), `"id":5,"is_bot"`, `"id":0,"is_bot"`, 1),
		"no chat":            `{"update_id":7,"message":{"message_id":1,"from":{"id":5},"text":"a"}}`,
		"no message number":  `{"update_id":7,"message":{"from":{"id":5},"chat":{"id":5,"type":"private"},"text":"a"}}`,
		"no latitude":        message(`"location":{"longitude":1}`),
		"north of the pole":  message(`"location":{"latitude":91,"longitude":1}`),
		"infinite":           message(`"location":{"latitude":1e999,"longitude":1}`),
		"a press of nobody":  `{"update_id":7,"callback_query":{"id":"1","data":"v1:do::help"}}`,
		"a press of no name": `{"update_id":7,"callback_query":{"from":{"id":5},"data":"v1:do::help"}}`,
		"no new status":      `{"update_id":7,"my_chat_member":{"chat":{"id":5,"type":"private"},"from":{"id":5}}}`,
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
	a := connected(t, &scripted{})
	for name, c := range map[string]struct {
		raw  string
		want bot.Update
	}{
		"NUL in words":     {message(`"text":"a\u0000b"`), bot.Update{Kind: bot.TextSent, Text: "ab"}},
		"NUL alone":        {message(`"text":"\u0000"`), bot.Update{Kind: bot.Unsupported}},
		"half a character": {message(`"text":"a\ud800b"`), bot.Update{Kind: bot.TextSent, Text: "a\ufffdb"}},
		"a strange hint":   {strings.Replace(message(`"text":"a"`), `"pl"`, `"<b>"`, 1), bot.Update{Kind: bot.TextSent, Text: "a"}},
		"an id of 52 bits": {strings.ReplaceAll(message(`"text":"a"`), `"id":5`, `"id":4503599627370495`), bot.Update{Kind: bot.TextSent, Text: "a", Sender: "4503599627370495"}},
		"an unknown field": {message(`"text":"a","sent_by_thought":{"x":[{}]}`), bot.Update{Kind: bot.TextSent, Text: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := a.Decode([]byte(c.raw))
			if c.want.Sender == "" {
				c.want.Sender = "5"
			}
			if err != nil || got.Kind != c.want.Kind || got.Text != c.want.Text || got.Sender != c.want.Sender || got.Chat != got.Sender {
				t.Errorf("got %+v, %v", got, err)
			}
			if name == "a strange hint" && got.LocaleHint != "" {
				t.Errorf("the hint is %q", got.LocaleHint)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, raw := range corpus(f) {
		f.Add(raw)
	}
	f.Add([]byte(message(`"text":"\ud800\u0000"`)))
	a, err := telegram.Connect(f.Context(), telegram.Options{Account: "one", Token: token, Shelf: &shelf{}, Transport: &scripted{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := a.Decode(raw)
		if err != nil {
			if !errors.Is(err, bot.ErrUnreadable) || err.Error() != bot.ErrUnreadable.Error() || !reflect.DeepEqual(u, bot.Update{}) {
				t.Fatalf("error %v beside %+v", err, u)
			}
			return
		}
		for _, s := range []string{u.Text, u.Data, u.Sender, u.Chat, u.Press, u.LocaleHint, u.Group, u.NewGroup, string(u.Message), string(u.Answers)} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("unreadable text got through: %q", s)
			}
		}
		if u.Kind != bot.Other && (u.Sender == "" || u.Nameless != (u.Chat == "") || !u.Nameless && u.Chat != u.Sender) || u.Lat < -90 || u.Lat > 90 || u.Lng < -180 || u.Lng > 180 || len(u.Data) > 64 {
			t.Fatalf("update %+v", u)
		}
	})
}
