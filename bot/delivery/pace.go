package delivery

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
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

// wait blocks until one more copy may be written, or ctx ends.
func (p *pacer) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		until := p.until
		p.mu.Unlock()
		left := time.Until(until)
		if left <= 0 {
			return p.limit.Wait(ctx)
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

// stretch is how many copies are begun at once: as many as leave within a
// quarter of a second, so that a crash makes few of them doubtful.
func stretch(pacers []*pacer, width int) int {
	n := 0.0
	for _, p := range pacers {
		n += float64(p.limit.Limit()) / 4
	}
	return int(min(float64(width), max(1, math.Ceil(n))))
}
