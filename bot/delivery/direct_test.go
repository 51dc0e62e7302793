package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
)

// A press is answered once, beside the replies, and it is no matter when that fails.
func TestNotice(t *testing.T) {
	bubble(t, func(p *post) {
		var notices []string
		p.platform.answers(func(_ int, out bot.Outgoing) error {
			notices = append(notices, strings.TrimSpace(out.Chat+" "+out.Press+" "+out.Notice+" "+out.NoticeLink))
			return fails(bot.Unclear)
		})
		p.Notice(p.account, "amina", "press-1", "saved", "")
		p.Notice("nowhere", "amina", "press-2", "saved", "")
		synctest.Wait()
		p.expect("answered", notices, "amina press-1 saved")
		p.Notice(p.account, "amina", "press-3", "begin", "https://memory.example/?start=x")
		synctest.Wait()
		p.expect("answered with a link", notices, "amina press-1 saved", "amina press-3 begin https://memory.example/?start=x")
		p.Stop()
		p.Notice(p.account, "amina", "press-4", "late", "")
		synctest.Wait()
		p.expect("after Stop", notices[2:])
	})
}

// What is said in a group chat is said once, and it is no matter when that fails.
func TestAloud(t *testing.T) {
	bubble(t, func(p *post) {
		p.platform.Open("group:crmc")
		p.Aloud(p.account, "group:crmc", plain("hello, all"))
		p.Aloud("nowhere", "group:crmc", plain("hello, nobody"))
		synctest.Wait()
		p.expect("in the group chat", p.heard("group:crmc"), "hello, all")
		p.platform.answers(func(int, bot.Outgoing) error { return fails(bot.Unclear) })
		p.Aloud(p.account, "group:crmc", plain("lost"))
		sleep(time.Hour)
		if calls := p.platform.to("group:crmc"); len(calls) != 1 {
			t.Errorf("tried %d times", len(calls))
		}
	})
}

// Direct waits where the platform asks it to, for as long as there is time, and tries
// nothing else again.
func TestDirect(t *testing.T) {
	bubble(t, func(p *post) {
		p.member("amina")
		direct := func(within time.Duration, account bot.AccountID, text string) (bot.Ref, error) {
			ctx, cancel := context.WithTimeout(context.Background(), within)
			defer cancel()
			return p.Direct(ctx, account, bot.Outgoing{Chat: "amina", Message: plain(text)})
		}
		is := func(what string, err error, want bot.SendKind, calls int) {
			t.Helper()
			if _, ok := errors.AsType[*bot.SendError](err); bot.SendKindOf(err) != want || ok != (want != "") {
				t.Errorf("%s ends with %v, want %q", what, err, want)
			}
			if got := len(p.platform.to("amina")); got != calls {
				t.Errorf("%s is tried %d times, want %d", what, got, calls)
			}
		}
		ref, err := direct(time.Minute, p.account, "well")
		is("what goes well", err, "", 1)
		if ref == "" {
			t.Error("it has no name")
		}
		p.platform.answers(func(n int, _ bot.Outgoing) error {
			if n < 3 {
				return &bot.SendError{Kind: bot.Throttled, RetryAfter: 7 * time.Second}
			}
			return nil
		})
		begun := time.Now()
		_, err = direct(time.Minute, p.account, "throttled")
		is("a throttled one", err, "", 3)
		if took := time.Since(begun); took != 14*time.Second {
			t.Errorf("it waited %v", took)
		}
		p.platform.answers(func(int, bot.Outgoing) error { return &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Hour} })
		begun = time.Now()
		_, err = direct(time.Minute, p.account, "throttled for too long")
		is("one throttled for longer than there is time", err, bot.Throttled, 1)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it waited %v in vain", took)
		}
		for _, kind := range []bot.SendKind{bot.NotSent, bot.Unclear, bot.Blocked, bot.Gone, bot.Moved, bot.Markup, bot.Invalid, bot.Forbidden} {
			p.platform.answers(func(int, bot.Outgoing) error { return fails(kind) })
			_, err = direct(time.Minute, p.account, "failing")
			is("a failing one", err, kind, 1)
		}
		p.platform.answers(func(int, bot.Outgoing) error { return errors.New("secret words") })
		_, err = direct(time.Minute, p.account, "odd")
		is("an odd one", err, bot.Unclear, 1)
		p.platform.answers(func(int, bot.Outgoing) error { panic("secret words") })
		_, err = direct(time.Minute, p.account, "panicking")
		is("a panicking one", err, bot.Unclear, 1)
		p.platform.answers(nil)
		_, err = direct(time.Minute, "nowhere", "nowhere")
		is("one through no account", err, bot.NotYet, 0)
		_, err = direct(0, p.account, "late")
		is("one without time", err, bot.NotSent, 0)
		p.platform.answers(func(int, bot.Outgoing) error { return fails(bot.NoAccess) })
		_, err = direct(time.Minute, p.account, "refused")
		is("one whose token is refused", err, bot.NoAccess, 1)
		_, err = direct(time.Minute, p.account, "and again")
		is("one through an account that has stopped", err, bot.NotYet, 1)
		p.Stop()
		_, err = direct(time.Minute, p.account, "after")
		if bot.SendKindOf(err) == "" {
			t.Error("it is sent after Stop")
		}
	})
}

// Copies of an alert let pass whatever one person waits for, and replies don't.
func TestCopiesAreBulk(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		bulk := map[string]bool{}
		p.platform.answers(func(_ int, out bot.Outgoing) error {
			bulk[out.Message.Text()] = out.Bulk
			return nil
		})
		p.start()
		p.say(amina, "a reply")
		p.alert(time.Hour, amina)
		sleep(time.Minute)
		if len(bulk) != 2 || bulk["a reply"] || !bulk[inPolish] {
			t.Errorf("bulk: %v", bulk)
		}
	})
}
