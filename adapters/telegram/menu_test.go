package telegram_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram/telegramtest"
	"ella/bot"
)

// TestMenu shows a chat its own commands, with whatever else BotFather would refuse
// put right.
func TestMenu(t *testing.T) {
	s := newStage(t)
	items := []bot.MenuItem{{Command: "/groups", About: "Groups near me"}, {Command: "help", About: strings.Repeat("ж", 300)}}
	if err := s.adapter.Menu(t.Context(), s.chat, items); err != nil {
		t.Fatal(err)
	}
	got := s.Commands("chat:"+s.chat, "")
	if len(got) != 2 || got[0].Command != "groups" || !strings.HasSuffix(got[1].Description, "ж…") {
		t.Errorf("it shows %+v", got)
	}
	if err := s.adapter.Menu(t.Context(), s.chat, nil); err != nil || len(s.Commands("chat:"+s.chat, "")) != 0 {
		t.Errorf("it shows %+v, %v", s.Commands("chat:"+s.chat, ""), err)
	}
	if err := s.adapter.Menu(t.Context(), "nobody", items); bot.SendKindOf(err) != bot.Gone {
		t.Errorf("got %v", err)
	}
}

// TestMenuLeavesOut what Telegram would refuse: one entry must not cost all the others.
func TestMenuLeavesOut(t *testing.T) {
	s := newStage(t)
	items := []bot.MenuItem{
		{Command: "Groups", About: "a capital"}, {Command: "où", About: "a letter"}, {Command: "", About: "no name"}, {Command: "/", About: "no name"},
		{Command: strings.Repeat("a", 33), About: "too long"}, {Command: "mute", About: " \n"}, {Command: "dumb", About: "\u2068\u2069"},
		{Command: "my_group2", About: "My\ngroup"}, {Command: strings.Repeat("a", 32), About: "x"},
	}
	for i := range 120 {
		items = append(items, bot.MenuItem{Command: "c" + itoa(int64(i)), About: "x"})
	}
	if err := s.adapter.Menu(t.Context(), s.chat, items); err != nil {
		t.Fatal(err)
	}
	got := s.Commands("chat:"+s.chat, "")
	if len(got) != 100 || got[0] != (telegramtest.Command{Command: "my_group2", Description: "My group"}) || got[2].Command != "c0" {
		t.Errorf("it shows %d: %+v", len(got), got[:3])
	}
	// Nothing that could be shown is nothing.
	if err := s.adapter.Menu(t.Context(), s.chat, items[:7]); err != nil || len(s.Commands("chat:"+s.chat, "")) != 0 {
		t.Errorf("it shows %+v, %v", s.Commands("chat:"+s.chat, ""), err)
	}
}

// TestMenuObeys a 429, which is about lists of commands: nobody's message waits for it,
// and no other list is sent before its end.
func TestMenuObeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		p.mu.Lock()
		p.answer = func(m posted) *scriptedAnswer {
			if m.method == "setMyCommands" && len(p.got("setMyCommands")) < 3 {
				return refused(429, "Too Many Requests: retry after 60", `,"parameters":{"retry_after":60}`)
			}
			return nil
		}
		p.mu.Unlock()
		items := []bot.MenuItem{{Command: "help", About: "x"}}
		if d := throttle(p.adapter.Menu(t.Context(), "7", items)); d != time.Minute {
			t.Errorf("told %v", d)
		}
		pass(10 * time.Second)
		if d := throttle(p.adapter.Menu(t.Context(), "8", items)); d != 50*time.Second || len(p.got("setMyCommands")) != 1 {
			t.Errorf("the next is told %v", d)
		}
		pass(50 * time.Second)
		if d := throttle(p.adapter.Menu(t.Context(), "9", items)); d != time.Minute {
			t.Errorf("and then %v", d)
		}
		begun := time.Now()
		errs := []error{p.send(t.Context(), 7, false), p.send(t.Context(), 9, false), p.send(t.Context(), 10, true), p.send(t.Context(), 11, false)}
		if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 || time.Since(begun) > 200*time.Millisecond {
			t.Errorf("after %v messages get %v", time.Since(begun), errs)
		}
	})
}
