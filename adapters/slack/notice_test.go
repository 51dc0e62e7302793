package slack_test

import (
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
	"ella/bot"
	form "ella/bot/message"
)

// TestNoticeInAChannel answers a press in a channel: whoever pressed sees it, and
// nobody else.
func TestNoticeInAChannel(t *testing.T) {
	s := staged(t)
	channel := s.AddChannel(slacktest.Channel{Name: "vigil", Members: []string{s.person, s.BotUser(s.Team())}})
	s.sent(t, of(para(text("Will you come?")), choices("Yes")), func(out *bot.Outgoing) { out.Chat = channel })
	answer := func(press, notice, link string) bot.SendError {
		_, err := s.send(t, form.Message{}, func(out *bot.Outgoing) { out.Press, out.Notice, out.NoticeLink = press, notice, link })
		return err
	}
	pressed := func() (press, response string) {
		did := s.Press(s.person, s.Shown(channel)[0], 0)
		return channel + " " + s.person + " " + did.ResponseURL, did.ResponseURL
	}
	last := func(n int) slacktest.Message {
		t.Helper()
		all := s.Ephemerals(s.person)
		if len(all) != n {
			t.Fatalf("%d notices came, want %d", len(all), n)
		}
		return all[n-1]
	}
	press, _ := pressed()
	if err := answer(press, "Saved <!channel> *x*", ""); err.Kind != "" || last(1).Text != "Saved <!channel> *x*" {
		t.Errorf("a notice is %+v: %q", err, last(1).Text)
	}
	press, _ = pressed()
	if err := answer(press, "Please start me first.", "https://example.org/start"); err.Kind != "" || len(last(2).Buttons) != 1 || last(2).Buttons[0].URL != "https://example.org/start" {
		t.Errorf("a notice with a link is %+v: %+v", err, last(2))
	}
	if err := answer(press, "", "https://example.org/start"); err.Kind != "" || len(last(3).Buttons) != 1 {
		t.Errorf("a link alone is %+v: %+v", err, last(3))
	}
	if err := answer(press, strings.Repeat("Saved. ", 100), ""); err.Kind != "" || len(last(4).Text) > 210 {
		t.Errorf("a long notice is %+v: %q", err, last(4).Text)
	}
	if err := answer(press, "", ""); err.Kind != "" {
		t.Errorf("no notice is %+v", err)
	}
	last(4)
	// The address is over: it is said another way.
	press, _ = pressed()
	s.Next(slacktest.Responding, slacktest.Refused("expired_url"))
	if err := answer(press, "Saved", ""); err.Kind != "" || last(5).Text != "Saved" || s.Calls("chat.postEphemeral") != 1 {
		t.Errorf("too late it is %+v: %q", err, last(5).Text)
	}
	// Whatever is no address of Slack's gets nothing.
	if err := answer(channel+" "+s.person+" https://evil.example/respond", "Saved", ""); err.Kind != "" || last(6).Text != "Saved" || s.Calls("chat.postEphemeral") != 2 {
		t.Errorf("with another address it is %+v", err)
	}
	for _, odd := range []string{"long-forgotten-press", "", "a b c", channel + " U0NOBODY01 "} {
		if err := answer(odd, "Saved", ""); odd != "" && err.Kind != "" {
			t.Errorf("the press %q is %+v", odd, err)
		}
	}
	last(6)
	if n := len(s.Shown(channel)); n != 1 {
		t.Errorf("%d messages stand in the channel", n)
	}
}

// TestNoNoticeInPrivate answers a press where the reply says everything.
func TestNoNoticeInPrivate(t *testing.T) {
	s := staged(t)
	s.sent(t, of(para(text("Will you come?")), choices("Yes")))
	m := s.shown()[0]
	did := s.Press(s.person, m, 0)
	if _, err := s.send(t, form.Message{}, func(out *bot.Outgoing) { out.Press, out.Notice = m.Channel+" "+s.person+" "+did.ResponseURL, "Saved" }); err.Kind != "" {
		t.Errorf("it is %+v", err)
	}
	if n := len(s.Ephemerals(s.person)) + len(s.shown()); n != 1 {
		t.Errorf("%d messages came", n)
	}
}
