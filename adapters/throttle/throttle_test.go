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
	if !w.Free(3).IsZero() || !w.Last().IsZero() {
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
	if got := w.Last(); !got.Equal(at(60)) {
		t.Errorf("the last was at %v", got)
	}
	if last := (&throttle.Window{}).Last(); !last.IsZero() {
		t.Errorf("nothing was at %v", last)
	}
}

func TestLater(t *testing.T) {
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	if throttle.Later(early, late) != late || throttle.Later(late, early) != late || throttle.Later(early, time.Time{}) != early {
		t.Error("the earlier is the later")
	}
}
