package storage

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ella/bot"
	"ella/storage/internal/engines"
)

func TestPostgresRefuses(t *testing.T) {
	url := engines.Postgres(t)
	i, j := strings.Index(url, "/"+dbName(url)+"?"), strings.Index(url, "?")
	_, err := Open(t.Context(), Options{URL: url[:i] + "/no_such_database" + url[j:], Keys: testKeys(t)})
	if KindOf(err) != Unreachable {
		t.Errorf("Open = %v", err)
	}
}

// dbName is the path of a postgres:// URL.
func dbName(url string) string {
	s, _, _ := strings.Cut(url, "?")
	return s[strings.LastIndex(s, "/")+1:]
}

// PostgreSQL asks for a unit to be repeated when two of them wait for each other.
func TestDeadlockIsRetried(t *testing.T) {
	db := openTest(t, engines.Postgres(t))
	for _, name := range []string{"a", "b"} {
		if err := db.Write(t.Context(), addNote(name)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	var runs atomic.Int64
	met := make(chan struct{}, 2) // one place for each side's first run
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			first := true
			err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
				runs.Add(1)
				for i, name := range order {
					if _, err := own(tx).exec(ctx, `UPDATE meta SET value = $2 WHERE name = $1`, name, []byte{2}); err != nil {
						return err
					}
					if i == 0 && first {
						first = false
						met <- struct{}{}
						for len(met) < 2 {
							runtime.Gosched()
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// On a busy machine both sides may run into the server's time limit at once, and
	// then both are repeated.
	if n := runs.Load(); n < 3 || n > 4 {
		t.Errorf("%d runs, want 3 or 4: two and the repetition", n)
	}
}

// A connection that breaks is the database's fault and not the unit's, and the
// next unit gets another one.
func TestConnectionBreaks(t *testing.T) {
	db := openTest(t, engines.Postgres(t))
	err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		var gone bool
		return own(tx).queryRow(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`).Scan(&gone)
	})
	if err == nil || !db.unavailable(err) {
		t.Errorf("Write = %v", err)
	}
	if err := db.Write(t.Context(), addNote("one")); err != nil {
		t.Error(err)
	}
}
