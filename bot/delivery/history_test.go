package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ella/bot"
)

// Whatever happens, and however often the process dies, nobody gets a third copy,
// nothing is called sent that was not, everybody ends in a final state, and that
// is unknown only where an attempt's end really is.
func TestHistories(t *testing.T) {
	for seed := range uint64(30 / fewer) {
		t.Run(fmt.Sprint("seed-", seed), func(t *testing.T) {
			bubble(t, func(p *post) { history(p, seed) })
		})
	}
}

func history(p *post, seed uint64) {
	p.t.Helper()
	p.Stop()
	p.composer.named = true
	random, f := rand.New(rand.NewPCG(seed, 1)), newFate(seed)
	var people []bot.Person
	for i := range 3 + random.IntN(6) {
		who := p.member(fmt.Sprint("m", i))
		people = append(people, who)
		f.chats[who.Member.ID] = who.Address.Chat
	}
	life := time.Duration(1+random.IntN(20)) * time.Minute
	alerts := []bot.AlertID{p.alert(life, people...), p.alert(time.Hour, people[:2]...)}
	told := map[string]string{} // the key of each reply by its id
	for range 4 + random.IntN(8) {
		f.mu.Lock()
		f.life, f.dead = random.IntN(40), false
		f.mu.Unlock()
		d := p.born(f)
		// Start may already be more than this process lives to see.
		if err := d.Start(p.t.Context()); err != nil && !errors.Is(err, errDead) {
			p.t.Fatal(err)
		}
		for range random.IntN(4) {
			to := people[random.IntN(len(people))]
			words := fmt.Sprint("reply ", len(told))
			var queued []bot.Queued
			err := p.options.Store.Write(p.t.Context(), func(ctx context.Context, tx bot.Tx) (err error) {
				queued, err = p.options.Store.Queue(ctx, tx, to.Address, []bot.Reply{{Message: plain(words)}})
				return err
			})
			if len(queued) > 0 {
				told[queued[0].ID] = words + " to " + to.Address.Chat
			}
			if err == nil {
				d.Send(queued)
			}
		}
		sleep(time.Duration(random.IntN(90)) * time.Second)
		switch random.IntN(12) {
		case 0:
			p.exec(`UPDATE alerts SET state = 'cancelled' WHERE id = $1 AND state = 'sending'`, string(alerts[random.IntN(2)]))
		case 1:
			p.exec(`UPDATE members SET state = 'stopped' WHERE id = $1`, string(people[random.IntN(len(people))].Member.ID))
		case 2:
			p.exec(`UPDATE addresses SET state = 'blocked' WHERE id = $1`, string(people[random.IntN(len(people))].Address.ID))
		}
		if random.IntN(3) > 0 { // most end without a Stop
			f.kill()
		}
		d.Stop()
	}
	// At last a process that lives to see a day on which all is well.
	f.mu.Lock()
	f.life, f.dead, f.gentle = -1, false, true
	f.mu.Unlock()
	d := p.born(f)
	if err := d.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	sleep(10 * time.Minute)
	d.Stop()
	p.judgeCopies(f)
	p.judgeReplies(f, told)
	p.expect("alerts that are not closed", p.rows(`SELECT id FROM alerts WHERE done_at IS NULL`))
}

// judgeCopies holds the ledger against what happened.
func (p *post) judgeCopies(f *fate) {
	p.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, row := range p.rows(`SELECT alert_id, member_id, state, attempts FROM deliveries`) {
		words := strings.Fields(row)
		t, state := *f.of(f.copyKey(bot.AlertID(words[0]), bot.MemberID(words[1]))), words[2]
		doubt := t.begun > t.ended || t.unclear > 0
		switch {
		case t.arrived > bot.MaxAttempts, t.left > bot.MaxAttempts, words[3] > "2":
			p.t.Errorf("more than two attempts: %s: %+v", row, t)
		case state == "sent" && t.well == 0:
			p.t.Errorf("called sent and was not: %s: %+v", row, t)
		case state == "unknown" && !doubt:
			p.t.Errorf("called unknown, and its end is known: %s: %+v", row, t)
		case state == "skipped" && (doubt || t.left > 0):
			p.t.Errorf("called skipped, and it may have arrived: %s: %+v", row, t)
		case state == "refused" && t.refused == 0:
			p.t.Errorf("called refused and was not: %s: %+v", row, t)
		case state != "sent" && state != "unknown" && state != "skipped" && state != "refused":
			p.t.Errorf("not a final state: %s: %+v", row, t)
		}
	}
}

// judgeReplies holds the outbox against what happened. A reply whose row is gone
// was sent.
func (p *post) judgeReplies(f *fate, told map[string]string) {
	p.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	state := map[string]string{}
	for _, row := range p.rows(`SELECT id, state FROM outbox`) {
		id, s, _ := strings.Cut(row, " ")
		state[id] = s
	}
	for id, what := range told {
		t := *f.of(what)
		switch s := state[id]; {
		case t.arrived > bot.MaxAttempts, t.left > bot.MaxAttempts:
			p.t.Errorf("more than two attempts: %s: %s %+v", what, s, t)
		case s == "" && t.well == 0:
			p.t.Errorf("its row is gone and it was not sent: %s: %+v", what, t)
		case s == "sent", s == "sending", s == "waiting":
			p.t.Errorf("not a final state: %s: %s %+v", what, s, t)
		case s == "refused" && t.refused == 0:
			p.t.Errorf("called refused and was not: %s: %+v", what, t)
		}
	}
}
