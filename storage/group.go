package storage

import (
	"context"
	"database/sql"
	"errors"
)

// group is one SQLite transaction of the writer, and the context that its
// statements run under.
type group struct {
	db   *DB
	raw  *sql.Tx
	ctx  context.Context //nolint:containedctx // it travels with the unit to the writer
	stop context.CancelFunc
}

// begin opens the transaction. It waits for River's statement on the same
// connection, and up to the busy timeout for other processes.
func (w *writer) begin() (*group, error) {
	// Not g.ctx: when a transaction's own context ends, database/sql rolls it
	// back from another goroutine.
	raw, err := w.db.writes.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, fault("write to", w.db.name, err)
	}
	g := &group{db: w.db, raw: raw}
	g.ctx, g.stop = context.WithCancel(context.Background())
	return g, nil
}

// run runs the unit in the transaction as it is.
func (g *group) run(j *work) error {
	j.tx = &Tx{db: g.db, raw: g.raw, run: g.ctx, interrupt: g.stop}
	return runUnit(j.ctx, j.tx, j.unit, g.db.limit)
}

// runInSavepoint runs the unit so that it fails alone. An error that is errLost
// says that the transaction is gone, or in doubt, and with it the units before.
func (g *group) runInSavepoint(j *work) error {
	if err := g.exec("SAVEPOINT unit"); err != nil {
		return errors.Join(err, errLost)
	}
	if err := g.run(j); err != nil {
		if errors.Is(err, errLost) {
			return err
		}
		// Fails with "no such savepoint" when SQLite has rolled back everything.
		if back := g.exec("ROLLBACK TO unit"); back != nil {
			return errors.Join(err, errLost)
		}
		if release := g.exec("RELEASE unit"); release != nil {
			return errors.Join(err, errLost)
		}
		return err
	}
	if err := g.exec("RELEASE unit"); err != nil {
		return errors.Join(err, errLost)
	}
	return nil
}

func (g *group) exec(statement string) error {
	_, err := g.raw.ExecContext(context.Background(), statement)
	return err
}

func (g *group) rollback() {
	// Fails when SQLite did it already; either way nothing of it is left. A
	// transaction that is lost is at most still open on the connection.
	_ = g.raw.Rollback()
}
