package telegramtest_test

import (
	"strings"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
)

const tooOld = "Bad Request: query is too old and response timeout expired or query ID is invalid"

// choice sends a message with two buttons and returns it.
func (b *bot) choice(chat int64) telegramtest.Message {
	b.t.Helper()
	b.want("ok", "sendMessage", set{"chat_id": chat, "text": "Choose:", "reply_markup": inline(
		set{"text": "Map", "url": "https://example.org"}, set{"text": "Yes", "callback_data": "v1:yes"}, set{"text": "No", "callback_data": "v1:no"})})
	all := b.s.Shown(chat)
	return all[len(all)-1]
}

func TestPress(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now, Limits: telegramtest.Limits{Off: true}})
	user := s.AddUser(telegramtest.User{FirstName: "<b>Maryam</b> \u202e", Language: "ar", Started: true})
	m := b.choice(user)
	press := s.Press(user, m, 1)
	u := b.updates(nil)[0]
	if u.Query == nil || u.Query.ID != press.Query || u.Query.Data != "v1:no" || u.Query.Message.ID != m.ID || u.Query.Message.Date == 0 ||
		u.Query.From.ID != user || u.Query.From.FirstName != "<b>Maryam</b> \u202e" || u.Query.From.Language != "ar" {
		t.Errorf("the press comes as %s", u.raw)
	}
	b.want("ok", "answerCallbackQuery", set{"callback_query_id": press.Query, "text": "Saved ✓", "show_alert": true})
	if a := s.Answers(press.Query); len(a) != 1 || a[0].Text != "Saved ✓" || !a[0].Alert || a[0].URL != "" {
		t.Errorf("the person sees %+v", a)
	}
	// In time, and too late.
	press = s.Press(user, m, 0)
	c.Add(15 * time.Second)
	b.want("ok", "answerCallbackQuery", set{"callback_query_id": press.Query})
	press = s.Press(user, m, 0)
	c.Add(15*time.Second + time.Millisecond)
	b.want(tooOld, "answerCallbackQuery", set{"callback_query_id": press.Query})
	b.want(tooOld, "answerCallbackQuery", set{"callback_query_id": "4711"})
	// A link that starts this bot, and others.
	press = s.Press(user, m, 0)
	b.want("ok", "answerCallbackQuery", set{"callback_query_id": press.Query, "url": s.Link("lar_gAZaz09-_")})
	if a := s.Answers(press.Query); len(a) != 1 || a[0].URL != s.Link("lar_gAZaz09-_") {
		t.Errorf("the person sees %+v", a)
	}
	b.breaches()
	for _, link := range []string{"https://example.org/", "https://t.me/other_bot?start=x", "https://t.me/" + s.Username(), s.Link("a b"), s.Link(strings.Repeat("x", 65))} {
		b.want("Bad Request: URL_INVALID", "answerCallbackQuery", set{"callback_query_id": s.Press(user, m, 0).Query, "url": link})
	}
	b.want("ok", "answerCallbackQuery", set{"callback_query_id": press.Query})
	if all := s.Breaches(telegramtest.RuleAnswer); len(all) != 6 || all[5].What != "a press answered twice" {
		t.Errorf("the breaches are %q", all)
	}
	s, b = newBot(t, telegramtest.Options{Now: c.Now, AnswerWindow: time.Minute})
	user = s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	press = s.PressData(user, b.choice(user), "forged")
	c.Add(time.Minute)
	b.want("ok", "answerCallbackQuery", set{"callback_query_id": press.Query})
	if u := b.updates(nil)[0]; u.Query.Data != "forged" {
		t.Errorf("a forged press comes as %s", u.raw)
	}
}

func TestPressOfWhatIsGone(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	m := b.choice(user)
	s.PressInaccessible(user, m, 0)
	b.want("ok", "deleteMessage", set{"chat_id": user, "message_id": m.ID})
	s.Press(user, m, 0)
	all := b.updates(nil)
	if len(all) != 2 {
		t.Fatalf("%d presses came", len(all))
	}
	for _, u := range all {
		if q := u.Query; q.Message.Date != 0 || q.Message.ID != m.ID || q.Message.Chat.ID != user || q.Message.Text != "" || q.Data != "v1:yes" {
			t.Errorf("it comes as %s", u.raw)
		}
	}
}

func TestPressInAGroup(t *testing.T) {
	s, b := unlimited(t)
	group := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Member})
	stranger := s.AddUser(telegramtest.User{FirstName: "x"})
	s.Press(stranger, b.choice(group), 0)
	if u := b.updates(nil)[0]; u.Query.From.ID != stranger || u.Query.Message.Chat.ID != group {
		t.Errorf("it comes as %s", u.raw)
	}
	b.want("Forbidden: bot can't initiate conversation with a user", "sendMessage", set{"chat_id": stranger, "text": "x"})
}
