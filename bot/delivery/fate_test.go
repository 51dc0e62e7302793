package delivery_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/storage"
)

// fate decides, from a seed, when a process dies and how each send ends, and
// keeps the truth about both. A process that is dead does nothing any more: its
// store fails and its platform takes nothing.
type fate struct {
	mu     sync.Mutex
	random *rand.Rand
	// life is how many steps the process still has; below 0 it does not die.
	life int
	dead bool
	// gentle: every send ends well from now on.
	gentle bool
	// true is what happened to each copy and each reply.
	true map[string]*truth
	// chats are those of the members.
	chats map[bot.MemberID]string
}

// truth is what happened to one copy or reply.
type truth struct {
	arrived int // at the person
	left    int // attempts that may have arrived
	well    int // attempts whose success was heard of
	unclear int // attempts that the platform left unclear
	refused int
	begun   int // attempts that were committed
	ended   int // attempts whose end was committed
}

func newFate(seed uint64) *fate {
	return &fate{random: rand.New(rand.NewPCG(seed, 7)), true: map[string]*truth{}, chats: map[bot.MemberID]string{}}
}

// of is the truth about something; the caller holds mu.
func (f *fate) of(what string) *truth {
	if f.true[what] == nil {
		f.true[what] = &truth{}
	}
	return f.true[what]
}

func (f *fate) kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
}

var errDead = errors.New("this process is dead")

// step is one step of the process: whether it is done, and whether the process
// is there afterwards to hear of it.
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

// key names a copy or a reply by what is sent.
func key(out bot.Outgoing) string {
	text := strings.TrimPrefix(out.Message.Text(), "again: ")
	line, _, _ := strings.Cut(text, "\n")
	return line + " to " + out.Chat
}

// copyKey is the same for a copy.
func (f *fate) copyKey(a bot.AlertID, m bot.MemberID) string {
	return "alert " + string(a) + " to " + f.chats[m]
}

// send decides how a send ends. The platform asks it before it takes a message.
func (f *fate) send(out bot.Outgoing) error {
	arrives, heard := f.step()
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.of(key(out))
	if !heard {
		if !arrives {
			return errDead
		}
		t.arrived++
		t.left++
		return nil // the process does not live to record it
	}
	if !f.gentle {
		switch f.random.IntN(12) {
		case 0:
			return &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Duration(1+f.random.IntN(20)) * time.Second}
		case 1:
			return fails([]bot.SendKind{bot.NotSent, bot.NotYet}[f.random.IntN(2)])
		case 2:
			t.refused++
			return fails([]bot.SendKind{bot.Blocked, bot.Gone, bot.Forbidden, bot.Invalid, bot.Markup}[f.random.IntN(5)])
		case 3, 4, 5:
			t.unclear++
			t.left++
			if f.random.IntN(2) == 0 {
				t.arrived++
			}
			return fails(bot.Unclear)
		}
	}
	t.arrived++
	t.left++
	t.well++
	return nil
}

// mortal is the store of a process that may die.
type mortal struct {
	storage.Delivery
	fate *fate
}

func (m mortal) ReplyGone(ctx context.Context, q bot.Queued) error {
	done, heard := m.fate.step()
	if !done {
		return errDead
	}
	err := m.Delivery.ReplyGone(ctx, q)
	if !heard {
		return errDead
	}
	return err
}

// endsKey carries what a unit of work ends.
type endsKey struct{}

func (m mortal) Write(ctx context.Context, unit bot.Change) error {
	done, heard := m.fate.step()
	if !done {
		return errDead
	}
	var ends []string
	err := m.Delivery.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		ends = nil
		return unit(context.WithValue(ctx, endsKey{}, &ends), tx)
	})
	if err == nil {
		m.fate.mu.Lock()
		for _, what := range ends {
			m.fate.of(what).ended++
		}
		m.fate.mu.Unlock()
	}
	if !heard {
		return errDead
	}
	return err
}

func ends(ctx context.Context, what string) {
	list := ctx.Value(endsKey{}).(*[]string)
	*list = append(*list, what)
}

func (m mortal) Ended(ctx context.Context, tx bot.Tx, c delivery.Copy, end delivery.End, now time.Time) error {
	ends(ctx, m.fate.copyKey(c.Alert, c.Member))
	return m.Delivery.Ended(ctx, tx, c, end, now)
}

func (m mortal) Unsent(ctx context.Context, tx bot.Tx, c delivery.Copy, until, now time.Time) error {
	ends(ctx, m.fate.copyKey(c.Alert, c.Member))
	return m.Delivery.Unsent(ctx, tx, c, until, now)
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
		m.fate.mu.Lock()
		for _, c := range begun {
			m.fate.of(m.fate.copyKey(c.Alert, c.Member)).begun++
		}
		m.fate.mu.Unlock()
	}
	if !heard {
		return nil, errDead
	}
	return begun, err
}

func (m mortal) Recover(ctx context.Context, owner string, held func(string) bool, now time.Time) (again, unknown int, err error) {
	done, heard := m.fate.step()
	if done {
		again, unknown, err = m.Delivery.Recover(ctx, owner, held, now)
	}
	if !heard {
		return 0, 0, errDead
	}
	return again, unknown, err
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

func (m mortal) Close(ctx context.Context, alert bot.AlertID, now time.Time) (closed bool, err error) {
	done, heard := m.fate.step()
	if done {
		closed, err = m.Delivery.Close(ctx, alert, now)
	}
	if !heard {
		return false, errDead
	}
	return closed, err
}

func (m mortal) Alive(ctx context.Context, owner string, now time.Time, ttl time.Duration) error {
	if done, heard := m.fate.step(); !done || !heard {
		return errDead
	}
	return m.Delivery.Alive(ctx, owner, now, ttl)
}

// fated is a platform whose sends end as fate has it.
type fated struct {
	*platform
	fate *fate
}

func (p fated) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	if err := p.fate.send(out); err != nil {
		return "", err
	}
	return p.platform.Send(ctx, out)
}

// born makes the delivery of one more process on the same database; with a fate
// it may die.
func (p *post) born(f *fate) *delivery.Delivery {
	p.owners++
	o := p.options
	o.Owner = "process-" + string(rune('a'+p.owners))
	o.Store = p.db.Delivery(o.Owner)
	if f != nil {
		o.Store = mortal{p.db.Delivery(o.Owner), f}
		o.Adapters = bot.NewAdapters(map[bot.AccountID]bot.Adapter{p.account: fated{p.platform, f}})
	}
	p.options.Owner, p.options.Store = o.Owner, o.Store
	return delivery.New(o)
}
