package storage_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"ella/bot"
	"ella/storage"
	"ella/storage/storagetest"
)

// A lane is one process's, until it gives it back or its connection ends.
func TestLanes(t *testing.T) {
	w := newWorld(t, storagetest.Postgres)
	second, err := storage.Open(t.Context(), storage.Options{URL: w.url, Keys: storagetest.Keys(t), Clock: bot.SystemClock{}})
	if err != nil {
		t.Fatal(err)
	}
	one, two := w.Engine("one"), second.Engine("two")
	// Locks are the whole server's: nobody else's may be meant.
	sender := fmt.Sprint("amina-", rand.Uint64())
	lane, _ := w.accept(w.raw("1", sender, "x"))
	other, _ := w.accept(w.raw("2", sender+"-too", "x"))
	claim := func(what string, s storage.Engine, lane string, want bool) {
		t.Helper()
		if _, got, err := s.ClaimLane(t.Context(), lane); err != nil || got != want {
			t.Fatalf("%s: claimed %v, %v", what, got, err)
		}
	}
	release := func(s storage.Engine, lane string) {
		t.Helper()
		if _, err := s.ReleaseLane(t.Context(), lane); err != nil {
			t.Fatal(err)
		}
	}
	claim("a free lane", one, lane.Lane, true)
	claim("a taken lane", two, lane.Lane, false)
	claim("another lane", two, other.Lane, true)
	release(one, lane.Lane)
	claim("a lane given back", two, lane.Lane, true)
	claim("taken by the other now", one, lane.Lane, false)

	// The connection that holds the locks dies: so do they, for whoever asks next.
	w.Exec(t, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = $1 AND objid::bigint = $2`,
		int64(w.LaneKey(lane.Lane)>>32), int64(w.LaneKey(lane.Lane)&0xffffffff))
	until(t, "for the locks to be gone", func() bool {
		_, got, err := one.ClaimLane(t.Context(), lane.Lane)
		return err == nil && got
	})
	if _, got, err := two.ClaimLane(t.Context(), other.Lane); err == nil && !got {
		t.Error("a lane whose holder died is taken by nobody and given to nobody")
	}
	until(t, "for a new connection", func() bool {
		_, got, err := two.ClaimLane(t.Context(), other.Lane)
		return err == nil && got
	})

	// A database that is closed takes no more lanes, and gives up those it had.
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.ClaimLane(t.Context(), other.Lane); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	until(t, "for the lanes of a process that is gone", func() bool {
		_, got, err := one.ClaimLane(t.Context(), other.Lane)
		return err == nil && got
	})
}

// Two processes are handed the same many updates at once, in two orders: each is
// accepted by one of them, and neither waits for the other in a circle.
func TestManyAcceptTheSame(t *testing.T) {
	w := newWorld(t, storagetest.Postgres)
	second, err := storage.Open(t.Context(), storage.Options{URL: w.url, Keys: storagetest.Keys(t), Clock: bot.SystemClock{}})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	const many = 600
	ids := bot.NewIDs(bot.SystemClock{}, storagetest.NewRandom(3))
	var fresh [many]atomic.Int64
	var all sync.WaitGroup
	for i := range many {
		for p, s := range []storage.Engine{w.Engine("one"), second.Engine("two")} {
			n := i
			if p == 1 {
				n = many - 1 - i
			}
			all.Go(func() {
				_, isFresh, err := s.Accept(t.Context(), ids.New(), w.raw(fmt.Sprint(n), fmt.Sprint("sender-", n%7), fmt.Sprint(n)))
				if err != nil {
					t.Error(err)
				}
				if isFresh {
					fresh[n].Add(1)
				}
			})
		}
	}
	all.Wait()
	for n := range fresh {
		if got := fresh[n].Load(); got != 1 {
			t.Errorf("update %d was accepted %d times", n, got)
		}
	}
	if kept := len(w.waiting("", 2*many)); kept != many {
		t.Errorf("%d updates were kept of %d", kept, many)
	}
}
