package throttle

import "time"

// sweepFrom is how many chats are remembered before idle ones are forgotten.
const sweepFrom = 1024

// Chat is the pace of one chat. Its gate holds the lock on it.
type Chat struct {
	even    Even
	burst   int
	window  Window
	until   time.Time // of a 429
	waiting int
}

// NewChat takes a message every so often, or burst of them at once if it was quiet, and
// never more than the window allows.
func NewChat(every time.Duration, burst int, window Window) *Chat {
	return &Chat{even: NewEven(every), burst: burst, window: window}
}

// Refuse has nothing go to the chat until then.
func (c *Chat) Refuse(until time.Time) { c.until = Later(c.until, until) }

// free is when one more message may go to the chat.
func (c *Chat) free() time.Time {
	return Later(c.until, Later(c.even.Free(c.burst), c.window.Free(1)))
}

func (c *Chat) add(now time.Time) {
	c.even.Add(now)
	c.window.Add(now)
}

// idle reports that nothing has to be remembered of the chat.
func (c *Chat) idle(now time.Time) bool {
	busy := Later(c.even.Free(1), c.window.Free(len(c.window.times)))
	return c.waiting == 0 && !Later(c.until, busy).After(now)
}

// chats are the paces of those chats that something is remembered of.
type chats[K comparable] struct {
	all     map[K]*Chat
	sweepAt int
}

// of is the pace of a chat. Chats that nothing is remembered of are forgotten.
func (c *chats[K]) of(id K, start func(K) *Chat, now time.Time) *Chat {
	if one := c.all[id]; one != nil {
		return one
	}
	if c.all == nil {
		c.all, c.sweepAt = map[K]*Chat{}, sweepFrom
	}
	if len(c.all) >= c.sweepAt {
		for id, one := range c.all {
			if one.idle(now) {
				delete(c.all, id)
			}
		}
		c.sweepAt = max(sweepFrom, 2*len(c.all))
	}
	one := start(id)
	c.all[id] = one
	return one
}
