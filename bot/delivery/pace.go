package delivery

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"ella/bot"
)

// pacer holds one account's alerts to the pace of its platform. Replies don't
// pass through it: they never wait behind an alert.
type pacer struct {
	limit *rate.Limiter
	mu    sync.Mutex
	// until is when the platform lets this account send again after it refused.
	until time.Time
}

func newPacer(perSecond float64) *pacer {
	if perSecond <= 0 {
		return &pacer{limit: rate.NewLimiter(rate.Inf, 1)}
	}
	// A burst of one: the platform's limit is over a second, and a restart must
	// not begin with a burst.
	return &pacer{limit: rate.NewLimiter(rate.Limit(perSecond), 1)}
}

// pacer is an account's. One that is not served here, or not yet, has none that stays.
func (d *Delivery) pacer(id bot.AccountID) *pacer {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.pacers[id]; ok {
		return p
	}
	adapter, served := d.Adapters.Of(id)
	if !served {
		return newPacer(0)
	}
	perSecond, set := d.Rate[id]
	if !set {
		perSecond = adapter.Capabilities().AlertsPerSecond
	}
	d.pacers[id] = newPacer(perSecond)
	return d.pacers[id]
}

// wait blocks until one more copy may be written, or ctx ends.
func (p *pacer) wait(ctx context.Context) error {
	for {
		if err := p.limit.Wait(ctx); err != nil {
			return err
		}
		p.mu.Lock()
		left := time.Until(p.until)
		p.mu.Unlock()
		if left <= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(left):
		}
	}
}

// refused obeys the platform: nothing for that long.
func (p *pacer) refused(wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(wait); until.After(p.until) {
		p.until = until
	}
}

// atOnceAtMost bounds how many copies are begun in one commit.
const atOnceAtMost = 16

// burst is how many copies may be begun together: those that leave within a
// fiftieth of a second, so that a crash makes few of them doubtful.
func (p *pacer) burst() int {
	return int(max(1, min(atOnceAtMost, float64(p.limit.Limit())/50)))
}
