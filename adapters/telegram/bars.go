package telegram

import (
	"sync"
	"time"

	"ella/adapters/throttle"
	"ella/bot"
)

// bars are the 429s of calls that write no message, each by what it is: Telegram
// counts those apart, and says nothing of any chat by them.
type bars struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// What is barred by itself. The texts of the bot have their names in the methods.
const (
	answers      = "answers"
	commandLists = "Commands"
)

func newBars() *bars { return &bars{until: map[string]time.Time{}} }

func (b *bars) refused(what string, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until[what] = throttle.Later(b.until[what], time.Now().Add(wait))
}

// left is for how long such a call must not be made; 0 or less if it may.
func (b *bars) left(what string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.until[what])
}

// throttled is the failure of a call that is not made before its bar is over.
func throttled(wait time.Duration) *bot.SendError {
	return &bot.SendError{Kind: bot.Throttled, RetryAfter: wait, ChatOnly: true, Code: "pace"}
}
