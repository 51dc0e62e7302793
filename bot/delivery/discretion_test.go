package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// A message is taken away as surely as a reply is sent: across a refusal, a lost
// answer and a restart. What can't be is let be, and nobody is told.
func TestTakeBack(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(n int) error
		within time.Duration
		calls  int
		taken  bool
		left   []string
	}{
		"at once":        {func(int) error { return nil }, time.Second, 1, true, nil},
		"when throttled": {func(n int) error { return only(n < 3, throttled(7*time.Second)) }, 15 * time.Second, 3, true, nil},
		"when unsent":    {func(n int) error { return only(n < 3, fails(bot.NotSent)) }, time.Minute, 3, true, nil},
		"when unclear":   {func(n int) error { return only(n < 3, fails(bot.Unclear)) }, time.Minute, 3, true, nil},
		"when refused":   {func(int) error { return fails(bot.Invalid) }, 2 * time.Hour, 1, false, nil},
		"never":          {func(int) error { return fails(bot.NotSent) }, 3 * time.Hour, 0, false, []string{"refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(p *post) {
				p.platform.Can.TakesBack = 48 * time.Hour
				amina := p.member("amina")
				own := p.platform.Sent("amina")
				p.platform.answers(func(n int, out bot.Outgoing) error {
					if len(out.TakeBack) == 0 {
						return nil
					}
					return c.answer(n)
				})
				p.start()
				p.Send(p.queue(amina, bot.Reply{TakeBack: own}))
				p.say(amina, "the next")
				sleep(c.within)
				if left := p.platform.Owns("amina"); (left == 0) != c.taken {
					t.Errorf("%d messages stand there", left)
				}
				if got := len(p.platform.to("amina")) - 1; c.calls > 0 && got != c.calls {
					t.Errorf("tried %d times, want %d", got, c.calls)
				}
				p.expect("amina", p.heard("amina"), "the next")
				p.expect("outbox", p.rows(`SELECT state FROM outbox WHERE takes_back`), c.left...)
			})
		})
	}
	t.Run("by the next run", func(t *testing.T) {
		bubble(t, func(p *post) {
			p.platform.Can.TakesBack = 48 * time.Hour
			amina := p.member("amina")
			own := p.platform.Sent("amina")
			p.start()
			p.queue(amina, bot.Reply{TakeBack: own}) // and the process dies
			p.restart()
			sleep(2 * time.Minute)
			if left := p.platform.Owns("amina"); left > 0 {
				t.Errorf("%d messages stand there", left)
			}
		})
	})
}

func throttled(wait time.Duration) error {
	return &bot.SendError{Kind: bot.Throttled, RetryAfter: wait}
}

func only(so bool, err error) error {
	if so {
		return err
	}
	return nil
}

// Where messages can be taken away, those that were sent keep their names; elsewhere
// nothing is kept of them.
func TestSentStands(t *testing.T) {
	for _, keeps := range []time.Duration{0, 48 * time.Hour} {
		t.Run(fmt.Sprint(keeps), func(t *testing.T) {
			bubble(t, func(p *post) {
				p.platform.Can.TakesBack = keeps
				amina := p.member("amina")
				p.start()
				p.say(amina, "one", "two")
				card := func(words string) {
					p.Send(p.queue(amina, bot.Reply{Message: plain(words), Topic: "card", Replace: true}))
					synctest.Wait()
				}
				card("card")
				card("card, changed")
				sleep(time.Minute)
				want := []string{"card sent"}
				if keeps > 0 {
					want = []string{" sent", " sent", "card sent"}
				}
				p.expect("kept", p.rows(`SELECT topic, state FROM outbox WHERE ref_sealed IS NOT NULL AND message_sealed IS NULL ORDER BY topic`), want...)
				p.expect("in all", p.rows(`SELECT count(*) FROM outbox`), fmt.Sprint(len(want)))
			})
		})
	}
}

// The line that gives nothing away stands before what others cause, in the language of
// what follows, and in plain text too when the platform refuses the form.
func TestNeutralLine(t *testing.T) {
	bubble(t, func(p *post) {
		p.options.Neutral = func(locale string) message.Paragraph { return message.Say("something new in " + locale) }
		p.fresh()
		grace, amina, bo := p.member("grace"), p.member("amina"), p.member("bo")
		p.do(func(ctx context.Context, tx bot.Tx) error {
			return p.db.Privacy().SetDiscreet(ctx, tx, amina.Member.ID, true)
		})
		p.start()
		p.say(amina, "her own")
		p.Send(p.queue(grace, bot.Reply{To: amina.Member.ID, Message: plain("unasked")}, bot.Reply{To: amina.Member.ID, Message: plain("asked"), Asked: true},
			bot.Reply{To: bo.Member.ID, Message: plain("unasked")}))
		synctest.Wait()
		p.expect("amina", p.heard("amina"), "her own", "something new in en\nunasked", "something new in en\nasked")
		p.expect("bo", p.heard("bo"), "unasked")
		p.alert(time.Hour, amina, bo)
		sleep(time.Minute)
		p.expect("bo", p.heard("bo"), "unasked", inPolish)
		if h := p.heard("amina"); !strings.HasPrefix(h[len(h)-1], "something new in pl\nalert in pl") {
			t.Errorf("amina's copy is %q", h[len(h)-1])
		}
		p.platform.answers(func(_ int, out bot.Outgoing) error { return only(len(out.Message.Blocks) > 1, fails(bot.Markup)) })
		p.Send(p.queue(grace, bot.Reply{To: amina.Member.ID, Message: plain("refused")}))
		sleep(time.Minute)
		if h := p.heard("amina"); h[len(h)-1] != "something new in en\nrefused" {
			t.Errorf("in plain text it is %q", h[len(h)-1])
		}
	})
}

// A menu is shown, and noted once it is: after a while when the platform is busy, and
// not at all when it stays away. The last one handed in is what stays.
func TestMenu(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		list := func(names ...string) (items []bot.MenuItem) {
			for _, n := range names {
				items = append(items, bot.MenuItem{Command: n, About: "about " + n})
			}
			return items
		}
		show := func(name string, items ...bot.MenuItem) {
			a := amina.Address
			a.Menu = name
			p.Menu(a, items)
		}
		is := func(what, noted string, items ...string) {
			t.Helper()
			var shown []string
			for _, i := range p.platform.MenuOf("amina") {
				shown = append(shown, i.Command)
			}
			p.expect(what, shown, items...)
			p.expect(what+", noted", p.rows(`SELECT menu FROM addresses WHERE id = $1`, string(amina.Address.ID)), noted)
		}
		calls := 0
		fail := func(f func(n int) error) {
			calls = 0
			p.platform.FailWith(func(bot.Outgoing) error { calls++; return f(calls) })
		}
		show("m1", list("help")...)
		synctest.Wait()
		is("well", "m1", "help")
		fail(func(n int) error { return only(n == 1, throttled(10*time.Second)) })
		show("m2", list("groups")...)
		show("m3", list("groups", "help")...)
		sleep(time.Minute)
		is("busy", "m3", "groups", "help")
		fail(func(int) error { return fails(bot.NotSent) })
		show("m4", list("stop")...)
		sleep(time.Hour)
		is("away", "m3", "groups", "help")
		if calls != 3 {
			t.Errorf("tried %d times", calls)
		}
		fail(func(int) error { return fails(bot.Blocked) })
		show("m4", list("stop")...)
		sleep(time.Hour)
		is("blocked", "m3", "groups", "help")
		fail(func(int) error { return nil })
		show("m5", list("No Command")...)
		synctest.Wait()
		is("refused, and never tried again", "m5", "groups", "help")
		p.platform.FailWith(func(bot.Outgoing) error { panic("secret words") })
		show("m6", list("stop")...)
		sleep(time.Hour)
		is("panicking", "m5", "groups", "help")
		p.platform.FailWith(nil)
		show("")
		synctest.Wait()
		is("everybody's again", "")
		p.Stop()
		show("m7", list("help")...)
		is("after Stop", "")
	})
}

// What nothing can be taken away from is not asked to.
func TestDirectTakesNothingBack(t *testing.T) {
	bubble(t, func(p *post) {
		p.member("amina")
		ref, err := p.Direct(context.Background(), p.account, bot.Outgoing{Chat: "amina", TakeBack: []bot.Ref{"amina/1"}})
		if ref != "" || err != nil || len(p.platform.to("amina")) > 0 {
			t.Errorf("it is %q, %v, after %d calls", ref, err, len(p.platform.to("amina")))
		}
	})
}
