package storage

import (
	"context"
	"database/sql"
)

// source is where rows are read from: a unit of work, the read pool or a view.
// A store writes its reading functions against it once.
type source interface {
	// query must be followed by Close; collect does it.
	query(ctx context.Context, query string, args ...any) (*rows, error)
	// queryRow's Scan is bot.ErrNotFound where there is no row.
	queryRow(ctx context.Context, query string, args ...any) row
}

var (
	_ source = (*Tx)(nil)
	_ source = reader{}
)

// reader reads committed data. Statements that write fail on both engines.
type reader struct {
	on interface {
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
}

// read gives the read pool, for use outside a unit of work. Each query sees what
// was committed when it began; ctx ends it.
func (db *DB) read() reader { return reader{on: db.reads} }

func (r reader) query(ctx context.Context, query string, args ...any) (*rows, error) {
	if inUnit(ctx) {
		return nil, &statementError{query: query, err: errNested}
	}
	if err := checkText(args); err != nil {
		return nil, &statementError{query: query, err: err}
	}
	// The linter can't see that rows.Err is looked at in rows.Next.
	rs, err := r.on.QueryContext(ctx, query, args...) //nolint:rowserrcheck // see above
	if err != nil {
		return nil, &statementError{query: query, err: err}
	}
	return &rows{rs: rs, query: query}, nil
}

func (r reader) queryRow(ctx context.Context, query string, args ...any) row {
	rs, err := r.query(ctx, query, args...)
	return row{rows: rs, err: err}
}

// view reads several things as they were at one moment. f must be short: on
// SQLite the write-ahead log can't be emptied while a view is open.
func (db *DB) view(ctx context.Context, f func(source) error) error {
	if inUnit(ctx) {
		return errNested
	}
	opts := &sql.TxOptions{ReadOnly: true}
	if db.engine == postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := db.reads.BeginTx(ctx, opts)
	if err != nil {
		return fault("read", db.name, err)
	}
	err = f(reader{on: tx})
	if rollback := tx.Rollback(); err == nil && rollback != nil && ctx.Err() == nil {
		err = fault("read", db.name, rollback)
	}
	return err
}
