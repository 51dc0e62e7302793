package telegram

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
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
	// conflict is when somebody else received at last.
	conflict time.Time
}

func (a *Adapter) newOutage() *outage { return &outage{log: a.log, account: a.account} }

// over ends it, if there was one. Of two programs that take turns each hears well
// for a while: that is over when it was quiet for long.
func (o *outage) over() {
	if !o.conflict.IsZero() && time.Since(o.conflict) < conflictLasts {
		return
	}
	if o.tries > 0 {
		o.log.Info("telegram: all is well again", "account", string(o.account), "attempt", o.tries)
	}
	o.tries, o.told, o.conflict = 0, "", time.Time{}
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
		o.log.Warn("telegram: a call failed, and is tried again until it works", "account", string(o.account), "reason", why, "err", err)
	}
	sleep(ctx, pause)
}

// persist calls until it works, or ctx ends: that is nil too. The only error is that
// the token is refused.
func (a *Adapter) persist(ctx context.Context, call func(ctx context.Context) error) error {
	trouble := a.newOutage()
	for ctx.Err() == nil {
		err := call(ctx)
		if err == nil {
			trouble.over()
			break
		}
		if isRefused(err) {
			return ErrRefused
		}
		trouble.wait(ctx, err)
	}
	return nil
}

// Pauses between tries. The longest keeps well below the 150 s after which Telegram
// forgets a button press.
const (
	shortestPause = time.Second
	longestPause  = 30 * time.Second
	// shortestConflict lets the other receiver end first.
	shortestConflict = 5 * time.Second
	longestConflict  = 60 * time.Second
	// conflictLasts is longer than two programs need that both wait in between.
	conflictLasts = 3 * time.Minute
)

// pause is how long to wait after a failure, and what to tell of it.
func (o *outage) pause(err error) (time.Duration, string) {
	r, ok := errors.AsType[*refusal](err)
	switch {
	case ok && r.code == http.StatusTooManyRequests:
		return max(r.retryAfter, shortestPause), "Telegram asks to wait"
	case isConflict(err):
		o.conflict = time.Now()
		pause := grown(shortestConflict, longestConflict, o.tries)
		if isWebhooks(err) {
			return pause, "Telegram gives this bot's updates to a webhook that somebody set: end that program, or use another bot"
		}
		return pause, "Telegram gives this bot's updates to another program that polls with the same token: end that one, or use another bot"
	case ok && r.code == http.StatusBadRequest:
		return grown(shortestPause, longestPause, o.tries), "Telegram refuses it: if it is setWebhook, it can't use the address of the webhook (https, a name that it can look up, a valid certificate)"
	case errors.Is(err, errNotTaken):
		return grown(shortestPause, longestPause, o.tries), "an update was not taken in, and is asked for again"
	case errors.Is(err, errNameless):
		return grown(shortestPause, longestPause, o.tries), "Telegram sends updates without a number, which can't be confirmed"
	}
	return grown(shortestPause, longestPause, o.tries), "Telegram can't be reached"
}

// isConflict reports that somebody else receives for the bot.
func isConflict(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.code == http.StatusConflict
}

// isWebhooks reports that it is a webhook that does.
func isWebhooks(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.code == http.StatusConflict && strings.Contains(r.description, "webhook is active")
}

// grown doubles a pause with every try, up to a longest one. Chance in it keeps
// several processes apart.
func grown(shortest, longest time.Duration, tries int) time.Duration {
	pause := shortest << min(tries, 10)
	return min(pause+rand.N(pause/2), longest)
}

var (
	// errNotTaken reports that the inbox refused an update.
	errNotTaken = errors.New("not taken in")
	// errNameless reports that nothing of a batch has a number.
	errNameless = errors.New("updates without a number")
)

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
