package telegram_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
)

func TestBotID(t *testing.T) {
	for _, good := range []string{token, "7100000001:AAH" + strings.Repeat("x", 32)} {
		if id, ok := telegram.BotID(good); !ok || id != good[:len(id)] || good[len(id)] != ':' {
			t.Errorf("%s is of %q, %v", good, id, ok)
		}
	}
	for _, bad := range []string{"", "hello", "123456789", token[10:], "0" + token, token + "\n", " " + token, "123456789:short", token + "/", "bot" + token} {
		if id, ok := telegram.BotID(bad); ok || id != "" {
			t.Errorf("%q is taken for the token of %s", bad, id)
		}
		if _, err := telegram.Connect(t.Context(), telegram.Options{Token: bad, Shelf: &shelf{}, Transport: &scripted{}}); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("with %q it connects: %v", bad, err)
		}
	}
}

func TestCapabilities(t *testing.T) {
	got := connected(t, &scripted{}).Capabilities()
	want := bot.Capabilities{
		Platform: "Telegram", StartLink: "https://t.me/ella_test_bot?start={}", GroupChats: true, GroupLink: "https://t.me/ella_test_bot?startgroup={}",
		TakesBack: 48 * time.Hour, Files: true, Edit: true, Pictures: true, Location: true, ButtonRow: 3, Buttons: 40, MessageUnits: 4000,
		OneReceiver: true, AlertsPerSecond: 25,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestConnect finds out who the bot is, from Telegram or from the last start.
func TestConnect(t *testing.T) {
	unreachable := errors.New("no route to host")
	t.Run("out of reach for a while", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{down: unreachable}
			time.AfterFunc(5*time.Minute, func() { s.cut(nil) })
			var j journal
			began, shelf := time.Now(), &shelf{}
			a := connected(t, s, func(o *telegram.Options) { o.Log, o.Shelf = j.log(), shelf })
			if took := time.Since(began); took < 5*time.Minute || took > 6*time.Minute {
				t.Errorf("it took %v", took)
			}
			if n := len(s.calls("getMe")); n < 10 || n > 20 {
				t.Errorf("it was tried %d times", n)
			}
			if len(j.lines("WARN", "can't be reached", "no route")) != 1 || len(j.lines("all is well again")) != 1 || len(j.lines(token)) > 0 {
				t.Errorf("the log is %s", j.text.String())
			}
			if a.Capabilities().StartLink != "https://t.me/ella_test_bot?start={}" {
				t.Errorf("it is %+v", a.Capabilities())
			}
			if name, err := telegram.Known(t.Context(), shelf, "one"); name != "ella_test_bot" || err != nil {
				t.Errorf("known is %q, %v", name, err)
			}
		})
	})
	t.Run("out of reach at a later start", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			shelf := &shelf{}
			connected(t, &scripted{}, func(o *telegram.Options) { o.Shelf = shelf })
			began := time.Now()
			a := connected(t, &scripted{down: unreachable}, func(o *telegram.Options) { o.Shelf = shelf })
			if time.Since(began) > 0 || a.Capabilities().StartLink != "https://t.me/ella_test_bot?start={}" {
				t.Errorf("after %v it is %+v", time.Since(began), a.Capabilities())
			}
		})
	})
	t.Run("what was remembered is of another bot", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			shelf := &shelf{}
			connected(t, &scripted{me: `{"id":987654321,"username":"another_bot"}`}, func(o *telegram.Options) { o.Shelf, o.Token = shelf, "987654321"+token[9:] })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := telegram.Connect(ctx, telegram.Options{Account: "one", Token: token, Shelf: shelf, Transport: &scripted{down: unreachable}})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it connects as another bot: %v", err)
			}
		})
	})
	t.Run("the name has changed", func(t *testing.T) {
		shelf := &shelf{}
		connected(t, &scripted{}, func(o *telegram.Options) { o.Shelf = shelf })
		puts := shelf.puts
		connected(t, &scripted{}, func(o *telegram.Options) { o.Shelf = shelf })
		if shelf.puts != puts {
			t.Error("what is known is written again")
		}
		connected(t, &scripted{me: `{"id":123456789,"username":"ella_bot"}`}, func(o *telegram.Options) { o.Shelf = shelf })
		if name, err := telegram.Known(t.Context(), shelf, "one"); name != "ella_bot" || err != nil {
			t.Errorf("known is %q, %v", name, err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		s := &scripted{answer: func(context.Context, string, map[string]any) *scriptedAnswer { return refused(401, "Unauthorized") }}
		_, err := telegram.Connect(t.Context(), telegram.Options{Account: "one", Token: token, Shelf: &shelf{}, Transport: s})
		if !errors.Is(err, telegram.ErrRefused) {
			t.Errorf("it is %v", err)
		}
	})
	t.Run("given up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := telegram.Connect(ctx, telegram.Options{Account: "one", Token: token, Shelf: &shelf{}, Transport: &scripted{down: unreachable}})
			if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), token) {
				t.Errorf("it is %v", err)
			}
		})
	})
}
