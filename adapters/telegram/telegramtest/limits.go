package telegramtest

import (
	"math"
	"time"
)

// Limits are how much the bot may send. Telegram publishes about one message a
// second to a chat with short bursts, 20 a minute to a group, and 30 a second in
// all [doc: FAQ]; the exact shape is not known, so here it is explicit. Sends and
// edits count; answers to presses, deletions and "typing" do not. An edit counts
// in its group and in all, not in the pace of a private chat.
type Limits struct {
	// Off lifts them all. A scripted 429 still has to be waited for.
	Off bool
	// Overall is how many go out in any second. Default: 30.
	Overall int
	// ChatBurst is how many a chat takes at once, ChatEvery how long it needs for
	// one more. Default: 3, and 1 s.
	ChatBurst int
	ChatEvery time.Duration
	// GroupPerMinute is how many a group or channel takes in any minute. Default: 20.
	GroupPerMinute int
	// Grace is how long after a 429 a further request may still come that was on
	// its way. It is refused all the same, but is no breach. Default: 100 ms.
	Grace time.Duration
}

func (l Limits) withDefaults() Limits {
	set := func(n *int, to int) {
		if *n == 0 {
			*n = to
		}
	}
	set(&l.Overall, 30)
	set(&l.ChatBurst, 3)
	set(&l.GroupPerMinute, 20)
	if l.ChatEvery == 0 {
		l.ChatEvery = time.Second
	}
	if l.Grace == 0 {
		l.Grace = 100 * time.Millisecond
	}
	return l
}

// window allows so many of something in any stretch of time: it remembers when the
// last ones were.
type window struct {
	times []time.Time
	next  int
	per   time.Duration
}

func newWindow(n int, per time.Duration) window {
	return window{times: make([]time.Time, max(n, 1)), per: per}
}

// free is how long until one more fits.
func (w *window) free(now time.Time) time.Duration {
	oldest := w.times[w.next]
	if oldest.IsZero() {
		return 0
	}
	return max(0, w.per-now.Sub(oldest))
}

func (w *window) add(now time.Time) {
	w.times[w.next] = now
	w.next = (w.next + 1) % len(w.times)
}

// wait is a 429 that was told to the bot.
type wait struct{ told, until time.Time }

// tell begins a wait of whole seconds, as retry_after is.
func (w *wait) tell(now time.Time, least time.Duration) *apiError {
	seconds := max(1, int(math.Ceil(least.Seconds())))
	w.told, w.until = now, now.Add(time.Duration(seconds)*time.Second)
	return tooMany(seconds)
}

// still is what is answered while a wait runs, or nil.
func (s *Server) still(c *call, w *wait, now time.Time) *apiError {
	if w == nil || !now.Before(w.until) {
		return nil
	}
	if now.Sub(w.told) > s.options.Limits.Grace {
		s.breach(c, RuleWait, "sent %v before the end of a retry_after", w.until.Sub(now))
	}
	return tooMany(max(1, int(math.Ceil(w.until.Sub(now).Seconds()))))
}

// almost is how full a bucket must be for one more: the bot's clock and the way
// between are not exact.
const almost = 0.9

// admit counts a message that is about to be sent or edited, or refuses it; s.mu
// is held.
func (s *Server) admit(c *call, to *chat, edit bool) *apiError {
	now, l := s.now(), s.options.Limits
	for _, w := range []*wait{&s.wait, &to.wait} {
		if e := s.still(c, w, now); e != nil {
			return e
		}
	}
	if l.Off {
		return nil
	}
	paced := !edit || to.isGroup()
	to.tokens = min(float64(l.ChatBurst), to.tokens+float64(now.Sub(to.refilled))/float64(l.ChatEvery))
	to.refilled = now
	switch {
	case to.isGroup() && to.minute.free(now) > 0:
		s.breach(c, RuleLimit, "more than %d in a minute in one group", l.GroupPerMinute)
		return to.wait.tell(now, to.minute.free(now))
	case paced && to.tokens < almost:
		s.breach(c, RuleLimit, "more than one every %v in one chat, after a burst of %d", l.ChatEvery, l.ChatBurst)
		return to.wait.tell(now, time.Duration((1-to.tokens)*float64(l.ChatEvery)))
	case s.pace.free(now) > 0:
		s.breach(c, RuleLimit, "more than %d in a second in all", l.Overall)
		return s.wait.tell(now, s.pace.free(now))
	}
	if paced {
		to.tokens = max(0, to.tokens-1)
	}
	if to.isGroup() {
		to.minute.add(now)
	}
	s.pace.add(now)
	return nil
}
