package delivery_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
)

// What follows from each way in which a reply can fail: once, and then all is well.
func TestReplyKinds(t *testing.T) {
	moved := &bot.SendError{Kind: bot.Moved, NewChat: "new"}
	throttled := &bot.SendError{Kind: bot.Throttled, RetryAfter: 90 * time.Second}
	for _, c := range []struct {
		name    string
		err     error
		sends   int
		outbox  string // state, attempts, reason; empty: the row is gone
		address string
		after   time.Duration // between the two sends
	}{
		{"well", nil, 1, "", "on", 0},
		{"not sent", fails(bot.NotSent), 2, "", "on", time.Second},
		{"not yet", fails(bot.NotYet), 2, "", "on", time.Second},
		{"throttled", throttled, 2, "", "on", 90 * time.Second},
		{"throttled, nobody says for how long", fails(bot.Throttled), 2, "", "on", time.Second},
		{"unclear", fails(bot.Unclear), 1, "unknown 1 unclear", "on", 0},
		{"an error that is none of ours", errForeign, 1, "unknown 1 unclear", "on", 0},
		{"blocked", fails(bot.Blocked), 1, "refused 1 blocked", "blocked", 0},
		{"gone", fails(bot.Gone), 1, "refused 1 gone", "gone", 0},
		{"no consent", fails(bot.Forbidden), 1, "refused 1 no-consent", "blocked", 0},
		{"invalid", fails(bot.Invalid), 1, "refused 1 invalid", "on", 0},
		{"moved", moved, 1, "", "on", 0},
		{"no access", fails(bot.NoAccess), 1, "waiting 0 ", "on", 0},
		{"a kind of a later version", fails("news"), 1, "refused 1 news", "on", 0},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			bubble(t, func(p *post) {
				amina := p.member("amina")
				p.platform.Open("new")
				p.platform.answers(first(1, c.err))
				if c.name == "moved" {
					p.platform.answers(func(_ int, out bot.Outgoing) error {
						if out.Chat == "amina" {
							return c.err
						}
						return nil
					})
				}
				p.start()
				p.say(amina, "hello")
				sleep(10 * time.Minute)
				calls := p.platform.to("amina")
				if len(calls) != c.sends {
					p.t.Fatalf("%d sends, want %d", len(calls), c.sends)
				}
				if len(calls) == 2 && calls[1].at.Sub(calls[0].at) != c.after {
					p.t.Errorf("sent again after %v, want %v", calls[1].at.Sub(calls[0].at), c.after)
				}
				var want []string
				if c.outbox != "" {
					want = []string{c.outbox}
				}
				p.expect("outbox", p.outbox(), want...)
				if got := p.address(amina); got != c.address {
					p.t.Errorf("the address is %s, want %s", got, c.address)
				}
				if c.name == "moved" {
					p.expect("in the new chat", p.heard("new"), "hello")
					p.say(amina, "next")
					synctest.Wait()
					p.expect("the next one", p.heard("new"), "hello", "next")
				}
			})
		})
	}
}

// An adapter that panics fails one message, and its words reach no log.
func TestAdapterPanics(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.platform.answers(func(n int, out bot.Outgoing) error {
			if n == 1 {
				panic(out.Message.Text())
			}
			return nil
		})
		p.start()
		p.say(amina, "canary-8f3a", "next")
		synctest.Wait()
		p.expect("heard", p.heard("amina"), "next")
		p.expect("outbox", p.outbox(), "unknown 1 unclear")
		if strings.Contains(p.log.String(), "canary") || !strings.Contains(p.log.String(), "panicked") {
			p.t.Errorf("log: %s", p.log)
		}
	})
}

// The form was refused, not the words: they go as plain text, once.
func TestReplyAsPlainText(t *testing.T) {
	bubble(t, func(p *post) {
		amina, bo := p.member("amina"), p.member("bo")
		p.platform.answers(func(n int, out bot.Outgoing) error {
			if len(out.Message.Blocks) > 1 || out.Chat == "bo" {
				return fails(bot.Markup)
			}
			return nil
		})
		p.start()
		m, _, err := p.composer.Compose(p.t.Context(), "a1", bot.Reader{Locale: "pl"}, false)
		if err != nil {
			p.t.Fatal(err)
		}
		p.Send(p.queue(amina, bot.Reply{Message: m}))
		p.Send(p.queue(bo, bot.Reply{Message: m}))
		p.say(bo, "one line")
		synctest.Wait()
		p.expect("amina", p.heard("amina"), inPolish)
		if n := len(p.platform.to("amina")); n != 2 {
			p.t.Errorf("%d sends to amina", n)
		}
		p.expect("bo, whose platform takes nothing", p.heard("bo"))
		if n := len(p.platform.to("bo")); n != 3 {
			p.t.Errorf("%d sends to bo, want two of one reply and one of the other", n)
		}
		p.expect("outbox", p.outbox(), "refused 1 markup", "refused 1 markup")
	})
}

// Replies to one address stay in order while it is blocked, and others, however
// many are blocked, do not wait for them.
func TestOrderBesideThrottledAddresses(t *testing.T) {
	bubble(t, func(p *post) {
		p.Stop()
		p.options.Width = 2
		p.fresh()
		slow := []bot.Person{p.member("slow-0"), p.member("slow-1"), p.member("slow-2"), p.member("slow-3")}
		quick := p.member("quick")
		p.platform.answers(func(n int, out bot.Outgoing) error {
			if n == 1 && strings.HasPrefix(out.Chat, "slow") {
				return &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Minute}
			}
			return nil
		})
		p.start()
		for _, s := range slow {
			p.say(s, "1", "2", "3")
		}
		p.say(quick, "1", "2", "3")
		synctest.Wait()
		p.expect("the quick one", p.heard("quick"), "1", "2", "3")
		p.expect("the slow one", p.heard("slow-0"))
		sleep(time.Minute)
		for _, s := range slow {
			p.expect(s.Address.Chat, p.heard(s.Address.Chat), "1", "2", "3")
		}
		p.expect("outbox", p.outbox())
	})
}

// What cannot leave this machine is tried for an hour, further and further apart.
func TestReplyThatCannotLeave(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.platform.answers(first(1000, fails(bot.NotSent)))
		p.start()
		p.say(amina, "hello")
		sleep(59 * time.Minute)
		p.expect("within the hour", p.outbox(), "sending 1 ")
		sleep(5 * time.Minute)
		p.expect("after it", p.outbox(), "refused 1 not-sent")
		calls := p.platform.to("amina")
		if last := calls[len(calls)-1].at.Sub(calls[len(calls)-2].at); last != time.Minute || len(calls) > 80 {
			p.t.Errorf("%d sends, the last after %v", len(calls), last)
		}
	})
}

// A later reply of a topic edits the one before, in the order of the replies.
func TestEditOfATopic(t *testing.T) {
	bubble(t, func(p *post) {
		amina, bo := p.member("amina"), p.member("bo")
		card := func(words string, replace bool) bot.Reply {
			return bot.Reply{Message: plain(words), Topic: "card", Replace: replace}
		}
		p.start()
		p.Send(p.queue(amina, card("nothing to edit yet", true), card("one", true), card("two", true)))
		synctest.Wait()
		p.expect("one message", p.heard("amina"), "two")
		p.Send(p.queue(amina, card("another", false), card("changed", true)))
		p.Send(p.queue(bo, card("of bo", true)))
		synctest.Wait()
		p.expect("the last one is changed", p.heard("amina"), "two", "changed")
		p.expect("nobody else's", p.heard("bo"), "of bo")
		// What may not have arrived cannot be edited: the next one is sent anew.
		p.platform.answers(first(1, fails(bot.Unclear)))
		p.Send(p.queue(amina, card("lost", true), card("three", true)))
		synctest.Wait()
		p.expect("after a doubtful one", p.heard("amina"), "two", "three")
		// An edit that names its message needs no topic.
		ref := p.platform.Shown("amina")[0].Ref
		p.Send(p.queue(amina, bot.Reply{Message: plain("pressed"), Edit: ref}))
		synctest.Wait()
		p.expect("the one that was pressed", p.heard("amina"), "pressed", "three")
		// After a restart too.
		p.restart()
		p.Send(p.queue(amina, card("after a restart", true)))
		synctest.Wait()
		p.expect("after a restart", p.heard("amina"), "pressed", "after a restart")
	})
}

// A token that no longer works stops its account, which keeps what it has until
// somebody has put that right.
func TestTokenRevoked(t *testing.T) {
	bubble(t, func(p *post) {
		other, err := p.db.Account(p.t.Context(), "memory", "two")
		if err != nil {
			p.t.Fatal(err)
		}
		second := &platform{Platform: p.platform.Platform, counts: map[string]int{}}
		p.Stop()
		p.options.Adapters.Put(other, second)
		p.fresh()
		amina, bo, there := p.member("amina"), p.member("bo"), p.memberOf(other, "there")
		p.platform.answers(first(100, fails(bot.NoAccess)))
		p.start()
		p.say(amina, "one", "two")
		synctest.Wait()
		p.say(bo, "three")
		a := p.alert(time.Hour, amina, bo, there)
		sleep(10 * time.Minute)
		p.expect("outbox", p.outbox(), "waiting 0 ", "waiting 0 ", "waiting 0 ")
		p.expect("looked at again in a while", p.rows(`SELECT count(*) FROM outbox WHERE due_at > $1`, time.Now().UnixMilli()), "3")
		p.expect("ledger", p.ledger(), "planned 0 ", "planned 0 ", "sent 1 ")
		if n := len(p.platform.to("amina")) + len(p.platform.to("bo")); n != 1 {
			p.t.Errorf("a stopped account was asked %d times", n)
		}
		p.expect("the other account", p.heard("there"), inPolish)
		if n := strings.Count(p.log.String(), "refuses this account's token"); n != 1 {
			p.t.Errorf("said %d times", n)
		}
		p.platform.answers(nil)
		p.restart()
		sleep(2 * time.Minute)
		// An alert and a reply may pass each other.
		p.expect("with a working token", slices.Sorted(slices.Values(p.heard("amina"))), inPolish, "one", "two")
		p.expect("with a working token", slices.Sorted(slices.Values(p.heard("bo"))), inPolish, "three")
		p.expect("outbox", p.outbox())
		p.expect("alert", p.rows(`SELECT state FROM alerts WHERE id = $1`, string(a)), "done")
	})
}
