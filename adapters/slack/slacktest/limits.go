package slacktest

import (
	"net/http"
	"strconv"
	"time"

	"ella/adapters/limittest"
)

// Limits are how much the app may ask for. Slack counts by method and workspace, in
// windows of a minute, and tolerates bursts that it gives no figure for [doc: Rate
// limits]; the exact shape is not known, so here it is explicit.
type Limits struct {
	// Off lifts them all. A scripted 429 still has to be waited for.
	Off bool
	// PerMinute is how many calls of a method of that tier a workspace takes in any
	// minute. Default: 1, 20, 50, 100 and for the special ones 300.
	PerMinute [5]int
	// Messages is how many chat.postMessage a workspace takes in any minute, which
	// Slack calls "several hundred". Default: 300.
	Messages int
	// ChannelBurst is how many a channel takes at once, ChannelEvery how long it
	// needs for one more. Default: 3, and 1 s.
	ChannelBurst int
	ChannelEvery time.Duration
	// Grace is how long after a 429 a further request may still come that was on
	// its way. It is refused all the same, but is no breach. Default: 100 ms.
	Grace time.Duration
}

func (l Limits) withDefaults() Limits {
	for i, n := range [5]int{1, 20, 50, 100, 300} {
		if l.PerMinute[i] == 0 {
			l.PerMinute[i] = n
		}
	}
	if l.Messages == 0 {
		l.Messages = 300
	}
	if l.ChannelBurst == 0 {
		l.ChannelBurst = 3
	}
	if l.ChannelEvery == 0 {
		l.ChannelEvery = time.Second
	}
	if l.Grace == 0 {
		l.Grace = 100 * time.Millisecond
	}
	return l
}

func tooMany(seconds int) *apiError {
	return &apiError{code: "ratelimited", status: http.StatusTooManyRequests, retry: strconv.Itoa(seconds)}
}

// pace is how a workspace's calls of one method stand.
type pace struct {
	window limittest.Window
	wait   limittest.Wait
}

// paceOf is that of a call's method in its workspace; s.mu is held.
func (s *Server) paceOf(c *call) *pace {
	paces := s.first.paces // the app's own calls count for no workspace
	if c.team != nil {
		paces = c.team.paces
	}
	p := paces[c.method]
	if p == nil {
		n := s.options.Limits.PerMinute[max(1, s.table.Methods[c.method].Tier)-1]
		if c.method == "chat.postMessage" {
			n = s.options.Limits.Messages
		}
		p = &pace{window: limittest.NewWindow(n, time.Minute)}
		paces[c.method] = p
	}
	return p
}

// admit counts a call, or refuses it; s.mu is held. Slack stops a method in a
// workspace whole, whichever limit it was that was passed [doc].
func (s *Server) admit(c *call) *apiError {
	now, p := s.now(), s.paceOf(c)
	if left := p.wait.Left(now); left > 0 {
		if early := p.wait.Ignored(now, s.options.Limits.Grace); early > 0 {
			s.breach(c, RuleWait, "called %v before the end of a Retry-After", early)
		}
		return tooMany(left)
	}
	if s.options.Limits.Off {
		return nil
	}
	if free := p.window.Free(now); free > 0 {
		s.breach(c, RuleLimit, "more than %d in a minute", p.window.Most())
		return tooMany(p.wait.Tell(now, free))
	}
	if c.method == "chat.postMessage" {
		if e := s.admitToChannel(c, p, now); e != nil {
			return e
		}
	}
	p.window.Add(now)
	return nil
}

func (s *Server) admitToChannel(c *call, p *pace, now time.Time) *apiError {
	to, _ := s.target(c, c.args["channel"])
	if to == nil {
		return nil
	}
	l := s.options.Limits
	if full := to.bucket.Free(now, l.ChannelBurst, l.ChannelEvery); full > 0 {
		s.breach(c, RuleLimit, "more than one every %v in one channel, after a burst of %d", l.ChannelEvery, l.ChannelBurst)
		return tooMany(p.wait.Tell(now, full))
	}
	to.bucket.Take()
	return nil
}
