package limittest_test

import (
	"testing"
	"time"

	"ella/adapters/limittest"
)

var begun = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time {
	return begun.Add(time.Duration(seconds * float64(time.Second)))
}

func TestWindow(t *testing.T) {
	w := limittest.NewWindow(2, time.Minute)
	for _, c := range []struct {
		second float64
		want   time.Duration
	}{{0, 0}, {10, 0}, {20, 40 * time.Second}, {59, time.Second}, {60, 0}, {61, 9 * time.Second}, {70, 0}} {
		free := w.Free(at(c.second))
		if free != c.want {
			t.Errorf("after %v s one more fits in %v, want %v", c.second, free, c.want)
		}
		if free == 0 {
			w.Add(at(c.second))
		}
	}
	if none := limittest.NewWindow(0, time.Minute); none.Most() != 1 || w.Most() != 2 {
		t.Errorf("they allow %d and %d", none.Most(), w.Most())
	}
}

func TestBucket(t *testing.T) {
	var b limittest.Bucket
	for _, c := range []struct {
		second float64
		want   time.Duration
	}{{0, 0}, {0, 0}, {0, time.Second}, {0.5, 500 * time.Millisecond}, {0.95, 0}, {1, 950 * time.Millisecond}, {100, 0}, {100, 0}, {100, time.Second}} {
		free := b.Free(at(c.second), 2, time.Second)
		if off := free - c.want; off < -time.Millisecond || off > time.Millisecond {
			t.Errorf("after %v s one more is taken in %v, want %v", c.second, free, c.want)
		}
		if free == 0 {
			b.Take()
		}
	}
}

func TestWait(t *testing.T) {
	const grace = 100 * time.Millisecond
	var w limittest.Wait
	if w.Left(begun) != 0 || w.Ignored(begun, grace) != 0 {
		t.Error("a wait that nobody was told of is none")
	}
	if n := w.Tell(begun, 0); n != 1 {
		t.Errorf("the shortest is %d s", n)
	}
	if n := w.Tell(begun, 1500*time.Millisecond); n != 2 {
		t.Errorf("1.5 s are told as %d s", n)
	}
	for _, c := range []struct {
		second  float64
		left    int
		ignored time.Duration
	}{{0.1, 2, 0}, {0.5, 2, 1500 * time.Millisecond}, {1.5, 1, 500 * time.Millisecond}, {2, 0, 0}} {
		if left, ignored := w.Left(at(c.second)), w.Ignored(at(c.second), grace); left != c.left || ignored != c.ignored {
			t.Errorf("after %v s it lasts for %d s, and is ignored by %v", c.second, left, ignored)
		}
	}
}
