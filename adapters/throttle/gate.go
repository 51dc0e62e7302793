package throttle

import (
	"context"
	"slices"
	"sync"
	"time"

	"ella/bot"
)

// Rules are what a platform counts of all that goes through a gate, whichever chat it is
// for. A gate asks them while it holds its lock: they need none, and may not block.
type Rules interface {
	// All is until when nothing leaves, or no copies. Whoever would be held up by it for
	// too long is sent away.
	All(bulk bool) time.Time
	// Turn is when the next one, or the next copy, may leave. Whoever waits for it waits.
	Turn(bulk bool) time.Time
	// Count enters one that leaves now.
	Count(bulk bool, now time.Time)
}

// Gate lets calls through at the pace that a platform takes. Replies go before copies: a
// copy never passes while a reply could. K names what a call is about: a chat, or a
// message that is changed. It is safe for concurrent use, and its fields are not changed
// once it is; a nil Gate holds nobody up.
type Gate[K comparable] struct {
	Rules Rules
	// Hold is how long a call is held. Whoever would have to wait longer is sent away
	// with how long that is: nobody else's call waits behind it.
	Hold time.Duration
	// NewChat is the pace of a chat that nothing is remembered of; nil where it does not
	// matter which chat it is.
	NewChat func(about K) *Chat
	// Newest: of several calls about one thing that wait, only the last is made.
	Newest bool

	mu            sync.Mutex
	chats         chats[K]
	replies, bulk []*waiter[K]
	timer         *time.Timer
}

// Call is what asks to be let through.
type Call[K comparable] struct {
	About K
	// Bulk is a copy, which waits for replies.
	Bulk bool
	// Free of the chat's pace: the platform does not count it there.
	Free bool
}

// waiter is a call that waits for its turn.
type waiter[K comparable] struct {
	Call[K]
	chat    *Chat
	done    chan struct{}
	refusal *bot.SendError // once done is closed, and
	late    bool           // that a newer one is made instead
	over    bool
}

// Enter waits until the call may be made. It reports false when it is not to be made: it
// failed as Throttled with how long to wait, or as NotSent when two thirds of the time
// that ctx has are over; or, without a
// failure, a newer one about the same is made instead.
func (g *Gate[K]) Enter(ctx context.Context, c Call[K]) (bool, *bot.SendError) {
	if g == nil {
		return true, nil
	}
	w, refusal := g.line(c)
	if refusal != nil {
		return false, refusal
	}
	// A third of the time is for the call itself: one that begins right before the end is
	// cut off, and nobody knows then whether it arrived.
	var waited <-chan time.Time
	if until, ok := ctx.Deadline(); ok {
		timer := time.NewTimer(time.Until(until) * 2 / 3)
		defer timer.Stop()
		waited = timer.C
	}
	select {
	case <-w.done:
		return w.refusal == nil && !w.late, w.refusal
	case <-waited:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !w.over {
		g.end(w, notWaited())
		g.serve(time.Now())
	}
	return w.refusal == nil && !w.late, w.refusal
}

// line puts a call into its queue, or sends it away.
func (g *Gate[K]) line(c Call[K]) (*waiter[K], *bot.SendError) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w, now := &waiter[K]{Call: c, done: make(chan struct{})}, time.Now()
	if g.NewChat != nil {
		w.chat = g.Chat(c.About, now)
	}
	wait := g.own(w, now).Sub(now)
	if w.chat != nil && !w.Free {
		wait += time.Duration(w.chat.waiting) * w.chat.even.every
	}
	if wait > g.Hold {
		return nil, g.tooSoon(wait, g.Rules.All(c.Bulk).Sub(now))
	}
	if g.Newest {
		g.replace(c.About)
	}
	if w.chat != nil {
		w.chat.waiting++
	}
	queue := g.queue(w)
	*queue = append(*queue, w)
	g.serve(now)
	return w, nil
}

// Obey waits until nothing is refused, for a call that counts for nothing. It fails as
// Enter does.
func (g *Gate[K]) Obey(ctx context.Context, about K) *bot.SendError {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	now := time.Now()
	all := g.Rules.All(false)
	until := all
	if c := g.chats.all[about]; c != nil {
		until = Later(until, c.until)
	}
	g.mu.Unlock()
	wait := until.Sub(now)
	switch {
	case wait <= 0:
		return nil
	case wait > g.Hold:
		return g.tooSoon(wait, all.Sub(now))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return notWaited()
	}
}

// Change changes what the rules say, or a Chat, and lets through who may go then. change
// may not block.
func (g *Gate[K]) Change(change func(now time.Time)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	change(now)
	g.serve(now)
}

// Chat is the pace of a chat. Only Change may ask for it.
func (g *Gate[K]) Chat(about K, now time.Time) *Chat { return g.chats.of(about, g.NewChat, now) }

// Busy reports that a call would have to wait for others.
func (g *Gate[K]) Busy(bulk bool) bool {
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.replies) > 0 || bulk && len(g.bulk) > 0 || g.Rules.All(bulk).After(time.Now())
}

// Forgo ends the wait of calls about something that was done another way: as if a newer
// one were made.
func (g *Gate[K]) Forgo(about K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.replace(about)
}

// replace ends the wait of the calls about something.
func (g *Gate[K]) replace(about K) {
	for _, older := range slices.Concat(g.replies, g.bulk) {
		if older.About == about {
			older.late = true
			g.end(older, nil)
		}
	}
}

// tooSoon sends somebody away who would be held for too long: for as long as all have to
// wait, or else as their chat has.
func (g *Gate[K]) tooSoon(wait, all time.Duration) *bot.SendError {
	if all > g.Hold {
		return &bot.SendError{Kind: bot.Throttled, RetryAfter: all, Code: "pace"}
	}
	return &bot.SendError{Kind: bot.Throttled, RetryAfter: wait, ChatOnly: true, Code: "pace"}
}

// notWaited is the failure of a call whose context ended first.
func notWaited() *bot.SendError { return &bot.SendError{Kind: bot.NotSent, Code: "waiting"} }

// own is when a call may leave for all but its turn.
func (g *Gate[K]) own(w *waiter[K], now time.Time) time.Time {
	at := Later(now, g.Rules.All(w.Bulk))
	switch {
	case w.chat == nil:
	case w.Free:
		at = Later(at, w.chat.until)
	default:
		at = Later(at, w.chat.free())
	}
	return at
}

// serve lets through who may go, and sets the timer for who may go next. g.mu is held.
func (g *Gate[K]) serve(now time.Time) {
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
		g.Rules.Count(w.Bulk, now)
		if w.chat != nil && !w.Free {
			w.chat.add(now)
		}
		g.end(w, nil)
	}
}

// first is who may go first, and when: of several, a reply, and who waits longest.
func (g *Gate[K]) first(now time.Time) (next *waiter[K], at time.Time) {
	for _, queue := range [][]*waiter[K]{g.replies, g.bulk} {
		for _, w := range queue {
			if next != nil && !at.After(now) {
				return next, at
			}
			if ready := Later(g.own(w, now), g.Rules.Turn(w.Bulk)); next == nil || ready.Before(at) {
				next, at = w, ready
			}
		}
	}
	return next, at
}

// sendAway ends the wait of those who would have to wait longer than they are held for.
func (g *Gate[K]) sendAway(now time.Time) {
	for _, w := range slices.Concat(g.replies, g.bulk) {
		if wait := g.own(w, now).Sub(now); wait > g.Hold {
			g.end(w, g.tooSoon(wait, g.Rules.All(w.Bulk).Sub(now)))
		}
	}
}

func (g *Gate[K]) wakeAt(wait time.Duration) {
	if g.timer != nil {
		g.timer.Reset(wait)
		return
	}
	g.timer = time.AfterFunc(wait, func() { g.Change(func(time.Time) {}) })
}

// end takes a waiter out of its queue.
func (g *Gate[K]) end(w *waiter[K], refusal *bot.SendError) {
	queue := g.queue(w)
	if i := slices.Index(*queue, w); i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
	}
	if w.chat != nil {
		w.chat.waiting--
	}
	w.refusal, w.over = refusal, true
	close(w.done)
}

// queue is where a waiter stands.
func (g *Gate[K]) queue(w *waiter[K]) *[]*waiter[K] {
	if w.Bulk {
		return &g.bulk
	}
	return &g.replies
}
