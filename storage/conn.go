package storage

import (
	"context"
	"database/sql/driver"
)

// stmtCacheSize bounds the statements that one SQLite connection remembers.
// Ours and River's together are a few hundred; past the bound a statement is
// prepared each time, as it would be without the cache.
const stmtCacheSize = 512

// cachingConnector opens SQLite connections that remember their prepared
// statements, as pgx does for PostgreSQL: preparing takes longer than most of
// our statements run. It sits below database/sql because a *sql.Stmt can't do
// this here: preparing one on the writer's only connection, while a transaction
// holds it, waits for ever.
type cachingConnector struct{ driver.Connector }

func (c cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &cachingConn{sqliteConn: inner.(sqliteConn), stmts: make(map[string]*cachedStmt)}, nil
}

// sqliteConn is what every connection of modernc.org/sqlite implements;
// forwarding all of it keeps database/sql's handling of contexts.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// cachingConn is used by one goroutine at a time; database/sql sees to it, for
// the rows that it hands out as well.
type cachingConn struct {
	sqliteConn
	stmts map[string]*cachedStmt
}

type cachedStmt struct {
	stmt sqliteStmt
	busy bool // rows of it are open: a statement can run only once at a time
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// Unwrap gives the driver's own connection to whoever asks the driver for limits.
func (c *cachingConn) Unwrap() driver.Conn { return c.sqliteConn }

// statement returns the prepared statement, or nil where the query has to run
// without one.
func (c *cachingConn) statement(ctx context.Context, query string) (*cachedStmt, error) {
	if s, ok := c.stmts[query]; ok {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.stmts) >= stmtCacheSize {
		return nil, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &cachedStmt{stmt: stmt.(sqliteStmt)}
	c.stmts[query] = s
	return s, nil
}

func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.stmt.ExecContext(ctx, args)
}

func (c *cachingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &cachedRows{Rows: rows, stmt: s}, nil
}

func (c *cachingConn) Close() error {
	for _, s := range c.stmts {
		_ = s.stmt.Close() // the connection goes with it
	}
	return c.sqliteConn.Close()
}

type cachedRows struct {
	driver.Rows
	stmt *cachedStmt
}

func (r *cachedRows) Close() error {
	err := r.Rows.Close()
	r.stmt.busy = false
	return err
}
