package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/storage"
)

// Start brings what an earlier process had begun, in order, before anything new.
func TestStartTakesOver(t *testing.T) {
	bubble(t, func(p *post) {
		amina, bo := p.member("amina"), p.member("bo")
		for i := range 3 {
			p.queue(amina, bot.Reply{Message: plain(fmt.Sprint(i))})
		}
		p.queue(bo, bot.Reply{Message: plain("of bo")})
		a := p.alert(time.Hour, amina)
		copies, err := p.options.Store.Lease(p.t.Context(), a, p.options.Owner, time.Now(), time.Now().Add(time.Minute), 10)
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := p.options.Store.Begin(p.t.Context(), p.options.Owner, time.Now(), copies); err != nil {
			p.t.Fatal(err)
		}
		p.fresh() // the one before died with all of it
		p.start()
		p.say(amina, "new")
		sleep(2 * time.Second)
		p.expect("bo", p.heard("bo"), "of bo")
		heard := p.heard("amina")
		if at := len(heard) - 4; at != 1 {
			p.t.Fatalf("amina: %q", heard)
		}
		p.expect("replies and ledger", append(p.outbox(), p.ledger()...), "sent 2 ")
		var replies []string
		for _, h := range heard {
			if h == "again: "+inPolish {
				continue
			}
			replies = append(replies, h)
		}
		p.expect("in order", replies, "0", "1", "2", "new")
	})
}

// A commit may succeed although it was reported as failed: the process that
// lives on finds what it never handed to anybody, within a minute or two, and
// sends it.
func TestWhatNobodyHolds(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.Stop()
		p.fresh()
		lying := &liar{Delivery: p.db.Delivery(p.options.Owner)}
		p.options.Store = lying
		p.Delivery = newDelivery(p)
		p.start()

		// As the engine does: Write says that it failed, so nothing is handed on.
		p.queue(amina, bot.Reply{Message: plain("lost by the engine")})
		// A reply that takes its time is held all along, and is not sent twice.
		p.platform.answers(func(_ int, out bot.Outgoing) error {
			if out.Chat == "slow" {
				<-time.After(4 * time.Minute)
			}
			return nil
		})
		slow := p.member("slow")
		p.say(slow, "on its way")
		sleep(90 * time.Second)
		p.expect("after a minute", p.heard("amina"), "lost by the engine")

		// A Begin that is reported as failed.
		lying.lies = 1
		p.alert(time.Hour, amina)
		sleep(5 * time.Second)
		p.expect("begun, and nobody knows", p.ledger(), "attempting 1 ")
		sleep(2 * time.Minute)
		p.expect("found", p.ledger(), "sent 2 ")
		p.expect("amina", p.heard("amina"), "lost by the engine", "again: "+inPolish)
		sleep(5 * time.Minute)
		p.expect("slow", p.heard("slow"), "on its way")
		if n := len(p.platform.to("slow")); n != 1 {
			p.t.Errorf("a held reply was sent %d times", n)
		}
		p.expect("outbox", p.outbox())
		p.expect("alert", p.rows(`SELECT state FROM alerts`), "done")
	})
}

// liar is a store whose Begin succeeds and says that it failed.
type liar struct {
	storage.Delivery
	lies int
}

func (l *liar) Begin(ctx context.Context, owner string, now time.Time, copies []delivery.Copy) ([]delivery.Copy, error) {
	begun, err := l.Delivery.Begin(ctx, owner, now, copies)
	if l.lies > 0 && err == nil {
		l.lies--
		return nil, &storage.Fault{Kind: storage.Unreachable}
	}
	return begun, err
}

// A reply that is handed on twice is sent once.
func TestHandedOnTwice(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.platform.answers(func(int, bot.Outgoing) error { <-time.After(time.Second); return nil })
		p.start()
		queued := p.queue(amina, bot.Reply{Message: plain("hello")})
		p.Send(queued)
		p.Send(queued)
		sleep(10 * time.Second)
		p.expect("heard", p.heard("amina"), "hello")
	})
}

// Post commits replies outside of any turn, to the members that they name.
func TestPost(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.start()
		for _, replies := range [][]bot.Reply{nil, {{To: amina.Member.ID, Message: plain("card")}, {To: "nobody", Message: plain("lost")}, {Message: plain("to nobody")}}} {
			if err := p.Post(p.t.Context(), replies); err != nil {
				p.t.Fatal(err)
			}
		}
		synctest.Wait()
		p.expect("heard", p.heard("amina"), "card")
		p.expect("outbox", p.outbox())
	})
}

// Two processes on PostgreSQL share an alert. When one dies in the middle the
// other goes on at once with what is left, and with what the dead one was writing
// as soon as that counts as gone.
func TestTwoProcesses(t *testing.T) {
	sharedBubble(t, func(p *post) {
		var people []bot.Person
		for i := range 300 {
			people = append(people, p.member(fmt.Sprint("m", i)))
		}
		p.platform.Can.AlertsPerSecond = 20
		p.Stop()
		doomed := newFate(1)
		doomed.life, doomed.gentle = -1, true
		first := p.born(doomed)
		second := p.born(nil)
		for _, d := range []*delivery.Delivery{first, second} {
			if err := d.Start(p.t.Context()); err != nil {
				p.t.Fatal(err)
			}
		}
		a := p.alert(time.Hour, people...)
		sleep(2 * time.Second)
		doomed.kill()
		first.Stop()
		before := len(p.platform.callsNow())
		if before < 35 {
			p.t.Errorf("two processes at 20 a second, which look after a second, wrote %d in 2 s", before)
		}
		sleep(2 * time.Minute)
		second.Stop()
		p.expect("alert", p.rows(`SELECT state FROM alerts WHERE id = $1`, string(a)), "done")
		p.expect("ledger", p.rows(`SELECT state, count(*) FROM deliveries GROUP BY state`), "sent 300")
		for _, who := range people {
			if n := len(p.heard(who.Address.Chat)); n < 1 || n > bot.MaxAttempts {
				p.t.Errorf("%s has %d copies", who.Address.Chat, n)
			}
		}
	})
}
