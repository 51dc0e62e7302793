package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ella/bot"
	"ella/storage/internal/engines"
)

func TestWriteAndRead(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		if err := db.Write(t.Context(), addNote("one")); err != nil {
			t.Fatal(err)
		}
		if got := notes(t, db); !slices.Equal(got, []string{"one"}) {
			t.Errorf("notes = %q", got)
		}
		var value []byte
		err := db.read().queryRow(t.Context(), `SELECT value FROM meta WHERE name = $1`, "two").Scan(&value)
		if !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a missing row is %v", err)
		}
	})
}

// Everything that can go wrong in a unit, on both engines: it fails, nothing of
// it is kept, and the next unit works.
func TestFailingUnits(t *testing.T) {
	boom := errors.New("boom")
	type run func(t *testing.T, ctx context.Context, tx bot.Tx) error
	plain := func(c bot.Change) run {
		return func(_ *testing.T, ctx context.Context, tx bot.Tx) error { return c(ctx, tx) }
	}
	cases := []struct {
		name string
		unit run
		want error // nil: any
	}{
		{"error", func(*testing.T, context.Context, bot.Tx) error { return boom }, boom},
		{"panic", func(*testing.T, context.Context, bot.Tx) error { panic("secret words") }, ErrPanic},
		{"runtime panic", func(*testing.T, context.Context, bot.Tx) error { var s []int; _ = s[len(s)]; return nil }, ErrPanic},
		{"goexit", func(*testing.T, context.Context, bot.Tx) error { runtime.Goexit(); return nil }, ErrPanic},
		{"hangs", func(_ *testing.T, ctx context.Context, _ bot.Tx) error { <-make(chan struct{}); return nil }, ErrTooLong},
		{"waits for its context", func(_ *testing.T, ctx context.Context, _ bot.Tx) error { <-ctx.Done(); return ctx.Err() }, nil},
		{"constraint", plain(addNote("one")), nil},
		{"constraint, error forgotten", func(t *testing.T, ctx context.Context, tx bot.Tx) error { _ = addNote("one")(ctx, tx); return nil }, nil},
		{"statement after an error", func(t *testing.T, ctx context.Context, tx bot.Tx) error {
			_ = addNote("one")(ctx, tx)
			if err := addNote("three")(ctx, tx); err == nil {
				t.Error("a statement ran after an error")
			}
			return nil
		}, nil},
		{"cancelled context of its own", func(t *testing.T, ctx context.Context, tx bot.Tx) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_ = addNote("three")(ctx, tx)
			return nil
		}, context.Canceled},
		{"NUL in a text", plain(addNote("a\x00b")), ErrText},
		{"text not UTF-8", plain(addNote("a\xffb")), ErrText},
		{"text of a named type", func(t *testing.T, ctx context.Context, tx bot.Tx) error {
			_, err := own(tx).exec(ctx, `UPDATE meta SET name = $1 WHERE name = $2`, bot.MemberID("a\x00"), "x")
			return err
		}, ErrText},
		{"no such table", func(t *testing.T, ctx context.Context, tx bot.Tx) error {
			_, err := own(tx).exec(ctx, `DELETE FROM nowhere`)
			return err
		}, nil},
		{"rows fail", func(t *testing.T, ctx context.Context, tx bot.Tx) error {
			_, err := collect(func(r *rows) (n int, err error) { return n, r.Scan(&n) })(
				own(tx).query(ctx, `SELECT name FROM meta`))
			return err
		}, nil},
	}
	engines.Each(t, func(t *testing.T, url string) {
		db := openTest(t, url, func(o *Options) { o.UnitLimit = 100 * time.Millisecond })
		if err := db.Write(t.Context(), addNote("one")); err != nil {
			t.Fatal(err)
		}
		for i, tt := range cases {
			t.Run(tt.name, func(t *testing.T) {
				err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
					if err := addNote("two")(ctx, tx); err != nil {
						return err
					}
					return tt.unit(t, ctx, tx)
				})
				if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("Write = %v, want %v", err, tt.want)
				}
				if err != nil && strings.Contains(err.Error(), "secret words") {
					t.Errorf("the error quotes the panic: %v", err)
				}
				next := fmt.Sprintf("next%02d", i)
				if err := db.Write(t.Context(), addNote(next)); err != nil {
					t.Error(err)
				}
				if got := notes(t, db); !slices.Contains(got, next) || slices.Contains(got, "two") || slices.Contains(got, "three") {
					t.Errorf("notes = %q", got)
				}
			})
		}
	})
}

func TestWriteCancelledBefore(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := db.Write(ctx, addNote("one")); !errors.Is(err, context.Canceled) {
			t.Errorf("Write = %v", err)
		}
		if got := notes(t, db); len(got) > 0 {
			t.Errorf("notes = %q", got)
		}
	})
}

// A unit that has begun is finished, and its result told, whatever becomes of
// its caller.
func TestWriteCancelledDuring(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			cancel()
			return addNote("one")(ctx, tx)
		})
		if err != nil {
			t.Errorf("Write = %v", err)
		}
		if got := notes(t, db); !slices.Equal(got, []string{"one"}) {
			t.Errorf("notes = %q", got)
		}
	})
}

func TestNothingElseInsideAUnit(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		err := db.Write(t.Context(), func(ctx context.Context, _ bot.Tx) error {
			if err := db.Write(ctx, addNote("inner")); !errors.Is(err, errNested) {
				t.Errorf("Write inside a unit = %v", err)
			}
			if _, err := db.read().query(ctx, `SELECT 1`); !errors.Is(err, errNested) {
				t.Errorf("read inside a unit = %v", err)
			}
			if err := db.view(ctx, func(source) error { return nil }); !errors.Is(err, errNested) {
				t.Errorf("view inside a unit = %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestTxIsVoidAfterItsUnit(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		var kept *Tx
		var open *rows
		err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) (err error) {
			kept = own(tx)
			open, err = kept.query(ctx, `SELECT name FROM meta`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kept.exec(t.Context(), `DELETE FROM meta`); !errors.Is(err, errVoid) {
			t.Errorf("exec after the end = %v", err)
		}
		if open.Next() || !errors.Is(open.Err(), errVoid) {
			t.Errorf("rows after the end: %v", open.Err())
		}
		if err := db.Write(t.Context(), addNote("next")); err != nil {
			t.Error(err)
		}
		if _, err := own(struct{ bot.Tx }{}).exec(t.Context(), `DELETE FROM meta`); !errors.Is(err, errForeign) {
			t.Errorf("exec on a foreign Tx = %v", err)
		}
	})
}

func TestAfterCommit(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		called := 0
		hook := func(fail error) bot.Change {
			return func(_ context.Context, tx bot.Tx) error {
				own(tx).afterCommit(func() { called++ })
				return fail
			}
		}
		if err := db.Write(t.Context(), hook(nil)); err != nil || called != 1 {
			t.Errorf("Write = %v, hook called %d times", err, called)
		}
		if err := db.Write(t.Context(), hook(io.EOF)); !errors.Is(err, io.EOF) || called != 1 {
			t.Errorf("Write = %v, hook called %d times", err, called)
		}
	})
}

func TestReadsDoNotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		if err := db.Write(t.Context(), addNote("one")); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{`DELETE FROM meta RETURNING name`, `UPDATE meta SET name = 'x' RETURNING name`} {
			var name string
			if err := db.read().queryRow(t.Context(), statement).Scan(&name); err == nil {
				t.Errorf("%s worked on the read pool", statement)
			}
			err := db.view(t.Context(), func(s source) error { return s.queryRow(t.Context(), statement).Scan(&name) })
			if err == nil {
				t.Errorf("%s worked in a view", statement)
			}
		}
		if got := notes(t, db); !slices.Equal(got, []string{"one"}) {
			t.Errorf("notes = %q", got)
		}
	})
}

func TestViewStandsStill(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		count := func(s source) (n int, err error) {
			return n, s.queryRow(t.Context(), `SELECT count(*) FROM meta`).Scan(&n)
		}
		err := db.view(t.Context(), func(s source) error {
			before, err := count(s)
			if err != nil {
				return err
			}
			if err := db.Write(t.Context(), addNote("one")); err != nil {
				return err
			}
			after, err := count(s)
			if before != after {
				t.Errorf("the view went from %d to %d rows", before, after)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestErrorsHoldNoValues(t *testing.T) {
	const secret = "Rojin Demir"
	each(t, func(t *testing.T, db *DB) {
		for name, unit := range map[string]bot.Change{
			"unique": func(ctx context.Context, tx bot.Tx) error {
				_ = addNote(secret)(ctx, tx)
				return addNote(secret)(ctx, tx)
			},
			"scan": func(ctx context.Context, tx bot.Tx) error {
				if err := addNote(secret)(ctx, tx); err != nil {
					return err
				}
				var n int
				return own(tx).queryRow(ctx, `SELECT name FROM meta WHERE name = $1`, secret).Scan(&n)
			},
			"convert": func(ctx context.Context, tx bot.Tx) error {
				_, err := own(tx).exec(ctx, `INSERT INTO leases (name, owner, expires_at) VALUES ($1, $2, $3)`, "a", "b", nil)
				if err == nil {
					_, err = own(tx).exec(ctx, `UPDATE leases SET expires_at = CAST(owner AS BIGINT) WHERE CAST($1 AS BIGINT) = 1`, secret)
				}
				return err
			},
		} {
			err := db.Write(t.Context(), unit)
			if err == nil {
				t.Errorf("%s: no error", name)
			} else if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestManyWriters(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		const writers, units = 100, 10
		var wg sync.WaitGroup
		var failed atomic.Int64
		for w := range writers {
			wg.Go(func() {
				for u := range units {
					unit := addNote(fmt.Sprintf("n%03d-%02d", w, u))
					if u == units-1 {
						unit = func(context.Context, bot.Tx) error { return io.EOF }
					}
					if err := db.Write(t.Context(), unit); err != nil {
						failed.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if n := failed.Load(); n != writers {
			t.Errorf("%d units failed, %d should", n, writers)
		}
		if got := notes(t, db); len(got) != writers*(units-1) {
			t.Errorf("%d notes, want %d", len(got), writers*(units-1))
		}
	})
}

func TestClosed(t *testing.T) {
	db, err := Open(t.Context(), Options{URL: engines.SQLite(t), Keys: testKeys(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), addNote("one")); !errors.Is(err, ErrClosed) {
		t.Errorf("Write = %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestUnavailable(t *testing.T) {
	db := openTest(t, engines.SQLite(t))
	for _, want := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ENOSPC, bot.ErrConflict, context.Canceled, context.DeadlineExceeded, net.ErrClosed} {
		err := db.Write(t.Context(), func(context.Context, bot.Tx) error { return want })
		if !errors.Is(err, want) || KindOf(err) != "" || db.unavailable(err) {
			t.Errorf("%v of a unit's own is taken for the database's fault: %v", want, err)
		}
	}
	if db.unavailable(nil) || db.unavailable(ErrTooLong) || db.unavailable(ErrPanic) || !db.unavailable(ErrClosed) {
		t.Error("ErrClosed, and nothing else of these, is the database's fault")
	}
}
