package telegram_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"ella/adapters/telegram/telegramtest"
	"ella/bot"
)

// pressed is a press of a button that was just sent.
func (s *stage) pressed(t *testing.T) string {
	t.Helper()
	s.send(t, bot.Outgoing{Message: of(para(text("Will you come?")), choices("Yes"))})
	all := s.Shown(s.person)
	return s.Press(s.person, all[len(all)-1], 0).Query
}

func TestNotice(t *testing.T) {
	for name, c := range map[string]struct{ notice, want string }{
		"words":       {"You're in ✓", "You're in ✓"},
		"none":        {"", ""},
		"markup":      {"<b>&amp;</b>", "<b>&amp;</b>"},
		"too long":    {strings.Repeat("Saved. ", 100), strings.Repeat("Saved. ", 28) + "Sav…"},
		"family":      {strings.Repeat("👩‍👩‍👧‍👦", 50), strings.Repeat("👩‍👩‍👧‍👦", 18) + "…"},
		"exactly 200": {strings.Repeat("x", 200), strings.Repeat("x", 200)},
	} {
		t.Run(name, func(t *testing.T) {
			s := freeStage(t)
			press := s.pressed(t)
			if ref, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, Press: press, Notice: c.notice}); ref != "" || err != nil {
				t.Fatalf("it is %q, %v", ref, err)
			}
			all := s.Answers(press)
			if len(all) != 1 || all[0].Text != c.want || len(utf16.Encode([]rune(all[0].Text))) > 200 {
				t.Errorf("it was answered with %+v", all)
			}
		})
	}
}

// TestNoticeLink opens a start link; one that Telegram does not take is left out.
func TestNoticeLink(t *testing.T) {
	s := freeStage(t)
	press := s.pressed(t)
	if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, Press: press, NoticeLink: s.Link("a1")}); err != nil {
		t.Fatal(err)
	}
	if all := s.Answers(press); len(all) != 1 || all[0].URL != s.Link("a1") {
		t.Errorf("it was answered with %+v", all)
	}
	press = s.pressed(t)
	s.Next("answerCallbackQuery", telegramtest.Refused(400, "URL_INVALID"))
	if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, Press: press, Notice: "Saved", NoticeLink: s.Link("a1")}); err != nil {
		t.Fatal(err)
	}
	if all := s.Answers(press); len(all) != 1 || all[0].URL != "" || all[0].Text != "Saved" {
		t.Errorf("it was answered with %+v", all)
	}
}

// TestNoticeTooLate is harmless, and is asked once; a message that comes with it is
// sent all the same.
func TestNoticeTooLate(t *testing.T) {
	s := freeStage(t)
	for _, link := range []string{"", s.Link("x")} {
		before := s.Calls("answerCallbackQuery")
		if ref, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, Press: "4711", Notice: "Saved", NoticeLink: link}); ref != "" || err != nil {
			t.Errorf("it is %q, %v", ref, err)
		}
		if n := s.Calls("answerCallbackQuery") - before; n != 1 {
			t.Errorf("it was asked %d times", n)
		}
	}
	out := hello()
	out.Press = "4711"
	s.send(t, out)
	s.Next("answerCallbackQuery", telegramtest.BadGateway())
	s.send(t, out)
}

// TestNoticeFirst: the button stops turning before the answer is written.
func TestNoticeFirst(t *testing.T) {
	s := freeStage(t)
	out := hello()
	out.Press, out.Notice = s.pressed(t), "Saved"
	s.send(t, out)
	all := s.Accepted()
	if answered := s.Answers(out.Press); len(answered) != 1 || answered[0].At.After(all[len(all)-1].At) {
		t.Errorf("it was answered with %+v, and written at %v", answered, all[len(all)-1].At)
	}
}

// TestNoticeFails tells of a token that is refused; an answer needs no chat.
func TestNoticeFails(t *testing.T) {
	s := freeStage(t)
	s.Revoke()
	_, err := s.adapter.Send(t.Context(), bot.Outgoing{Press: "4711", Notice: "Saved"})
	if bot.SendKindOf(err) != bot.NoAccess {
		t.Errorf("got %v", err)
	}
}

// TestNoticeObeys a 429, which is about all answers: until it is over none is given,
// and nothing else waits.
func TestNoticeObeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailbox{}
		a := posting(t, m)
		m.answer = func(p posted) *scriptedAnswer {
			if p.method == "answerCallbackQuery" && len(m.got("answerCallbackQuery")) == 1 {
				return refused(429, "Too Many Requests: retry after 3", `,"parameters":{"retry_after":3}`)
			}
			return nil
		}
		press := func(chat string) error {
			_, err := a.Send(t.Context(), bot.Outgoing{Chat: chat, Press: "1", Notice: "Saved"})
			return err
		}
		if d := throttle(press("7")); d != 3*time.Second {
			t.Errorf("told %v", d)
		}
		pass(time.Second)
		if d := throttle(press("8")); d != 2*time.Second || len(m.got("answerCallbackQuery")) != 1 {
			t.Errorf("somebody else is told %v", d)
		}
		out := bot.Outgoing{Chat: "7", Press: "1", Message: hello().Message, Bulk: true}
		if _, err := a.Send(t.Context(), out); err != nil {
			t.Errorf("a message: %v", err)
		}
		pass(2 * time.Second)
		if err := press("8"); err != nil || len(m.got("answerCallbackQuery")) != 2 {
			t.Errorf("then: %v", err)
		}
	})
}
