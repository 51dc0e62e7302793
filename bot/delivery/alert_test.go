package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"ella/bot"
)

// slowly is a crowd on a platform that takes one copy a second, with an alert to
// them of which three were sent.
func slowly(p *post, life time.Duration) (people []bot.Person, a bot.AlertID) {
	p.t.Helper()
	for i := range 10 {
		people = append(people, p.member(fmt.Sprint("m", i)))
	}
	p.platform.Can.AlertsPerSecond = 1
	p.Stop()
	p.fresh()
	p.start()
	a = p.alert(life, people...)
	sleep(2500 * time.Millisecond)
	p.expect("at first", p.counts(), "planned  7", "sent  3")
	return people, a
}

// counts are the copies by state and reason.
func (p *post) counts() []string {
	p.t.Helper()
	return p.rows(`SELECT state, reason, count(*) FROM deliveries GROUP BY state, reason ORDER BY state, reason`)
}

// closed expects that nothing more happens to an alert.
func (p *post) closed(a bot.AlertID, state string) {
	p.t.Helper()
	p.expect("the alert", p.rows(`SELECT state, done_at IS NOT NULL FROM alerts WHERE id = $1`, string(a)), state+" 1")
	before := len(p.platform.callsNow())
	sleep(10 * time.Minute)
	if n := len(p.platform.callsNow()); n != before {
		p.t.Errorf("%d more sends after the end", n-before)
	}
}

func TestCancelInTheMiddle(t *testing.T) {
	bubble(t, func(p *post) {
		_, a := slowly(p, time.Hour)
		p.cancel(a)
		// What was already waiting for its second may look once more, and not go.
		sleep(12 * time.Second)
		p.expect("after the cancel", p.counts(), "sent  3", "skipped cancelled 7")
		p.closed(a, "cancelled")
	})
}

// A big alert that was cancelled, or has expired, does not keep the pace of a
// platform to which nothing is written any more.
func TestSettingAsideNeedsNoPace(t *testing.T) {
	for _, how := range []string{"cancelled", "expired"} {
		t.Run(how, func(t *testing.T) {
			bubble(t, func(p *post) {
				var people []bot.Person
				for i := range 100 {
					people = append(people, p.member(fmt.Sprint("m", i)))
				}
				p.platform.Can.AlertsPerSecond = 0.01
				p.Stop()
				p.fresh()
				life := time.Hour
				if how == "expired" {
					life = 0
				}
				a := p.alert(life, people...)
				if how == "cancelled" {
					p.cancel(a)
				}
				p.start()
				sleep(10 * time.Second)
				p.expect("soon after", p.counts(), "skipped "+how+" 100")
				if n := len(p.platform.callsNow()); n > 0 {
					p.t.Errorf("%d were sent", n)
				}
			})
		})
	}
}

func TestExpiryInTheMiddle(t *testing.T) {
	bubble(t, func(p *post) {
		_, a := slowly(p, 5500*time.Millisecond)
		sleep(20 * time.Second)
		p.expect("after the expiry", p.counts(), "sent  6", "skipped expired 4")
		p.closed(a, "done")
	})
}

// Between the freeze and the send people stop, leave, block, and are forgotten:
// nobody of them gets a copy, and each has a state that says so.
func TestWhoIsLookedAtOnceMore(t *testing.T) {
	bubble(t, func(p *post) {
		people, a := slowly(p, time.Hour)
		var waiting []bot.Person
		for _, who := range people {
			if len(p.platform.to(who.Address.Chat)) == 0 {
				waiting = append(waiting, who)
			}
		}
		stopped, left, blocked, forgotten := waiting[3], waiting[4], waiting[5], waiting[6]
		p.do(
			func(ctx context.Context, tx bot.Tx) error {
				return p.db.Members().SetState(ctx, tx, stopped.Member.ID, bot.Stopped)
			},
			func(ctx context.Context, tx bot.Tx) error {
				return p.db.Members().Leave(ctx, tx, left.Member.ID, p.home.ID)
			},
			func(ctx context.Context, tx bot.Tx) error {
				return p.options.Store.Unreachable(ctx, tx, blocked.Address.ID, bot.Blocked)
			},
		)
		for _, statement := range []string{`DELETE FROM memberships WHERE member_id = $1`, `DELETE FROM addresses WHERE member_id = $1`, `DELETE FROM members WHERE id = $1`} {
			p.exec(statement, string(forgotten.Member.ID))
		}
		sleep(20 * time.Second)
		p.expect("ledger", p.counts(), "sent  6", "skipped stopped 2", "skipped unreachable 1")
		// Of the forgotten one only the number is left.
		tally, err := p.db.Alerts().Tally(p.t.Context(), a)
		if err != nil || tally.Sent != 6 || tally.Skipped != 4 || tally.Waiting != 0 {
			p.t.Errorf("tally: %+v, %v", tally, err)
		}
		for _, who := range []bot.Person{stopped, left, blocked, forgotten} {
			if calls := p.platform.to(who.Address.Chat); len(calls) > 0 {
				p.t.Errorf("%s got a copy", who.Address.Chat)
			}
		}
		p.closed(a, "done")
	})
}

// Whoever says stop while a platform refuses gets nothing once it takes messages again.
func TestStopWhileThrottled(t *testing.T) {
	bubble(t, func(p *post) {
		amina, bo := p.member("amina"), p.member("bo")
		p.platform.answers(func(n int, _ bot.Outgoing) error {
			if n == 1 {
				return &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Minute}
			}
			return nil
		})
		p.start()
		a := p.alert(time.Hour, amina, bo)
		sleep(30 * time.Second)
		p.do(func(ctx context.Context, tx bot.Tx) error {
			return p.db.Members().SetState(ctx, tx, bo.Member.ID, bot.Stopped)
		})
		sleep(5 * time.Minute)
		p.expect("ledger", p.ledger(), "sent 1 ", "skipped 1 stopped")
		p.expect("who said stop", p.heard("bo"))
		p.closed(a, "done")
	})
}

// A copy whose first attempt may have arrived is not called skipped when there is
// no second one: its member may hold it in their hand, and answer.
func TestSetAsideAfterADoubtfulAttempt(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.platform.answers(func(int, bot.Outgoing) error {
			p.cancel(bot.AlertID(p.rows(`SELECT id FROM alerts`)[0]))
			return fails(bot.Unclear)
		})
		p.start()
		a := p.alert(time.Hour, amina)
		sleep(10 * time.Second)
		p.expect("ledger", p.ledger(), "unknown 2 cancelled")
		if n := len(p.platform.to("amina")); n != 1 {
			p.t.Errorf("%d sends", n)
		}
		p.closed(a, "cancelled")
	})
}

// The alerts of an account that is not served here wait for a process that
// serves it, and end with their time.
func TestAccountThatIsNotServed(t *testing.T) {
	bubble(t, func(p *post) {
		other, err := p.db.Account(p.t.Context(), "memory", "two")
		if err != nil {
			p.t.Fatal(err)
		}
		there := p.memberOf(other, "there")
		p.start()
		a := p.alert(time.Hour, there)
		sleep(10 * time.Minute)
		p.expect("nobody serves it", p.ledger(), "planned 0 ")
		p.Stop()
		p.options.Adapters.Put(other, p.platform)
		p.fresh()
		p.start()
		sleep(2 * time.Minute)
		p.expect("once it is served", p.ledger(), "sent 1 ")
		p.expect("heard", p.heard("there"), inPolish)
		p.closed(a, "done")
	})
}

// Several alerts take turns: a small one does not wait for a big one to end.
func TestAlertsTakeTurns(t *testing.T) {
	bubble(t, func(p *post) {
		var people []bot.Person
		for i := range 200 {
			people = append(people, p.member(fmt.Sprint("m", i)))
		}
		last := p.member("last")
		p.platform.Can.AlertsPerSecond = 10
		p.Stop()
		p.fresh()
		p.alert(time.Hour, people...)
		small := p.alert(time.Hour, last)
		p.start()
		sleep(15 * time.Second)
		p.expect("the small one", p.rows(`SELECT state FROM alerts WHERE id = $1`, string(small)), "done")
		sleep(10 * time.Second)
		p.expect("both", p.counts(), "sent  201")
	})
}

// Stop lets what is being written end and leaves the rest as it was; the next
// process goes on with it.
func TestStopInTheMiddle(t *testing.T) {
	bubble(t, func(p *post) {
		people, a := slowly(p, time.Hour)
		p.Stop()
		p.expect("after Stop", p.rows(`SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts ORDER BY state`), "planned 0 7", "sent 1 3")
		p.say(people[0], "left behind")
		p.fresh()
		p.start()
		sleep(15 * time.Second)
		p.expect("ledger", p.rows(`SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts`), "sent 1 10")
		for _, who := range people {
			want := []string{inPolish}
			got := slices.DeleteFunc(p.heard(who.Address.Chat), func(s string) bool { return s == "left behind" })
			p.expect(who.Address.Chat, got, want...)
		}
		p.expect("outbox", p.outbox())
		p.closed(a, "done")
	})
}

// A send that has begun is not cut off by Stop: its end is worth knowing.
func TestStopWaitsForASend(t *testing.T) {
	bubble(t, func(p *post) {
		amina, bo := p.member("amina"), p.member("bo")
		p.platform.answers(func(int, bot.Outgoing) error { <-time.After(20 * time.Second); return nil })
		p.start()
		p.say(amina, "hello", "next")
		p.alert(time.Hour, bo)
		sleep(5 * time.Second)
		begun := time.Now()
		p.Stop()
		if took := time.Since(begun); took != 15*time.Second {
			p.t.Errorf("Stop took %v", took)
		}
		p.expect("ledger", p.ledger(), "sent 1 ")
		p.expect("outbox", p.outbox(), "waiting 0 ")
		p.expect("heard", p.heard("amina"), "hello")
	})
}
