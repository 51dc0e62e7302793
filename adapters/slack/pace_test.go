package slack_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/slack"
	"ella/bot"
)

// passes is when calls were let through, since a start.
type passes struct {
	mu    sync.Mutex
	start time.Time
	all   []time.Duration
	names []string
}

func (p *passes) note(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all, p.names = append(p.all, time.Since(p.start)), append(p.names, name)
}

// most is how many passed in any stretch of that length.
func (p *passes) most(per time.Duration) (most int) {
	for i := range p.all {
		n := 0
		for _, at := range p.all[i:] {
			if at < p.all[i]+per {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// TestPaceOfCopies sends copies as fast as they go: the rate is kept, and used.
func TestPaceOfCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, p := slack.Posts(3), &passes{start: time.Now()}
		var wait sync.WaitGroup
		next := make(chan int)
		for range 8 {
			wait.Go(func() {
				for n := range next {
					if ok, err := g.Enter(t.Context(), fmt.Sprintf("U%d", n), true); !ok {
						t.Errorf("a copy is refused: %v", err)
					}
					p.note("copy")
				}
			})
		}
		const copies = 600
		for n := range copies {
			next <- n
		}
		close(next)
		wait.Wait()
		took := time.Since(p.start)
		if permitted := time.Duration(copies) * time.Second / 3; took > permitted*100/95 {
			t.Errorf("%d copies took %v", copies, took)
		}
		if n := p.most(time.Minute); n > 3*60+2 {
			t.Errorf("%d copies leave in a minute", n)
		}
	})
}

// TestPaceWithoutARate lifts the limit of copies, and not Slack's.
func TestPaceWithoutARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := slack.Posts(0)
		passed := 0
		for n := range 400 {
			ok, err := g.Enter(t.Context(), fmt.Sprintf("U%d", n), true)
			if !ok {
				if err.Kind != bot.Throttled || err.ChatOnly || err.RetryAfter > time.Minute {
					t.Fatalf("a copy too many is %+v", err)
				}
				break
			}
			passed++
		}
		if passed < 200 || passed > 240 {
			t.Errorf("%d copies pass at once", passed)
		}
		// What copies left, replies have.
		for n := range 40 {
			if ok, err := g.Enter(t.Context(), fmt.Sprintf("W%d", n), false); !ok {
				t.Fatalf("a reply behind them is %v", err)
			}
		}
	})
}

func TestPaceRepliesBeforeCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, p := slack.Posts(1), &passes{start: time.Now()}
		var wait sync.WaitGroup
		for n := range 4 {
			wait.Go(func() {
				if ok, _ := g.Enter(t.Context(), fmt.Sprintf("U%d", n), true); ok {
					p.note("copy")
				}
			})
		}
		synctest.Wait()
		wait.Go(func() {
			if ok, _ := g.Enter(t.Context(), "U9", false); ok {
				p.note("reply")
			}
		})
		wait.Wait()
		if at := slices.Index(p.names, "reply"); p.all[at] != 0 || len(p.names) != 5 {
			t.Errorf("they leave as %q at %v", p.names, p.all)
		}
	})
}

// TestPaceOfOneChat writes into one channel: the first few at once, then one a second,
// and whoever would have to wait for long is told for how long.
func TestPaceOfOneChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, p := slack.Posts(0), &passes{start: time.Now()}
		var wait sync.WaitGroup
		var mu sync.Mutex
		away := 0
		for range 8 {
			wait.Go(func() {
				ok, err := g.Enter(t.Context(), "C1", false)
				if ok {
					p.note("reply")
					return
				}
				mu.Lock()
				defer mu.Unlock()
				away++
				if err.Kind != bot.Throttled || !err.ChatOnly || err.RetryAfter <= 2*time.Second {
					t.Errorf("it is sent away with %+v", err)
				}
			})
		}
		wait.Wait()
		if want := []time.Duration{0, 0, time.Second, 2 * time.Second}; !slices.Equal(p.all, want) || away != 4 {
			t.Errorf("they leave at %v, and %d are sent away", p.all, away)
		}
	})
}

// TestPaceObeysA429 waits for exactly as long as Slack says.
func TestPaceObeysA429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, start := slack.Posts(0), time.Now()
		g.Refused(7 * time.Second)
		_, err := g.Enter(t.Context(), "C1", false)
		if err == nil || err.Kind != bot.Throttled || err.RetryAfter != 7*time.Second || err.ChatOnly {
			t.Fatalf("during a wait it is %+v", err)
		}
		<-time.After(5 * time.Second)
		if ok, err := g.Enter(t.Context(), "C1", false); !ok || time.Since(start) != 7*time.Second {
			t.Errorf("it goes on after %v: %v", time.Since(start), err)
		}
	})
}

// TestPaceOfUpdates has one message changed again and again: the last change is made,
// within the limit, and what it replaces is done without a call.
func TestPaceOfUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, p := slack.Updates(), &passes{start: time.Now()}
		for n := range 45 {
			if ok, err := g.Enter(t.Context(), fmt.Sprintf("D1:%d", n), false); !ok {
				t.Fatalf("update %d is %v", n, err)
			}
			p.note("update")
		}
		if ok, _ := g.Enter(t.Context(), "D1:45", false); !ok {
			t.Fatal("the last that fits is refused")
		}
		_, err := g.Enter(t.Context(), "D1:1", false)
		if err == nil || err.Kind != bot.Throttled || !err.ChatOnly || err.RetryAfter != time.Minute {
			t.Fatalf("one too many is %+v: others may be written to", err)
		}
		<-time.After(59 * time.Second)
		results := make([]bool, 5)
		var wait sync.WaitGroup
		for n := range results {
			wait.Go(func() {
				ok, err := g.Enter(t.Context(), "D1:7", false)
				if err != nil {
					t.Errorf("a newer one is %v", err)
				}
				results[n] = ok
			})
			synctest.Wait()
		}
		wait.Wait()
		if want := []bool{false, false, false, false, true}; !slices.Equal(results, want) {
			t.Errorf("of five changes these were made: %v", results)
		}
	})
}

func TestPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := slack.Posts(0)
		g.Refused(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if ok, err := g.Enter(ctx, "C1", false); ok || err.Kind != bot.NotSent {
			t.Errorf("it is %v, %v", ok, err)
		}
	})
}
