package telegramtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ella/adapters/telegram/telegramtest"
)

// inline is a keyboard of one row.
func inline(buttons ...set) set { return set{"inline_keyboard": [][]set{buttons}} }

func TestInlineKeyboard(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	empty := set{"text": ""}
	b.want("ok", "sendMessage", set{"chat_id": user, "text": "Choose:", "reply_markup": set{"inline_keyboard": [][]set{
		{{"text": "نعم", "callback_data": "v1:a::", "style": "success", "copy_text": empty}, {"text": "No", "callback_data": strings.Repeat("ж", 32)}},
		{{"text": "Map", "url": "https://example.org", "copy_text": empty}},
		{{"text": "Chat", "url": "tg://resolve?domain=ella"}, {"text": "Copy", "copy_text": set{"text": "B11 1AA"}}},
	}}})
	b.breaches()
	m := s.Shown(user)[0]
	var got []string
	for _, row := range m.Buttons {
		for _, one := range row {
			got = append(got, fmt.Sprintf("%s %s|%s|%s|%s", one.Text, one.Data, one.URL, one.Copy, one.Style))
		}
	}
	want := []string{"نعم v1:a::|||success", "No " + strings.Repeat("ж", 32) + "|||", "Map |https://example.org/||", "Chat |tg://resolve?domain=ella||", "Copy ||B11 1AA|"}
	if !slices.Equal(got, want) || len(m.Buttons) != 3 {
		t.Errorf("the buttons are %q", got)
	}
	if presses := m.Presses(); len(presses) != 2 || presses[0].Data != "v1:a::" || presses[1].Text != "No" {
		t.Errorf("those that answer are %+v", presses)
	}
}

func TestInlineKeyboardIsRefused(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	many := func(rows, each int) set {
		row := slices.Repeat([]set{{"text": "x", "callback_data": "y"}}, each)
		return set{"inline_keyboard": slices.Repeat([][]set{row}, rows)}
	}
	for i, c := range []struct {
		want   string
		markup set
	}{
		{"Bad Request: BUTTON_DATA_INVALID", inline(set{"text": "x", "callback_data": strings.Repeat("ж", 32) + "x"})},
		{"Bad Request: inline keyboard button text must be non-empty", inline(set{"text": "", "callback_data": "x"})},
		{"Bad Request: inline keyboard button text must be non-empty", inline(set{"text": "\u202e ", "callback_data": "x"})},
		{"Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard", inline(set{"text": "x"})},
		{"Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard", inline(set{"text": "x", "callback_data": ""})},
		{"Bad Request: BUTTON_COPY_TEXT_INVALID", inline(set{"text": "x", "copy_text": set{"text": ""}})},
		{"Bad Request: BUTTON_COPY_TEXT_INVALID", inline(set{"text": "x", "copy_text": set{"text": strings.Repeat("x", 257)}})},
		{"Bad Request: inline keyboard button URL 'tel:+441214960000' is invalid: Wrong port number specified in the URL", inline(set{"text": "x", "url": "tel:+441214960000"})},
		{"Bad Request: inline keyboard button URL 'mailto:ella@example.org' is invalid: Wrong HTTP URL", inline(set{"text": "x", "url": "mailto:ella@example.org"})},
		{"Bad Request: inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong port number specified in the URL", inline(set{"text": "x", "url": "javascript:alert(1)"})},
		{"Bad Request: inline keyboard button URL 'ftp://example.org' is invalid: Unsupported URL protocol", inline(set{"text": "x", "url": "ftp://example.org"})},
		{"Bad Request: inline keyboard button URL 'https://localhost' is invalid: Wrong HTTP URL", inline(set{"text": "x", "url": "https://localhost"})},
		{"Bad Request: inline keyboard button URL 'https://' is invalid: URL host is empty", inline(set{"text": "x", "url": "https://"})},
		{"Bad Request: inline keyboard button URL '/relative' is invalid: URL host is empty", inline(set{"text": "x", "url": "/relative"})},
		{"Bad Request: inline keyboard button URL 'https://a b.org' is invalid: Disallowed character in URL host", inline(set{"text": "x", "url": "https://a b.org"})},
		{"Bad Request: inline keyboard button URL 'https://a%zz.org' is invalid: Wrong percent-encoded symbol in URL host", inline(set{"text": "x", "url": "https://a%zz.org"})},
		{"Bad Request: inline keyboard button URL 'tg://a.b' is invalid: Unallowed characters in URL host", inline(set{"text": "x", "url": "tg://a.b"})},
		{"Bad Request: reply markup is too long", many(1, 9)},
		{"Bad Request: reply markup is too long", many(101, 1)},
		{"ok", many(20, 5)}, // 100 in all
		{"ok", many(1, 8)},
		{"ok", set{"inline_keyboard": [][]set{}}},
		// Two actions: the first one counts, and it is told.
		{"ok", inline(set{"text": "x", "url": "https://example.org/", "callback_data": "y"})},
	} {
		before := len(s.Breaches())
		b.want(c.want, "sendMessage", set{"chat_id": user, "text": "x", "reply_markup": c.markup})
		wrong := c.want != "ok" || i == 22
		if all := s.Breaches()[before:]; (len(all) == 1 && all[0].Rule == telegramtest.RuleKeyboard) != wrong {
			t.Errorf("case %d: the breaches are %q", i, all)
		}
	}
	if all := s.Shown(user); len(all) != 4 || all[3].Buttons[0][0].Data != "" {
		t.Errorf("%d messages stand there, the last with %+v", len(all), all[len(all)-1].Buttons)
	}
}

func TestReplyKeyboard(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Member})
	channel := s.AddGroup(telegramtest.Group{Title: "Channel", Kind: telegramtest.Channel, Bot: telegramtest.Administrator})
	ask := func(want string, chat int64, markup set) {
		t.Helper()
		b.want(want, "sendMessage", set{"chat_id": chat, "text": "Where are you?", "reply_markup": markup})
	}
	location := set{"keyboard": [][]set{{{"text": "Share my place", "request_location": true}}, {{"text": "Not now"}}}, "resize_keyboard": true, "one_time_keyboard": true}
	if s.KeyboardIn(user) != nil {
		t.Error("a keyboard is up before there was one")
	}
	ask("ok", user, location)
	if k := s.KeyboardIn(user); k == nil || len(k.Rows) != 2 || !k.Rows[0][0].Location || k.Rows[1][0].Text != "Not now" || !k.OneTime || !k.Resize {
		t.Errorf("the keyboard is %+v", k)
	}
	b.say(user, "a text leaves it up")
	if s.KeyboardIn(user) == nil {
		t.Error("a text took the keyboard away")
	}
	ask("ok", user, set{"remove_keyboard": true})
	if s.KeyboardIn(user) != nil {
		t.Error("the keyboard is still up")
	}
	ask("ok", user, location)
	all := s.Shown(user)
	b.want("ok", "deleteMessage", set{"chat_id": user, "message_id": all[len(all)-1].ID})
	if s.KeyboardIn(user) != nil {
		t.Error("the keyboard is up without its message")
	}
	ask("ok", user, set{"force_reply": true, "input_field_placeholder": "Your answer"})
	ask("ok", group, set{"keyboard": [][]set{{{"text": "Yes"}}}})
	b.breaches()
	ask("Bad Request: location can be requested in private chats only", group, location)
	ask("Bad Request: phone number can be requested in private chats only", group, set{"keyboard": [][]set{{{"text": "x", "request_contact": true}}}})
	ask("Bad Request: inline keyboard expected", channel, location)
	ask("Bad Request: keyboard button text must be non-empty", user, set{"keyboard": [][]set{{{"text": ""}}}})
	ask("Bad Request: a reply keyboard without buttons", user, set{"keyboard": [][]set{}})
	b.breaches(slices.Repeat([]telegramtest.Rule{telegramtest.RuleKeyboard}, 5)...)
	ask("Bad Request: wrong parameter reply_markup in the request", user, set{"force_reply": true, "input_field_placeholder": strings.Repeat("x", 65)})
}
