package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
)

// invites is a stage with a group chat in which people are invited to write to Ella. On
// begins she may write first to whoever presses there.
func invites(t *testing.T, begins bool, people ...string) (s *stage, button string) {
	t.Helper()
	s = newFileStage(t, loadEmbedded(t), append([]string{"olga", "grace"}, people...)...)
	s.Platform.Can.Begins = begins
	if begins {
		s.Platform.Can.StartLink = ""
	}
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.presses(t, "grace", "✉️ Invite people there to write to me")
	return s, s.button(t, chat, "✉️ Write to me in private")
}

func (s *stage) count(t *testing.T, what string) string {
	t.Helper()
	return strings.TrimSpace(s.behind(t, what))
}

// Only the button of that chat, in that chat, while it is connected, begins anything.
func TestForgedBeginnings(t *testing.T) {
	s, button := invites(t, true, "nell", "ben")
	s.meet(t, "ben", "role organiser at Luton Roma Trust")
	elsewhere := bottest.GroupPrefix + "elsewhere"
	s.Platform.Open(elsewhere)
	before := s.count(t, `SELECT count(*) FROM members`)
	press := func(who, in, data string) {
		t.Helper()
		s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Group: in, Data: data, Press: "press"})
		if after := s.count(t, `SELECT count(*) FROM members`); after != before || s.count(t, `SELECT count(*) FROM opt_ins`) != "0" {
			t.Errorf("%s presses %q in %s: %s members, %s before", who, data, in, after, before)
		}
	}
	press("nell", elsewhere, button)
	press("nell", chat, "v1:groupchat.begin:0000000000000000:")
	press("nell", chat, strings.Replace(button, "groupchat.begin", "groupchat.invite", 1))
	press("nell", chat, strings.Replace(button, "groupchat.begin", "groupchat.yes", 1)+"yes")
	press("ben", elsewhere, button)
	s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: "nobody", Group: chat, Data: button, Press: "press", Nameless: true})
	press("nell", elsewhere, button)
	s.presses(t, "grace", "⛔ Disconnect")
	s.presses(t, "grace", "Yes, disconnect")
	press("nell", chat, button)
	if h := s.press(t, "ben", strings.Replace(button, "groupchat.begin", "groupchat.yes", 1)+"yes"); !h.says(s, "lost.no-such-right") {
		t.Errorf("a yes to a chat that is gone: %s", h.text())
	}
	if len(s.Platform.Shown("nell")) > 0 {
		t.Error("nell was written to")
	}
}

// Whoever presses a hundred times is one, and whoever was forgotten begins anew.
func TestPressedAgainAndAgain(t *testing.T) {
	s, button := invites(t, true, "nell")
	press := bot.Update{Kind: bot.ButtonPressed, Sender: "nell", Group: chat, Data: button, Press: "press"}
	for range 100 {
		s.act(t, press)
	}
	if n := len(s.Platform.Shown("nell")); n != 1 {
		t.Errorf("she was written to %d times", n)
	}
	for _, label := range []string{"English", "Yes, that is all right", "Yes, please"} {
		s.presses(t, "nell", label)
	}
	for range 10 {
		s.act(t, press)
	}
	if n := s.count(t, `SELECT count(*) FROM opt_ins`); n != "1" {
		t.Errorf("noted %s times", n)
	}
	p, _, err := s.db.Engine("").Person(t.Context(), s.Account, "nell")
	if err != nil {
		t.Fatal(err)
	}
	s.say(t, "nell", "/forgetme")
	s.presses(t, "nell", "Yes, forget me")
	if n := s.count(t, `SELECT count(*) FROM opt_ins`); n != "0" {
		t.Errorf("forgotten, and noted %s times", n)
	}
	s.act(t, press)
	again, _, err := s.db.Engine("").Person(t.Context(), s.Account, "nell")
	if err != nil || again.Member.ID == p.Member.ID || again.Member.Locale != "" {
		t.Errorf("begun anew: %v, the same member: %v", err, again.Member.ID == p.Member.ID)
	}
}

// Whoever leaves the chat has not opted in from it any more, in that chat only; nobody
// becomes known by leaving one.
func TestLeavesTheChat(t *testing.T) {
	s, button := invites(t, true, "nell", "omar", "stranger")
	elsewhere := bottest.GroupPrefix + "elsewhere"
	s.connects(t, "grace", elsewhere)
	s.optsIn(t, button, "nell", "omar")
	leaves := func(who, in, want string) {
		t.Helper()
		before := s.count(t, `SELECT count(*) FROM members`)
		s.act(t, bot.Update{Kind: bot.ChatLeft, Sender: who, Group: in})
		if n := s.count(t, `SELECT count(*) FROM opt_ins`); n != want {
			t.Errorf("%s left %s: %s have opted in, want %s", who, in, n, want)
		}
		if after := s.count(t, `SELECT count(*) FROM members`); after != before || len(s.Platform.Shown("stranger")) > 0 {
			t.Errorf("%s left: %s members, %s before", who, after, before)
		}
	}
	leaves("stranger", chat, "2")
	leaves("nell", elsewhere, "2")
	leaves("nell", bottest.GroupPrefix+"nowhere", "2")
	leaves("nell", chat, "1")
	leaves("nell", chat, "1")
	// The membership stays: that was their own yes. Pressed again it is noted again.
	if n := s.count(t, `SELECT count(*) FROM memberships`); n != "4" {
		t.Errorf("%s memberships", n)
	}
	s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: "nell", Group: chat, Data: button, Press: "press"})
	leaves("stranger", chat, "2")
	s.allWell(t)
}

// When the message can't be written, or nobody knows whether it was, that is said, and it
// is never written twice.
func TestInvitationFails(t *testing.T) {
	for kind, want := range map[bot.SendKind]string{
		bot.Unclear: "I don't write it twice", bot.Forbidden: "I could not write", bot.Invalid: "I could not write",
	} {
		s := newFileStage(t, loadEmbedded(t), "grace")
		s.meet(t, "grace", "role leader crmc")
		s.connects(t, "grace", chat)
		tries := 0
		s.Platform.FailWith(func(out bot.Outgoing) error {
			if out.Chat != chat {
				return nil
			}
			tries++
			return &bot.SendError{Kind: kind}
		})
		if h := s.presses(t, "grace", "✉️ Invite people there to write to me"); !strings.Contains(h.text(), want) || tries != 1 {
			t.Errorf("%s: after %d tries: %s", kind, tries, h.text())
		}
	}
}

// optsIn has people come from the chat and say yes.
func (s *stage) optsIn(t *testing.T, button string, people ...string) {
	t.Helper()
	for _, who := range people {
		s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Group: chat, Data: button, Press: "press"})
		for _, label := range []string{"English", "Yes, that is all right", "Yes, please"} {
			s.presses(t, who, label)
		}
	}
}

// got reports whether somebody's chat holds a text.
func (s *stage) got(who, text string) bool {
	for _, shown := range s.Platform.Shown(who) {
		if strings.Contains(shown.Message.Text(), text) {
			return true
		}
	}
	return false
}

// writesTo has olga write to a list of people, up to the button that sends.
func (s *stage) writesTo(t *testing.T, text, list string) heard {
	t.Helper()
	s.say(t, "olga", "/alert "+text)
	for _, label := range []string{"English", "👥 Who gets it", "People from a group chat", list} {
		s.presses(t, "olga", label)
	}
	return s.presses(t, "olga", "👁 Look and send")
}

// An alert to a list of people goes to those in it who opted in there, to nobody else in
// it, and tells nobody how many they are, however many they are.
func TestRosterAlert(t *testing.T) {
	people := []string{"amina", "bo", "cyn", "dan", "eve", "fay", "gus"}
	s, button := invites(t, true, append(people, "lee", "nell")...)
	s.optsIn(t, button, people...)
	s.meet(t, "lee") // hears from it, and has not opted in there
	s.Platform.Roster("drivers", "amina", "bo", "cyn", "dan", "eve", "fay", "lee", "nell", "a stranger")
	h := s.writesTo(t, "Drivers wanted", "📋 ⟨drivers⟩")
	if !h.says(s, "audience.uncounted") || aNumber.MatchString(h.text()) {
		t.Errorf("before it is sent: %s", h.text())
	}
	if h := s.presses(t, "olga", "✅ Send now"); aNumber.MatchString(h.text()) {
		t.Errorf("on its way: %s", h.text())
	}
	for _, who := range people[:6] {
		if !s.got(who, "Drivers wanted") {
			t.Errorf("%s is in the list, opted in, and got nothing", who)
		}
	}
	for _, who := range []string{"gus", "lee", "nell"} {
		if s.got(who, "Drivers wanted") {
			t.Errorf("%s got it", who)
		}
	}
	if n := s.Platform.RostersRead(); n != 1 {
		t.Errorf("the list was read %d times", n)
	}
	for _, shown := range s.Platform.Shown("olga") {
		if aNumber.MatchString(bottest.Visible(shown.Message.Text())) && strings.Contains(shown.Message.Text(), "Drivers") {
			t.Errorf("a number: %s", bottest.Visible(shown.Message.Text()))
		}
	}
	s.allWell(t)
}

// aNumber is how a number of people reads in English.
var aNumber = regexp.MustCompile(`at least ⟦|fewer than ⟦|⟦\d+⟧ p(?:erson|eople)`)

// While the platform can't be reached the alert waits; when she may not see the list, or
// it is gone, it is a draft again and whoever sent it hears why.
func TestRosterOutOfReach(t *testing.T) {
	for why, fail := range map[string]func(s *stage){
		"audience.no-lists":  func(s *stage) { s.Platform.FailRosters(fmt.Errorf("list: %w", bot.ErrNoRosters)) },
		"audience.list-gone": func(s *stage) { s.Platform.FailRosters(fmt.Errorf("list: %w", bot.ErrNotFound)) },
	} {
		s, button := invites(t, true, "amina")
		s.optsIn(t, button, "amina")
		s.Platform.Roster("drivers", "amina")
		s.writesTo(t, "Drivers wanted", "📋 ⟨drivers⟩")
		fail(s)
		if h := s.presses(t, "olga", "✅ Send now"); !h.says(s, "alert.given-back") || !h.says(s, why) {
			t.Errorf("%s: %s", why, h.text())
		}
		if n := s.count(t, `SELECT count(*) FROM alerts WHERE state = 'draft'`); n != "1" || s.got("amina", "Drivers wanted") {
			t.Errorf("%s: %s drafts", why, n)
		}
		s.Platform.FailRosters(nil)
		s.presses(t, "olga", "👁 Look and send")
		s.presses(t, "olga", "✅ Send now")
		if !s.got("amina", "Drivers wanted") {
			t.Errorf("%s: sent once more, and not got", why)
		}
	}
	s, button := invites(t, true, "amina")
	s.optsIn(t, button, "amina")
	s.Platform.Roster("drivers", "amina")
	s.writesTo(t, "Drivers wanted", "📋 ⟨drivers⟩")
	s.Platform.FailRosters(errors.New("no connection"))
	_ = s.Accept(t.Context(), s.Platform.Raw(s.Account, bot.Update{Kind: bot.ButtonPressed, Sender: "olga", Chat: "olga", Data: s.button(t, "olga", "✅ Send now"), Press: "press"}))
	s.app.engine.Wait()
	id := s.count(t, `SELECT id FROM alerts`)
	if err := s.app.delivery.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.freezes(t.Context(), id); err == nil {
		t.Error("the job is not tried again")
	}
	if n := s.count(t, `SELECT count(*) FROM alerts WHERE state = 'freezing'`); n != "1" {
		t.Errorf("%s alerts wait", n)
	}
	s.Platform.FailRosters(nil)
	if err := s.freezes(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := s.settle(t.Context()); err != nil || !s.got("amina", "Drivers wanted") {
		t.Errorf("back in reach: %v", err)
	}
	s.Clock.Advance(time.Minute)
}

func (s *stage) freezes(ctx context.Context, id string) error {
	return s.jobs.Workers["alert.freeze"](ctx, id)
}
