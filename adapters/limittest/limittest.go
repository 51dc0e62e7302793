// Package limittest is how much a fake platform takes, and what it says of more. It counts
// apart from package throttle, which it judges: a fault of one must not hide the other's.
package limittest

import (
	"math"
	"time"
)

// Window allows so many of something in any stretch of time: it remembers when the
// last ones were.
type Window struct {
	times []time.Time
	next  int
	per   time.Duration
}

// NewWindow allows n in any stretch of per, and at least one.
func NewWindow(n int, per time.Duration) Window {
	return Window{times: make([]time.Time, max(n, 1)), per: per}
}

// Most is how many it allows.
func (w *Window) Most() int { return len(w.times) }

// Free is how long until one more fits.
func (w *Window) Free(now time.Time) time.Duration {
	oldest := w.times[w.next]
	if oldest.IsZero() {
		return 0
	}
	return max(0, w.per-now.Sub(oldest))
}

// Add enters one that happens now.
func (w *Window) Add(now time.Time) {
	w.times[w.next] = now
	w.next = (w.next + 1) % len(w.times)
}

// Bucket takes some at once, and one more every so often. The zero Bucket is full.
type Bucket struct {
	tokens   float64
	refilled time.Time
}

// almost is how full a bucket must be for one more: the caller's clock and the way
// between are not exact.
const almost = 0.9

// Free is how long until one more is taken, of a burst and then one every so often.
func (b *Bucket) Free(now time.Time, burst int, every time.Duration) time.Duration {
	b.tokens = min(float64(burst), b.tokens+float64(now.Sub(b.refilled))/float64(every))
	b.refilled = now
	if b.tokens >= almost {
		return 0
	}
	return time.Duration((1 - b.tokens) * float64(every))
}

// Take enters one.
func (b *Bucket) Take() { b.tokens = max(0, b.tokens-1) }

// Wait is a 429 that was told to the caller; the zero Wait is over.
type Wait struct{ told, until time.Time }

// Tell begins a wait of whole seconds, as platforms count, and returns how many.
func (w *Wait) Tell(now time.Time, least time.Duration) int {
	seconds := whole(least)
	w.told, w.until = now, now.Add(time.Duration(seconds)*time.Second)
	return seconds
}

// Left is how many whole seconds are left: 0 once it is over.
func (w *Wait) Left(now time.Time) int {
	if !now.Before(w.until) {
		return 0
	}
	return whole(w.until.Sub(now))
}

// Ignored is by how much whoever calls now is too early; 0 if the wait is over, or if it
// was told so lately that the call may have been on its way.
func (w *Wait) Ignored(now time.Time, grace time.Duration) time.Duration {
	if now.Sub(w.told) <= grace {
		return 0
	}
	return max(0, w.until.Sub(now))
}

func whole(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }
