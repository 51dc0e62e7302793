package slack

import (
	"slices"
	"sync"
	"time"
)

// addresses are where Slack takes answers to presses, by the messages that were pressed:
// five each, for 30 minutes, beside all limits of its methods
// (https://docs.slack.dev/interactivity/handling-user-interaction). An answer there can
// change the message for everybody who sees it. They are kept in memory alone, and
// nowhere else: whoever has one can write where it belongs.
type addresses struct {
	mu sync.Mutex
	of map[string][]address // by message, the newest last
}

type address struct {
	url  string
	at   time.Time
	left int
}

const (
	// addressUses leaves the fifth to the notice for whoever pressed.
	addressUses = 4
	// addressLife is a little below Slack's, since the press was made before it came.
	addressLife = 29 * time.Minute
	// perMessage and maxAddressed bound what is remembered.
	perMessage   = 8
	maxAddressed = 1024
)

func newAddresses() *addresses { return &addresses{of: map[string][]address{}} }

// keep remembers an address.
func (a *addresses) keep(message, url string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.ContainsFunc(a.of[message], func(one address) bool { return one.url == url }) {
		return // the same press again
	}
	if _, known := a.of[message]; !known && len(a.of) >= maxAddressed {
		a.sweep()
	}
	all := append(a.of[message], address{url, time.Now(), addressUses})
	a.of[message] = all[max(0, len(all)-perMessage):]
}

// take is an address at which a message can be changed, and counts that as one use.
func (a *addresses) take(message string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.of[message]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].left > 0 && time.Since(all[i].at) < addressLife {
			all[i].left--
			return all[i].url, true
		}
	}
	delete(a.of, message)
	return "", false
}

// sweep forgets what is over, and if nothing is, the oldest. a.mu is held.
func (a *addresses) sweep() {
	oldest, at := "", time.Now()
	for message, all := range a.of {
		last := all[len(all)-1].at
		if time.Since(last) >= addressLife {
			delete(a.of, message)
		} else if last.Before(at) {
			oldest, at = message, last
		}
	}
	if len(a.of) >= maxAddressed {
		delete(a.of, oldest)
	}
}
