package telegram_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
)

// faked is an adapter on the fake Bot API.
func faked(t *testing.T, s *telegramtest.Server, change ...func(*telegram.Options)) *telegram.Adapter {
	t.Helper()
	o := telegram.Options{Account: "one", Token: s.Token(), APIURL: s.URL(), Shelf: &shelf{}, Rate: 25, Log: everything.log()}
	for _, c := range change {
		c(&o)
	}
	a, err := telegram.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func presences() []telegram.Presence {
	return []telegram.Presence{
		{
			Language: "en", Name: "Ella", Short: "Write to me in your language.", About: "I am Ella.",
			Commands: []bot.MenuItem{{Command: "groups", About: "find a group"}, {Command: "stop", About: "stop all messages"}},
			Group:    []bot.MenuItem{{Command: "connect", About: "connect this chat"}},
		},
		{Language: "ckb", Name: "ئێلا", Commands: []bot.MenuItem{{Command: "groups", About: "گروپ"}}}, // Telegram has no such language
		{Language: "ar", Name: "إيلا", Short: "اكتبوا لي بلغتكم.", Commands: []bot.MenuItem{{Command: "groups", About: "مجموعات"}}},
	}
}

// TestPresence is written for every language and scope, and only where it differs.
func TestPresence(t *testing.T) {
	s := telegramtest.New(t, telegramtest.Options{Name: "helper"})
	received := func(p []telegram.Presence, enough func() bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		a := faked(t, s, func(o *telegram.Options) { o.Presence = func() []telegram.Presence { return p } })
		go func() {
			for !enough() && ctx.Err() == nil {
				pass(time.Millisecond)
			}
			cancel()
		}()
		if err := a.Receive(ctx, &taken{}); err != nil {
			t.Error(err)
		}
		if !enough() {
			t.Error("it was not enough")
		}
	}
	sets := func() (n int) {
		for _, method := range []string{"setMyCommands", "setMyName", "setMyDescription", "setMyShortDescription"} {
			n += s.Calls(method)
		}
		return n
	}
	// English stands for everybody. In English the texts are there then, and the lists
	// are not; then Arabic: a name, a text, a list.
	const all = 3 + 3 + 2 + 3
	received(presences(), func() bool { return sets() == all })
	if s.NameIn("") != "Ella" || s.ShortDescriptionIn("") != "Write to me in your language." || s.DescriptionIn("") != "I am Ella." {
		t.Errorf("she is %q, %q, %q", s.NameIn(""), s.ShortDescriptionIn(""), s.DescriptionIn(""))
	}
	if s.NameIn("ar") != "إيلا" || s.DescriptionIn("ar") != "" {
		t.Errorf("in Arabic she is %q, %q", s.NameIn("ar"), s.DescriptionIn("ar"))
	}
	wantLists := []string{
		"all_group_chats ", "all_group_chats en", "all_private_chats ", "all_private_chats ar", "all_private_chats en", "default ",
	}
	if got := s.CommandLists(); !slices.Equal(got, wantLists) {
		t.Errorf("there are the lists %q", got)
	}
	if got := s.Commands("all_private_chats", "en"); len(got) != 2 || got[1] != (telegramtest.Command{Command: "stop", Description: "stop all messages"}) {
		t.Errorf("members see %v", got)
	}

	gets := func() int { return s.Calls("getMyCommands") }
	before := gets()
	received(presences(), func() bool { return gets() == before+6 })
	if n := sets(); n != all {
		t.Errorf("though nothing differs %d were written", n-all)
	}
	changed := presences()
	changed[2].Commands[0].About = "مجموعات قريبة"
	before = gets()
	received(changed, func() bool { return gets() == before+6 && sets() == all+1 })
	if got := s.Commands("all_private_chats", "ar"); got[0].Description != "مجموعات قريبة" {
		t.Errorf("in Arabic members see %v", got)
	}
	if broken := s.Breaches(); len(broken) > 0 {
		t.Errorf("the rules are broken: %v", broken)
	}
}

// TestPresenceKeepsWithinLimits: a catalogue that says too much costs its end, and
// not the whole.
func TestPresenceKeepsWithinLimits(t *testing.T) {
	s := telegramtest.New(t, telegramtest.Options{})
	long := strings.Repeat("مرحبا ", 200)
	p := telegram.Presence{Language: "en", Name: long, Short: long, About: long}
	p.Commands = append(p.Commands, bot.MenuItem{Command: "Groups", About: "as nobody may write it"})
	for range 120 {
		p.Commands = append(p.Commands, bot.MenuItem{Command: "groups", About: long})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var j journal
	a := faked(t, s, func(o *telegram.Options) {
		o.Presence, o.Log = func() []telegram.Presence { return []telegram.Presence{p} }, j.log()
	})
	go func() {
		for len(s.Commands("all_private_chats", "en")) == 0 && ctx.Err() == nil {
			pass(time.Millisecond)
		}
		cancel()
	}()
	if err := a.Receive(ctx, &taken{}); err != nil {
		t.Error(err)
	}
	if n := len(s.Commands("all_private_chats", "en")); n != 100 {
		t.Errorf("there are %d commands", n)
	}
	for what, c := range map[string]struct {
		text string
		most int
	}{"name": {s.NameIn(""), 64}, "short": {s.ShortDescriptionIn(""), 120}, "about": {s.DescriptionIn(""), 512}} {
		if n := len([]rune(c.text)); n > c.most || n < c.most-1 {
			t.Errorf("the %s has %d characters", what, n)
		}
	}
	if told := j.lines("WARN"); len(told) > 0 {
		t.Errorf("the log says %q", told)
	}
}

// TestPresenceFails without harm: receiving goes on meanwhile, 429 is obeyed, and the
// log hears of each thing that could not be set.
func TestPresenceFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		throttled := false
		s := &scripted{answer: func(ctx context.Context, method string, params map[string]any) *scriptedAnswer {
			switch {
			case method == "setMyName" && !throttled:
				throttled = true
				return refused(http.StatusTooManyRequests, "Too Many Requests: retry after 100", `,"parameters":{"retry_after":100}`)
			case method == "setMyDescription":
				return refused(http.StatusBadRequest, "Bad Request: can't set")
			}
			return q.answer(ctx, method, params)
		}}
		var j journal
		var inbox taken
		stop := polling(t, connected(t, s, func(o *telegram.Options) {
			o.Presence, o.Log = func() []telegram.Presence { return presences()[:1] }, j.log()
		}), &inbox)
		q.say(1, "hello")
		synctest.Wait()
		if len(inbox.keys()) != 1 {
			t.Error("receiving waits for it")
		}
		pass(time.Hour)
		_ = stop()
		names := s.calls("setMyName")
		if len(names) != 3 || names[1].at.Sub(names[0].at) != 100*time.Second {
			t.Errorf("the name was set %d times", len(names))
		}
		if told := j.lines("WARN", "what=Description"); len(told) != 2 {
			t.Errorf("the log tells of %q", told)
		}
		if n := len(s.calls("setMyCommands")); n != 5 {
			t.Errorf("after that %d lists were set", n)
		}
	})
}

// TestPresenceWaitsWithNothingElse: Telegram lets a name be changed a few times a day,
// and asks for hours then.
func TestPresenceWaitsWithNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		s := &scripted{answer: func(_ context.Context, method string, _ map[string]any) *scriptedAnswer {
			if method == "setMyName" {
				if tries++; tries == 1 {
					return refused(http.StatusTooManyRequests, "Too Many Requests: retry after 30000", `,"parameters":{"retry_after":30000}`)
				}
			}
			return nil
		}}
		stop := polling(t, connected(t, s, func(o *telegram.Options) { o.Presence = presences }), &taken{})
		begun := time.Now()
		pass(10 * time.Second)
		// Every language's lists and texts are there; of the names none was tried again.
		if n := len(s.calls("setMyCommands")); n != 6 {
			t.Errorf("%d lists were set", n)
		}
		if n := len(s.calls("setMyName")); n != 1 {
			t.Errorf("the name was set %d times", n)
		}
		pass(10 * time.Hour)
		_ = stop()
		names := s.calls("setMyName")
		if len(names) != 4 || names[1].at.Sub(begun) < 30000*time.Second || names[1].at.Sub(begun) > 30001*time.Second {
			t.Errorf("the name was set %d times", len(names))
		}
	})
}

// TestPresenceDiffersInNoSpace: Telegram takes space at the ends away, and a text that
// has some would be written at every start.
func TestPresenceDiffersInNoSpace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answer: answerOf(map[string]*scriptedAnswer{"getMyShortDescription": result(`{"short_description":"Write to me."}`)})}
		stop := polling(t, connected(t, s, func(o *telegram.Options) {
			o.Presence = func() []telegram.Presence { return []telegram.Presence{{Language: "en", Short: "\nWrite to me.\n"}} }
		}), &taken{})
		pass(time.Minute)
		_ = stop()
		if n := len(s.calls("setMyShortDescription")); n != 0 {
			t.Errorf("it was written %d times", n)
		}
	})
}
