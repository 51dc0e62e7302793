package bot_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
)

// hand is a clock that stands where it is put. It may be used by many at once.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newHand() *hand { return &hand{now: time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)} }

// TestIDsRise makes ids while the clock jumps forward, stands, and goes back, as
// clocks do that are put right: each is higher than the one before.
func TestIDsRise(t *testing.T) {
	clock := newHand()
	ids := bot.NewIDs(clock, rand.NewChaCha8([32]byte{1}))
	dice := rand.New(rand.NewPCG(1, 1))
	last := ""
	for i := range 100_000 {
		id := ids.New()
		if len(id) != 16 || id <= last {
			t.Fatalf("id %d is %q, after %q", i, id, last)
		}
		last = id
		switch dice.IntN(10) {
		case 0:
			clock.move(time.Duration(dice.IntN(5)) * time.Millisecond)
		case 1:
			clock.move(-time.Hour)
		case 2:
			clock.move(time.Hour + time.Microsecond)
		}
	}
}

// TestIDsOfManyAtOnce: no id twice, and each maker sees its own rise.
func TestIDsOfManyAtOnce(t *testing.T) {
	clock := newHand()
	ids := bot.NewIDs(clock, rand.NewChaCha8([32]byte{2}))
	const makers, each = 16, 2000
	made := make([][]string, makers)
	var wait sync.WaitGroup
	for i := range made {
		wait.Go(func() {
			own := ids // a copy shares the source
			for n := range each {
				if n%100 == 0 {
					clock.move(time.Duration(1-n%300/100) * time.Millisecond) // forward, still, back
				}
				made[i] = append(made[i], own.New())
			}
		})
	}
	wait.Wait()
	var all []string
	for i, own := range made {
		if !slices.IsSorted(own) {
			t.Errorf("the ids of maker %d do not rise", i)
		}
		all = append(all, own...)
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != makers*each {
		t.Errorf("%d ids, %d different ones", makers*each, n)
	}
}

// TestIDsOfTwoProcesses: the same millisecond in two processes gives ids of the
// same day beside each other, and yet not the same.
func TestIDsOfTwoProcesses(t *testing.T) {
	clock := newHand()
	one, other := bot.NewIDs(clock, rand.NewChaCha8([32]byte{3})), bot.NewIDs(clock, rand.NewChaCha8([32]byte{4}))
	a, b := one.New(), other.New()
	if a == b || a[:8] != b[:8] {
		t.Errorf("made %q and %q", a, b)
	}
	clock.move(24 * time.Hour)
	if later := other.New(); later <= a || later <= b {
		t.Errorf("a day later %q, after %q and %q", later, a, b)
	}
}

// TestIDsNeedNoEscaping: ids stand in buttons, in paths and in topics.
func TestIDsNeedNoEscaping(t *testing.T) {
	ids := bot.NewIDs(newHand(), rand.NewChaCha8([32]byte{5}))
	for range 1000 {
		if id := ids.New(); strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
			t.Fatalf("made %q", id)
		}
	}
}
