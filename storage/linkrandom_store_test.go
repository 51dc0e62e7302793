package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/delivery"
)

// fate is what became of one alert for one person.
type fate struct {
	rows    int  // how many members they were when its audience was found out
	united  bool // since then all their chats were one member once
	writing int  // copies that are being written
	sent    int
	stopped bool // they stopped messages while it was on its way
	unsure  bool // they became one while a copy was being written
}

// chatLife is people with their chats, in a random order of events.
type chatLife struct {
	*world
	dice    *rand.Rand
	people  map[string][]string // the chats of each
	names   []string
	alerts  []alert.Alert
	fates   map[bot.AlertID]map[string]*fate
	whose   map[bot.AddressID]string
	writing []delivery.Copy
	got     map[string]int // how often a chat got an alert
}

func newChatLife(w *world, seed uint64) *chatLife {
	l := &chatLife{
		world: w, dice: rand.New(rand.NewPCG(seed, 5)), names: []string{"ada", "bo", "cyn"},
		people: map[string][]string{"ada": {"a1", "a2", "a3"}, "bo": {"b1", "b2"}, "cyn": {"c1"}},
		fates:  map[bot.AlertID]map[string]*fate{}, whose: map[bot.AddressID]string{}, got: map[string]int{},
	}
	for _, name := range l.names {
		for _, c := range l.people[name] {
			l.whose[w.member(c, w.home).Address.ID] = name
		}
	}
	return l
}

// members are who a person is at this moment.
func (l *chatLife) members(name string) []bot.Person {
	var all []bot.Person
	for _, c := range l.people[name] {
		if p := l.person(c); !slices.ContainsFunc(all, func(q bot.Person) bool { return p.Member.ID == q.Member.ID }) {
			all = append(all, p)
		}
	}
	return all
}

// each goes through what became of all alerts for a person.
func (l *chatLife) each(name string, f func(*fate)) {
	for _, a := range l.alerts {
		f(l.fates[a.ID][name])
	}
}

func (l *chatLife) step() {
	name := l.names[l.dice.IntN(len(l.names))]
	chats := l.people[name]
	one, other := chats[l.dice.IntN(len(chats))], chats[l.dice.IntN(len(chats))]
	p := l.person(one)
	switch l.dice.IntN(8) {
	case 0, 1:
		q := l.person(other)
		if p.Member.ID == q.Member.ID {
			return
		}
		l.do(l.joins(l.toJoin(p, one, q, other)))
		united := len(l.members(name)) == 1
		l.each(name, func(f *fate) { f.united, f.unsure = f.united || united, f.unsure || f.writing > 0 })
	case 2:
		if err := l.try(l.parts(p.Member.ID, p.Address.ID)); err != nil && !errors.Is(err, bot.ErrConflict) {
			l.t.Fatal(err)
		}
	case 3:
		l.do(func(ctx context.Context, tx bot.Tx) error {
			return l.Links().Prefer(ctx, tx, p.Member.ID, p.Address.ID, l.now())
		})
	case 4:
		l.stops(name, p, bot.MemberState([]string{"stopped", "active", "active"}[l.dice.IntN(3)]))
	case 5:
		l.sends()
	case 6:
		for _, a := range l.alerts {
			l.begins(a, 1+l.dice.IntN(2))
		}
	case 7:
		l.ends(4)
	}
}

// stops stops or resumes messages.
func (l *chatLife) stops(name string, p bot.Person, state bot.MemberState) {
	l.do(func(ctx context.Context, tx bot.Tx) error { return l.Members().SetState(ctx, tx, p.Member.ID, state) })
	if state == bot.Stopped {
		l.each(name, func(f *fate) { f.stopped = true })
	}
}

// sends sends an alert to everybody.
func (l *chatLife) sends() {
	var to []bot.Person
	fates := map[string]*fate{}
	for _, name := range l.names {
		all := l.members(name)
		to = append(to, all...)
		fates[name] = &fate{rows: len(all), united: len(all) == 1}
		for _, p := range all {
			fates[name].stopped = fates[name].stopped || p.Member.State == bot.Stopped
		}
	}
	a := l.sending(fmt.Sprint("alert ", len(l.alerts)), to...)
	l.alerts, l.fates[a.ID] = append(l.alerts, a), fates
}

// begins begins copies, as delivery does: those of who has stopped are set aside.
func (l *chatLife) begins(a alert.Alert, n int) {
	for _, c := range l.begin("me", l.lease("me", a, n)...) {
		if c.Stopped {
			l.do(l.ended("me", c, delivery.Skipped, "stopped"))
			continue
		}
		name := l.whose[c.Address.ID]
		f := l.fates[a.ID][name]
		if f.united && f.sent+f.writing > 0 {
			l.t.Errorf("%s has been one person since, has had it, and it is written again", name)
		}
		f.writing++
		l.writing = append(l.writing, c)
	}
}

// ends ends what is being written; one of so many was not sent.
func (l *chatLife) ends(oneOf int) {
	for _, c := range l.writing {
		f := l.fates[c.Alert][l.whose[c.Address.ID]]
		f.writing--
		if oneOf > 0 && l.dice.IntN(oneOf) == 0 {
			l.do(l.copyUnsent("me", c, l.now()))
			continue
		}
		l.do(l.ended("me", c, delivery.Sent, ""))
		f.sent++
		l.got[string(c.Alert)+string(c.Address.ID)]++
	}
	l.writing = nil
}

// check holds what has to be true at every moment.
func (l *chatLife) check() {
	for _, a := range l.alerts {
		rows := 0
		for _, f := range l.fates[a.ID] {
			rows += f.rows
		}
		tally, err := l.Alerts().Tally(l.t.Context(), a.ID)
		if total := tally.Sent + tally.Refused + tally.Unknown + tally.Skipped + tally.Waiting; err != nil || total != rows {
			l.t.Errorf("%d of %d copies are in the numbers (%v)", total, rows, err)
		}
	}
	for _, name := range l.names {
		for _, p := range l.members(name) {
			if !p.Belongs(l.home.ID) {
				l.t.Errorf("a yes of %s was lost", name)
			}
		}
	}
}

// A chat that an alert arrived in, taken out and joined to another chat that waits for
// the same alert, does not get it again.
func TestChatKeepsWhatItHad(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		one, two, three := w.member("one", w.home), w.member("two", w.home), w.member("three", w.home)
		w.do(w.joins(w.toJoin(one, "one", two, "two")))
		a := w.sending("news", one, three)
		copies := w.lease("me", a, 10)
		i := slices.IndexFunc(copies, func(c delivery.Copy) bool { return c.Member == one.Member.ID })
		if copies[i].Address.ID != one.Address.ID {
			t.Fatal("it goes to another chat")
		}
		w.do(w.ended("me", w.begin("me", copies[i])[0], delivery.Sent, ""))
		w.do(w.parts(one.Member.ID, one.Address.ID))
		w.do(w.joins(w.toJoin(w.person("one"), "one", three, "three")))
		w.clock.Advance(3 * time.Minute)
		if left := w.begun("me", a); len(left) > 0 {
			t.Error("it is written again")
		}
		tally, err := w.Alerts().Tally(t.Context(), a.ID)
		if err != nil || tally.Sent != 1 || tally.Skipped != 1 || tally.Waiting != 0 {
			t.Errorf("numbers: %+v, %v", tally, err)
		}
	})
}

// Whatever people link, take apart, prefer, stop and resume, and whenever: of an alert
// nobody gets more copies than they were members when its audience was found out, and once
// they have been one person since, no other; no chat gets it twice; who did not stop gets
// it; the numbers add up, and no yes is lost.
//
// Somebody in three chats who takes one out, and joins it to the third, may have an alert
// in two of them that was sent before: that both were one person once is not kept, for
// that is what they asked to be undone.
func TestLinksAtRandom(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				l := newChatLife(w, seed)
				for step := 0; step < 90 && !t.Failed(); step++ {
					if l.step(); step%5 == 0 {
						l.check()
					}
				}
				for _, name := range l.names {
					for _, p := range l.members(name) {
						l.stops(name, p, bot.Active)
					}
				}
				for range 3 {
					l.ends(0)
					for _, a := range l.alerts {
						l.begins(a, 100)
					}
				}
				l.check()
				joined := 0
				for _, a := range l.alerts {
					for name, f := range l.fates[a.ID] {
						if f.sent > f.rows {
							t.Errorf("%s got %d copies, and was %d members", name, f.sent, f.rows)
						}
						if f.sent == 0 && !f.stopped && !f.unsure {
							t.Errorf("%s got none", name)
						}
						if f.united && f.rows > 1 {
							joined++
						}
					}
				}
				for _, n := range l.got {
					if n > 1 {
						t.Errorf("a chat got an alert %d times", n)
					}
				}
				if len(l.alerts) < 4 || len(l.got) < 10 {
					t.Errorf("%d alerts and %d copies: it shows little", len(l.alerts), len(l.got))
				}
				t.Logf("%d alerts, %d arrived, %d times people became one meanwhile", len(l.alerts), len(l.got), joined)
			})
		})
	}
}
