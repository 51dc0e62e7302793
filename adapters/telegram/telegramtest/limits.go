package telegramtest

import (
	"time"

	"ella/adapters/limittest"
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

// still is what is answered while a wait runs, or nil.
func (s *Server) still(c *call, w *limittest.Wait, now time.Time) *apiError {
	if w == nil || w.Left(now) == 0 {
		return nil
	}
	if early := w.Ignored(now, s.options.Limits.Grace); early > 0 {
		s.breach(c, RuleWait, "sent %v before the end of a retry_after", early)
	}
	return tooMany(w.Left(now))
}

// admit counts a message that is about to be sent or edited, or refuses it; s.mu
// is held.
func (s *Server) admit(c *call, to *chat, edit bool) *apiError {
	now, l := s.now(), s.options.Limits
	for _, w := range []*limittest.Wait{&s.wait, &to.wait} {
		if e := s.still(c, w, now); e != nil {
			return e
		}
	}
	if l.Off {
		return nil
	}
	paced := !edit || to.isGroup()
	full := to.bucket.Free(now, l.ChatBurst, l.ChatEvery)
	switch {
	case to.isGroup() && to.minute.Free(now) > 0:
		s.breach(c, RuleLimit, "more than %d in a minute in one group", l.GroupPerMinute)
		return tooMany(to.wait.Tell(now, to.minute.Free(now)))
	case paced && full > 0:
		s.breach(c, RuleLimit, "more than one every %v in one chat, after a burst of %d", l.ChatEvery, l.ChatBurst)
		return tooMany(to.wait.Tell(now, full))
	case s.pace.Free(now) > 0:
		s.breach(c, RuleLimit, "more than %d in a second in all", l.Overall)
		return tooMany(s.wait.Tell(now, s.pace.Free(now)))
	}
	if paced {
		to.bucket.Take()
	}
	if to.isGroup() {
		to.minute.Add(now)
	}
	s.pace.Add(now)
	return nil
}
