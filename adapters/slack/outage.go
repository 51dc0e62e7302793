package slack

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"ella/bot"
)

// outage is the trouble of one kind of call: how long to wait before the next try,
// and that the log hears once that it began and once that it is over.
type outage struct {
	log     *slog.Logger
	account bot.AccountID
	tries   int
	told    string
}

// over ends it, if there was one.
func (o *outage) over() {
	if o.tries > 0 {
		o.log.Info("slack: all is well again", "account", string(o.account), "attempt", o.tries)
	}
	o.tries, o.told = 0, ""
}

// wait waits for as long as this failure asks for, or until ctx ends.
func (o *outage) wait(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	pause, why := o.pause(err)
	o.tries++
	if why != o.told {
		o.told = why
		o.log.Warn("slack: a call failed, and is tried again until it works", "account", string(o.account), "reason", why, "err", err)
	}
	sleep(ctx, pause)
}

// Pauses between tries. Chance in them keeps several connections apart.
const (
	shortestPause = time.Second
	longestPause  = 30 * time.Second
)

// pause is how long to wait after a failure, and what to tell of it.
func (o *outage) pause(err error) (time.Duration, string) {
	d, ok := errors.AsType[*denial](err)
	switch {
	case ok && (d.status == http.StatusTooManyRequests || d.code == "ratelimited" || d.code == "rate_limited"):
		return max(d.retryAfter, shortestPause), "Slack asks to wait"
	case ok && d.code != "":
		return o.grown(), "Slack refuses it"
	case errors.Is(err, errEnded), errors.Is(err, errTooSoon):
		return o.grown(), "a connection ended, and another one is opened"
	}
	return o.grown(), "Slack can't be reached"
}

// grown doubles a pause with every try.
func (o *outage) grown() time.Duration {
	pause := shortestPause << min(o.tries, 10)
	return min(pause+rand.N(pause/2), longestPause)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
