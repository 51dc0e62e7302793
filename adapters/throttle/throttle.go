// Package throttle holds calls up for as long as a platform wants it: it counts how often
// something happened not long ago, and lets through who may go. What may happen how often
// is the platform's own to say.
package throttle

import "time"

// Window allows so many of something in any stretch of time: it remembers when the last
// ones were. The zero Window allows everything.
type Window struct {
	times []time.Time
	next  int
	per   time.Duration
}

// NewWindow allows n in any stretch of per.
func NewWindow(n int, per time.Duration) Window { return Window{times: make([]time.Time, n), per: per} }

// Free is when n more fit, of as many as are allowed: a time that is over, if they do
// already.
func (w *Window) Free(n int) time.Time {
	if len(w.times) == 0 {
		return time.Time{}
	}
	if oldest := w.times[(w.next+n-1)%len(w.times)]; !oldest.IsZero() {
		return oldest.Add(w.per)
	}
	return time.Time{}
}

// Add enters one that happens now.
func (w *Window) Add(now time.Time) {
	if len(w.times) > 0 {
		w.times[w.next] = now
		w.next = (w.next + 1) % len(w.times)
	}
}

// Even keeps what happens apart: one every so often, or some at once if it was quiet
// before. The zero Even keeps nothing apart.
type Even struct {
	every time.Duration
	next  time.Time // when the next would be due if all came evenly
}

// NewEven has one happen every so often.
func NewEven(every time.Duration) Even { return Even{every: every} }

// Free is when one more may happen, if burst of them may happen at once.
func (e *Even) Free(burst int) time.Time { return e.next.Add(-time.Duration(burst-1) * e.every) }

// Add enters one that happens now.
func (e *Even) Add(now time.Time) { e.next = Later(e.next, now).Add(e.every) }

// Later is the later of two times.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
