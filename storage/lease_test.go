package storage

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ella/storage/internal/engines"
)

func TestLease(t *testing.T) {
	engines.Each(t, func(t *testing.T, url string) {
		clock := newClock()
		db := openTest(t, url, func(o *Options) { o.Clock = clock })
		want := func(owner string, held bool) {
			t.Helper()
			got, err := db.Lease(t.Context(), "poll:try", owner, time.Minute)
			if err != nil || got != held {
				t.Errorf("Lease for %s = %v, %v; want %v", owner, got, err, held)
			}
		}
		want("a", true)
		want("b", false)
		clock.advance(59 * time.Second)
		want("b", false)
		want("a", true) // renewed
		clock.advance(59 * time.Second)
		want("b", false)
		clock.advance(time.Second) // a minute since the renewal
		want("b", true)
		want("a", false)
		if err := db.Release(t.Context(), "poll:try", "a"); err != nil { // not its own
			t.Error(err)
		}
		want("a", false)
		if err := db.Release(t.Context(), "poll:try", "b"); err != nil {
			t.Error(err)
		}
		want("a", true)
	})
}

func TestLeaseRace(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		var wg sync.WaitGroup
		var held atomic.Int64
		for i := range 20 {
			wg.Go(func() {
				ok, err := db.Lease(t.Context(), "one", fmt.Sprint(i), time.Minute)
				if err != nil {
					t.Error(err)
				}
				if ok {
					held.Add(1)
				}
			})
		}
		wg.Wait()
		if n := held.Load(); n != 1 {
			t.Errorf("%d hold the lease", n)
		}
	})
}

// TestLeaseOfTheDead: a process that has a SQLite file for itself goes on where a
// killed one stopped, at once.
func TestLeaseOfTheDead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ella.db")
	shared := openTest(t, file)
	if mine, err := shared.Lease(t.Context(), "poll:try", "dead", time.Hour); !mine || err != nil {
		t.Fatal(mine, err)
	}
	if mine, err := shared.Lease(t.Context(), "poll:try", "other", time.Hour); mine || err != nil {
		t.Errorf("beside others it took a lease that has not run out: %v, %v", mine, err)
	}
	alone := openTest(t, file, func(o *Options) { o.Exclusive = true })
	if mine, err := alone.Lease(t.Context(), "poll:try", "next", time.Hour); !mine || err != nil {
		t.Errorf("whoever is alone waits for the dead: %v, %v", mine, err)
	}
}
