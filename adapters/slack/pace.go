package slack

import (
	"context"
	"slices"
	"sync"
	"time"

	"ella/adapters/throttle"
	"ella/bot"
)

// The pace that Slack asks for (https://docs.slack.dev/apis/web-api/rate-limits), each a
// little below it, since what leaves here evenly arrives there less evenly. Slack counts
// by method, by the minute.
const (
	// postCount messages are posted in any minute; Slack takes "several hundred". Copies
	// leave replySpare of them to whoever waits for an answer.
	postCount  = 280
	replySpare = 60
	// chatBurst messages go into one channel at once, and then one every chatEvery.
	chatBurst = 2
	chatEvery = time.Second
	// updateCount updates are made in any minute, and as many messages are taken away:
	// tier 3, of which Slack takes 50. tier4Count is for what it takes 100 of.
	updateCount = 46
	tier4Count  = 92

	// maxHold is how long a send is held. Whoever would have to wait longer is sent
	// away with how long that is: nobody else's send waits behind it.
	maxHold = 2 * time.Second
	// sweepFrom is how many chats are remembered before idle ones are forgotten.
	sweepFrom = 1024
)

// pace is the gates before the methods, each with a limit of its own. It is safe for
// concurrent use; a nil gate holds nobody up.
type pace struct {
	post, update, remove, whisper, upload, share *gate
	publish, open, fill, people                  *gate
	lists, listed                                *gate
}

// newPace paces copies at so many a second; 0 leaves them to what Slack takes.
func newPace(rate float64) pace {
	post := newGate(postCount)
	post.chats, post.spare, post.account = map[string]*chatPace{}, replySpare, true
	if rate > 0 {
		post.bulkEvery = time.Duration(float64(time.Second) / rate)
	}
	update := newGate(updateCount)
	update.newest, update.spare = true, updateCount/4
	publish := newGate(tier4Count)
	publish.newest = true
	return pace{
		publish: publish, open: newGate(tier4Count), fill: newGate(tier4Count), people: newGate(tier4Count), lists: newGate(tier2Count), listed: newGate(tier2Count),
		post: post, update: update, remove: newGate(updateCount), whisper: newGate(tier4Count), upload: newGate(tier4Count), share: newGate(tier4Count),
	}
}

// gate lets the calls of one method through. Replies go before copies: a copy never
// passes while a reply could.
type gate struct {
	// bulkEvery is how long after one copy the next may follow; spare is how much of
	// the minute copies leave to replies.
	bulkEvery time.Duration
	spare     int
	// newest: of several calls about one thing that wait, only the last is made.
	newest bool
	// account: without this method nothing can be written.
	account bool

	mu            sync.Mutex
	minute        throttle.Window
	bulkNext      time.Time            // when the next copy would be due if all came evenly
	chats         map[string]*chatPace // nil where it doesn't matter which chat it is
	sweepAt       int
	replies, bulk []*waiter
	timer         *time.Timer
	until         time.Time // of a 429
}

// chatPace is the pace of one chat.
type chatPace struct {
	next    time.Time // when the next would be due if all came evenly
	waiting int
}

// waiter is one call that waits for its turn.
type waiter struct {
	about   string // a chat, or a message that is changed
	bulk    bool
	chat    *chatPace
	done    chan struct{}
	refusal *bot.SendError // once done is closed, and
	late    bool           // that a newer one is made instead
	over    bool
}

func newGate(count int) *gate {
	return &gate{minute: throttle.NewWindow(count, time.Minute), sweepAt: sweepFrom}
}

// enter waits until one more call may be made. A copy is bulk. It reports false when the
// call is not to be made: it failed as Throttled with how long to wait, or as NotSent when
// ctx ends; or, without a failure, a newer one about the same is made instead.
func (g *gate) enter(ctx context.Context, about string, bulk bool) (bool, *bot.SendError) {
	if g == nil {
		return true, nil
	}
	w := &waiter{about: about, bulk: bulk, done: make(chan struct{})}
	g.mu.Lock()
	now := time.Now()
	ahead := 0
	if g.chats != nil {
		w.chat = g.of(about, now)
		ahead = w.chat.waiting
	}
	if wait := g.own(w, now).Sub(now) + time.Duration(ahead)*chatEvery; wait > maxHold {
		defer g.mu.Unlock()
		return false, g.tooSoon(wait, g.all(bulk).Sub(now))
	}
	g.replace(w)
	if w.chat != nil {
		w.chat.waiting++
	}
	if bulk {
		g.bulk = append(g.bulk, w)
	} else {
		g.replies = append(g.replies, w)
	}
	g.serve(now)
	g.mu.Unlock()
	select {
	case <-w.done:
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		if !w.over {
			g.end(w, sendError(bot.NotSent, "waiting"))
			g.serve(time.Now())
		}
	}
	return w.refusal == nil && !w.late, w.refusal
}

// replace ends the wait of an older call about the same.
func (g *gate) replace(w *waiter) {
	if !g.newest {
		return
	}
	for _, older := range slices.Concat(g.replies, g.bulk) {
		if older.about == w.about {
			older.late = true
			g.end(older, nil)
		}
	}
}

// busy reports that a call would have to wait.
func (g *gate) busy(bulk bool) bool {
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.replies) > 0 || bulk && len(g.bulk) > 0 || g.all(bulk).After(time.Now())
}

// forgo ends the wait of calls about something that was done another way.
func (g *gate) forgo(about string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.replace(&waiter{about: about})
}

// refused obeys a 429: nothing of this method leaves before it is over.
func (g *gate) refused(wait time.Duration) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.until = throttle.Later(g.until, now.Add(wait))
	g.serve(now)
}

// tooSoon sends somebody away who would be held for too long: for as long as all have
// to wait, or else as their chat has.
func (g *gate) tooSoon(wait, all time.Duration) *bot.SendError {
	if all > maxHold {
		return &bot.SendError{Kind: bot.Throttled, RetryAfter: all, ChatOnly: !g.account, Code: "pace"}
	}
	return &bot.SendError{Kind: bot.Throttled, RetryAfter: wait, ChatOnly: true, Code: "pace"}
}

// all is when one may leave for all that concerns the method.
func (g *gate) all(bulk bool) time.Time {
	n := 1
	if bulk {
		n += g.spare
	}
	return throttle.Later(g.until, g.minute.Free(n))
}

// own is when a call may leave for all but what keeps copies apart.
func (g *gate) own(w *waiter, now time.Time) time.Time {
	at := throttle.Later(now, g.all(w.bulk))
	if w.chat != nil {
		at = throttle.Later(at, w.chat.next.Add(-(chatBurst-1)*chatEvery))
	}
	return at
}

// serve lets through who may go, and sets the timer for who may go next. g.mu is held.
func (g *gate) serve(now time.Time) {
	for {
		g.sendAway(now)
		w, at := g.first(now)
		if w == nil {
			return
		}
		if at.After(now) {
			g.wakeAt(at.Sub(now))
			return
		}
		g.count(w, now)
		g.end(w, nil)
	}
}

// first is who may go first, and when: the first reply of those whose chat is ready, or
// else the first such copy, or else whose chat will be ready first.
func (g *gate) first(now time.Time) (next *waiter, at time.Time) {
	for _, w := range g.replies {
		if ready := g.own(w, now); next == nil || ready.Before(at) {
			next, at = w, ready
		}
	}
	for _, w := range g.bulk {
		if next != nil && !at.After(now) {
			break
		}
		if ready := throttle.Later(g.own(w, now), g.bulkNext); next == nil || ready.Before(at) {
			next, at = w, ready
		}
	}
	return next, at
}

// sendAway ends the wait of those who would have to wait longer than they are held for.
func (g *gate) sendAway(now time.Time) {
	for _, w := range slices.Concat(g.replies, g.bulk) {
		if wait := g.own(w, now).Sub(now); wait > maxHold {
			g.end(w, g.tooSoon(wait, g.all(w.bulk).Sub(now)))
		}
	}
}

func (g *gate) wakeAt(wait time.Duration) {
	if g.timer != nil {
		g.timer.Reset(wait)
		return
	}
	g.timer = time.AfterFunc(wait, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.serve(time.Now())
	})
}

// count enters a call that leaves now.
func (g *gate) count(w *waiter, now time.Time) {
	g.minute.Add(now)
	if w.bulk && g.bulkEvery > 0 {
		// Who comes a little late has not lost their turn.
		g.bulkNext = throttle.Later(g.bulkNext, now.Add(-g.bulkEvery)).Add(g.bulkEvery)
	}
	if w.chat != nil {
		w.chat.next = throttle.Later(w.chat.next, now).Add(chatEvery)
	}
}

// end takes a waiter out of its queue.
func (g *gate) end(w *waiter, refusal *bot.SendError) {
	queue := &g.replies
	if w.bulk {
		queue = &g.bulk
	}
	if i := slices.Index(*queue, w); i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
	}
	if w.chat != nil {
		w.chat.waiting--
	}
	w.refusal, w.over = refusal, true
	close(w.done)
}

// of is the pace of a chat. Chats that nothing is remembered of are forgotten.
func (g *gate) of(chat string, now time.Time) *chatPace {
	if c := g.chats[chat]; c != nil {
		return c
	}
	if len(g.chats) >= g.sweepAt {
		for id, c := range g.chats {
			if c.waiting == 0 && !c.next.After(now) {
				delete(g.chats, id)
			}
		}
		g.sweepAt = max(sweepFrom, 2*len(g.chats))
	}
	c := &chatPace{}
	g.chats[chat] = c
	return c
}
