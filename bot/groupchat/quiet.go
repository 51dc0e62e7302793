package groupchat

import (
	"sync"
	"time"

	"ella/bot"
)

// between is how long the same thing is not said again in a group chat.
const between = time.Minute

// mostSaid is how many things are remembered. Who says more in a minute is heard no
// more than that.
const mostSaid = 2048

// quiet remembers, for a minute and in this process only, what was said where: nobody
// can make Ella flood a chat. What it forgets costs one more short message.
type quiet struct {
	mu   sync.Mutex
	said map[saying]said
}

type saying struct {
	account   bot.AccountID
	chat, key string
}

// said is when, and to which message: an update may be worked more than once.
type said struct {
	at time.Time
	to bot.Ref
}

// may reports whether something may be said now in the chat that a turn is about.
func (q *quiet) may(t bot.Turn, key string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for old, s := range q.said {
		if t.Now.Sub(s.at) >= between {
			delete(q.said, old)
		}
	}
	this := saying{t.Account, t.Update.Group, key}
	last, before := q.said[this]
	if before && (t.Update.Message == "" || t.Update.Message != last.to) || !before && len(q.said) >= mostSaid {
		return false
	}
	if q.said == nil {
		q.said = map[saying]said{}
	}
	q.said[this] = said{t.Now, t.Update.Message}
	return true
}
