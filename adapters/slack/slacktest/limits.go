package slacktest

import (
	"math"
	"net/http"
	"strconv"
	"time"
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

// window allows so many of something in any stretch of time: it remembers when the
// last ones were.
type window struct {
	times []time.Time
	next  int
	per   time.Duration
}

func newWindow(n int, per time.Duration) *window {
	return &window{times: make([]time.Time, max(n, 1)), per: per}
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

// wait is a 429 that was told to the app.
type wait struct{ told, until time.Time }

// tell begins a wait of whole seconds, as Retry-After is.
func (w *wait) tell(now time.Time, least time.Duration) *apiError {
	seconds := max(1, int(math.Ceil(least.Seconds())))
	w.told, w.until = now, now.Add(time.Duration(seconds)*time.Second)
	return tooMany(seconds)
}

func tooMany(seconds int) *apiError {
	return &apiError{code: "ratelimited", status: http.StatusTooManyRequests, retry: strconv.Itoa(seconds)}
}

// pace is how a workspace's calls of one method stand.
type pace struct {
	window *window
	wait   wait
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
		p = &pace{window: newWindow(n, time.Minute)}
		paces[c.method] = p
	}
	return p
}

// admit counts a call, or refuses it; s.mu is held. Slack stops a method in a
// workspace whole, whichever limit it was that was passed [doc].
func (s *Server) admit(c *call) *apiError {
	now, p := s.now(), s.paceOf(c)
	if now.Before(p.wait.until) {
		if now.Sub(p.wait.told) > s.options.Limits.Grace {
			s.breach(c, RuleWait, "called %v before the end of a Retry-After", p.wait.until.Sub(now))
		}
		return tooMany(max(1, int(math.Ceil(p.wait.until.Sub(now).Seconds()))))
	}
	if s.options.Limits.Off {
		return nil
	}
	if free := p.window.free(now); free > 0 {
		s.breach(c, RuleLimit, "more than %d in a minute", len(p.window.times))
		return p.wait.tell(now, free)
	}
	if c.method == "chat.postMessage" {
		if e := s.admitToChannel(c, p, now); e != nil {
			return e
		}
	}
	p.window.add(now)
	return nil
}

// almost is how full a bucket must be for one more: the app's clock and the way
// between are not exact.
const almost = 0.9

func (s *Server) admitToChannel(c *call, p *pace, now time.Time) *apiError {
	to, _ := s.target(c, c.args["channel"])
	if to == nil {
		return nil
	}
	l := s.options.Limits
	to.tokens = min(float64(l.ChannelBurst), to.tokens+float64(now.Sub(to.refilled))/float64(l.ChannelEvery))
	to.refilled = now
	if to.tokens < almost {
		s.breach(c, RuleLimit, "more than one every %v in one channel, after a burst of %d", l.ChannelEvery, l.ChannelBurst)
		return p.wait.tell(now, time.Duration((1-to.tokens)*float64(l.ChannelEvery)))
	}
	to.tokens = max(0, to.tokens-1)
	return nil
}
