// Package throttle counts what a platform counts: how often something happened not long
// ago. What may happen how often is the platform's own to say.
package throttle

import "time"

// Window allows so many of something in any stretch of time: it remembers when the last
// ones were. The zero Window was never added to and must not be.
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
	if oldest := w.times[(w.next+n-1)%len(w.times)]; !oldest.IsZero() {
		return oldest.Add(w.per)
	}
	return time.Time{}
}

// Add enters one that happens now.
func (w *Window) Add(now time.Time) {
	w.times[w.next] = now
	w.next = (w.next + 1) % len(w.times)
}

// Last is when one was added at last; zero before the first.
func (w *Window) Last() time.Time {
	if len(w.times) == 0 {
		return time.Time{}
	}
	return w.times[(w.next+len(w.times)-1)%len(w.times)]
}

// Later is the later of two times.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
