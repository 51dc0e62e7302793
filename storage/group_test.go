package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/storage/internal/engines"
)

// One unit of a group goes wrong: it alone is lost, and all its neighbours,
// before and after it, are kept.
func TestGroupSurvivesOneUnit(t *testing.T) {
	endless := func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, `
			INSERT INTO meta (name, value)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'endless', i FROM n WHERE i < 0`)
		return err
	}
	for _, tt := range []struct {
		name string
		unit bot.Change
		want error
		kind FaultKind
	}{
		{"error", func(context.Context, bot.Tx) error { return io.EOF }, io.EOF, ""},
		{"panic", func(context.Context, bot.Tx) error { panic("x") }, ErrPanic, ""},
		{"hangs in Go", func(context.Context, bot.Tx) error { <-make(chan struct{}); return nil }, ErrTooLong, ""},
		{"hangs in a statement", endless, ErrTooLong, ""},
		{"constraint, forgotten", func(ctx context.Context, tx bot.Tx) error { _ = addNote("unit00")(ctx, tx); return nil }, nil, ""},
		{"its context is cancelled in the middle", func(ctx context.Context, tx bot.Tx) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			context.AfterFunc(ctx, func() {})
			if err := addNote("bad")(ctx, tx); err != nil {
				return err
			}
			cancel()
			return addNote("bad 2")(ctx, tx)
		}, context.Canceled, ""},
		{"full disk", func(ctx context.Context, tx bot.Tx) error {
			_, err := own(tx).exec(ctx, `INSERT INTO meta (name, value) VALUES ('bad', zeroblob(4000000))`)
			return err
		}, nil, DiskFull},
		{"full disk, forgotten", func(ctx context.Context, tx bot.Tx) error {
			t := own(tx)
			_, _ = t.exec(ctx, `INSERT INTO meta (name, value) VALUES ('bad', zeroblob(4000000))`)
			// By now SQLite has rolled back everything: this would run in autocommit.
			_ = addNote("bad 2")(ctx, tx)
			return nil
		}, nil, DiskFull},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := openTest(t, engines.SQLite(t), func(o *Options) { o.UnitLimit = 400 * time.Millisecond })
			if _, err := db.writes.ExecContext(t.Context(), `PRAGMA max_page_count = 400`); err != nil {
				t.Fatal(err)
			}
			const n, bad = 12, 5
			results := runGroup(t, db, n, func(i int) bot.Change {
				if i == bad {
					return func(ctx context.Context, tx bot.Tx) error {
						if err := addNote("bad first")(ctx, tx); err != nil {
							return err
						}
						return tt.unit(ctx, tx)
					}
				}
				return addNote(fmt.Sprintf("unit%02d", i))
			})
			var want []string
			for i, err := range results {
				if i != bad {
					want = append(want, fmt.Sprintf("unit%02d", i))
					if err != nil {
						t.Errorf("unit %d: %v", i, err)
					}
				}
			}
			err := results[bad]
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || tt.kind != "" && KindOf(err) != tt.kind {
				t.Errorf("the bad unit returned %v", err)
			}
			if got := notes(t, db); !slices.Equal(got, want) {
				t.Errorf("notes = %q, want %q", got, want)
			}
			if err := db.Write(t.Context(), addNote("after")); err != nil {
				t.Errorf("after it: %v", err)
			}
		})
	}
}

// runGroup runs n units in one group, in order, and returns their results: the
// writer is fed by hand, so that nothing depends on timing.
func runGroup(t *testing.T, db *DB, n int, unit func(int) bot.Change) []error {
	t.Helper()
	feed := &writer{db: db, queue: make(chan *work, n)}
	var jobs []*work
	for i := range n {
		j := &work{ctx: t.Context(), unit: unit(i), result: make(chan error, 1)}
		jobs = append(jobs, j)
		feed.queue <- j
	}
	for len(feed.queue) > 0 { // more than one group where a unit used up its time
		feed.group(<-feed.queue)
	}
	results := make([]error, n)
	for i, j := range jobs {
		results[i] = fault("write to", db.name, <-j.result)
	}
	return results
}

// A group whose COMMIT fails is run again one by one. Deferred foreign keys make
// COMMIT, and nothing before it, fail.
func TestCommitFails(t *testing.T) {
	db := openTest(t, engines.SQLite(t))
	results := runGroup(t, db, 4, func(i int) bot.Change {
		if i != 1 {
			return addNote(fmt.Sprintf("unit%02d", i))
		}
		return func(ctx context.Context, tx bot.Tx) error {
			if _, err := own(tx).exec(ctx, `PRAGMA defer_foreign_keys = 1`); err != nil {
				return err
			}
			_, err := own(tx).exec(ctx, `INSERT INTO shelf (account_id, key, value_sealed) VALUES ('nobody', 'k', x'00')`)
			return err
		}
	})
	for i, err := range results {
		if (err != nil) != (i == 1) {
			t.Errorf("unit %d: %v", i, err)
		}
	}
	if got, want := notes(t, db), []string{"unit00", "unit02", "unit03"}; !slices.Equal(got, want) {
		t.Errorf("notes = %q, want %q", got, want)
	}
}

// Units that wait while a group is under way make up the next one.
func TestGroupsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t, engines.SQLite(t))
		const n = 50
		gate, errs := make(chan struct{}), make(chan error, n+1)
		go func() {
			errs <- db.Write(t.Context(), func(context.Context, bot.Tx) error { <-gate; return nil })
		}()
		synctest.Wait()
		for i := range n {
			go func() { errs <- db.Write(t.Context(), addNote(fmt.Sprintf("unit%02d", i))) }()
		}
		synctest.Wait()
		close(gate)
		for range n + 1 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if db.writer.last != n+1 {
			t.Errorf("the last group had %d units, want %d", db.writer.last, n+1)
		}
		if got := notes(t, db); len(got) != n {
			t.Errorf("%d notes, want %d", len(got), n)
		}
	})
}

// A caller that stops waiting before its unit has begun is told at once, and the
// unit is not run.
func TestWriteCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t, engines.SQLite(t))
		gate, first, second := make(chan struct{}), make(chan error), make(chan error)
		go func() {
			first <- db.Write(t.Context(), func(context.Context, bot.Tx) error { <-gate; return nil })
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go func() { second <- db.Write(ctx, addNote("late")) }()
		synctest.Wait()
		cancel()
		if err := <-second; !errors.Is(err, context.Canceled) {
			t.Errorf("Write = %v", err)
		}
		close(gate)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if got := notes(t, db); len(got) > 0 {
			t.Errorf("notes = %q", got)
		}
	})
}

// A unit that comes alone does not wait for company: with a clock that moves
// only when everybody waits, no time passes.
func TestSingleUnitIsCommittedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t, engines.SQLite(t))
		began := time.Now()
		for i := range 10 {
			if err := db.Write(t.Context(), addNote(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(began); d > 0 {
			t.Errorf("ten units took %v", d)
		}
	})
}

// While River's statement holds the connection, units wait for it and do not fail.
func TestConnectionIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t, engines.SQLite(t))
		conn, err := db.writes.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		result := make(chan error)
		go func() { result <- db.Write(t.Context(), addNote("one")) }()
		synctest.Wait()
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-result; err != nil {
			t.Error(err)
		}
	})
}
