package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"ella/bot"
	"ella/bot/address"
	"ella/bot/bottest"
	"ella/bot/message"
)

// One person on two platforms: joined from both sides they are one, and from then on an
// alert's chat is the preferred one. Before that the second side learns nothing.
func TestOnePersonOnTwoPlatforms(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "amina", "U1")
	slack := bottest.NewPlatform("U1")
	slack.Clock, slack.Can.Platform = s.Clock, "Slack"
	there, err := s.db.Account(t.Context(), "memory", "slack")
	if err != nil {
		t.Fatal(err)
	}
	s.app.adapters.Put(there, slack)
	heard := map[string][]message.Message{}
	for name, p := range map[string]*bottest.Platform{"memory": s.Platform, "slack": slack} {
		p.OnSent(func(_ string, shown bottest.Shown) { heard[name] = append(heard[name], shown.Message) })
	}
	do := func(p *bottest.Platform, account bot.AccountID, u bot.Update) {
		t.Helper()
		if err := s.Accept(t.Context(), p.Raw(account, u)); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	here := func(u bot.Update) { t.Helper(); u.Sender, u.Chat = "amina", "amina"; do(s.Platform, s.Account, u) }
	at := func(u bot.Update) { t.Helper(); u.Sender, u.Chat = "U1", "U1"; do(slack, there, u) }
	says := func(text string) bot.Update { return bot.Update{Kind: bot.TextSent, Text: text} }
	// press finds the newest button with such data.
	press := func(where, verb string) bot.Update {
		t.Helper()
		for _, m := range slices.Backward(heard[where]) {
			for _, a := range m.Actions() {
				if strings.HasPrefix(a.Data, verb) {
					return bot.Update{Kind: bot.ButtonPressed, Data: a.Data, Press: "p"}
				}
			}
		}
		t.Fatalf("no button %s on %s", verb, where)
		return bot.Update{}
	}
	here(says("hi"))
	p, _, err := s.db.Engine("").Person(t.Context(), s.Account, "amina")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		m := s.db.Members()
		if err := m.SetLanguage(ctx, tx, p.Member.ID, "ar", ""); err != nil {
			return err
		}
		return m.Consent(ctx, tx, p.Member.ID, 1, "ar", s.app.clock.Now())
	}); err != nil {
		t.Fatal(err)
	}
	here(says("/link"))
	code := ""
	for line := range strings.Lines(heard["memory"][len(heard["memory"])-1].Text()) {
		if _, after, ok := strings.Cut(line, "/link "); ok {
			code = strings.Trim(strings.TrimSpace(after), "\u2066\u2068\u2069")
		}
	}
	at(says("/link " + code))
	for _, m := range heard["slack"] {
		if m.Locale != "en" || strings.Contains(m.Text(), "Memory") {
			t.Errorf("before any yes the second side learns: %s %q", m.Locale, m.Text())
		}
	}
	at(press("slack", "v1:address.yes"))
	if asked := heard["memory"][len(heard["memory"])-1]; asked.Locale != "ar" || !strings.Contains(asked.Text(), "Slack") {
		t.Errorf("the first side is asked: %q", asked.Text())
	}
	here(press("memory", "v1:address.yes"))
	one, _, err := s.db.Engine("").Person(t.Context(), s.Account, "amina")
	two, _, err2 := s.db.Engine("").Person(t.Context(), there, "U1")
	if err != nil || err2 != nil || one.Member.ID != two.Member.ID || two.Member.Consent != 1 {
		t.Fatalf("not one: %v %v", err, err2)
	}
	if last := heard["slack"][len(heard["slack"])-1]; last.Locale != "ar" {
		t.Errorf("the second side is told in %s", last.Locale)
	}
	here(press("memory", "v1:address.prefer"))
	chats, err := s.db.Links().Chats(t.Context(), one.Member.ID)
	if err != nil || len(chats) != 2 || !slices.ContainsFunc(chats, func(c address.Chat) bool { return c.Account == there && c.Preferred }) {
		t.Errorf("chats: %+v, %v", chats, err)
	}
	at(says("/forgetme"))
	at(press("slack", "v1:privacy.forget"))
	if _, _, err := s.db.Engine("").Person(t.Context(), s.Account, "amina"); err == nil {
		t.Error("forgotten on one platform, known on the other")
	}
}

// Nobody carries a role into a chat in which somebody else made a code: not when they
// type it, nor when the role comes after that, before either yes.
func TestNobodyIsTalkedOutOfTheirRole(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "mallory", "olga", "bo", "cyn")
	s.meet(t, "mallory")
	for _, who := range []string{"bo", "cyn"} {
		s.meet(t, who)
	}
	s.meet(t, "olga", "role organiser")
	offers := func() string {
		t.Helper()
		s.say(t, "mallory", "/link")
		return "/link " + linkCode.FindStringSubmatch(s.newest(t, "mallory"))[1]
	}
	typed := offers()
	if h := s.say(t, "olga", typed); !strings.Contains(h.text(), "You have a role here") {
		t.Errorf("an organiser types the code: %s", h.text())
	}
	s.say(t, "bo", typed)
	s.meet(t, "bo", "role organiser")
	if h := s.press(t, "bo", s.button(t, "bo", "Yes, I made it")); !strings.Contains(h.text(), "You have a role here") {
		t.Errorf("the role came before the first yes: %s", h.text())
	}
	s.say(t, "cyn", offers())
	s.presses(t, "cyn", "Yes, I made it")
	s.meet(t, "cyn", "role leader crmc")
	if h := s.presses(t, "mallory", "Yes, it was me"); !strings.Contains(h.text(), "no longer open") || strings.Contains(h.text(), "role") || !s.got("cyn", "You have a role here") {
		t.Errorf("the role came before the last yes: %s", h.text())
	}
	if n := s.count(t, `SELECT count(DISTINCT member_id) FROM addresses`); n != "4" {
		t.Errorf("they are %s people", n)
	}
	s.allWell(t)
}
