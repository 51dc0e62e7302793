package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/storage"
)

// fate decides, from a seed, when a process dies and how each send ends, and
// keeps the truth about what arrived. A process that is dead does nothing any
// more: its store fails, its platform takes nothing.
type fate struct {
	mu     sync.Mutex
	random *rand.Rand
	// life is how many steps the process still has; below 0 it does not die.
	life int
	dead bool
	// gentle: everything ends well from now on.
	gentle bool
	// arrived counts copies that a person has; doubtful those attempts of which
	// nobody can know; last is how the last attempt ended that was heard of.
	arrived, doubtful map[string]int
	well              map[string]bool
}

var errDead = errors.New("this process is dead")

// step is one step of the process. It reports how it goes: done, and whether the
// process is there afterwards to hear of it.
func (f *fate) step() (done, heard bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.dead:
		return false, false
	case f.life < 0:
		return true, true
	case f.life > 0:
		f.life--
		return true, true
	}
	f.dead = true
	return f.random.IntN(2) == 0, false
}

// mortal is a store of a process that may die.
type mortal struct {
	storage.Delivery
	fate *fate
}

func (m mortal) Write(ctx context.Context, unit bot.Change) error {
	done, heard := m.fate.step()
	if !done {
		return errDead
	}
	err := m.Delivery.Write(ctx, unit)
	if !heard {
		return errDead
	}
	return err
}

func (m mortal) Lease(ctx context.Context, alert bot.AlertID, owner string, now, until time.Time, n int) (copies []delivery.Copy, err error) {
	done, heard := m.fate.step()
	if done {
		copies, err = m.Delivery.Lease(ctx, alert, owner, now, until, n)
	}
	if !heard {
		return nil, errDead
	}
	return copies, err
}

func (m mortal) Begin(ctx context.Context, owner string, now time.Time, copies []delivery.Copy) (begun []delivery.Copy, err error) {
	done, heard := m.fate.step()
	if done {
		begun, err = m.Delivery.Begin(ctx, owner, now, copies)
	}
	if !heard {
		// What was begun is in doubt for all time.
		m.fate.mu.Lock()
		defer m.fate.mu.Unlock()
		for _, c := range begun {
			m.fate.doubtful[c.Address.Chat]++
		}
		return nil, errDead
	}
	return begun, err
}

func (m mortal) Recover(ctx context.Context, owner string, held func(string) bool, now time.Time) (int, int, error) {
	if done, heard := m.fate.step(); !done || !heard {
		return 0, 0, errDead
	}
	return m.Delivery.Recover(ctx, owner, held, now)
}

func (m mortal) LeftReplies(ctx context.Context, owner string, held func(string) bool, now time.Time, limit int) (left []bot.Queued, err error) {
	done, heard := m.fate.step()
	if done {
		left, err = m.Delivery.LeftReplies(ctx, owner, held, now, limit)
	}
	if !heard {
		return nil, errDead
	}
	return left, err
}

func (m mortal) Close(ctx context.Context, alert bot.AlertID, now time.Time) (bool, error) {
	if done, _ := m.fate.step(); !done {
		return false, errDead
	}
	return m.Delivery.Close(ctx, alert, now)
}

// send decides how a send ends. The platform asks it for every one.
func (f *fate) send(out bot.Outgoing) error {
	what := out.Chat
	if text := out.Message.Text(); strings.HasPrefix(text, "reply") {
		what = text
	}
	arrives, heard := f.step()
	f.mu.Lock()
	defer f.mu.Unlock()
	if !heard {
		// The process dies while it writes.
		f.doubtful[what]++
		if arrives {
			f.arrived[what]++
			return nil
		}
		return errDead
	}
	if !f.gentle {
		switch f.random.IntN(12) {
		case 0:
			return &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Duration(1+f.random.IntN(20)) * time.Second}
		case 1:
			return fails(bot.NotSent)
		case 2:
			return fails(bot.NotYet)
		case 3:
			return fails([]bot.SendKind{bot.Blocked, bot.Gone, bot.Forbidden, bot.Invalid}[f.random.IntN(4)])
		case 4, 5:
			f.doubtful[what]++
			if f.random.IntN(2) == 0 {
				f.arrived[what]++
			}
			return fails(bot.Unclear)
		case 6:
			return fails(bot.Markup)
		}
	}
	f.arrived[what]++
	f.well[what] = true
	return nil
}

// Whatever happens, and however often the process dies, nobody gets a third copy,
// nothing is called sent that was not, everybody ends in a final state, and that
// is unknown only where an attempt's end really is.
func TestHistories(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint("seed-", seed), func(t *testing.T) {
			bubble(t, func(p *post) { history(p, seed) })
		})
	}
}

func history(p *post, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	f := &fate{random: random, arrived: map[string]int{}, doubtful: map[string]int{}, well: map[string]bool{}}
	p.Stop()
	var people []bot.Person
	for i := range 3 + random.IntN(6) {
		people = append(people, p.member(fmt.Sprint("m", i)))
	}
	p.platform.answers(func(_ int, out bot.Outgoing) error { return f.send(out) })
	born := func() {
		p.fresh()
		p.options.Store = mortal{p.db.Delivery(p.options.Owner), f}
		p.Delivery = newDelivery(p)
	}
	life := time.Duration(1+random.IntN(20)) * time.Minute
	alerts := []bot.AlertID{p.alert(life, people...), p.alert(time.Hour, people[:2]...)}
	replies := 0
	for range 4 + random.IntN(8) {
		f.mu.Lock()
		f.life, f.dead = random.IntN(25), false
		f.mu.Unlock()
		born()
		// Start may already be more than this process lives to see.
		if err := p.Start(p.t.Context()); err != nil && !errors.Is(err, errDead) {
			p.t.Fatal(err)
		}
		for range random.IntN(4) {
			replies++
			var queued []bot.Queued
			r := bot.Reply{Message: plain(fmt.Sprint("reply ", replies))}
			err := p.options.Store.Write(p.t.Context(), func(ctx context.Context, tx bot.Tx) (err error) {
				queued, err = p.options.Store.Queue(ctx, tx, people[random.IntN(len(people))].Address, []bot.Reply{r})
				return err
			})
			if err == nil {
				p.Send(queued)
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
			f.mu.Lock()
			f.dead = true
			f.mu.Unlock()
		}
		p.Stop()
	}
	// At last a process that lives on a day when all is well.
	f.mu.Lock()
	f.life, f.dead, f.gentle = -1, false, true
	f.mu.Unlock()
	born()
	if err := p.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	sleep(10 * time.Minute)
	p.Stop()
	judge(p, f, seed)
}

// judge holds what the database says against what happened.
func judge(p *post, f *fate, seed uint64) {
	for _, what := range slices.Sorted(maps.Keys(f.arrived)) {
		most := bot.MaxAttempts
		if strings.HasPrefix(what, "m") {
			most *= 2 // two alerts went to some
		}
		if f.arrived[what] > most {
			p.t.Errorf("seed %d: %s arrived %d times", seed, what, f.arrived[what])
		}
	}
	for _, row := range p.rows(`SELECT a.sender_index IS NOT NULL, d.alert_id, d.member_id, d.state, d.attempts, d.reason FROM deliveries d
		LEFT JOIN addresses a ON a.member_id = d.member_id ORDER BY d.member_id`) {
		if !slices.Contains([]string{"sent", "refused", "unknown", "skipped"}, strings.Fields(row)[3]) {
			p.t.Errorf("seed %d: a copy ends as %q", seed, row)
		}
	}
	p.expect(fmt.Sprint("seed ", seed, ": alerts not closed"), p.rows(`SELECT id FROM alerts WHERE done_at IS NULL`))
	p.expect(fmt.Sprint("seed ", seed, ": replies without an end"), p.rows(`SELECT id FROM outbox WHERE state NOT IN ('sent', 'refused', 'unknown')`))
}
