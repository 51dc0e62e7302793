package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"ella/bot"
)

// Errors of units of work; match them with errors.Is.
var (
	// ErrTooLong reports a unit that did not end within its time limit. Nothing
	// of it was kept.
	ErrTooLong = errors.New("storage: the unit of work took too long")
	// ErrPanic reports a unit that panicked. Nothing of it was kept.
	ErrPanic = errors.New("storage: the unit of work panicked")
	// ErrClosed reports that the database is closed or closing.
	ErrClosed = errors.New("storage: the database is closed")
	// ErrText reports a text that holds NUL or is not UTF-8. SQLite would take
	// it and PostgreSQL would not; whoever decodes text refuses it first.
	ErrText = errors.New("storage: a text holds NUL or is not UTF-8")

	errVoid    = errors.New("storage: the unit of work has ended")
	errForeign = errors.New("storage: not a unit of work of this database")
	errNested  = errors.New("storage: a unit of work uses its own transaction and nothing else of the database")
)

// Tx is a unit of work under way, on either engine. Its first error sticks:
// every later statement returns it and the unit fails even if its function
// returns nil. Without that a statement after a lost transaction would run, and
// commit, by itself. So a store asks with ON CONFLICT or a SELECT instead of
// trying and recovering.
//
// A Tx belongs to the unit's function and is void once that has returned.
type Tx struct {
	db  *DB
	raw *sql.Tx
	// run is what statements run under on SQLite: the writer's own context. A
	// unit's context that ends during a statement would make SQLite roll back
	// the whole group. nil on PostgreSQL, where the unit's own is right.
	run context.Context //nolint:containedctx // see above
	// interrupt ends a statement that is running.
	interrupt context.CancelFunc

	void atomic.Bool
	mu   sync.Mutex // held while a statement runs
	err  error      // the first one
	open []*rows
	done []func()
}

// UnitOfWork marks Tx as a bot.Tx.
func (*Tx) UnitOfWork() {}

// own gives the unit of work behind the port. A foreign one, which only a
// mistake in wiring can bring, fails with its first statement.
func own(tx bot.Tx) *Tx {
	if t, ok := tx.(*Tx); ok {
		return t
	}
	return &Tx{err: errForeign}
}

// exec runs a statement and returns how many rows it changed.
func (t *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	run, err := t.begin(ctx, query, args)
	if err != nil {
		return 0, err
	}
	res, err := t.raw.ExecContext(run, query, args...)
	if err != nil {
		return 0, t.fail(query, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, t.fail(query, err)
	}
	return n, nil
}

// query runs a statement that returns rows. The rows must be read to their end
// or closed before the next statement; collect does both.
func (t *Tx) query(ctx context.Context, query string, args ...any) (*rows, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	run, err := t.begin(ctx, query, args)
	if err != nil {
		return nil, err
	}
	// The linter can't see that rows.Err is looked at in rows.Next.
	rs, err := t.raw.QueryContext(run, query, args...) //nolint:rowserrcheck // see above
	if err != nil {
		return nil, t.fail(query, err)
	}
	r := &rows{rs: rs, query: query, tx: t}
	t.open = append(t.open, r)
	return r, nil
}

// queryRow runs a statement that returns at most one row.
func (t *Tx) queryRow(ctx context.Context, query string, args ...any) row {
	r, err := t.query(ctx, query, args...)
	return row{rows: r, err: err}
}

// afterCommit has f called when the unit is durable, before Write returns and in
// Write's goroutine. It is not called for a unit that failed or was cut off.
// It must not block.
func (t *Tx) afterCommit(f func()) { t.done = append(t.done, f) }

// begin decides whether a statement may run, and under which context.
func (t *Tx) begin(ctx context.Context, query string, args []any) (context.Context, error) {
	if t.void.Load() {
		return nil, errVoid
	}
	if t.err != nil {
		return nil, t.err
	}
	if err := ctx.Err(); err != nil {
		return nil, t.fail(query, err)
	}
	if err := checkText(args); err != nil {
		return nil, t.fail(query, err)
	}
	if t.run != nil {
		return t.run, nil
	}
	return ctx, nil
}

// fail remembers the first error.
func (t *Tx) fail(query string, err error) error {
	if t.err == nil {
		t.err = &statementError{query: query, err: err}
	}
	return t.err
}

// end makes the Tx void and returns its first error. lost is true when a
// statement was still running, which happens only to a unit that is left behind:
// it was interrupted, and what it did to the transaction is not known.
func (t *Tx) end() (lost bool, first error) {
	t.void.Store(true)
	if !t.mu.TryLock() {
		lost = true
		t.interrupt()
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	for _, r := range t.open {
		_ = r.rs.Close()
	}
	t.open = nil
	return lost, t.err
}

// rows are the rows of a query, of a unit of work or of the read pool.
type rows struct {
	rs    *sql.Rows
	query string
	tx    *Tx // nil: of the read pool
	err   error
}

// Next goes to the next row. After false, Err says whether there was an error;
// the rows are closed then.
func (r *rows) Next() bool {
	if r.tx != nil {
		r.tx.mu.Lock()
		defer r.tx.mu.Unlock()
		if r.tx.void.Load() {
			r.err = errVoid
			return false
		}
	}
	if r.rs.Next() {
		return true
	}
	// Looked at here, so that an error that ended the rows sticks to the unit
	// even when the caller forgets to ask.
	if err := r.rs.Err(); err != nil {
		if r.tx != nil {
			r.err = r.tx.fail(r.query, err)
		} else {
			r.err = &statementError{query: r.query, err: err}
		}
	}
	return false
}

// Scan reads the row's columns.
func (r *rows) Scan(dest ...any) error {
	if err := r.rs.Scan(dest...); err != nil {
		return &statementError{query: r.query, err: err}
	}
	return nil
}

// Err is what ended the rows early, or nil.
func (r *rows) Err() error { return r.err }

// Close ends reading. It may be called more than once.
func (r *rows) Close() { _ = r.rs.Close() }

// row is the only row of a query.
type row struct {
	rows *rows
	err  error
}

// Scan reads the row's columns. Where there is no row it is bot.ErrNotFound,
// which does not stick.
func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return bot.ErrNotFound
	}
	return r.rows.Scan(dest...)
}

// collect reads all rows of a query into a slice, and closes them:
//
//	ids, err := collect(func(r *rows) (id string, err error) {
//		return id, r.Scan(&id)
//	})(db.read().query(ctx, `SELECT id FROM groups`))
func collect[T any](scan func(*rows) (T, error)) func(*rows, error) ([]T, error) {
	return func(r *rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer r.Close()
		var all []T
		for r.Next() {
			v, err := scan(r)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, r.Err()
	}
}

// checkText refuses what the two engines take differently.
func checkText(args []any) error {
	for i, a := range args {
		var s string
		switch v := a.(type) {
		case string:
			s = v
		case []byte, int64, int, bool, nil, float64:
			continue
		default:
			if rv := reflect.ValueOf(a); rv.Kind() == reflect.String {
				s = rv.String()
			}
		}
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			return fmt.Errorf("%w: argument %d", ErrText, i+1)
		}
	}
	return nil
}
