package telegram_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
)

// chatOnly reports whether a send was throttled for its chat alone.
func chatOnly(err error) bool {
	se, ok := errors.AsType[*bot.SendError](err)
	return ok && se.Kind == bot.Throttled && se.ChatOnly
}

// refuseOnce answers the next send to a chat with 429.
func (p *paced) refuseOnce(chat int64, seconds string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	done := false
	p.answer = func(m posted) *scriptedAnswer {
		if m.chat() != chat || done || m.method == "getMe" {
			return nil
		}
		done = true
		return refused(429, "Too Many Requests: retry after "+seconds, `,"parameters":{"retry_after":`+seconds+`}`)
	}
}

// TestPaceObeys a 429 exactly: nothing goes to that chat before, no copy to anybody,
// and at its end everything does.
func TestPaceObeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		p.refuseOnce(7, "12")
		if d := throttle(p.send(t.Context(), 7, false)); d != 12*time.Second {
			t.Fatalf("told %v", d)
		}
		pass(2 * time.Second)
		before := len(p.got(""))
		for name, err := range map[string]error{
			"send": p.send(t.Context(), 7, false), "copy": p.send(t.Context(), 8, true), "edit": p.edit(t.Context(), 7),
			"take back": func() error {
				_, err := p.adapter.Send(t.Context(), bot.Outgoing{Chat: "7", TakeBack: []bot.Ref{"1"}})
				return err
			}(),
			"menu": p.adapter.Menu(t.Context(), "7", []bot.MenuItem{{Command: "help", About: "x"}}),
		} {
			if d := throttle(err); d != 10*time.Second {
				t.Errorf("%s: told %v", name, d)
			}
			if only := chatOnly(err); only != (name != "copy") {
				t.Errorf("%s: it is the chat's alone: %v", name, only)
			}
		}
		p.adapter.Typing(t.Context(), "7")
		if n := len(p.got("")) - before; n != 0 || len(p.got("deleteMessages")) != 0 || len(p.got("sendChatAction")) != 0 {
			t.Errorf("%d went out while it was to wait", n)
		}
		// Somebody else's reply goes at once, and so does the answer to a press.
		if err := p.send(t.Context(), 9, false); err != nil {
			t.Error(err)
		}
		if _, err := p.adapter.Send(t.Context(), bot.Outgoing{Chat: "7", Press: "1", Notice: "x"}); err != nil || len(p.got("answerCallbackQuery")) != 1 {
			t.Errorf("a press: %v", err)
		}
		pass(9 * time.Second)
		if err := p.send(t.Context(), 7, true); err != nil || time.Since(p.begun) != 12*time.Second {
			t.Errorf("after %v: %v", time.Since(p.begun), err)
		}
	})
}

// TestPaceGroupObeys: of a group it is known that it is full, and nobody else waits.
func TestPaceGroupObeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		p.refuseOnce(-100, "40")
		if d := throttle(p.send(t.Context(), -100, false)); d != 40*time.Second {
			t.Fatalf("told %v", d)
		}
		p.refuseOnce(-200, "40")
		err := p.send(t.Context(), -200, false)
		if d := throttle(err); d != 40*time.Second || !chatOnly(err) {
			t.Fatalf("told %v, of the chat alone: %v", d, chatOnly(err))
		}
		if err := errors.Join(p.send(t.Context(), 7, true), p.send(t.Context(), 8, false), p.send(t.Context(), -300, false)); err != nil {
			t.Error(err)
		}
	})
}

// TestPaceSuspects the whole account after a second chat's 429 within a minute.
func TestPaceSuspects(t *testing.T) {
	for name, c := range map[string]struct {
		second int64
		after  time.Duration
		wait   time.Duration // of a reply to somebody else
	}{
		"another chat":        {8, 8 * time.Second, 50 * time.Second},
		"the same chat":       {7, 8 * time.Second, 0},
		"another, much later": {8, 20 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPaced(t)
				p.refuseOnce(7, "5")
				if d := throttle(p.send(t.Context(), 7, false)); d != 5*time.Second {
					t.Fatalf("told %v", d)
				}
				pass(c.after)
				p.refuseOnce(c.second, "50")
				if d := throttle(p.send(t.Context(), c.second, false)); d != 50*time.Second {
					t.Fatalf("told %v", d)
				}
				if d := throttle(p.send(t.Context(), 9, false)); d != c.wait {
					t.Errorf("a reply to somebody else waits %v, want %v", d, c.wait)
				}
			})
		})
	}
}
