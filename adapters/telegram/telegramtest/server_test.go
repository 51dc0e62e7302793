package telegramtest_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ella/adapters/telegram/telegramtest"
)

func TestToken(t *testing.T) {
	s, b := unlimited(t)
	if got := b.want("ok", "getMe", nil); !strings.Contains(string(got.Result), `"is_bot":true`) || !strings.HasPrefix(s.Token(), "123456789:AA") {
		t.Errorf("getMe is %s with the token %s", got.Result, s.Token())
	}
	b.want("ok", "GETME", nil)
	if got := b.want("Not Found: method not found", "getYou", nil); got.status != http.StatusNotFound || got.Code != http.StatusNotFound {
		t.Errorf("an unknown method is %d", got.status)
	}
	other := func(path string) reply {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return b.send(r)
	}
	for path, want := range map[string]string{
		"/bot123:wrong/getMe": "Unauthorized", "/elsewhere": "Not Found", "/bot" + s.Token(): "Not Found", "/bot" + s.Token() + "/getMe": "ok",
	} {
		if got := other(path); got.said() != want {
			t.Errorf("%s answers %q, want %q", path, got.said(), want)
		}
	}
	polled := make(chan reply, 1)
	go func() { polled <- b.call("getUpdates", set{"timeout": 50}) }()
	waitFor(t, s.Polling)
	s.Revoke()
	if got := <-polled; got.status != http.StatusUnauthorized {
		t.Errorf("a poll under way when the token is revoked is %d %s", got.status, got.said())
	}
	b.want("Unauthorized", "getMe", nil)
	b.want("Unauthorized", "sendMessage", set{"chat_id": 1, "text": "x"})
}

// TestForms sends the same message in every form that a request may have.
func TestForms(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{ID: 9_100_000_123, FirstName: "Maryam", Started: true})
	const text = "سلام & <hello>"
	b.want("ok", "sendMessage", set{"chat_id": user, "text": text, "disable_notification": true})
	b.want("ok", "sendMessage", set{"chat_id": "9100000123", "text": text, "disable_notification": "true"})
	values := url.Values{"chat_id": {"9100000123"}, "text": {text}, "disable_notification": {"true"}}
	urlencoded := b.post(t.Context(), "sendMessage", "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, v := range values {
		if err := w.WriteField(name, v[0]); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	multi := b.post(t.Context(), "sendMessage", w.FormDataContentType(), &form)
	query := b.post(t.Context(), "sendMessage?"+values.Encode(), "", http.NoBody)
	for name, got := range map[string]reply{"urlencoded": urlencoded, "multipart": multi, "query": query} {
		if got.said() != "ok" {
			t.Errorf("%s: %s", name, got.said())
		}
	}
	shown := s.Shown(user)
	if len(shown) != 5 {
		t.Fatalf("%d messages stand there", len(shown))
	}
	for i, m := range shown {
		if m.Text != text || !m.Silent || m.Kind != telegramtest.Text || m.From != s.BotID() {
			t.Errorf("form %d came as %+v", i, m)
		}
	}
	if all := s.Accepted(); len(all) != 5 || all[2].Method != "sendMessage" || all[2].Message.Text != text || all[2].Remote == "" || all[2].At.IsZero() {
		t.Errorf("the transcript is %+v", all)
	}
	b.want("ok", "sendMessage", set{"chat_id": user, "text": text, "parse_mode": nil, "message_thread_id": nil})
	b.breaches()
	if got := b.post(t.Context(), "sendMessage", "application/json", strings.NewReader("{")); got.Code != http.StatusBadRequest {
		t.Errorf("broken JSON is %d %s", got.Code, got.said())
	}
}

func TestParameters(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	for _, c := range []struct {
		method, want, what string
		p                  set
	}{
		{"sendMessage", "ok", "sendMessage has no parameter disable_web_page_preview", set{"chat_id": user, "text": "x", "disable_web_page_preview": true}},
		{"sendMessage", "Bad Request: chat_id is empty", "sendMessage lacks chat_id", set{"text": "x"}},
		{"sendMessage", "Bad Request: message text is empty", "sendMessage lacks text", set{"chat_id": user}},
		{"sendMessage", "Bad Request: message text is empty", "sendMessage lacks text", set{"chat_id": user, "text": ""}},
		{"sendMessage", "Bad Request: wrong parameter disable_notification in the request", "disable_notification is no Boolean", set{"chat_id": user, "text": "x", "disable_notification": "maybe"}},
		{"sendMessage", "Bad Request: wrong parameter message_thread_id in the request", "message_thread_id is no Integer", set{"chat_id": user, "text": "x", "message_thread_id": "x"}},
		{"sendMessage", "Bad Request: wrong parameter reply_markup in the request", "reply_markup is no JSON", set{"chat_id": user, "text": "x", "reply_markup": "{"}},
		{"sendMessage", "Bad Request: wrong parameter reply_markup in the request", "reply_markup InlineKeyboardMarkup.inline_keyboard is no list", set{"chat_id": user, "text": "x", "reply_markup": set{"inline_keyboard": 1}}},
		{"sendMessage", "ok", "link_preview_options LinkPreviewOptions has no field nope", set{"chat_id": user, "text": "x", "link_preview_options": set{"is_disabled": true, "nope": 1}}},
		{"sendMessage", "Bad Request: wrong parameter reply_parameters in the request", "reply_parameters ReplyParameters lacks message_id", set{"chat_id": user, "text": "x", "reply_parameters": set{}}},
		{"sendMessage", "Bad Request: chat not found", "chat_id is neither a number nor a known @username", set{"chat_id": "@nobody", "text": "x"}},
		{"answerCallbackQuery", "Bad Request: wrong parameter text in the request", "text is 201 characters long, which is out of bounds", set{"callback_query_id": "1", "text": strings.Repeat("ж", 201)}},
		{"answerCallbackQuery", "Bad Request: callback_query_id is empty", "answerCallbackQuery lacks callback_query_id", set{}},
		{"getUpdates", "Bad Request: wrong parameter limit in the request", "limit is 101, which is out of bounds", set{"limit": 101}},
		{"sendVenue", "Bad Request: latitude is empty", "sendVenue lacks latitude", set{"chat_id": user, "longitude": 1, "title": "a", "address": "b"}},
		{"sendLocation", "Bad Request: wrong parameter latitude in the request", "latitude is no Float", set{"chat_id": user, "latitude": "north", "longitude": 1}},
		{"sendLocation", "Bad Request: wrong location specified", "a place that is not on earth", set{"chat_id": user, "latitude": 91, "longitude": 1}},
		{"sendChatAction", "Bad Request: wrong parameter action in request", "there is no action sleeping", set{"chat_id": user, "action": "sleeping"}},
		{"deleteMessage", "Bad Request: message identifier is not specified", "deleteMessage lacks message_id", set{"chat_id": user}},
		{"getChat", "Bad Request: chat_id is empty", "getChat lacks chat_id", set{}},
	} {
		before := len(s.Breaches())
		b.want(c.want, c.method, c.p)
		all := s.Breaches()[before:]
		if len(all) != 1 || all[0].What != c.what || all[0].Rule != telegramtest.RuleParameter || all[0].Method != c.method {
			t.Errorf("%s of %v: the breaches are %q, want %q", c.method, c.p, all, c.what)
		}
	}
	if n := len(s.Shown(user)); n != 2 {
		t.Errorf("%d messages stand there, want the 2 that were accepted", n)
	}
	if n := s.Calls("sendMessage"); n != 11 {
		t.Errorf("%d calls of sendMessage are counted", n)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	s, b := unlimited(t)
	polled := make(chan reply, 1)
	go func() { polled <- b.callIn(context.Background(), "getUpdates", set{"timeout": 50}) }()
	waitFor(t, s.Polling)
	s.Close()
	<-polled
	s.Close()
	if got := b.call("getMe", nil); got.err == nil {
		t.Errorf("a closed server answers %s", got.said())
	}
}
