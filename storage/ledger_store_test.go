package storage_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/delivery"
)

func (w *world) lease(owner string, a alert.Alert, n int) []delivery.Copy {
	w.t.Helper()
	got, err := w.Delivery(owner).Lease(w.t.Context(), a.ID, owner, w.now(), w.now().Add(2*time.Minute), n)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *world) begin(owner string, copies ...delivery.Copy) []delivery.Copy {
	w.t.Helper()
	got, err := w.Delivery(owner).Begin(w.t.Context(), owner, w.now(), copies)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// begun leases and begins everything that is due.
func (w *world) begun(owner string, a alert.Alert) []delivery.Copy {
	w.t.Helper()
	return w.begin(owner, w.lease(owner, a, 1000)...)
}

func (w *world) ended(owner string, c delivery.Copy, state delivery.State, reason string) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Delivery(owner).Ended(ctx, tx, c, delivery.End{State: state, Reason: reason, Ref: "ref", Locale: "en", Address: c.Address.ID}, w.now())
	}
}

func (w *world) copyUnsent(owner string, c delivery.Copy, until time.Time) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Delivery(owner).Unsent(ctx, tx, c, until, w.now())
	}
}

func (w *world) recovers(owner string, held func(string) bool, again, unknown int) {
	w.t.Helper()
	a, u, err := w.Delivery(owner).Recover(w.t.Context(), owner, held, w.now())
	if err != nil || a != again || u != unknown {
		w.t.Errorf("%s recovers %d, unknown %d (%v); want %d, %d", owner, a, u, err, again, unknown)
	}
}

func (w *world) ledger(what string, want ...string) {
	w.t.Helper()
	w.rows(what, 3, `SELECT state, attempts, reason FROM deliveries ORDER BY member_id`, nil, want...)
}

func TestRunning(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina", w.home)
		w.draft("draft")
		frozen := w.draft("freezing")
		w.do(w.submit(frozen))
		sent, cancelled := w.sending("sending", p), w.sending("cancelled", p)
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Cancel(ctx, tx, cancelled.ID, w.now()) })
		done := w.sending("done")
		if closed, err := w.Delivery("me").Close(t.Context(), done.ID, w.now()); err != nil || !closed {
			t.Fatalf("closed %v, %v", closed, err)
		}
		got, err := w.Delivery("me").Running(t.Context())
		if err != nil || len(got) != 2 || got[0].ID != sent.ID || got[0].Cancelled || got[1].ID != cancelled.ID || !got[1].Cancelled {
			t.Errorf("running: %+v, %v", got, err)
		}
		// What is only to be set aside is known as that.
		march := w.action(done, "March")
		w.asks(sent, march)
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Actions().SetOver(ctx, tx, march.ID, true) })
		if over, err := w.Delivery("me").Running(t.Context()); err != nil || len(over) != 2 || !over[0].Cancelled {
			t.Errorf("running when it is over: %+v, %v", over, err)
		}
		if !got[0].Expires.Equal(sent.Expires) {
			t.Errorf("expires %v, want %v", got[0].Expires, sent.Expires)
		}
	})
}

// Two owners take copies at once: each copy goes to one of them, a lease never
// gives more than was asked for, and each attempt is counted.
func TestLeaseAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const many = 200
		var ids []bot.MemberID
		for range many {
			ids = append(ids, w.someone())
		}
		a := w.draft("Come.")
		w.do(w.submit(a), w.freeze(a, "zzzz", ids...), w.release(a))
		var mu sync.Mutex
		taken := map[bot.MemberID]string{}
		var race sync.WaitGroup
		for _, owner := range []string{"one", "two", "three"} {
			w.alive(owner)
			race.Go(func() {
				for {
					leased, err := w.Delivery(owner).Lease(t.Context(), a.ID, owner, w.now(), w.now().Add(time.Minute), 7)
					if err != nil {
						t.Error(err)
						return
					}
					if len(leased) == 0 {
						return
					}
					if len(leased) > 7 {
						t.Errorf("asked for 7 copies, got %d", len(leased))
					}
					begun, err := w.Delivery(owner).Begin(t.Context(), owner, w.now(), leased)
					if err != nil || len(begun) != len(leased) {
						t.Errorf("began %d of %d: %v", len(begun), len(leased), err)
					}
					mu.Lock()
					for _, c := range begun {
						if other := taken[c.Member]; other != "" {
							t.Errorf("%s has a copy of %s", owner, other)
						}
						taken[c.Member] = owner
						if c.Attempts != 1 {
							t.Errorf("attempt %d", c.Attempts)
						}
					}
					mu.Unlock()
				}
			})
		}
		race.Wait()
		if len(taken) != many {
			t.Errorf("%d of %d copies were taken", len(taken), many)
		}
		w.rows("ledger", 3, `SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts`, nil, fmt.Sprint("attempting 1 ", many))
	})
}

// A lease counts nothing, keeps others away for its time, and is needed to begin.
func TestLease(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p, q := w.member("amina", w.home), w.member("bo", w.home)
		a := w.sending("Come.", p, q)
		leased := w.lease("me", a, 10)
		if len(leased) != 2 || leased[0].Address.Account != w.account {
			t.Fatalf("leased: %+v", leased)
		}
		w.ledger("leased", "planned 0 ", "planned 0 ")
		if got := w.lease("other", a, 10); len(got) > 0 {
			t.Errorf("leased twice: %+v", got)
		}
		if got := w.begin("other", leased...); len(got) > 0 {
			t.Errorf("begun under another's lease: %+v", got)
		}
		// The lease runs out; whoever is there takes the copies.
		w.clock.Advance(2 * time.Minute)
		if got := w.lease("other", a, 1); len(got) != 1 {
			t.Errorf("after the lease: %+v", got)
		}
		if got := w.begin("me", leased...); len(got) != 1 {
			t.Errorf("of two leases one went to another, and %d copies were begun", len(got))
		}
		if got := w.begin("me", leased...); len(got) > 0 {
			t.Errorf("begun twice: %+v", got)
		}
		// When its process dies, a lease ends with it.
		w.clock.Advance(time.Second)
		w.recovers("third", none, 1, 0)
		if got := w.lease("third", a, 10); len(got) != 2 {
			t.Errorf("after the death of both: %+v", got)
		}
	})
}

// Right before it is written a copy is looked at once more.
func TestLook(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		type seen struct{ stopped, cancelled, over, reachable bool }
		run := func(who string, change func(p bot.Person, a alert.Alert) bot.Change, want seen) {
			t.Helper()
			p := w.member(who, w.home)
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Members().SetLanguage(ctx, tx, p.Member.ID, "ar", "ku")
			})
			a := w.sending("Come.", p)
			leased := w.lease("me", a, 10)
			if change != nil {
				w.do(change(p, a))
			}
			got := w.begin("me", leased...)
			if len(got) != 1 {
				t.Fatalf("%s: %+v", who, got)
			}
			c := got[0]
			if found := (seen{c.Stopped, c.Cancelled, c.Over, c.Address.ID != ""}); found != want {
				t.Errorf("%s: %+v, want %+v", who, found, want)
			}
			if want.reachable && (c.Locale != "ar" || c.Speaks != "ku" || c.Zone != "Europe/London" || c.Address != p.Address) {
				t.Errorf("%s: %+v", who, c)
			}
		}
		run("as frozen", nil, seen{reachable: true})
		run("stopped", func(p bot.Person, _ alert.Alert) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return w.Members().SetState(ctx, tx, p.Member.ID, bot.Stopped)
			}
		}, seen{stopped: true, reachable: true})
		run("left", func(p bot.Person, _ alert.Alert) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error { return w.Members().Leave(ctx, tx, p.Member.ID, w.home.ID) }
		}, seen{stopped: true, reachable: true})
		run("blocked", func(p bot.Person, _ alert.Alert) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return w.Engine("").Unreachable(ctx, tx, p.Address.ID, bot.Blocked)
			}
		}, seen{})
		run("cancelled", func(_ bot.Person, a alert.Alert) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Cancel(ctx, tx, a.ID, w.now()) }
		}, seen{cancelled: true, reachable: true})
		ends := func(over bool) func(bot.Person, alert.Alert) bot.Change {
			return func(_ bot.Person, a alert.Alert) bot.Change {
				march := w.action(w.sending("Come."), "March")
				w.asks(a, march)
				return func(ctx context.Context, tx bot.Tx) error { return w.Actions().SetOver(ctx, tx, march.ID, over) }
			}
		}
		run("what it asks to is over", ends(true), seen{over: true, reachable: true})
		run("what it asks to is open", ends(false), seen{reachable: true})

		// Forgotten: no row of the member is left, and the copy still ends.
		gone := w.someone()
		a := w.sending("Come.", bot.Person{Member: bot.Member{ID: gone}})
		w.Exec(t, `DELETE FROM members WHERE id = $1`, string(gone))
		got := w.begun("me", a)
		if len(got) != 1 || !got[0].Stopped || got[0].Address.ID != "" {
			t.Errorf("forgotten: %+v", got)
		}
	})
}

// An attempt ends once, by whoever began it.
func TestCopyEnded(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina", w.home)
		a := w.sending("Come.", p)
		first := w.begun("me", a)[0]
		w.do(w.ended("me", first, delivery.Planned, "unclear"))
		w.ledger("once more", "planned 1 unclear")
		second := w.begun("me", a)[0]
		if second.Attempts != 2 {
			t.Fatalf("attempt %d", second.Attempts)
		}
		w.do(w.ended("me", first, delivery.Refused, "late"), w.copyUnsent("me", first, w.now()), w.ended("other", second, delivery.Refused, "not theirs"), w.copyUnsent("other", second, w.now()))
		w.ledger("the end of another attempt", "attempting 2 unclear")
		w.do(w.ended("me", second, delivery.Sent, ""))
		w.do(w.ended("me", second, delivery.Unknown, "late"), w.copyUnsent("me", second, w.now()))
		w.ledger("after its end", "sent 2 ")
		w.rows("what was sent", 3, `SELECT locale, address_id, CASE WHEN ref_sealed IS NULL THEN 'no' ELSE 'yes' END FROM deliveries`, nil,
			fmt.Sprint("en ", p.Address.ID, " yes"))
		if got := w.lease("me", a, 10); len(got) > 0 {
			t.Errorf("begun after it was sent: %+v", got)
		}
		// A reason is kept short, whatever it is.
		b := w.sending("Come.", p)
		w.do(w.ended("me", w.begun("me", b)[0], delivery.Refused, "a reason that is far longer than any of the closed list would ever be"))
		w.rows("reason", 1, `SELECT length(reason) FROM deliveries WHERE alert_id = $1`, []any{string(b.ID)}, "40")
	})
}

func TestCopyUnsent(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina", w.home)
		a := w.sending("Come.", p)
		leased := w.lease("me", a, 10)
		c := w.begin("me", leased...)[0]
		w.do(w.copyUnsent("me", c, w.now().Add(30*time.Second)))
		w.ledger("given back", "planned 0 ")
		if got := w.lease("me", a, 10); len(got) > 0 {
			t.Errorf("before its time: %+v", got)
		}
		if got := w.begin("me", leased...); len(got) > 0 {
			t.Errorf("before its time, by an old lease: %+v", got)
		}
		// A restart does not shorten what the platform asked for.
		w.recovers("next", none, 0, 0)
		if got := w.lease("next", a, 10); len(got) > 0 {
			t.Errorf("before its time, after a restart: %+v", got)
		}
		w.clock.Advance(30 * time.Second)
		if got := w.begun("next", a); len(got) != 1 || got[0].Attempts != 1 {
			t.Errorf("when its time has come: %+v", got)
		}
	})
}

func TestRecover(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		people := []bot.Person{w.member("a", w.home), w.member("b", w.home), w.member("c", w.home), w.member("d", w.home)}
		a := w.sending("Come.", people...)
		w.alive("me")
		copies := w.begun("dead", a)
		w.do(w.ended("dead", copies[0], delivery.Sent, ""))
		w.Exec(t, `UPDATE deliveries SET attempts = $1 WHERE member_id = $2`, bot.MaxAttempts, string(copies[1].Member))
		if got := w.lease("me", a, 10); len(got) > 0 {
			t.Errorf("begun by another and taken: %+v", got)
		}
		w.recovers("me", none, 2, 1)
		w.rows("recovered", 4, `SELECT state, attempts, reason, count(*) FROM deliveries GROUP BY state, attempts, reason ORDER BY state`, nil,
			"planned 1  2", "sent 1  1", "unknown 2 interrupted 1")
		w.recovers("me", none, 0, 0)
		second := w.begun("me", a)
		if len(second) != 2 || second[0].Attempts != 2 {
			t.Errorf("once more: %+v", second)
		}
		// A second death leaves no third attempt.
		w.clock.Advance(time.Minute)
		w.recovers("third", none, 0, 2)
		if got := w.lease("third", a, 10); len(got) > 0 {
			t.Errorf("a third attempt: %+v", got)
		}
	})
}

func TestRecoverFromTheLiving(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.sending("Come.", w.member("a", w.home))
		w.alive("other")
		w.begun("other", a)
		if !w.shared() {
			w.recovers("me", none, 1, 0)
			return
		}
		w.recovers("me", none, 0, 0)
		w.clock.Advance(14 * time.Second)
		w.recovers("me", none, 0, 0)
		w.clock.Advance(time.Second)
		w.recovers("me", none, 1, 0)
	})
}

// What a process began by a commit that it takes for failed it finds by not
// holding it.
func TestOwnCopiesThatNobodyHolds(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.sending("Come.", w.member("lost", w.home), w.member("held", w.home))
		w.alive("me")
		copies := w.begun("me", a)
		holds := func(key string) bool { return key == copies[1].Key() }
		w.clock.Advance(59 * time.Second)
		w.alive("me")
		w.recovers("me", holds, 0, 0)
		w.clock.Advance(time.Second)
		w.alive("me")
		w.recovers("me", holds, 1, 0)
		if got := w.begun("me", a); len(got) != 1 || got[0].Member != copies[0].Member || got[0].Attempts != 2 {
			t.Errorf("once more: %+v", got)
		}
		w.clock.Advance(time.Minute)
		w.alive("me")
		w.recovers("me", holds, 0, 1)
	})
}

func TestClose(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		closed := func(a alert.Alert, want bool) {
			t.Helper()
			if got, err := w.Delivery("me").Close(t.Context(), a.ID, w.now()); err != nil || got != want {
				t.Errorf("%s closed: %v, %v; want %v", w.alert(a.ID).State, got, err, want)
			}
		}
		a := w.sending("Come.", w.member("a", w.home))
		for state, open := range map[string]bool{"planned": true, "attempting": true, "held": true, "sent": false, "refused": false, "unknown": false, "skipped": false, "cancelled": false} {
			w.Exec(t, `UPDATE alerts SET done_at = NULL, state = 'sending' WHERE id = $1`, string(a.ID))
			w.Exec(t, `UPDATE deliveries SET state = $1`, state)
			closed(a, !open)
			if got, want := w.alert(a.ID).State, map[bool]alert.State{true: alert.Sending, false: alert.Done}[open]; got != want {
				t.Errorf("with a copy that is %s: %s, want %s", state, got, want)
			}
		}
		w.Exec(t, `UPDATE alerts SET state = 'done', done_at = 1 WHERE id = $1`, string(a.ID))
		closed(a, false)
		b := w.sending("Come.")
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Cancel(ctx, tx, b.ID, w.now()) })
		closed(b, true)
		if got := w.alert(b.ID).State; got != alert.Cancelled {
			t.Errorf("closing turned a cancelled alert into %s", got)
		}
		closed(w.draft("draft"), false)
		c := w.draft("freezing")
		w.do(w.submit(c))
		closed(c, false)
	})
}
