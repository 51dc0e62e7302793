package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"ella/bot"
)

// Write runs a unit of work and returns nil when everything it did is durable;
// after any error nothing of it is kept. It blocks until then, at most for the
// unit's time limit and the flush of a disk. When ctx ends before the unit has
// begun, it is not run and Write returns at once; once begun it is finished and
// the result is true. Many may call it at once.
//
// The unit does nothing but statements on its Tx: no other use of the database,
// no network, no waiting. It may be run more than once, in a new transaction
// each time, and only the last run counts, so it changes nothing outside but
// through Tx.afterCommit. What must be computed is computed before.
//
// On PostgreSQL there is one uncertainty: when the connection breaks during
// COMMIT the unit may be durable although Write returns an error.
func (db *DB) Write(ctx context.Context, unit bot.Change) error {
	if inUnit(ctx) {
		return errNested
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var t *Tx
	var err error
	if db.writer != nil {
		t, err = db.writer.write(ctx, unit)
	} else {
		t, err = db.writePlain(ctx, unit)
	}
	if err != nil {
		var statement *statementError
		if errors.As(err, &statement) && KindOf(err) != "" {
			return fault("write to", db.name, err)
		}
		return err
	}
	for _, f := range t.done {
		f()
	}
	return nil
}

// one runs a single statement as a unit of work of its own and returns how many
// rows it changed. On PostgreSQL that is one way to the server instead of three.
func (db *DB) one(ctx context.Context, query string, args ...any) (int64, error) {
	if db.writer == nil {
		return db.onePlain(ctx, query, args...)
	}
	var n int64
	err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		var err error
		n, err = own(tx).exec(ctx, query, args...)
		return err
	})
	return n, err
}

// unitKey marks the context of a unit of work.
type unitKey struct{}

func inUnit(ctx context.Context) bool { return ctx.Value(unitKey{}) != nil }

// errLost reports that a unit took the transaction down with it.
var errLost = errors.New("storage: the transaction is lost")

// runUnit runs the unit's function, with its time limit, and ends its Tx. The
// function has a goroutine of its own so that it can be left behind when it
// hangs; its panics and its errors are the unit's. An error that is errLost as
// well says that a statement had to be interrupted.
//
// The caller's cancellation does not reach a unit that has begun: it ends soon
// in any case, and finishing it is the cheaper truth.
func runUnit(ctx context.Context, t *Tx, unit bot.Change, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		// Stays for a function that ends its goroutine (runtime.Goexit).
		err := fmt.Errorf("%w: it ended its goroutine", ErrPanic)
		defer func() {
			if v := recover(); v != nil {
				err = panicked(t.db, v)
			}
			result <- err
		}()
		err = unit(context.WithValue(ctx, unitKey{}, true), t)
	}()
	var err error
	select {
	case err = <-result:
	case <-ctx.Done():
		err = ErrTooLong
	}
	lost, first := t.end()
	switch {
	case lost:
		err = errors.Join(err, errLost)
	case !errors.Is(err, first):
		// It returned nothing, or only words of its own about it.
		err = errors.Join(err, first)
	}
	return err
}

// panicked logs where a unit panicked and makes its error. The panic's value is
// kept out of both unless it is the runtime's own, since it may quote a row.
func panicked(db *DB, v any) error {
	what := fmt.Sprintf("a value of type %T", v)
	if err, ok := v.(runtime.Error); ok {
		what = err.Error()
	}
	db.log.Error("a unit of work panicked", "panic", what, "stack", string(debug.Stack()))
	return fmt.Errorf("%w: %s", ErrPanic, what)
}
