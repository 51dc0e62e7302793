package throttle_test

import (
	"testing"
	"time"

	"ella/adapters/throttle"
)

func TestWindow(t *testing.T) {
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return begun.Add(time.Duration(seconds) * time.Second) }
	w := throttle.NewWindow(3, time.Minute)
	if !w.Free(3).IsZero() {
		t.Fatal("an empty window is not free")
	}
	for _, second := range []int{0, 1, 2} {
		w.Add(at(second))
	}
	for n, want := range map[int]time.Time{1: at(60), 2: at(61), 3: at(62)} {
		if got := w.Free(n); !got.Equal(want) {
			t.Errorf("%d more fit at %v, want %v", n, got, want)
		}
	}
	w.Add(at(60))
	if got := w.Free(1); !got.Equal(at(61)) {
		t.Errorf("one more fits at %v", got)
	}
	var none throttle.Window
	if none.Add(at(0)); !none.Free(1).IsZero() {
		t.Error("a window of nothing is full")
	}
}

// TestEven: three at once, and then one a second; a pause is worth three again.
func TestEven(t *testing.T) {
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e, now := throttle.NewEven(time.Second), begun
	for i, want := range []int{0, 0, 0, 1, 2, 10, 10, 10, 11} {
		if i == 5 {
			now = begun.Add(10 * time.Second)
		}
		now = throttle.Later(now, e.Free(3))
		if e.Add(now); now != begun.Add(time.Duration(want)*time.Second) {
			t.Errorf("number %d happens after %v, want %d s", i, now.Sub(begun), want)
		}
	}
	if e.Free(1) != begun.Add(14*time.Second) {
		t.Errorf("one alone would be due after %v", e.Free(1).Sub(begun))
	}
}

func TestLater(t *testing.T) {
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	if throttle.Later(early, late) != late || throttle.Later(late, early) != late || throttle.Later(early, time.Time{}) != early {
		t.Error("the earlier is the later")
	}
}
