package telegram_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
)

// paced is an adapter on a mailbox, in a bubble of time.
type paced struct {
	*mailbox
	adapter *telegram.Adapter
	begun   time.Time
}

func newPaced(t *testing.T, change ...func(*telegram.Options)) *paced {
	t.Helper()
	m := &mailbox{}
	p := &paced{mailbox: m, adapter: posting(t, m, change...)}
	p.begun = time.Now()
	return p
}

func (p *paced) send(ctx context.Context, chat int64, bulk bool) error {
	_, err := p.adapter.Send(ctx, bot.Outgoing{Chat: strconv.FormatInt(chat, 10), Message: hello().Message, Bulk: bulk})
	return err
}

func (p *paced) edit(ctx context.Context, chat int64) error {
	_, err := p.adapter.Send(ctx, bot.Outgoing{Chat: strconv.FormatInt(chat, 10), Message: hello().Message, Edit: "1"})
	return err
}

// patiently sends as the one retry layer does: it waits where it is told to.
func (p *paced) patiently(t *testing.T, chat int64, bulk bool) {
	t.Helper()
	for {
		err := p.send(t.Context(), chat, bulk)
		var se *bot.SendError
		switch {
		case err == nil:
			return
		case !errors.As(err, &se) || se.Kind != bot.Throttled:
			t.Errorf("chat %d: %v", chat, err)
			return
		}
		pass(se.RetryAfter)
	}
}

// times are when requests arrived that write, since the beginning.
func (p *paced) times(of func(posted) bool) (all []time.Duration) {
	for _, m := range p.got("") {
		if of == nil || of(m) {
			all = append(all, m.at.Sub(p.begun))
		}
	}
	slices.Sort(all)
	return all
}

// most is how many of some times lie in one stretch of time.
func most(all []time.Duration, per time.Duration) (n int) {
	for i := range all {
		end := i
		for end < len(all) && all[end]-all[i] < per {
			end++
		}
		n = max(n, end-i)
	}
	return n
}

func throttle(err error) time.Duration {
	var se *bot.SendError
	if errors.As(err, &se) && se.Kind == bot.Throttled {
		return se.RetryAfter
	}
	return 0
}

// TestPaceOverall sends to 200 people at once: never more than 30 a second, and not
// much less.
func TestPaceOverall(t *testing.T) {
	for name, bulk := range map[string]bool{"replies": false, "copies": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPaced(t)
				var wait sync.WaitGroup
				for chat := int64(1); chat <= 200; chat++ {
					wait.Go(func() { p.patiently(t, chat, bulk) })
				}
				wait.Wait()
				all := p.times(nil)
				if n := most(all, time.Second); n > 30 {
					t.Errorf("%d were sent in one second", n)
				}
				if took, least := all[len(all)-1], 199*time.Second/30; took > least*100/92 {
					t.Errorf("200 took %v, and could have taken %v", took, least)
				}
				few := 1
				if !bulk {
					few = 4
				}
				if n := most(all, 30*time.Millisecond); n > few {
					t.Errorf("%d were sent together", n)
				}
			})
		})
	}
}

// TestPaceUnlimited: an operator who lifted the limit has Telegram's leave for copies.
func TestPaceUnlimited(t *testing.T) {
	for _, rate := range []float64{0, 500} {
		synctest.Test(t, func(t *testing.T) {
			p := newPaced(t, func(o *telegram.Options) { o.Rate = rate })
			var wait sync.WaitGroup
			for chat := int64(1); chat <= 200; chat++ {
				wait.Go(func() { p.patiently(t, chat, true) })
				wait.Go(func() { p.patiently(t, 1000+chat, false) })
			}
			wait.Wait()
			if all := p.times(func(m posted) bool { return m.chat() <= 200 }); all[len(all)-1] != 0 {
				t.Errorf("rate %v: 200 copies took %v", rate, all[len(all)-1])
			}
			if n := most(p.times(func(m posted) bool { return m.chat() > 1000 }), time.Second); n > 30 {
				t.Errorf("rate %v: %d replies were sent in one second", rate, n)
			}
		})
	}
}

// TestPaceReplies go before copies that have waited for long.
func TestPaceReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		var wait sync.WaitGroup
		for chat := int64(1); chat <= 300; chat++ {
			wait.Go(func() { p.patiently(t, chat, true) })
		}
		for n := range int64(20) {
			pass(300 * time.Millisecond)
			wait.Go(func() {
				begun := time.Now()
				p.patiently(t, 1000+n, false)
				if took := time.Since(begun); took > 150*time.Millisecond {
					t.Errorf("a reply took %v", took)
				}
			})
		}
		wait.Wait()
		if n := most(p.times(nil), time.Second); n > 30 {
			t.Errorf("%d were sent in one second", n)
		}
	})
}

// TestPaceHoldsCopiesBack: while replies can go, no copy does.
func TestPaceHoldsCopiesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		var wait sync.WaitGroup
		for chat := int64(1); chat <= 50; chat++ {
			wait.Go(func() { p.patiently(t, chat, true) })
		}
		synctest.Wait()
		for chat := int64(1001); chat <= 1050; chat++ {
			wait.Go(func() { p.patiently(t, chat, false) })
		}
		wait.Wait()
		copies := p.times(func(m posted) bool { return m.chat() <= 50 })
		replies := p.times(func(m posted) bool { return m.chat() > 50 })
		// One copy was on its way when the replies came.
		if copies[1] < replies[len(replies)-1] {
			t.Errorf("a copy went at %v, and the last reply at %v", copies[1], replies[len(replies)-1])
		}
	})
}

// TestPaceOneChat: three at once, then one a second; whoever would wait for long is told
// for how long.
func TestPaceOneChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		for range 3 {
			if err := p.send(t.Context(), 7, false); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(p.begun); took != 0 {
			t.Errorf("the first three took %v", took)
		}
		if err := p.send(t.Context(), 7, false); err != nil || time.Since(p.begun) != time.Second {
			t.Errorf("the fourth took %v, %v", time.Since(p.begun), err)
		}
		var mu sync.Mutex
		var told []time.Duration
		var wait sync.WaitGroup
		for range 6 {
			wait.Go(func() {
				err := p.send(t.Context(), 7, false)
				if d := throttle(err); d > 0 {
					if !chatOnly(err) {
						t.Errorf("that is the chat's alone: %v", err)
					}
					mu.Lock()
					defer mu.Unlock()
					told = append(told, d)
				}
			})
		}
		wait.Wait()
		if len(told) != 4 || slices.Min(told) <= 2*time.Second || slices.Max(told) > 4*time.Second {
			t.Errorf("of six more these were sent away: %v", told)
		}
		if n := most(p.times(nil), time.Second); n > 3 {
			t.Errorf("%d were sent in one second", n)
		}
		// An edit does not count in a private chat, and another chat is another.
		now := time.Now()
		if err := errors.Join(p.edit(t.Context(), 7), p.send(t.Context(), 8, false)); err != nil || time.Since(now) > 50*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(now), err)
		}
	})
}

// TestPaceGroup: 18 a minute and one a second, with edits.
func TestPaceGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		for i := range 40 {
			for {
				var err error
				if i%2 == 0 {
					err = p.send(t.Context(), -100, false)
				} else {
					err = p.edit(t.Context(), -100)
				}
				if err == nil {
					break
				}
				wait := throttle(err)
				if wait <= 2*time.Second || wait > time.Minute {
					t.Fatalf("got %v", err)
				}
				pass(wait)
			}
		}
		all := p.times(nil)
		if n := most(all, time.Minute); n > 18 {
			t.Errorf("%d went in one minute", n)
		}
		if n := most(all, time.Second); n > 1 {
			t.Errorf("%d went in one second", n)
		}
		if took := all[len(all)-1]; took > 2*time.Minute+10*time.Second {
			t.Errorf("40 took %v", took)
		}
		// Another group has a minute of its own, and a topic does not.
		if err := p.send(t.Context(), -200, false); err != nil {
			t.Error(err)
		}
		for range 17 {
			pass(time.Second)
			if err := p.send(t.Context(), -200, false); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.adapter.Send(t.Context(), bot.Outgoing{Chat: "-200/5", Message: hello().Message}); throttle(err) == 0 {
			t.Errorf("a topic of a group that is full: %v", err)
		}
	})
}

// TestPaceSendsAway who was let in to wait and would now have to wait for long.
func TestPaceSendsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		answer := make(chan struct{})
		for range 2 {
			if err := p.send(t.Context(), 7, false); err != nil {
				t.Fatal(err)
			}
		}
		p.mu.Lock()
		p.answer = func(posted) *scriptedAnswer {
			<-answer
			return refused(429, "Too Many Requests: retry after 30", `,"parameters":{"retry_after":30}`)
		}
		p.mu.Unlock()
		var first, second error
		var wait sync.WaitGroup
		wait.Go(func() { first = p.send(t.Context(), 7, false) })
		synctest.Wait()
		wait.Go(func() { second = p.send(t.Context(), 7, false) })
		synctest.Wait()
		close(answer)
		wait.Wait()
		if throttle(first) != 30*time.Second || throttle(second) != 30*time.Second || len(p.got("sendMessage")) != 3 {
			t.Errorf("after %d requests: %v, %v", len(p.got("sendMessage")), first, second)
		}
	})
}

// TestPaceGivesUp while there is still time for a call, and leaves the turn to the next.
func TestPaceGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(t)
		for range 3 {
			if err := p.send(t.Context(), 7, false); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := p.send(ctx, 7, false); bot.SendKindOf(err) != bot.NotSent || time.Since(p.begun) != 200*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(p.begun), err)
		}
		if err := p.send(t.Context(), 7, false); err != nil || time.Since(p.begun) != time.Second {
			t.Errorf("the next went after %v, %v", time.Since(p.begun), err)
		}
	})
}

// TestPaceKeepsTelegramsLimits in real time, against the fake's own count: copies to
// many, replies to one, and a group.
func TestPaceKeepsTelegramsLimits(t *testing.T) {
	s := newStage(t)
	group := s.AddGroup(telegramtest.Group{Title: "CRMC"})
	s.AddToGroup(group, s.person)
	var wait sync.WaitGroup
	for range 50 {
		_, chat := s.somebody()
		wait.Go(func() {
			if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Message: hello().Message, Bulk: true}); err != nil {
				t.Error(err)
			}
		})
	}
	for _, chat := range []string{s.chat, itoa(group)} {
		for range 3 {
			wait.Go(func() {
				if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Message: hello().Message}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	if n := len(s.Accepted()); n != 56 {
		t.Errorf("of 56 messages %d were accepted", n)
	}
}
