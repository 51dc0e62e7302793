package lane_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot/lane"
)

// busiest counts how many work at once, and remembers the most.
type busiest struct{ now, most atomic.Int64 }

func (b *busiest) enter() {
	n := b.now.Add(1)
	for {
		most := b.most.Load()
		if n <= most || b.most.CompareAndSwap(most, n) {
			return
		}
	}
}

func (b *busiest) leave() { b.now.Add(-1) }

// Many push to many lanes at once: each lane's items come in the order of its
// pushes, one at a time, and no item is lost or doubled.
func TestOrderWithinALane(t *testing.T) {
	const keys, items = 20, 200
	var mu sync.Mutex
	got := map[string][]int{}
	working := map[string]bool{}
	set := lane.New(4, func(key string, item int) {
		mu.Lock()
		if working[key] {
			t.Errorf("lane %s works two items at once", key)
		}
		working[key] = true
		mu.Unlock()
		mu.Lock()
		defer mu.Unlock()
		got[key] = append(got[key], item)
		working[key] = false
	})
	var pushing sync.WaitGroup
	want := make([]int, items)
	for k := range keys {
		pushing.Go(func() {
			for i := range items {
				if !set.Push(fmt.Sprint(k), i) {
					t.Error("an open set refused an item")
				}
			}
		})
	}
	for i := range want {
		want[i] = i
	}
	pushing.Wait()
	set.Wait()
	for k := range keys {
		if !slices.Equal(got[fmt.Sprint(k)], want) {
			t.Errorf("lane %d worked %v", k, got[fmt.Sprint(k)])
		}
	}
}

// As many lanes as there is room for work side by side, and never one more.
func TestWidth(t *testing.T) {
	for _, width := range []int{1, 3} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var b busiest
				set := lane.New(width, func(string, int) {
					b.enter()
					defer b.leave()
					<-time.After(time.Second)
				})
				begun := time.Now()
				for k := range 6 {
					set.Push(fmt.Sprint(k), 1)
				}
				set.Wait()
				if most := b.most.Load(); most != int64(width) {
					t.Errorf("%d lanes worked at once, want %d", most, width)
				}
				if took, want := time.Since(begun), time.Duration(6/width)*time.Second; took != want {
					t.Errorf("six lanes of a second took %v, want %v", took, want)
				}
			})
		})
	}
}

// A lane that waits does not take the room of one that could work, and goes on
// with its own next item only after it.
func TestYield(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set *lane.Set[string]
		var b busiest
		var mu sync.Mutex
		var order []string
		set = lane.New(1, func(_ string, item string) {
			b.enter()
			if item == "waits" {
				b.leave()
				set.Yield(func() { <-time.After(time.Hour) })
				b.enter()
			}
			mu.Lock()
			defer mu.Unlock()
			order = append(order, item)
			b.leave()
		})
		set.Push("a", "waits")
		set.Push("a", "after it")
		synctest.Wait()
		set.Push("b", "meanwhile")
		synctest.Wait()
		mu.Lock()
		if !slices.Equal(order, []string{"meanwhile"}) {
			t.Errorf("while one lane waits: %q", order)
		}
		mu.Unlock()
		set.Wait()
		if !slices.Equal(order, []string{"meanwhile", "waits", "after it"}) {
			t.Errorf("order = %q", order)
		}
		if most := b.most.Load(); most != 1 {
			t.Errorf("%d worked at once", most)
		}
	})
}

func TestOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var worked atomic.Int64
		set := lane.New(2, func(string, int) { worked.Add(1); <-gate })
		if !set.Offer("a", 1) {
			t.Error("an idle lane refused")
		}
		synctest.Wait()
		if set.Offer("a", 2) {
			t.Error("a busy lane took what was only offered")
		}
		if !set.Offer("b", 3) {
			t.Error("another lane refused")
		}
		close(gate)
		set.Wait()
		if n := worked.Load(); n != 2 {
			t.Errorf("%d items were worked", n)
		}
		if !set.Offer("a", 4) {
			t.Error("a lane that has run dry refused")
		}
		set.Close()
		if set.Offer("a", 5) {
			t.Error("a closed set took an item")
		}
	})
}

// Close takes nothing more and returns only when everything taken is done.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var worked atomic.Int64
		set := lane.New(1, func(string, int) {
			<-time.After(time.Second)
			worked.Add(1)
		})
		for i := range 5 {
			set.Push(fmt.Sprint(i%2), i)
		}
		set.Close()
		if n := worked.Load(); n != 5 {
			t.Errorf("Close returned after %d of 5", n)
		}
		if set.Push("a", 1) {
			t.Error("a closed set took an item")
		}
		set.Close()
		set.Wait()
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := lane.New(2, func(string, int) {})
		set.Wait() // nothing was ever pushed
		var waited atomic.Bool
		gate := make(chan struct{})
		busy := lane.New(2, func(string, int) { <-gate })
		busy.Push("a", 1)
		go func() { busy.Wait(); waited.Store(true) }()
		synctest.Wait()
		if waited.Load() {
			t.Error("Wait returned while a lane was busy")
		}
		close(gate)
		synctest.Wait()
		if !waited.Load() {
			t.Error("Wait did not return")
		}
	})
}

// An item may push to its own lane: it comes after what is there already.
func TestPushFromWork(t *testing.T) {
	var mu sync.Mutex
	var order []int
	var set *lane.Set[int]
	set = lane.New(1, func(key string, item int) {
		mu.Lock()
		order = append(order, item)
		mu.Unlock()
		if item < 3 {
			set.Push(key, item+10)
		}
	})
	for i := range 3 {
		set.Push("a", i)
	}
	set.Wait()
	if len(order) != 6 || slices.Index(order, 10) < slices.Index(order, 0) {
		t.Errorf("order = %v", order)
	}
}
