package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/storage"
)

// What follows from each way in which a copy can fail: for the first one or two
// sends, and then all is well.
func TestCopyKinds(t *testing.T) {
	throttled := &bot.SendError{Kind: bot.Throttled, RetryAfter: 90 * time.Second}
	for _, c := range []struct {
		name    string
		err     error
		times   int // how often
		sends   int
		ledger  string // state, attempts, reason
		address string
		after   time.Duration // between the first two sends, at least; at most a look later
	}{
		{"well", nil, 0, 1, "sent 1 ", "on", 0},
		{"not sent", fails(bot.NotSent), 1, 2, "sent 1 ", "on", 5 * time.Second},
		{"not sent for long", fails(bot.NotSent), 20, 21, "sent 1 ", "on", 5 * time.Second},
		{"not yet", fails(bot.NotYet), 2, 3, "sent 1 ", "on", 5 * time.Second},
		{"throttled", throttled, 1, 2, "sent 1 ", "on", 90 * time.Second},
		{"throttled again and again", throttled, 3, 4, "sent 1 ", "on", 90 * time.Second},
		{"unclear once", fails(bot.Unclear), 1, 2, "sent 2 ", "on", 0},
		{"unclear twice", fails(bot.Unclear), 2, 2, "unknown 2 unclear", "on", 0},
		{"an error that is none of ours", errForeign, 2, 2, "unknown 2 unclear", "on", 0},
		{"blocked", fails(bot.Blocked), 1, 1, "refused 1 blocked", "blocked", 0},
		{"gone", fails(bot.Gone), 1, 1, "refused 1 gone", "gone", 0},
		{"no consent", fails(bot.Forbidden), 1, 1, "refused 1 no-consent", "blocked", 0},
		{"invalid", fails(bot.Invalid), 1, 1, "refused 1 invalid", "on", 0},
		{"plain text helps", fails(bot.Markup), 1, 2, "sent 1 ", "on", 0},
		{"plain text does not help", fails(bot.Markup), 2, 2, "refused 1 markup", "on", 0},
		{"no access", fails(bot.NoAccess), 9, 1, "planned 0 ", "on", 0},
		{"a kind of a later version", fails("news"), 1, 1, "refused 1 news", "on", 0},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			bubble(t, func(p *post) {
				amina := p.member("amina")
				p.platform.answers(first(c.times, c.err))
				p.start()
				p.alert(time.Hour, amina)
				sleep(20 * time.Minute)
				calls := p.platform.to("amina")
				if len(calls) != c.sends {
					p.t.Fatalf("%d sends, want %d", len(calls), c.sends)
				}
				if len(calls) > 1 && c.after > 0 {
					// The pump looks once a second.
					if gap := calls[1].at.Sub(calls[0].at); gap < c.after || gap > c.after+time.Second {
						p.t.Errorf("sent again after %v, want %v", gap, c.after)
					}
				}
				p.expect("ledger", p.ledger(), c.ledger)
				if got := p.address(amina); got != c.address {
					p.t.Errorf("the address is %s, want %s", got, c.address)
				}
				// A second attempt is marked as a repeat, and only that.
				if repeat := strings.HasPrefix(calls[len(calls)-1].text, "again: "); repeat != strings.Contains(c.ledger, " 2 ") {
					p.t.Errorf("the last one says %q", calls[len(calls)-1].text)
				}
				if done := p.rows(`SELECT state FROM alerts`)[0]; (done == "done") == (c.name == "no access") {
					p.t.Errorf("the alert is %s", done)
				}
			})
		})
	}
}

// What a refusal after a doubtful attempt leaves, and other pairs.
func TestCopyKindsInARow(t *testing.T) {
	for _, c := range []struct {
		name   string
		errs   []error
		ledger string
	}{
		{"unclear, throttled, well", []error{fails(bot.Unclear), fails(bot.Throttled), nil}, "sent 2 "},
		{"unclear, throttled, unclear", []error{fails(bot.Unclear), fails(bot.Throttled), fails(bot.Unclear)}, "unknown 2 unclear"},
		{"unclear, not sent, not sent, unclear", []error{fails(bot.Unclear), fails(bot.NotSent), fails(bot.NotSent), fails(bot.Unclear)}, "unknown 2 unclear"},
		{"unclear, blocked", []error{fails(bot.Unclear), fails(bot.Blocked)}, "refused 2 blocked"},
		{"not sent, unclear, well", []error{fails(bot.NotSent), fails(bot.Unclear), nil}, "sent 2 "},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			bubble(t, func(p *post) {
				p.platform.answers(func(n int, _ bot.Outgoing) error {
					if n > len(c.errs) {
						return errors.New("once too often")
					}
					return c.errs[n-1]
				})
				p.start()
				p.alert(time.Hour, p.member("amina"))
				sleep(5 * time.Minute)
				if n := len(p.platform.to("amina")); n != len(c.errs) {
					p.t.Errorf("%d sends, want %d", n, len(c.errs))
				}
				p.expect("ledger", p.ledger(), c.ledger)
			})
		})
	}
}

func TestCopyOfAMovedChat(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.platform.Open("new")
		p.platform.answers(func(_ int, out bot.Outgoing) error {
			if out.Chat == "amina" {
				return &bot.SendError{Kind: bot.Moved, NewChat: "new"}
			}
			return nil
		})
		p.start()
		p.alert(time.Hour, amina)
		p.alert(time.Hour, amina)
		sleep(10 * time.Second)
		p.expect("ledger", p.ledger(), "sent 1 ", "sent 1 ")
		p.expect("in the new chat", p.heard("new"), inPolish, inPolish)
	})
}

// Throttling is obeyed to the moment, by everybody on that account.
func TestThrottledAccount(t *testing.T) {
	bubble(t, func(p *post) {
		var people []bot.Person
		for i := range 40 {
			people = append(people, p.member(fmt.Sprint("m", i)))
		}
		var refusedAt atomic.Int64
		p.platform.answers(func(_ int, out bot.Outgoing) error {
			switch at := refusedAt.Load(); {
			case at == 0 && len(p.platform.callsNow()) == 5:
				refusedAt.Store(time.Now().UnixNano())
				return &bot.SendError{Kind: bot.Throttled, RetryAfter: 30 * time.Second}
			case at != 0 && time.Since(time.Unix(0, at)) < 30*time.Second:
				return errors.New("written while the platform refuses")
			}
			return nil
		})
		p.platform.Can.AlertsPerSecond = 10
		p.Stop()
		p.fresh()
		p.start()
		p.alert(time.Hour, people...)
		sleep(2 * time.Minute)
		p.expect("ledger", p.rows(`SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts`), "sent 1 40")
		for _, c := range p.platform.callsNow()[5:] {
			if gap := c.at.Sub(time.Unix(0, refusedAt.Load())); gap < 30*time.Second {
				p.t.Fatalf("written %v after the refusal", gap)
			}
		}
	})
}

// What is throttled in one chat only keeps nobody else's copies waiting.
func TestThrottledChat(t *testing.T) {
	bubble(t, func(p *post) {
		var people []bot.Person
		for i := range 10 {
			people = append(people, p.member(fmt.Sprint("m", i)))
		}
		begun := time.Now()
		p.platform.answers(func(_ int, out bot.Outgoing) error {
			if out.Chat == "m3" && time.Since(begun) < 30*time.Second {
				return &bot.SendError{Kind: bot.Throttled, RetryAfter: 30*time.Second - time.Since(begun), ChatOnly: true}
			}
			return nil
		})
		p.start()
		p.alert(time.Hour, people...)
		sleep(5 * time.Second)
		p.expect("meanwhile", p.rows(`SELECT state, count(*) FROM deliveries GROUP BY state ORDER BY state`), "planned 1", "sent 9")
		sleep(30 * time.Second)
		p.expect("in the end", p.rows(`SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts`), "sent 1 10")
	})
}

func (p *platform) callsNow() []sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Alerts keep to the pace of their platform, with no burst at the beginning or
// after a restart; replies do not wait behind them.
func TestPace(t *testing.T) {
	bubble(t, func(p *post) {
		var people []bot.Person
		for i := range 60 {
			people = append(people, p.member(fmt.Sprint("m", i)))
		}
		asking := p.member("asking")
		p.platform.Can.AlertsPerSecond = 10
		p.Stop()
		p.fresh()
		p.start()
		p.alert(time.Hour, people...)
		sleep(2 * time.Second)
		begun := time.Now()
		p.say(asking, "an answer")
		synctest.Wait()
		p.expect("an answer in the middle of an alert", p.heard("asking"), "an answer")
		if took := p.platform.to("asking")[0].at.Sub(begun); took > 0 {
			p.t.Errorf("it took %v", took)
		}
		p.restart()
		sleep(20 * time.Second)
		p.expect("ledger", p.rows(`SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts`), "sent 1 60")
		seconds := map[int64]int{}
		for _, c := range p.platform.callsNow() {
			if strings.HasPrefix(c.chat, "m") {
				seconds[c.at.UnixMilli()/1000]++
			}
		}
		for second, n := range seconds {
			// A restart in the middle may give one second one more.
			if n > 11 {
				p.t.Errorf("%d copies in second %d", n, second)
			}
		}
	})
}

// A text that cannot be written for now is not refused, one that never can is.
func TestCompose(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		var n int
		p.composer.compose = func() error {
			if n++; n <= 3 {
				return &storage.Fault{Kind: storage.Unreachable}
			}
			return nil
		}
		p.start()
		p.alert(time.Hour, amina)
		sleep(time.Minute)
		p.expect("once the database is back", p.ledger(), "sent 1 ")
		p.composer.compose = func() error { return errors.New("there is no such text") }
		p.alert(time.Hour, amina)
		sleep(time.Minute)
		p.expect("what never can be written", p.ledger(), "sent 1 ", "refused 1 invalid")
		p.expect("heard", p.heard("amina"), inPolish)
	})
}

// The author's card is edited in place: at the beginning, now and then, at the end.
func TestProgress(t *testing.T) {
	bubble(t, func(p *post) {
		author := p.member("author")
		var people []bot.Person
		for i := range 30 {
			people = append(people, p.member(fmt.Sprint("m", i)))
		}
		p.composer.progress = []bot.Reply{{To: author.Member.ID, Message: plain("card"), Topic: "card", Replace: true}}
		p.platform.Can.AlertsPerSecond = 1
		p.Stop()
		p.fresh()
		p.start()
		p.alert(time.Hour, people...)
		sleep(2 * time.Minute)
		p.expect("one card", p.heard("author"), "card")
		if n := len(p.platform.to("author")); n < 2 || n > 9 {
			p.t.Errorf("it was sent or edited %d times", n)
		}
	})
}

// A result that finds no way into the database is kept until it does.
func TestResultOfAFullDisk(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		full := &atomic.Bool{}
		p.Stop()
		p.fresh()
		p.options.Store = fullDisk{p.db.Delivery(p.options.Owner), full}
		p.Delivery = newDelivery(p)
		p.platform.answers(func(int, bot.Outgoing) error { full.Store(true); return nil })
		p.start()
		p.say(amina, "hello")
		p.alert(time.Hour, amina)
		sleep(time.Minute)
		p.expect("while the disk is full", append(p.outbox(), p.ledger()...), "sending 1 ", "attempting 1 ")
		full.Store(false)
		p.platform.answers(nil)
		sleep(10 * time.Second)
		p.expect("once there is room", append(p.outbox(), p.ledger()...), "sent 1 ")
		p.expect("each once", p.heard("amina"), "hello", inPolish)
	})
}

// fullDisk is a store that takes no writes while the disk is full.
type fullDisk struct {
	storage.Delivery
	full *atomic.Bool
}

func (s fullDisk) Write(ctx context.Context, unit bot.Change) error {
	if s.full.Load() {
		return &storage.Fault{Kind: storage.DiskFull}
	}
	return s.Delivery.Write(ctx, unit)
}

func (s fullDisk) ReplyGone(ctx context.Context, q bot.Queued) error {
	if s.full.Load() {
		return &storage.Fault{Kind: storage.DiskFull}
	}
	return s.Delivery.ReplyGone(ctx, q)
}
