package telegram

import (
	"context"
	"slices"
	"sync"
	"time"

	"ella/adapters/throttle"
	"ella/bot"
)

// The pace that Telegram asks for
// (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this),
// each a little below it, since what leaves here evenly arrives there less evenly.
const (
	// overallCount messages leave in any second; Telegram takes 30.
	overallCount = 28
	overallEvery = time.Second / overallCount
	// overallBurst replies leave at once, if it was quiet before. Copies never do.
	overallBurst = 4
	// chatBurst messages go to one person at once, and then one every chatEvery.
	chatBurst = 3
	chatEvery = time.Second
	// groupCount messages and edits go to a group in any groupPer, one every
	// groupEvery; Telegram takes 20 a minute.
	groupCount = 18
	groupPer   = time.Minute
	groupEvery = time.Second

	// maxHold is how long a send is held. Whoever would have to wait longer is sent
	// away with how long that is: nobody else's send waits behind it.
	maxHold = 2 * time.Second
	// suspicion is how long after the wait of one 429 another in a second chat means
	// that it is the account that is limited, and not the chats. Longer, and two chats
	// that have nothing to do with each other would keep everybody waiting.
	suspicion = 5 * time.Second
	// sweepFrom is how many chats are remembered before idle ones are forgotten.
	sweepFrom = 1024
)

// pace is the gate before every call that writes a message. Replies go before copies:
// a copy never passes while a reply could. It is safe for concurrent use; a nil pace
// holds nobody up.
type pace struct {
	// unlimited copies pass without the overall limit: the operator has Telegram's
	// leave, and says so with a rate of their own.
	unlimited bool

	mu            sync.Mutex
	second        throttle.Window
	next          time.Time // when the next would be due if all came evenly
	chats         map[int64]*chatPace
	sweepAt       int
	replies, bulk []*waiter
	timer         *time.Timer
	pause, noBulk time.Time // until when nothing, and no copies, leave
	// The last 429 of a private chat; no chat before the first.
	refusedUntil time.Time
	refusedChat  int64
}

// chatPace is the pace of one chat.
type chatPace struct {
	until   time.Time       // of a 429
	next    time.Time       // when the next would be due if all came evenly
	minute  throttle.Window // of a group
	waiting int
}

// waiter is one send that waits for its turn.
type waiter struct {
	chat       int64
	bulk, free bool // free of the chat's pace: edits in private chats are
	pace       *chatPace
	done       chan struct{}
	refusal    *bot.SendError // once done is closed
	over       bool
}

func newPace(rate float64) *pace {
	return &pace{
		unlimited: rate == 0 || rate > overallCount, second: throttle.NewWindow(overallCount, time.Second),
		chats: map[int64]*chatPace{}, sweepAt: sweepFrom,
	}
}

// enter waits until one more message may be written into a chat. A copy is bulk. It
// fails without anything being sent: Throttled with how long to wait, or NotSent when
// ctx ends.
func (p *pace) enter(ctx context.Context, chat int64, bulk, edit bool) *bot.SendError {
	if p == nil {
		return nil
	}
	w := &waiter{chat: chat, bulk: bulk, free: edit && chat > 0, done: make(chan struct{})}
	p.mu.Lock()
	now := time.Now()
	w.pace = p.of(chat, now)
	wait := p.own(w, now).Sub(now)
	if !w.free {
		wait += time.Duration(w.pace.waiting) * chatEvery
	}
	if wait > maxHold {
		defer p.mu.Unlock()
		return tooSoon(wait, p.all(bulk).Sub(now))
	}
	w.pace.waiting++
	if bulk {
		p.bulk = append(p.bulk, w)
	} else {
		p.replies = append(p.replies, w)
	}
	p.serve(now)
	p.mu.Unlock()
	select {
	case <-w.done:
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		if !w.over {
			p.end(w, sendError(bot.NotSent, "waiting"))
			p.serve(time.Now())
		}
	}
	return w.refusal
}

// refused obeys a 429. Whether it is about the chat, or about the account, Telegram
// does not say; of a group it is known how soon it is full.
func (p *pace) refused(chat int64, wait time.Duration) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	until := now.Add(wait)
	c := p.of(chat, now)
	c.until = throttle.Later(c.until, until)
	if chat > 0 {
		p.noBulk = throttle.Later(p.noBulk, until)
		if p.refusedChat != 0 && p.refusedChat != chat && now.Before(p.refusedUntil.Add(suspicion)) {
			p.pause = throttle.Later(p.pause, until)
		}
		p.refusedUntil, p.refusedChat = until, chat
	}
	p.serve(now)
}

// obey waits for the end of a 429 before a call that writes nothing, and so counts
// for nothing.
func (p *pace) obey(ctx context.Context, chat int64) *bot.SendError {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	now := time.Now()
	all := p.all(false)
	until := all
	if c := p.chats[chat]; c != nil {
		until = throttle.Later(until, c.until)
	}
	p.mu.Unlock()
	wait := until.Sub(now)
	switch {
	case wait <= 0:
		return nil
	case wait > maxHold:
		return tooSoon(wait, all.Sub(now))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return sendError(bot.NotSent, "waiting")
	}
}

// tooSoon sends somebody away who would be held for too long: for as long as all have
// to wait, or else as their chat has.
func tooSoon(wait, all time.Duration) *bot.SendError {
	if all > maxHold {
		return &bot.SendError{Kind: bot.Throttled, RetryAfter: all, Code: "pace"}
	}
	return &bot.SendError{Kind: bot.Throttled, RetryAfter: wait, ChatOnly: true, Code: "pace"}
}

// all is until when nothing leaves, or no copies, whichever chat they are for.
func (p *pace) all(bulk bool) time.Time {
	if bulk {
		return throttle.Later(p.pause, p.noBulk)
	}
	return p.pause
}

// own is when a send may leave for all that concerns its chat and the 429s.
func (p *pace) own(w *waiter, now time.Time) time.Time {
	at := throttle.Later(now, throttle.Later(p.all(w.bulk), w.pace.until))
	switch {
	case w.free:
	case w.chat > 0:
		at = throttle.Later(at, w.pace.next.Add(-(chatBurst-1)*chatEvery))
	default:
		at = throttle.Later(at, throttle.Later(w.pace.next, w.pace.minute.Free(1)))
	}
	return at
}

// everybody is when a send may leave for all that is sent.
func (p *pace) everybody(w *waiter) time.Time {
	switch {
	case w.bulk && p.unlimited:
		return time.Time{}
	case w.bulk:
		return throttle.Later(p.second.Free(1), p.next)
	}
	return throttle.Later(p.second.Free(1), p.next.Add(-(overallBurst-1)*overallEvery))
}

// serve lets through who may go, and sets the timer for who may go next. p.mu is held.
func (p *pace) serve(now time.Time) {
	for {
		p.sendAway(now)
		w, at := p.first(now)
		if w == nil {
			return
		}
		if at.After(now) {
			p.wakeAt(at.Sub(now))
			return
		}
		p.count(w, now)
		p.end(w, nil)
	}
}

// first is who may go first, and when: the first reply of those whose chat is ready,
// or else the first such copy, or else whose chat will be ready first. Copies without
// limit are in nobody's way.
func (p *pace) first(now time.Time) (next *waiter, at time.Time) {
	queues := [][]*waiter{p.replies, p.bulk}
	if p.unlimited {
		slices.Reverse(queues)
	}
	for _, queue := range queues {
		for _, w := range queue {
			ready := p.own(w, now)
			if !ready.After(now) {
				return w, throttle.Later(now, p.everybody(w))
			}
			if next == nil || ready.Before(at) {
				next, at = w, ready
			}
		}
	}
	return next, at
}

// sendAway ends the wait of those who would have to wait longer than they were held for.
func (p *pace) sendAway(now time.Time) {
	for _, w := range slices.Concat(p.replies, p.bulk) {
		if wait := p.own(w, now).Sub(now); wait > maxHold {
			p.end(w, tooSoon(wait, p.all(w.bulk).Sub(now)))
		}
	}
}

func (p *pace) wakeAt(wait time.Duration) {
	if p.timer != nil {
		p.timer.Reset(wait)
		return
	}
	p.timer = time.AfterFunc(wait, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.serve(time.Now())
	})
}

// count enters a send that leaves now.
func (p *pace) count(w *waiter, now time.Time) {
	if !w.bulk || !p.unlimited {
		p.second.Add(now)
		p.next = throttle.Later(p.next, now).Add(overallEvery)
	}
	switch {
	case w.free:
	case w.chat > 0:
		w.pace.next = throttle.Later(w.pace.next, now).Add(chatEvery)
	default:
		w.pace.next = now.Add(groupEvery)
		w.pace.minute.Add(now)
	}
}

// end takes a waiter out of its queue.
func (p *pace) end(w *waiter, refusal *bot.SendError) {
	queue := &p.replies
	if w.bulk {
		queue = &p.bulk
	}
	if i := slices.Index(*queue, w); i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
	}
	w.pace.waiting--
	w.refusal, w.over = refusal, true
	close(w.done)
}

// of is the pace of a chat. Chats that nothing is remembered of are forgotten.
func (p *pace) of(chat int64, now time.Time) *chatPace {
	if c := p.chats[chat]; c != nil {
		return c
	}
	if len(p.chats) >= p.sweepAt {
		for id, c := range p.chats {
			if c.waiting == 0 && !throttle.Later(c.until, throttle.Later(c.next, c.minute.Last().Add(groupPer))).After(now) {
				delete(p.chats, id)
			}
		}
		p.sweepAt = max(sweepFrom, 2*len(p.chats))
	}
	c := &chatPace{}
	if chat < 0 {
		c.minute = throttle.NewWindow(groupCount, groupPer)
	}
	p.chats[chat] = c
	return c
}
